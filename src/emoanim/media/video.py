"""A video file as a clip: frames stream out of it, upright, with their presentation times."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import chain, islice
from pathlib import Path
from typing import Any

from emoanim.arguments import ascending, number_of
from emoanim.clips import Audio, Frame, Image
from emoanim.errors import MediaError
from emoanim.media.audio import decode_sound
from emoanim.media.deinterlacing import deinterlaced, looks_interlaced, may_be_interlaced
from emoanim.media.layouts import MONO, Placement
from emoanim.media.opening import as_path, decoded, opened, picture_stream, sound_stream
from emoanim.media.pictures import NOT_DECODED, RGBReader, bounded_size, brightest, checked_aspect
from emoanim.media.timing import scan
from emoanim.media.tone_mapping import Grading, grading_of

__all__ = ["Video"]

_FAR = 1e9
"""Seconds: thirty years."""
_SLACK = 1e-6
"""Seconds by which two times may differ and be the same."""
_SEEK_FROM = 5.0
"""Seconds of decoding from which a seek is worth its risk."""

_PLACES = 6
"""Places of a clip that are looked at for combs and for its brightest light."""
_IN_A_ROW = 3


class Video:
    """A video file; it fulfils ``emoanim.clips.Clip``.

    Opening reads through the packets once without decoding them, so that length and rate are
    those of the pictures that are there, whatever the header says. Nothing stays open or in
    memory between calls; every call of ``frames`` has a decoder of its own.

    HDR and wide gamut become BT.709, interlaced film becomes whole pictures; ``notes`` says so.

    Args:
        path: the file.
        audio_track: which sound track ``audio`` reads, from 1; None for the one that players
            play or, if that is silent, the one with speech.

    Raises:
        MediaError: no such file, no video, no video stream, damaged, cut off or beyond the limits.
    """

    def __init__(self, path: str | Path, *, audio_track: int | None = None) -> None:
        self._path = as_path(path)
        self._audio_track = audio_track
        self._grading: Grading | None = None
        self._interlaced = False
        with opened(path) as container:
            stream = picture_stream(container, path)
            self._timing = scan(container, stream, path)
            self._has_audio = sound_stream(container) is not None
            self._codec = str(stream.codec_context.codec.canonical_name)
        with opened(path) as container:
            stream = picture_stream(container, path)
            self._aspect = checked_aspect(
                stream.sample_aspect_ratio or stream.codec_context.sample_aspect_ratio, path
            )
            grading = grading_of(stream)
            frame = next(decoded(container, stream, path), None)
            if frame is None:
                raise MediaError(f"{path}: {NOT_DECODED}")
            self._size = RGBReader(frame, self._aspect).size
            bounded_size(self._size, path)
        self._notes = list(self._timing.notes)
        self._placement = MONO
        self._inspect(frame, grading)

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
    def times(self) -> tuple[float, ...]:
        """When the pictures are shown, seconds; empty for a bare stream without times."""
        return self._timing.times

    @property
    def notes(self) -> tuple[str, ...]:
        """What a user should know of how the file was read; more after ``audio`` was called."""
        return tuple(dict.fromkeys(self._notes))

    @property
    def placement(self) -> Placement:
        """How speech is laid into the channels of the sound; mono until ``audio`` was called."""
        return self._placement

    @property
    def codec(self) -> str:
        """How the pictures are coded, as FFmpeg calls it: "h264", "hevc", "vp9", "av1"."""
        return self._codec

    @property
    def has_audio(self) -> bool:
        """Whether there is a sound stream."""
        return self._has_audio

    def frames(self, start: float = 0.0, end: float | None = None) -> Iterator[Frame]:
        """Yield the frames with ``start <= time < end`` in order of time.

        Raises:
            MediaError: the file turns out to be damaged.
        """
        start = number_of(start, "start", "seconds", most=_FAR)
        if end is not None:
            end = number_of(end, "end", "seconds, or None", most=math.inf)
        reader: RGBReader | None = None
        for time, frame in self._from(start):
            if end is not None and time >= end - _SLACK:
                return
            if time >= start - _SLACK:
                reader = reader or RGBReader(frame, self._aspect, self._grading)
                yield Frame(time, reader.read(frame))

    def frames_at(self, times: Sequence[float]) -> Iterator[Frame]:
        """Yield for each time the frame that is shown then: the last one at or before it.

        One pass, forwards. Before the first frame that one is shown, after the end the last; so
        ``frames_at([i / 25 for i in range(n)])`` is the clip at constant 25 Hz.

        Args:
            times: seconds, ascending.

        Raises:
            InputError: the times go backwards.
            MediaError: the file turns out to be damaged.
        """
        times = ascending(times)
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
                reader = reader or RGBReader(shown[1], self._aspect, self._grading)
                image = reader.read(shown[1])
                yield Frame(shown[0], image)
            else:
                yield Frame(shown[0], image.copy())

    def audio(self, rate: int | None = None) -> Audio:
        """Return the sound, mixed to mono, from the first picture on.

        Args:
            rate: Hz; the file's own, up to 48 kHz, if None.

        Raises:
            MediaError: there is none, or it is damaged.
        """
        sound = decode_sound(self._path, rate, self._timing.first, self._audio_track)
        self._notes += sound.notes
        self._placement = sound.placement
        return sound.audio

    def _inspect(self, first: Any, grading: Grading | None) -> None:
        """See whether the pictures have to be made whole or mapped to another range of light."""
        flagged = bool(first.interlaced_frame)
        if not flagged and grading is None and not may_be_interlaced(first):
            return
        groups = list(self._looked_at())
        frames = [frame for group in groups for frame in group]
        if flagged or sum(looks_interlaced(group) for group in groups) > len(groups) / 3:
            self._interlaced = True
            self._notes.append("the film is interlaced; its fields were made into whole pictures")
        if grading is not None:
            self._grading = replace(grading, peak=brightest(frames, grading))
            self._notes.append(f"the film is {grading.name}; its colours were mapped to BT.709")

    def _looked_at(self) -> Iterator[list[Any]]:
        """Yield a few frames in a row from places all over the clip."""
        for number in range(_PLACES):
            start = self.duration * number / _PLACES
            yield [frame for _, frame in islice(self._decoded(start), _IN_A_ROW)]

    def _from(self, start: float) -> Iterator[tuple[float, Any]]:
        """Yield times and decoded frames; the first is at or before ``start`` if there is one."""
        if start > _SEEK_FROM:
            frames = self._decoded(start)
            first = next(frames, None)
            if first is not None and first[0] <= start + _SLACK:
                yield from chain([first], frames)
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
            frames = decoded(container, stream, self._path)
            if self._interlaced:
                frames = deinterlaced(frames, stream.time_base)
            for index, frame in enumerate(frames):
                stamp = frame.pts if frame.pts is not None else frame.dts
                if stamp is None:
                    time = index / timing.fps
                else:
                    time = float(stamp * (frame.time_base or stream.time_base) - timing.first)
                if time > last and time >= -_SLACK:  # a stamp that goes back is no later picture
                    last = time
                    yield max(time, 0.0), frame
