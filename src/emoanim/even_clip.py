"""A clip whose frames come unevenly, shown at the rate that most of them have.

Phones let the rate fall in the dark, screen recorders and calls leave frames out. At the mean rate
the even stretches of such a clip would lose frames, so the most frequent interval is taken: a
frame that lasts longer is shown several times, as a player does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from emoanim.clips import Clip, Frame, TimedClip

__all__ = ["EvenClip", "even", "nominal_rate"]

_ALIKE = 0.12
"""Intervals that differ by no more than that share are the same, rounded or jittered."""
_USUAL = (24000 / 1001, 24.0, 25.0, 30000 / 1001, 30.0, 48.0, 50.0, 60000 / 1001, 60.0)
"""Rates that a measured one stands for, Hz, where it is within 0.4 %."""
_FASTEST = 60.0
"""Hz: where frames come in bursts, the result need not be faster, unless the clip is on average."""
_SLACK = 0.7
"""Intervals by which a frame may be early or late before one is shown twice or left out."""


def nominal_rate(times: ArrayLike, mean: float) -> float:
    """Return the rate that most frames of a clip have, in Hz.

    Args:
        times: of the frames, seconds, ascending.
        mean: frames over seconds; no less is returned.
    """
    intervals = np.sort(np.diff(np.asarray(times, np.float64)))
    intervals = intervals[intervals > 0.0]
    if not len(intervals):
        return mean
    first = np.searchsorted(intervals, intervals * (1.0 - _ALIKE))
    last = np.searchsorted(intervals, intervals * (1.0 + _ALIKE), "right")
    most = int(np.argmax(last - first))  # of equally frequent ones the shortest
    usual = float(np.mean(intervals[first[most] : last[most]]))
    single = intervals[(intervals > 0.7 * usual) & (intervals < 1.4 * usual)]  # no frame missing
    rate = min(1.0 / float(np.mean(single)), _FASTEST)
    nearest = min(_USUAL, key=lambda each: abs(each - rate))
    return max(nearest if abs(nearest - rate) < 0.004 * rate else rate, mean)


def even(clip: Clip) -> Clip:
    """Return a clip at a constant rate: itself, unless it tells that its frames come unevenly."""
    if not isinstance(clip, TimedClip) or len(clip.times) < 2:
        return clip
    rate = nominal_rate(clip.times, clip.fps)
    if abs(round(clip.duration * rate) - len(clip.times)) < 1:
        return clip
    return EvenClip(clip, clip.times, rate)


class EvenClip:
    """A clip at a constant rate; it fulfils ``emoanim.clips.Clip``.

    Args:
        clip: whose frames come unevenly.
        times: of its frames, seconds, ascending.
        fps: of the result, Hz.
    """

    def __init__(self, clip: Clip, times: Sequence[float] | NDArray[np.float64], fps: float):
        self._clip = clip
        self._fps = fps
        self._shown = _shown_at(np.asarray(times, np.float64), clip.duration, fps)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self._clip.size

    @property
    def duration(self) -> float:
        """Seconds."""
        return self._clip.duration

    @property
    def fps(self) -> float:
        """Frame rate in Hz."""
        return self._fps

    def frames(self, start: float = 0.0, end: float | None = None) -> Iterator[Frame]:
        """Yield the frames with ``start <= time < end``; one that lasts longer comes again."""
        first = max(int(np.ceil(start * self._fps - 1e-6)), 0)
        last = len(self._shown)
        if end is not None:
            last = min(last, int(np.ceil(end * self._fps - 1e-6)))
        if first >= last:
            return
        source = self._clip.frames(float(self._shown[first]) - 1e-4)
        frame = next(source, None)
        if frame is None:
            return
        upcoming = next(source, None)
        for number in range(first, last):
            while upcoming is not None and upcoming.time <= self._shown[number] + 1e-4:
                frame, upcoming = upcoming, next(source, None)
            yield Frame(number / self._fps, frame.image)


def _shown_at(times: NDArray[np.float64], duration: float, fps: float) -> NDArray[np.float64]:
    """Return the time of the frame that each frame of the result shows, (n,) seconds.

    Every frame comes once as long as it is less than ``_SLACK`` intervals early or late.
    """
    shown: list[float] = []
    total = max(round(duration * fps), 1)
    ends = [*(times[1:] * fps).tolist(), float(total)]
    for time, end in zip(times.tolist(), ends, strict=True):
        ahead = end - len(shown)
        count = 1 if 1.0 - _SLACK < ahead < 1.0 + _SLACK else round(ahead)
        shown += [time] * count
    shown += [float(times[-1])] * (total - len(shown))
    return np.array(shown[:total])
