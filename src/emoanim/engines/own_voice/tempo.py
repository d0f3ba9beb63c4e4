"""The new time: how long every sound lasts, where a phrase is broken, and the map to the old."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emoanim.clips import Phone, Word
from emoanim.engines.own_voice.spoken import LINKERS, PLOSIVES, VOWELS, Spoken, bare
from emoanim.sound.emotional_cues import Cues
from emoanim.sound.vocoder import PERIOD

__all__ = ["Tempo"]

# How much of a slower or faster pace vowels and consonants take; bursts keep their length.
_VOWEL_SHARE, _CONSONANT_SHARE = 1.25, 0.6
_ENDING = 0.25
_LONGEST_PAUSE = 1.2
_PAUSE = 0.2
_LEAST_PHRASE = 1.1
# How far a break lies, in dB, under the loudest moment within so many seconds before it or after
# it: where the voice goes on as loud, a pause would cut a sound in two.
_DIP, _BESIDE = 6.0, 0.12
# A pause is put in between two frames, so that nothing beside it is drawn out or heard twice.
_HALF_BREAK = 0.005
_FADE_OUT, _FADE_IN = 0.03, 0.01
_SMOOTH = 9
_MARKS = ",;:.!?…"


@dataclass(frozen=True, slots=True, eq=False)
class Tempo:
    """The new time of a recording.

    Attributes:
        spoken: words, stress and phrase ends in the recording's frames.
        breaks: (second in the recording, seconds) of pauses that are put in.
        old_edges: seconds of the recording, every 5 ms, (t,).
        new_edges: when they are heard in the new sound, (t,); both rise from 0.
    """

    spoken: Spoken
    breaks: tuple[tuple[float, float], ...]
    old_edges: NDArray[np.float64]
    new_edges: NDArray[np.float64]

    @classmethod
    def of(
        cls,
        level: NDArray[np.float64],
        phones: Sequence[Phone],
        words: Sequence[Word],
        cues: Cues,
        longest: float | None,
    ) -> Tempo:
        """Plan it.

        Args:
            level: dB per frame of the recording, (t,).
            phones: its sounds, gapless; they end where the recording ends.
            words: its words.
            cues: pace, pauses, breaks, stretch.
            longest: by which part of its length the whole may change at most; None for any.
        """
        breaks = _phrase_breaks(words, phones, level, cues)
        spoken = Spoken.of(phones, words, level, [time for time, _ in breaks])
        factor = _fitted(_stretched(spoken, len(level), cues, breaks), longest)
        duration = phones[-1].end if phones else len(level) * PERIOD
        old = np.minimum(np.arange(len(level) + 1) * PERIOD, duration)
        new = np.concatenate([[0.0], np.cumsum(np.diff(old) * factor)])
        # The last edges may coincide with the end.
        inside = np.concatenate([[True], np.diff(old) > 1e-9])
        return cls(spoken, tuple(breaks), old[inside], new[inside])

    @property
    def duration(self) -> float:
        """Seconds of the new sound."""
        return float(self.new_edges[-1])

    def old(self, new: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return the seconds of the recording that are heard at new seconds."""
        return np.asarray(np.interp(new, self.new_edges, self.old_edges))

    def moved(self, phones: Sequence[Phone]) -> tuple[Phone, ...]:
        """Return the sounds at their new times."""
        edges = [edge for phone in phones for edge in (phone.start, phone.end)]
        later = np.interp(edges, self.old_edges, self.new_edges)
        return tuple(
            Phone(phone.symbol, float(start), float(end))
            for phone, start, end in zip(phones, later[::2], later[1::2], strict=True)
        )

    def knots(self) -> tuple[tuple[float, float], ...]:
        """Return the map (new second, old second), every 20 ms of the recording and at its end."""
        indices = [*range(0, len(self.old_edges) - 1, 4), len(self.old_edges) - 1]
        pairs = zip(self.new_edges[indices].tolist(), self.old_edges[indices].tolist(), strict=True)
        return tuple((round(new, 6), round(old, 6)) for new, old in pairs)

    def hush(self, time: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return how much of the voice gives way to the room in a break, 0 to 1, at new seconds."""
        out = np.zeros(len(time))
        for position, _ in self.breaks:
            around = (position - _HALF_BREAK, position + _HALF_BREAK)
            start, end = np.interp(around, self.old_edges, self.new_edges)
            gone = np.clip((time - start) / _FADE_OUT + 1.0, 0.0, 1.0)
            back = np.clip((end - time) / _FADE_IN + 1.0, 0.0, 1.0)
            out = np.maximum(out, 0.5 - 0.5 * np.cos(np.pi * np.minimum(gone, back)))
        return out


def _phrase_breaks(
    words: Sequence[Word], phones: Sequence[Phone], level: NDArray[np.float64], cues: Cues
) -> list[tuple[float, float]]:
    """Return where a phrase may be broken that the speaker said in one go.

    That is after a mark and before a word that links, at the quietest moment within 40 ms, where
    the voice falls or rises, not nearer than about a second to the last pause or the next.

    Args:
        words: with times.
        phones: with times.
        level: dB per frame, (t,).
        cues: ``breaks`` says how readily.

    Returns:
        (second in the recording, seconds of pause) in order.
    """
    if cues.breaks <= 0.0 or len(words) < 2:
        return []
    least = _LEAST_PHRASE / max(cues.breaks, 0.3)
    pauses = [(p.start, p.end) for p in phones if p.symbol == "SIL" and p.end - p.start > 0.08]
    breaks: list[tuple[float, float]] = []
    last = float(words[0].start)
    for before, after in itertools.pairwise(words):
        edge = (before.end + after.start) / 2.0
        last = max([last, *(end for _, end in pauses if end <= edge + 0.05)])
        if any(start - 0.1 <= edge <= end + 0.1 for start, end in pauses):
            continue
        marked = before.text.rstrip("\"'”’)")[-1:] in _MARKS
        linked = bare(after.text) in LINKERS and bare(before.text) not in LINKERS
        following = min([start for start, _ in pauses if start > edge], default=words[-1].end)
        enough = edge - last >= least and following - edge >= 0.5 * least
        if marked or (linked and enough):
            first = max(0, round((edge - 0.04) / PERIOD))
            near = level[first : round((edge + 0.04) / PERIOD) + 1]
            quietest = first + int(np.argmin(near))
            if not _falls(level, quietest):
                continue
            time = quietest * PERIOD
            breaks.append((time, _PAUSE * cues.breaks * (1.3 if marked else 1.0)))
            last = edge
    return breaks


def _falls(level: NDArray[np.float64], frame: int) -> bool:
    reach = round(_BESIDE / PERIOD)
    sides = (level[max(0, frame - reach) : frame + 1], level[frame : frame + reach + 1])
    return any(side.max() - level[frame] >= _DIP for side in sides)


def _stretched(
    spoken: Spoken, count: int, cues: Cues, breaks: Sequence[tuple[float, float]]
) -> NDArray[np.float64]:
    """Return by how much every 5 ms of the recording is stretched, float (count,), above 0.

    Vowels take most of a slower pace, bursts none of it; stressed vowels and the sounds before a
    pause are drawn out further. The factors change smoothly, over 45 ms, but for pauses put in.
    """
    slower = 1.0 / cues.pace - 1.0
    factor = np.ones(count)
    middle = (np.arange(count) + 0.5) * PERIOD
    phones = spoken.phones
    for index, phone in enumerate(phones):
        here = slice(*np.searchsorted(middle, (phone.start, phone.end)))
        if phone.symbol == "SIL":
            if 0 < index < len(phones) - 1:
                length = max(phone.end - phone.start, 1e-3)
                factor[here] = min(cues.pause, max(_LONGEST_PAUSE, length) / length)
        elif phone.symbol in VOWELS:
            stress = 1.0 + cues.stretch * (index in spoken.stressed)
            factor[here] = (1.0 + _VOWEL_SHARE * slower) * stress
        elif phone.symbol not in PLOSIVES:
            factor[here] = 1.0 + _CONSONANT_SHARE * slower
    if slower > 0.0:
        ends = spoken.ends[:count]
        last = (ends < _ENDING) & (factor > 1.0)
        factor[last] *= 1.0 + slower * (1.0 - ends[last] / _ENDING)
    kernel = np.hanning(_SMOOTH + 2)[1:-1]
    padded = np.pad(factor, _SMOOTH // 2, mode="edge")
    factor = np.convolve(padded, kernel / kernel.sum(), "valid")
    for moment, seconds in breaks:
        here = slice(*np.searchsorted(middle, (moment - _HALF_BREAK, moment + _HALF_BREAK)))
        factor[here] += seconds / (2.0 * _HALF_BREAK)
    return factor


def _fitted(factor: NDArray[np.float64], limit: float | None) -> NDArray[np.float64]:
    """Return the factors drawn towards 1 so that the whole changes by at most ``limit``."""
    change = float(factor.mean()) - 1.0
    if limit is None or abs(change) <= limit:
        return factor
    return np.asarray(1.0 + (factor - 1.0) * (limit / abs(change)))
