"""Tiny backends that need nothing: they keep the contracts and do the least that can be seen.

For tests of whatever stands around the backends, as tiny random networks are for a model's code.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from emoanim.clips import (
    Animation,
    Audio,
    Clip,
    EmotionScores,
    Image,
    Phone,
    Portrait,
    Speech,
    Transcript,
    Word,
)
from emoanim.emotions import TARGETS, Emotion, EmotionPrompt
from emoanim.errors import NoSpeechError

__all__ = [
    "TinyAnimator",
    "TinyClassifier",
    "TinyFaceEmoter",
    "TinyTextEmoter",
    "TinyTranscriber",
    "TinyVoice",
]

WORD_SECONDS = 0.3


class TinyTranscriber:
    """Hears always the same words, if it hears anything."""

    licence = "Apache-2.0"

    def __init__(self, text: str = "We meet on Monday.") -> None:
        self.text = text

    def transcribe(self, audio: Audio) -> Transcript:
        """Return the words, spread evenly over the audio."""
        if not len(audio.samples) or np.abs(audio.samples).max() < 1e-3:
            raise NoSpeechError("the audio is silent; expected words.")
        said = self.text.split()
        step = audio.duration / len(said)
        words = tuple(Word(w, i * step, (i + 1) * step) for i, w in enumerate(said))
        return Transcript(self.text, "en", words, audio.duration)


class TinyTextEmoter:
    """Puts the name of the emotion before the words."""

    licence = "Apache-2.0"

    def rewrite(self, transcript: Transcript, prompt: EmotionPrompt) -> str:
        """Return "Happy: ..." and so on."""
        return f"{prompt.emotion.capitalize()}: {transcript.text}"


class TinyVoice:
    """Says a tone per word; its pitch tells the emotion."""

    licence = "Apache-2.0"

    def __init__(self, rate: int = 16000) -> None:
        self.rate = rate

    def speak(self, text: str, prompt: EmotionPrompt, reference: Audio) -> Speech:
        """Return 0.3 s per word, with the phones AA and M in turn."""
        words = text.split()
        t = np.arange(round(len(words) * WORD_SECONDS * self.rate)) / self.rate
        pitch = 120.0 + 20.0 * list(Emotion).index(prompt.emotion)
        swell = np.abs(np.sin(np.pi * t / WORD_SECONDS))
        samples = (0.3 * swell * np.sin(2 * np.pi * pitch * t)).astype(np.float32)
        half = WORD_SECONDS / 2
        phones = tuple(
            Phone("M" if i % 2 else "AA", i * half, (i + 1) * half) for i in range(2 * len(words))
        )
        return Speech(Audio(samples, self.rate), text, phones)


class TinyFaceEmoter:
    """Tints the frame; the tint tells the emotion."""

    licence = "Apache-2.0"

    def emote(self, frames: Sequence[Image] | Image, prompt: EmotionPrompt) -> list[Portrait]:
        """Return tinted frames; brighter ones have more quality."""
        shift = np.uint8(8 * (1 + list(Emotion).index(prompt.emotion)))
        portraits = []
        for frame in frames:
            image = frame.copy()
            image[..., 0] = np.minimum(frame[..., 0], 255 - shift) + shift
            portraits.append(Portrait(image, frame, float(frame.mean()) / 255.0, "tiny"))
        return portraits

    def rate(self, frames: Sequence[Image] | Image) -> list[float | None]:
        """Return the frames' brightness, which is their quality."""
        return [float(frame.mean()) / 255.0 for frame in frames]


class TinyAnimator:
    """Moves the picture up and down by a pixel."""

    licence = "Apache-2.0"

    def __init__(self, fps: float = 25.0) -> None:
        self.fps = fps

    def animate(
        self,
        portrait: Portrait,
        speech: Speech,
        prompt: EmotionPrompt,
        source: Clip | None = None,
    ) -> Animation:
        """Return as many frames as the speech lasts."""
        length = int(np.ceil(speech.audio.duration * self.fps - 1e-9))
        height, width = portrait.image.shape[:2]

        def frames() -> Iterator[Image]:
            for number in range(length):
                yield np.roll(portrait.image, number % 2, axis=0)

        return Animation(self.fps, (width, height), length, frames())


class TinyClassifier:
    """Scores the emotions by the frame's colour; a black frame has no face."""

    licence = "Apache-2.0"
    labels = tuple(str(e) for e in TARGETS)

    def classify(self, frames: Sequence[Image] | Image) -> EmotionScores:
        """Return probabilities over the seven targets."""
        rows = np.full((len(frames), len(TARGETS)), np.nan)
        for row, frame in zip(rows, frames, strict=True):
            if frame.max() > 0:
                level = frame[..., 0].mean() / 255.0 * len(TARGETS)
                row[:] = np.exp(-np.abs(np.arange(len(TARGETS)) - level))
                row /= row.sum()
        return EmotionScores(self.labels, rows, classifier="tiny")
