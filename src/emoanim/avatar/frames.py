"""Sound and pictures in step: every frame with the samples of its span."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from itertools import repeat
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from emoanim.clips import Image, Portrait, Speech
from emoanim.emotions import EmotionPrompt
from emoanim.errors import BackendError
from emoanim.protocols import Animator
from emoanim.registry.checks import checked_motion

__all__ = ["RATE", "AnyFace", "AvatarFrame", "Spans"]

RATE = 24_000
"""Hz of the sound; other rates are converted."""

_TAIL = 0.01
_DISSOLVE = 5


class AvatarFrame(NamedTuple):
    """A picture and the sound that is heard while it is shown.

    Attributes:
        time: seconds since the first frame of this utterance (or of this idling).
        image: uint8 (h, w, 3) RGB.
        samples: float32 (n,) in [-1, 1] at ``RATE``: the sound from ``time`` to the next frame.
        speaking: False while nothing is said.
    """

    time: float
    image: Image
    samples: NDArray[np.float32]
    speaking: bool


class Spans:
    """The frames of one utterance, counted; an old one's last sound fades under the first.

    Args:
        fps: frames per second.
        tail: float32, what is left to fade out of a sound that was cut off.
    """

    def __init__(self, fps: float, tail: NDArray[np.float32]) -> None:
        self.fps = fps
        self._count = 0
        self._tail = tail

    def frame(
        self, image: Image, sound: NDArray[np.float32], at: int, speaking: bool
    ) -> AvatarFrame:
        """Return the next frame with the samples of ``sound`` from ``at`` on; silence after it."""
        samples = np.zeros(self.length, np.float32)
        given = sound[at : at + len(samples)]
        samples[: len(given)] = given
        if len(self._tail):
            share = self._tail[: len(samples)]
            samples[: len(share)] += share
            self._tail = self._tail[len(samples) :]
        time = self._count / self.fps
        self._count += 1
        return AvatarFrame(time, image, samples, speaking)

    @property
    def length(self) -> int:
        """Samples of the next frame."""
        return round((self._count + 1) * RATE / self.fps) - round(self._count * RATE / self.fps)


def cut_off(sound: NDArray[np.float32], at: int) -> NDArray[np.float32]:
    """Return the next hundredth of a second of a sound, faded out: what avoids a click."""
    rest = sound[at : at + round(_TAIL * RATE)]
    return np.asarray(rest * np.linspace(1.0, 0.0, len(rest), dtype=np.float32), np.float32)


class AnyFace:
    """Stills moved by an animator that knows single clips only.

    A new clip dissolves out of the last frame; while nothing is said that frame is shown, or in
    another emotion its still.

    Args:
        animator: any.
        stills: of one size.
    """

    def __init__(self, animator: Animator, stills: Sequence[Portrait]) -> None:
        self._animator = animator
        self._stills = tuple(stills)
        self._last: Image | None = None
        self._still = 0
        height, width = stills[0].image.shape[:2]
        self.size = (width, height)
        self.fps = 25.0

    def plan(
        self, still: int, speech: Speech, prompt: EmotionPrompt
    ) -> tuple[int, Speech, EmotionPrompt]:
        """Return what is to be said; single clips are made as they are shown."""
        return still, speech, prompt

    def move(self, plan: tuple[int, Speech, EmotionPrompt]) -> Iterator[Image]:
        """Yield frames that cover the speech."""
        still, speech, prompt = plan
        last = self._last
        same, self._still = still == self._still, still
        if not speech.text:
            image = self._stills[still].image if last is None or not same else last
            frames: Iterator[Image] = repeat(image, round(speech.audio.duration * self.fps))
        else:
            frames = self._animated(self._stills[still], speech, prompt)
        for index, image in enumerate(frames):
            if last is not None and index < _DISSOLVE and last.shape == image.shape:
                share = (index + 1) / (_DISSOLVE + 1)
                mixed = (1.0 - share) * last.astype(np.float32) + share * image.astype(np.float32)
                image = np.asarray(mixed + 0.5, np.uint8)
            self._last = image
            yield image

    def _animated(
        self, portrait: Portrait, speech: Speech, prompt: EmotionPrompt
    ) -> Iterator[Image]:
        moving = self._animator.animate(portrait, speech, prompt)
        moving = checked_motion(self._animator, moving, speech)
        if abs(moving.fps - self.fps) > 1e-6:
            raise BackendError(
                f"the animator {type(self._animator).__qualname__} gives {moving.fps:g} frames per "
                f"second; an avatar expects {self.fps:g} of one that is not made for live use. "
                "Set its fps, or choose animator='rig'."
            )
        return moving.frames


def drawn(frames: Iterator[Image]) -> closing[Generator[Image, None, None]]:
    """Return frames that are given up, threads and all, when the block ends."""
    return closing(_all(frames))


def _all(frames: Iterator[Image]) -> Generator[Image, None, None]:
    yield from frames
