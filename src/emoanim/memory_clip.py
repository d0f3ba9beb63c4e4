"""Frames that a caller holds in memory, as a clip."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from emoanim.arguments import ascending, number_of
from emoanim.clips import Audio, Frame, Frames, Image, is_picture
from emoanim.errors import InputError

__all__ = ["MemoryClip"]


class MemoryClip:
    """Frames with their rate and sound; it fulfils ``emoanim.clips.Clip``.

    Args:
        frames: uint8 (t, h, w, 3) RGB, or a sequence of uint8 (h, w, 3) of one size.
        fps: frames per second.
        sound: of the same length, or None.

    Raises:
        InputError: no frames, frames of another kind or of several sizes, or a rate that is not
            positive.
    """

    def __init__(self, frames: Frames | Sequence[Image], fps: float, sound: Audio | None) -> None:
        pictures = [np.asarray(frame) for frame in frames]
        if not pictures:
            raise InputError("no frames given; expected at least one, uint8 (h, w, 3) RGB.")
        for number, picture in enumerate(pictures):
            if not is_picture(picture):
                raise InputError(
                    f"frame {number} is {picture.dtype} {picture.shape}; expected uint8 (h, w, 3) "
                    "RGB. Convert it, for instance (255 * frame).round().astype('uint8')."
                )
            if picture.shape != pictures[0].shape:
                raise InputError(
                    f"frame {number} has the shape {picture.shape}, the first one "
                    f"{pictures[0].shape}; expected frames of one size."
                )
        self._frames = pictures
        self._fps: float = number_of(fps, "fps", "frames per second, such as 25", least=1e-6)
        self._sound = sound

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        height, width = self._frames[0].shape[:2]
        return width, height

    @property
    def duration(self) -> float:
        """Seconds."""
        return len(self._frames) / self._fps

    @property
    def fps(self) -> float:
        """Frame rate in Hz."""
        return self._fps

    def frames(self, start: float = 0.0, end: float | None = None) -> Iterator[Frame]:
        """Yield the frames with ``start <= time < end`` in order of time."""
        for number, image in enumerate(self._frames):
            time = number / self._fps
            if time >= start - 1e-9 and (end is None or time < end - 1e-9):
                yield Frame(time, image)

    def frames_at(self, times: Sequence[float]) -> Iterator[Frame]:
        """Yield for each of the ascending times the frame that is shown then.

        Raises:
            InputError: the times go backwards.
        """
        for time in ascending(times):
            number = min(max(int(time * self._fps + 1e-6), 0), len(self._frames) - 1)
            yield Frame(number / self._fps, self._frames[number])

    def audio(self) -> Audio:
        """Return the sound.

        Raises:
            InputError: there is none.
        """
        if self._sound is None:
            raise InputError(
                "frames without sound given; expected the speaker's voice too. Give it: "
                "audio=Audio(samples, rate)."
            )
        return self._sound
