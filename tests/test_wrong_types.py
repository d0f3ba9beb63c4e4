"""Whatever is given for an argument, what comes back is a result or one of our own errors.

A table of calls that are right; each argument in turn is replaced by values of other types. Who
gives a wrong one is told what was given and what is expected, never shown a line of ours.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

import emoanim
from emoanim import (
    Animation,
    Audio,
    EDAPipeline,
    EmotionPrompt,
    EmotionScores,
    FaceAnimation,
    Portrait,
    Recording,
    Speech,
    SpeechToSpeech,
    Transcript,
    evaluation,
    metrics,
    provenance,
    registry,
    scoring,
    study,
    weights,
)
from emoanim.avatar import Avatar
from emoanim.clips import Image
from emoanim.emotions import Timeline, read_prompt
from emoanim.errors import EmoanimError
from emoanim.faces import FaceFinder, FaceTracker
from emoanim.media import (
    Video,
    read_audio,
    read_image,
    read_tags,
    write_image,
    write_video,
    write_wav,
)
from emoanim.settings import Settings, load_settings
from emoanim.testing import tiny
from emoanim.testing.clips import make_tone

TONE = make_tone(0.4)
FACE = np.zeros((64, 64, 3), np.uint8)
SCORES = EmotionScores(("happy", "sad"), np.array([[0.4, 0.6], [0.5, 0.5]]))
ROWS = np.array([[0.4, 0.6], [0.5, 0.5]])


class Other:
    """What nobody expects."""


WRONG: tuple[Any, ...] = (
    5, -1, 3.5, 10**30, float("nan"), float("inf"), True, None, "x", "", b"talk.mp4", Path("q"),
    [1], ["happy"], [None], [[1], [2, 3]], (1, 2, 3), {"a": 1}, {1: 2}, set(), range(3), Other(),
    np.float64(3), np.float32(0.5), np.int64(2), np.array([1.0, 2.0]), np.array(["a"]),
)  # fmt: skip


class Call(NamedTuple):
    """A call and its arguments; a function of no arguments makes a value that is used up."""

    function: Callable[..., Any]
    right: dict[str, Any]


def ignore(step: object) -> None:
    """Be a hook."""


def frames(count: int) -> Callable[[], Animation]:
    return lambda: Animation(25.0, (64, 64), count, iter([FACE] * count))


CALLS: dict[str, Call] = {
    "Audio": Call(Audio, {"samples": [0.1, 0.2], "rate": 8000}),
    "Recording": Call(Recording, {"samples": [0.1, 0.2], "rate": 8000}),
    "Transcript": Call(Transcript, {"text": "Hello."}),
    "Speech": Call(Speech, {"audio": TONE, "text": "Hello.", "phones": ()}),
    "Portrait": Call(Portrait, {"image": FACE, "original": FACE, "quality": None}),
    "Animation": Call(Animation, {"fps": 25.0, "frames": lambda: iter([]), "size": (4, 4),
                                  "length": 0}),
    "EmotionScores": Call(EmotionScores, {"labels": ("happy", "sad"), "values": ROWS,
                                          "times": [0.0, 0.1]}),
    "EmotionScores.of": Call(SCORES.of, {"label": "happy"}),
    "EmotionScores.joined": Call(EmotionScores.joined, {"parts": [SCORES]}),
    "EmotionScores.to_csv": Call(SCORES.to_csv, {"path": "scores.csv"}),
    "EmotionScores.from_csv": Call(EmotionScores.from_csv, {"path": "before.csv"}),
    "EmotionPrompt": Call(EmotionPrompt, {"emotion": "sad", "intensity": 0.5, "text": "",
                                          "others": ()}),
    "EmotionPrompt.parse": Call(EmotionPrompt.parse, {"prompt": "sad"}),
    "Timeline": Call(Timeline, {"prompts": ("sad",), "starts": (0.0,), "text": ""}),
    "Timeline.parse": Call(Timeline.parse, {"text": "sad@0"}),
    "read_prompt": Call(read_prompt, {"prompt": "sad"}),
    "backend": Call(
        lambda role, name, rate: emoanim.backend(role, name, rate=rate),
        {"role": "voice", "name": "hibari", "rate": 1.0},
    ),
    "backends": Call(emoanim.backends, {"role": "voice"}),
    "registry.info": Call(registry.info, {"role": "voice", "name": "hibari"}),
    "registry.unregister": Call(registry.unregister, {"role": "voice", "name": "nobody"}),
    "EDAPipeline": Call(EDAPipeline, {
        "transcriber": tiny.TinyTranscriber(), "text_emoter": tiny.TinyTextEmoter(),
        "voice": tiny.TinyVoice(), "face_emoter": tiny.TinyFaceEmoter(),
        "animator": tiny.TinyAnimator(), "classifier": None, "stills": 1, "takes": "best",
        "seed": 0, "budget": None, "audio_track": None, "person": None, "limits": None,
        "sign": True, "words_in_tags": True, "bed": False, "device": "auto", "encoder": "auto",
    }),
    "EDAPipeline.from_preset": Call(
        lambda name, seed: EDAPipeline.from_preset(name, seed=seed, text_emoter="keep"),
        {"name": "local", "seed": 0},
    ),
    "EDAPipeline.from_settings": Call(EDAPipeline.from_settings, {"settings": {}}),
    "Settings.of": Call(Settings.of, {"values": {}}),
    "load_settings": Call(load_settings, {"path": {}}),
    "SpeechToSpeech": Call(SpeechToSpeech, {
        "transcriber": tiny.TinyTranscriber(), "text_emoter": tiny.TinyTextEmoter(),
        "voice": tiny.TinyVoice(),
    }),
    "SpeechToSpeech()": Call(
        SpeechToSpeech(tiny.TinyTranscriber(), tiny.TinyTextEmoter(), tiny.TinyVoice()),
        {"audio": TONE, "emotion": "sad", "on_step": lambda: ignore},
    ),
    "FaceAnimation": Call(FaceAnimation, {
        "face_emoter": tiny.TinyFaceEmoter(), "animator": tiny.TinyAnimator(),
        "classifier": None, "stills": 1, "seed": 0,
    }),
    "FaceAnimation.animate": Call(
        FaceAnimation(tiny.TinyFaceEmoter(), tiny.TinyAnimator()).animate,
        {"portrait": Portrait(FACE, FACE), "speech": Speech(TONE, "Hello."), "emotion": "sad"},
    ),
    "read_audio": Call(read_audio, {"path": "tone.wav", "rate": 16000}),
    "read_image": Call(read_image, {"path": "face.png"}),
    "read_tags": Call(read_tags, {"path": "face.png"}),
    "write_image": Call(write_image, {"path": "out.png", "image": FACE, "tags": None}),
    "write_wav": Call(write_wav, {"path": "out.wav", "audio": TONE}),
    "write_video": Call(write_video, {"path": "out.mp4", "animation": frames(2), "audio": TONE,
                                      "tags": None}),
    "inspect": Call(provenance.inspect, {"path": "face.png"}),
    "study.check": Call(study.check, {"study": "study.toml", "output": None}),
    "study.run": Call(study.run, {"study": "study.toml", "output": "out"}),
    "study.run_batch": Call(study.run_batch, {"manifest": "list.jsonl", "output": "out"}),
    "study.report": Call(study.report, {"output": "nowhere"}),
    "Avatar.load": Call(Avatar.load, {"path": "nobody.avatar"}),
    "weights.status": Call(weights.status, {"name": "fer8"}),
    "FaceFinder.find": Call(FaceFinder().find, {"image": FACE}),
    "FaceTracker.update": Call(FaceTracker(FaceFinder()).update, {"image": FACE, "time": 0.0}),
    "edd": Call(metrics.edd, {"original": ROWS, "generated": ROWS, "target": "happy",
                              "labels": ["happy", "sad"], "window": 1, "kind": "probs",
                              "exclude": (), "window_seconds": None}),
    "edd_matrix": Call(metrics.edd_matrix, {"originals": [ROWS], "generateds": [ROWS],
                                            "labels": ["happy", "sad"], "window": 1}),
    "psnr": Call(metrics.psnr, {"reference": FACE, "generated": FACE}),
    "ssim": Call(metrics.ssim, {"reference": FACE, "generated": FACE}),
}  # fmt: skip
"""Those that need no film with a face in it."""


def consumed(value: Any) -> None:
    """Read what is made as it is read, and show it."""
    if isinstance(value, Animation):
        value = value.frames
    if isinstance(value, Iterator):
        list(islice(value, 3))
    repr(value)


def told(call: Call) -> Iterator[str]:
    """Yield what was raised that is none of our errors."""
    for name in call.right:
        for wrong in WRONG:
            right = {k: v() if callable(v) and k != name and _makes(v) else v
                     for k, v in call.right.items()}  # fmt: skip
            try:
                consumed(call.function(**{**right, name: wrong}))
            except EmoanimError as error:
                if "object at 0x" in str(error):
                    yield f"{name}={wrong!r}: {error}"
            except Exception as error:
                yield f"{name}={wrong!r}: {type(error).__name__}: {error}"


def _makes(value: Any) -> bool:
    return getattr(value, "__name__", "") == "<lambda>"


@pytest.fixture(scope="module", autouse=True)
def _here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A folder with the files that the calls name."""
    folder = tmp_path_factory.mktemp("types")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        SCORES.to_csv("before.csv")
        write_wav("tone.wav", TONE)
        write_image("face.png", FACE)
        yield


