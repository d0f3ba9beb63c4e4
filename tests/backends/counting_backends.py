"""The tiny backends under names of their own, each writing a line into a log when it is asked.

Put on the path together with the ``dist-info`` folder that ``conftest`` writes, they are found by
their entry points in every process. ``EMOANIM_TEST_LOG`` names the log.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path

from emoanim.clips import Animation, Audio, Clip, EmotionScores, Image, Portrait, Speech, Transcript
from emoanim.emotions import TARGETS, EmotionPrompt
from emoanim.extras import require
from emoanim.testing.tiny import (
    TinyAnimator,
    TinyClassifier,
    TinyFaceEmoter,
    TinyTextEmoter,
    TinyTranscriber,
    TinyVoice,
)


def log(*words: object) -> None:
    path = os.environ.get("EMOANIM_TEST_LOG")
    if path:
        line = " ".join(str(word) for word in words) + "\n"
        handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(handle, line.encode())
        os.close(handle)
    pause = os.environ.get("EMOANIM_TEST_PAUSE")
    if pause:
        time.sleep(float(pause))


class Transcriber(TinyTranscriber):
    def transcribe(self, audio: Audio) -> Transcript:
        log("transcribe", len(audio.samples))
        return super().transcribe(audio)


class TextEmoter(TinyTextEmoter):
    def rewrite(self, transcript: Transcript, prompt: EmotionPrompt) -> str:
        log("rewrite", prompt.emotion)
        return super().rewrite(transcript, prompt)


class Voice(TinyVoice):
    def speak(self, text: str, prompt: EmotionPrompt, reference: Audio) -> Speech:
        log("speak", prompt.emotion)
        return super().speak(text, prompt, reference)


class FaceEmoter(TinyFaceEmoter):
    def emote(self, frames: Sequence[Image] | Image, prompt: EmotionPrompt) -> list[Portrait]:
        log("emote", prompt.emotion)
        return super().emote(frames, prompt)


class Animator(TinyAnimator):
    """One that moves as its seed says."""

    def __init__(self, seed: int = 0, broken: str = "", dies_once: str = "") -> None:
        super().__init__()
        self.seed = seed
        self.broken = broken
        self.dies_once = dies_once

    def animate(
        self,
        portrait: Portrait,
        speech: Speech,
        prompt: EmotionPrompt,
        source: Clip | None = None,
    ) -> Animation:
        log("animate", prompt.emotion, self.seed, source)
        if self.dies_once and not Path(self.dies_once).exists():
            os.close(os.open(self.dies_once, os.O_CREAT))
            os.kill(os.getpid(), 9)
        if self.broken == f"dies on {prompt.emotion}":
            os.kill(os.getpid(), 9)
        if prompt.emotion == self.broken:
            raise RuntimeError("broken on purpose")
        moving = super().animate(portrait, speech, prompt, source)
        frames = (frame ^ (self.seed % 8) for frame in moving.frames)
        return Animation(moving.fps, moving.size, moving.length, frames)


class Classifier(TinyClassifier):
    labels = tuple(str(e) for e in TARGETS)

    def classify(self, frames: Sequence[Image] | Image) -> EmotionScores:
        log("classify", len(frames))
        return super().classify(frames)


class Words:
    """Reads the emotion that the tiny text emoter puts before the words."""

    labels = ("anger", "fear", "happy", "sad")

    def classify(self, texts: Sequence[str]) -> EmotionScores:
        rows = []
        for text in texts:
            known = [text.lower().startswith(label) for label in self.labels]
            rows.append([0.7 if k else 0.1 for k in known] if any(known) else [0.4, 0.2, 0.2, 0.2])
        return EmotionScores(self.labels, rows, classifier="counting")


class Loudness:
    """A third party's measure."""

    def measure(self, original: object, generated: object) -> dict[str, float]:
        return {"loudness": 0.5}


class Distance:
    """Mean difference of two pictures."""

    def distance(self, first: Image, second: Image) -> float:
        return float(abs(first.astype(float) - second.astype(float)).mean() / 255.0)


class Absent:
    """An evaluator whose weights cannot be had."""

    def __init__(self) -> None:
        raise OSError("the hub cannot be reached")


class Late(Words):
    """One whose package is not there at first."""

    def __init__(self) -> None:
        require("late_model", "transformers")
