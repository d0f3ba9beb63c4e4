"""A video file as a clip: frames stream out of it, upright, with their presentation times."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, pairwise
from pathlib import Path
from typing import Any

from emoanim.clips import Audio, Frame, Image
from emoanim.errors import MediaError
from emoanim.media.audio import decode_sound
from emoanim.media.opening import decoded, opened, picture_stream, sound_stream
from emoanim.media.pictures import RGBReader

__all__ = ["Video"]

_SLACK = 1e-6
"""Seconds by which two times may differ and be the same."""
_SEEK_FROM = 5.0
"""Seconds of decoding from which a seek is worth its risk."""
_LARGEST_STEP = 60.0
"""Seconds between two pictures from which the times are taken for damaged."""


@dataclass(frozen=True, slots=True)
class _Timing:
    """When the pictures of a stream are shown: first and end in its own time, Hz."""

    first: Fraction
    end: Fraction
    fps: float


class Video:
    """A video file; it fulfils ``emoanim.clips.Clip``.

    Opening reads through the packets once without decoding them, so that length and rate are
    those of the pictures that are there, whatever the header says. Nothing stays open or in
    memory between calls; every call of ``frames`` has a decoder of its own.

    Args:
        path: the file.

    Raises:
        MediaError: no such file, no video, no video stream, damaged or cut off.
    """

    def __init__(self, path: str | Path) -> None:
        self._path = Path(path)
        with opened(path) as container:
            stream = picture_stream(container, path)
            self._timing = _scan(container, stream, path)
            self._has_audio = sound_stream(container) is not None
        with opened(path) as container:
            stream = picture_stream(container, path)
            self._aspect = stream.sample_aspect_ratio or stream.codec_context.sample_aspect_ratio
            frame = next(decoded(container, stream, path), None)
            if frame is None:
                raise MediaError(f"{path} is damaged: none of its pictures can be decoded.")
            self._size = RGBReader(frame, self._aspect).size

    def __repr__(self) -> str:
        width, height = self.size
        return (
            f"Video({str(self._path)!r}: {width}x{height}, {self.fps:g} fps, {self.duration:g} s)"
        )

    @property
    def path(self) -> Path:
        """The file."""
        return self._path

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels, rotation applied and pixels made square."""
        return self._size

    @property
    def duration(self) -> float:
        """Seconds from the first picture to the end of the last."""
        return float(self._timing.end - self._timing.first)

    @property
    def fps(self) -> float:
        """Mean frame rate in Hz."""
        return self._timing.fps

    @property
    def has_audio(self) -> bool:
        """Whether there is a sound stream."""
        return self._has_audio

    def frames(self, start: float = 0.0, end: float | None = None) -> Iterator[Frame]:
        """Yield the frames with ``start <= time < end`` in order of time.

        Raises:
            MediaError: the file turns out to be damaged.
        """
        reader: RGBReader | None = None
        for time, frame in self._from(start):
            if end is not None and time >= end - _SLACK:
                return
            if time >= start - _SLACK:
                reader = reader or RGBReader(frame, self._aspect)
                yield Frame(time, reader.read(frame))

    def frames_at(self, times: Sequence[float]) -> Iterator[Frame]:
        """Yield for each time the frame that is shown then: the last one at or before it.

        One pass, forwards. Before the first frame that one is shown, after the end the last; so
        ``frames_at([i / 25 for i in range(n)])`` is the clip at constant 25 Hz.

        Args:
            times: seconds, ascending.

        Raises:
            ValueError: the times go backwards.
            MediaError: the file turns out to be damaged.
        """
        if any(b < a for a, b in pairwise(times)):
            raise ValueError("the times given go backwards; expected them ascending.")
        reader: RGBReader | None = None
        shown: tuple[float, Any] | None = None
        image: Image | None = None
        source: Iterator[tuple[float, Any]] = iter(())
        upcoming: tuple[float, Any] | None = None
        for time in times:
            if shown is None or (upcoming is not None and time > upcoming[0] + 2 * _SEEK_FROM):
                source = self._from(time)
                upcoming = next(source, None)
            while upcoming is not None and (shown is None or upcoming[0] <= time + _SLACK):
                shown, upcoming, image = upcoming, next(source, None), None
            if shown is None:
                return
            if image is None:
                reader = reader or RGBReader(shown[1], self._aspect)
                image = reader.read(shown[1])
                yield Frame(shown[0], image)
            else:
                yield Frame(shown[0], image.copy())

    def audio(self, rate: int | None = None) -> Audio:
        """Return the sound, mixed to mono, from the first picture on.

        Args:
            rate: Hz; the file's own if None.

        Raises:
            MediaError: there is none, or it is damaged.
        """
        return decode_sound(self._path, rate, zero=self._timing.first)

    def _from(self, start: float) -> Iterator[tuple[float, Any]]:
        """Yield times and decoded frames; the first is at or before ``start`` if there is one."""
        if start > _SEEK_FROM:
            found = self._decoded(start)
            first = next(found, None)
            if first is not None and first[0] <= start + _SLACK:
                yield from chain([first], found)
                return
            # the seek came out too late, as files without a good index do: read from the front
        yield from self._decoded(0.0)

    def _decoded(self, start: float) -> Iterator[tuple[float, Any]]:
        timing = self._timing
        with opened(self._path) as container:
            stream = picture_stream(container, self._path)
            if start > 0.0:
                offset = int((Fraction(start) + timing.first) / stream.time_base)
                container.seek(offset, stream=stream, backward=True)
            last = -1.0
            for index, frame in enumerate(decoded(container, stream, self._path)):
                stamp = frame.pts if frame.pts is not None else frame.dts
                if stamp is None:
                    time = index / timing.fps
                else:
                    time = float(stamp * (frame.time_base or stream.time_base) - timing.first)
                if time > last and time >= -_SLACK:  # a stamp that goes back is no later picture
                    last = time
                    yield max(time, 0.0), frame