@pytest.mark.filterwarnings("ignore::emoanim.metrics.EDDWarning")
@pytest.mark.parametrize("name", CALLS)
def test_no_argument_ends_in_a_foreign_error(name: str) -> None:
    assert not list(told(CALLS[name]))


@pytest.fixture(scope="module")
def short(portrait: Image, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film of a face that is over soon."""
    path = tmp_path_factory.mktemp("short") / "short.mp4"
    pictures = (np.roll(portrait[::2, ::2], i, axis=1) for i in range(10))
    return write_video(path, Animation(25.0, (256, 256), 10, pictures), TONE, tags={})


def test_no_argument_of_a_run_ends_in_a_foreign_error(short: Path, portrait: Image) -> None:
    parts: dict[str, Any] = {
        "transcriber": tiny.TinyTranscriber(), "text_emoter": tiny.TinyTextEmoter(),
        "voice": tiny.TinyVoice(), "face_emoter": tiny.TinyFaceEmoter(),
        "animator": tiny.TinyAnimator(),
    }  # fmt: skip
    pipeline, clip = EDAPipeline(**parts, stills=1), Video(short)
    write_image("portrait.png", portrait)
    run = {"output": "run.mp4", "audio": None, "fps": None, "on_step": lambda: ignore, "keep": None}
    calls = [
        Call(pipeline, {"video": short, "emotion": "sad", **run}),
        Call(pipeline.say, {"image": "portrait.png", "text": "Hello.", "emotion": "sad",
                            "output": None, "speech": None, "voice": None, "keep": None}),
        Call(pipeline.face.portraits, {"clip": clip, "emotion": "sad",
                                       "on_step": lambda: ignore}),
        Call(Video, {"path": short, "audio_track": None}),
        Call(clip.frames, {"start": 0.0, "end": 0.1}),
        Call(clip.frames_at, {"times": [0.0]}),
        Call(clip.audio, {"rate": 16000}),
        Call(scoring.score_clip, {"classifier": tiny.TinyClassifier(), "clip": clip, "every": 5}),
        Call(
            lambda **given: evaluation.evaluate(
                generated=short, classifiers=tiny.TinyClassifier(), second=None, identity=False,
                **given,
            ),
            {"original": short, "emotion": "happy", "every": 5, "window_seconds": 0.2, "seed": 0,
             "person": None, "reference": None, "fps": None},
        ),
        Call(
            lambda **given: Avatar.prepare(
                voice=tiny.TinyVoice(), face_emoter=tiny.TinyFaceEmoter(), **given
            ),
            {"source": "portrait.png", "settings": "local", "emotions": ["neutral"],
             "voice_like": None, "size": 256},
        ),
    ]  # fmt: skip
    for call in calls:
        assert not list(told(call))


def test_numpys_scalars_are_numbers() -> None:
    pipeline = EDAPipeline(
        stills=np.int64(2), seed=np.int32(3), budget=np.float32(0.5), bed=np.bool_(True),
        voice={"name": "hibari", "options": {"rate": np.float32(0.5)}},
    )  # fmt: skip
    settings = pipeline.settings
    assert (settings.stills, settings.seed, settings.budget, settings.bed) == (2, 3, 0.5, True)
    assert type(settings.voice.options["rate"]) is float
    prompt = EmotionPrompt("sad", np.float32(0.5), others=[("fear", np.float64(0.25))])
    said = [prompt.intensity, prompt.others, Audio(np.zeros(4), np.int64(8000)).rate]
    assert json.dumps(said) == '[0.5, [["fear", 0.25]], 8000]'


def test_what_was_given_and_what_is_expected() -> None:
    cases: list[tuple[Callable[[], Any], str]] = [
        (lambda: write_wav(3, TONE), "3 given as the output; expected a path, such as 'out.mp4'."),
        (lambda: SCORES.to_csv(b"a.csv"), "b'a.csv' given as the output; expected a path"),
        (lambda: EmotionPrompt("sad", "x"), "intensity 'x' given; expected a number from 0 to 1."),
        (lambda: EDAPipeline(seed="x"), "give 'x' for 'seed': Input should be a valid integer"),
        (lambda: EmotionPrompt.parse(5), "5 given as the emotion; expected words such as"),
        (lambda: Speech(FACE, "Hi."), r"an array of uint8 \(64, 64, 3\) given as the sound"),
        (lambda: emoanim.backend("voice", 7), "no voice is named 7; there are: hibari"),
        (lambda: Settings.of(5), "5 given as the settings; expected a table of settings."),
    ]
    for wrong, said in cases:
        with pytest.raises(EmoanimError, match=said):
            wrong()
