"""What type checkers see of the public names. Never run: mypy and pyright read it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, assert_type

import numpy as np
from numpy.typing import NDArray

import emoanim
from emoanim import (
    Animation,
    Animator,
    Audio,
    Clip,
    EDAPipeline,
    EDAResult,
    Emotion,
    EmotionPrompt,
    EmotionScores,
    FaceEmoter,
    Frame,
    FrameEmotionClassifier,
    Phone,
    Portrait,
    Recording,
    Speech,
    SpeechToSpeech,
    TextEmoter,
    Transcriber,
    Transcript,
    Voice,
    backend,
    backends,
)
from emoanim.errors import InputError, OutputError
from emoanim.metrics import EDDProfile, EDDResult, Measured, cpbd, edd, psnr, ssim
from emoanim.registry import BackendInfo


class Beeps:
    """The README's voice, in short: no base class, the verb is enough."""

    def speak(self, text: str, prompt: EmotionPrompt, reference: Audio) -> Speech:
        assert_type(prompt.emotion, Emotion)
        assert_type(prompt.intensity, float)
        if isinstance(reference, Recording):
            assert_type(reference.transcript, Transcript | None)
        sound = Audio(np.zeros(round(0.3 * reference.rate)), 16000)
        return Speech(sound, text, (Phone("AA", 0.0, 0.2),))


def a_pipeline(frames: NDArray[np.uint8], clip: Clip) -> None:
    """Every way in; what comes out."""
    pipeline = EDAPipeline.from_preset("local", seed=7)
    assert_type(pipeline, EDAPipeline)
    assert_type(EDAPipeline(voice=Beeps(), classifier="fer8"), EDAPipeline)
    assert_type(pipeline("in.mp4", "very happy", output=Path("out.mp4")), EDAResult)
    assert_type(pipeline(clip, Emotion.SAD), EDAResult)
    result = pipeline(frames, EmotionPrompt.parse("sad"), fps=25.0, audio=Audio(frames[0], 1))
    assert_type(result.text, str)
    assert_type(result.transcript, Transcript)
    assert_type(result.edd(), EDDResult)
    assert_type(result.edd().edd, float)
    assert_type(result.to_dict(), dict[str, Any])


def a_voice(speech_to_speech: SpeechToSpeech, audio: Audio) -> None:
    """Speech alone."""
    spoken = speech_to_speech(audio, "angry")
    assert_type(spoken.speech, Speech)
    assert_type(spoken.speech.audio.samples, NDArray[np.float32])
    assert_type(audio.duration, float)


def backends_by_role(role: str) -> None:
    """``backend`` knows the role's protocol."""
    assert_type(backend("transcriber", "whisper"), Transcriber)
    assert_type(backend("text_emoter", "lexicon"), TextEmoter)
    assert_type(backend("voice", "hibari", seed=3), Voice)
    assert_type(backend("face_emoter", "rig"), FaceEmoter)
    assert_type(backend("animator", "rig"), Animator)
    assert_type(backend("classifier", "fer8"), FrameEmotionClassifier)
    assert_type(backend(role, "rig"), Any)
    assert_type(backends(), tuple[BackendInfo, ...])
    mine: Voice = Beeps()
    assert_type(mine.speak("Hi.", EmotionPrompt.parse("calm"), Audio(np.zeros(9), 8000)), Speech)


def what_flows(animation: Animation, portrait: Portrait, clip: Clip, scores: EmotionScores) -> None:
    """Frozen dataclasses and their fields."""
    assert_type(animation.frames, Iterator[NDArray[np.uint8]])
    assert_type(animation.size, tuple[int, int])
    assert_type(portrait.image, NDArray[np.uint8])
    assert_type(portrait.quality, float | None)
    assert_type(next(clip.frames()), Frame)
    assert_type(next(clip.frames()).time, float)
    assert_type(scores.labels, tuple[str, ...])
    assert_type(scores.coverage, float)
    assert_type(emoanim.__version__, str)


def metrics(scores: EmotionScores, column: Sequence[float], frames: NDArray[np.uint8]) -> None:
    """One result or one per column, by what is given."""
    assert_type(edd(scores, scores, "happy"), EDDResult)
    assert_type(edd(scores, scores), EDDProfile)
    assert_type(edd([0.1, 0.2], [0.7, 0.9], kind="scores", window=1), EDDResult)
    assert_type(edd(column, column), EDDResult)
    assert_type(psnr(frames, frames), Measured)
    assert_type(ssim(frames, frames, data_range=255, variant="uniform7").value, float)
    assert_type(cpbd(frames).each, NDArray[np.float64])


def errors(error: InputError, other: OutputError) -> None:
    """One tree, and the built-in classes that people catch."""
    assert_type(error.exit_code, int)
    value: ValueError = error
    system: OSError = other
    root: emoanim.EmoanimError = error
    del value, system, root