def _scan(container: Any, stream: Any, path: str | Path) -> _Timing:
    """Read the packets of a stream once, without decoding."""
    base = stream.time_base
    count, latest, last, end = 0, 0, 0, 0
    first: int | None = None
    promised = stream.duration * base if stream.duration else None
    for packet in container.demux(stream):
        if packet.size == 0 or packet.is_discard:
            continue
        count += 1
        stamp = packet.pts if packet.pts is not None else packet.dts
        if stamp is not None:
            if first is not None and abs(stamp - latest) * base > _LARGEST_STEP:
                step = float(abs(stamp - latest) * base)
                raise MediaError(f"{path} is damaged: its times jump by {step:.0f} s.")
            first, latest = stamp if first is None else min(first, stamp), stamp
            last = max(last, stamp)
            end = max(end, stamp + (packet.duration or 0))
    if count == 0:
        raise MediaError(f"{path} is damaged or cut off: it holds no pictures.")
    stated = stream.average_rate or stream.guessed_rate
    if first is None:  # a bare stream without a container has no times
        rate = Fraction(stated or 25)
        return _Timing(Fraction(0), count / rate, float(rate))
    if end == last and count > 1:  # the last packet does not say how long it is shown
        end = last + round((last - first) / (count - 1))
    length = Fraction(end - first) * base
    if promised is not None and length < promised * Fraction(19, 20) - Fraction(1, 2):
        raise MediaError(
            f"{path} is cut off: {float(length):.1f} s of pictures are there, "
            f"{float(promised):.1f} s were expected. Copy it again."
        )
    if length <= 0:
        length = count / Fraction(stated or 25)
    fps = float(count / length)
    if stated and abs(fps - float(stated)) < 0.005 * fps:
        fps = float(stated)  # containers that round their times to milliseconds
    return _Timing(Fraction(first) * base, Fraction(first) * base + length, fps)
