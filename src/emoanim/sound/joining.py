"""Passages of speech one after the other, as one, without a click where they meet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from emoanim.clips import Audio, Phone, Speech
from emoanim.emotions import EmotionPrompt, Passage
from emoanim.sound.signals import resample

__all__ = ["Spoken", "joined", "quietest"]

_OVERLAP, _LEAST_OVERLAP, _MOST_OVERLAP = 0.01, 0.006, 0.018
"""Seconds in which one passage fades into the next: sounding ones as they fit best, others 0.01."""
_AROUND = 0.03
"""Seconds whose power tells how quiet a moment is."""
_SILENT = -45.0
"""dB under the peak that count as silence at a passage's ends."""
_SHORTEST_PAUSE, _LONGEST_PAUSE = 0.1, 0.8
"""Bounds of the silence between two passages of a voice that has made none."""


class Spoken(NamedTuple):
    """A passage that was spoken.

    Attributes:
        speech: what was made.
        prompt: in which emotion.
        pause: seconds of silence that the source has after it.
        source: seconds of the source, from and to, that it stands for; None if there is none.
    """

    speech: Speech
    prompt: EmotionPrompt
    pause: float
    source: tuple[float, float] | None = None


def joined(parts: Sequence[Spoken]) -> Speech:
    """Return one speech, with ``passages`` that say from when each emotion holds.

    Where a voice left no silence, the source's pause is put between, at least 0.1 and at most
    0.8 s; a recording said again has its own and gets none.

    Args:
        parts: in order, at least one; sound at one rate, else it is brought to the first's.
    """
    rate = parts[0].speech.audio.rate
    sounds = [resample(part.speech.audio, rate).samples for part in parts]
    overlap = round(_OVERLAP * rate)
    samples: NDArray[np.float32] = np.zeros(0, np.float32)
    starts: list[float] = []
    for index, sound in enumerate(sounds):
        if index:
            before = parts[index - 1]
            missing = 0.0
            if not before.speech.time_map:
                wanted = min(max(before.pause, _SHORTEST_PAUSE), _LONGEST_PAUSE)
                missing = wanted - _silence(samples[::-1], rate) - _silence(sound, rate)
            gap = np.zeros(max(round(missing * rate), 0), np.float32)
            if len(gap):
                samples = _faded(samples, gap, overlap)
            shared = _fitting(samples, sound, rate)
            starts.append((len(samples) - shared) / rate)
            samples = _faded(samples, sound, shared)
        else:
            starts.append(0.0)
            samples = sound
    audio = Audio(samples, rate)
    edges = [*starts[1:], audio.duration]
    first = parts[0].speech
    return Speech(
        audio,
        " ".join(part.speech.text for part in parts),
        _phones(parts, starts, edges),
        first.language,
        _details(parts, starts),
        _time_map(parts, starts, edges),
        tuple(Passage(at, part.prompt) for at, part in zip(starts, parts, strict=True)),
    )


def quietest(audio: Audio, seconds: Sequence[float]) -> float:
    """Return the second around which a recording has least power; of equals the middle one."""
    half = round(_AROUND / 2.0 * audio.rate)
    middles = [round(second * audio.rate) for second in seconds]
    powers = [
        float(np.mean(np.square(part, dtype=np.float64))) if len(part) else 0.0
        for part in (audio.samples[max(0, m - half) : max(0, m + half)] for m in middles)
    ]
    least = [s for s, power in zip(seconds, powers, strict=True) if power <= min(powers)]
    return least[len(least) // 2]


def _fitting(first: NDArray[np.float32], second: NDArray[np.float32], rate: int) -> int:
    """Return by how many samples two sounds overlap best: so that their waves fall together."""
    most = min(round(_MOST_OVERLAP * rate), len(first), len(second))
    least = min(round(_LEAST_OVERLAP * rate), most)
    usual = min(round(_OVERLAP * rate), most)
    best, count = 0.3, usual
    for shared in range(least, most + 1):
        end, start = first[len(first) - shared :], second[:shared]
        power = float(np.sqrt((end @ end) * (start @ start)))
        if power > 0.0 and (like := float(end @ start) / power) > best + 1e-3:
            best, count = like, shared
    return count


def _faded(
    first: NDArray[np.float32], second: NDArray[np.float32], overlap: int
) -> NDArray[np.float32]:
    """Return both, the end of the first fading into the start of the second."""
    shared = min(overlap, len(first), len(second))
    if not shared:
        return np.concatenate([first, second])
    rise = (0.5 - 0.5 * np.cos(np.pi * (np.arange(shared) + 0.5) / shared)).astype(np.float32)
    middle = first[-shared:] * (1.0 - rise) + second[:shared] * rise
    return np.concatenate([first[:-shared], middle, second[shared:]])


def _silence(samples: NDArray[np.float32], rate: int) -> float:
    """Return the seconds of silence at the start of a sound."""
    level = np.abs(samples)
    loud = np.flatnonzero(level > level.max(initial=0.0) * 10.0 ** (_SILENT / 20.0))
    return float(loud[0] if len(loud) else len(samples)) / rate


def _phones(
    parts: Sequence[Spoken], starts: Sequence[float], edges: Sequence[float]
) -> tuple[Phone, ...]:
    """Return all sounds at their new times; none unless every passage has some."""
    if not all(part.speech.phones for part in parts):
        return ()
    phones: list[Phone] = []
    for part, start, end in zip(parts, starts, edges, strict=True):
        for symbol, first, last in part.speech.phones:
            at = Phone(symbol, min(first + start, end), min(last + start, end))
            if at.end > at.start:
                phones.append(at)
        if phones and phones[-1].end < end:
            if phones[-1].symbol == "SIL":
                phones[-1] = phones[-1]._replace(end=end)
            else:
                phones.append(Phone("SIL", phones[-1].end, end))
    return tuple(phones)


def _time_map(
    parts: Sequence[Spoken], starts: Sequence[float], edges: Sequence[float]
) -> tuple[tuple[float, float], ...]:
    if not all(part.speech.time_map for part in parts):
        return ()
    knots: list[tuple[float, float]] = []
    bounds = [*(edge - 1e-6 for edge in edges[:-1]), np.inf]
    for part, start, bound in zip(parts, starts, bounds, strict=True):
        moved = [(round(new + start, 6), old) for new, old in part.speech.time_map]
        knots += [knot for knot in moved if knot[0] < bound]
    return tuple(knots)


def _details(parts: Sequence[Spoken], starts: Sequence[float]) -> dict[str, Any]:
    passages: list[Mapping[str, Any]] = [
        {
            "start": round(start, 3),
            "source": part.source,
            "emotion": part.prompt.text,
            **part.speech.details,
        }
        for part, start in zip(parts, starts, strict=True)
    ]
    return {"passages": passages}
