"""When the pictures of a file are shown: read from its packets, whatever the header promises."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

from emoanim.errors import MediaError
from emoanim.media.limits import PADDING, beyond, limits

__all__ = ["Timing", "scan"]

_LARGEST_STEP = 60.0
"""Seconds between two pictures from which, without sound, the times are taken for damaged."""
_RESTART = 0.2
"""Seconds by which decoding times may go back before they are taken for a new recording."""
_MICROSECOND = Fraction(1, 1_000_000)


@dataclass(frozen=True, slots=True)
class Timing:
    """When the pictures of a stream are shown.

    Attributes:
        first: time of the first picture in the file's own clock, seconds.
        end: end of the last.
        fps: mean rate in Hz.
        notes: what a user should know of the file's length.
        times: of the pictures, seconds from the first; empty where the file holds none.
    """

    first: Fraction
    end: Fraction
    fps: float
    notes: tuple[str, ...] = ()
    times: tuple[float, ...] = ()


@dataclass(slots=True)
class _Seen:
    """What the packets of the picture stream say, in its own clock."""

    count: int = 0
    first: int | None = None
    last: int = 0
    end: int = 0
    decoding: int | None = None
    stamps: list[int] = field(default_factory=list)

    def add(self, packet: Any) -> None:
        self.count += 1
        stamp = packet.pts if packet.pts is not None else packet.dts
        if stamp is None:
            return
        self.stamps.append(stamp)
        self.first = stamp if self.first is None else min(self.first, stamp)
        self.last = max(self.last, stamp)
        self.end = max(self.end, stamp + (packet.duration or 0))


def scan(container: Any, stream: Any, path: str | Path) -> Timing:
    """Read all packets once, without decoding.

    A picture is shown until the next one, and the last until the end of the file: where a file
    stores only what changes, few pictures cover all of it.

    Raises:
        MediaError: no pictures, times that jump or start again, longer than the limits allow, or
            much less than the file promises.
    """
    base = stream.time_base
    seen, sound_end = _Seen(), Fraction(0)
    for packet in container.demux():
        if packet.size == 0 or packet.is_discard:
            continue
        if packet.stream.index != stream.index:
            sound_end = max(sound_end, _end_of_sound(packet, path))
            continue
        back = None if packet.dts is None or seen.decoding is None else seen.decoding - packet.dts
        if back is not None and back * base > _RESTART:
            raise MediaError(
                f"{path} holds more than one recording: after "
                f"{float((seen.last - (seen.first or 0)) * base):.1f} s its times go back by "
                f"{float(back * base):.1f} s. Join them first, for instance: "
                "ffmpeg -f concat, or give one of them."
            )
        seen.decoding = packet.dts
        seen.add(packet)
        _check_length(float((seen.end - (seen.first or 0)) * base), path, "pictures")
    return _timing(seen, sound_end, container, stream, path)


def _timing(seen: _Seen, sound_end: Fraction, container: Any, stream: Any, path: Any) -> Timing:
    base = stream.time_base
    if seen.count == 0:
        raise MediaError(f"{path} is damaged or cut off: it holds no pictures.")
    stated = stream.average_rate or stream.guessed_rate
    if seen.first is None:  # a bare stream without a container has no times
        rate = Fraction(stated or 25)
        return Timing(Fraction(0), seen.count / rate, float(rate))
    step = max((b - a for a, b in pairwise(sorted(seen.stamps))), default=0) * base
    if step > max(_LARGEST_STEP, sound_end - seen.first * base):
        raise MediaError(f"{path} is damaged: its times jump by {float(step):.0f} s.")
    end = seen.end
    if end == seen.last and seen.count > 1:  # the last packet does not say how long it is shown
        end += round((seen.last - seen.first) / (seen.count - 1))
    first = seen.first * base
    length, notes = _length(end * base - first, sound_end - first, container, stream, path)
    if length <= 0:
        length = seen.count / Fraction(stated or 25)
    if sound_end - first - length > limits().sound_beyond_picture:
        raise beyond(
            path,
            "sound_beyond_picture",
            f"holds {float(length):.1f} s of pictures and {float(sound_end - first):.1f} s of "
            "sound",
            f"{limits().sound_beyond_picture:g} s more sound than pictures",
        )
    fps = float(seen.count / length)
    if stated and abs(fps - float(stated)) < 0.005 * fps:
        fps = float(stated)  # containers that round their times to milliseconds
    times = tuple(float((stamp - seen.first) * base) for stamp in sorted(set(seen.stamps)))
    return Timing(first, first + length, fps, notes, times)


def _length(
    there: Fraction, sound: Fraction, container: Any, stream: Any, path: Any
) -> tuple[Fraction, tuple[str, ...]]:
    """Seconds of pictures, and a note if the file ends before its own promise."""
    matroska = "matroska" in container.format.name
    promised = stream.duration * stream.time_base if stream.duration else None
    if promised is None and matroska and container.duration:
        promised = container.duration * _MICROSECOND
    if promised is None or promised - there < Fraction(1, 10):
        return there, ()
    if sound >= promised - Fraction(1, 2) or (matroska and _whole_matroska(Path(path))):
        return promised, ()
    said = f"{float(there):.1f} s of pictures are there, {float(promised):.1f} s were expected"
    if not matroska and there < promised * Fraction(19, 20) - Fraction(1, 2):
        raise MediaError(f"{path} is cut off: {said}. Copy it again.")
    return there, (f"the file ends early: {said}",)


def _end_of_sound(packet: Any, path: Any) -> Fraction:
    stamp = packet.pts if packet.pts is not None else packet.dts
    if stamp is None or packet.stream.type != "audio":
        return Fraction(0)
    end = Fraction((stamp + (packet.duration or 0)) * packet.stream.time_base)
    start = packet.stream.start_time or 0
    _check_length(float(end - start * packet.stream.time_base), path, "sound")
    return end


def _check_length(seconds: float, path: Any, what: str) -> None:
    if seconds > limits().seconds + PADDING:
        raise beyond(
            path,
            "seconds",
            f"holds more than {limits().seconds:g} s of {what}",
            f"{limits().seconds:g} s",
        )


def _whole_matroska(path: Path) -> bool:
    """Whether all the bytes are there that the file's one segment says it has."""
    with path.open("rb") as file:
        head = file.read(4096)
        size = file.seek(0, 2)
    at = head.find(b"\x18\x53\x80\x67")  # the segment, after a header of a few dozen bytes
    if at < 0 or at + 12 > len(head):
        return False
    first = head[at + 4]
    width = 9 - first.bit_length()
    value = int.from_bytes(head[at + 4 : at + 4 + width], "big") & ((1 << 7 * width) - 1)
    unknown = value == (1 << 7 * width) - 1
    return not unknown and at + 4 + width + value <= size
