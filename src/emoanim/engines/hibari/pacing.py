"""The speaker's pace and pauses, taken from what was said and when."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from emoanim.clips import Transcript, Word

__all__ = ["LEAST_PAUSE", "Pacing", "pacing_of"]

LEAST_PAUSE = 0.15
"""Seconds of silence between two words from which it counts as a pause."""

_LONGEST_PAUSE = 2.0
_LEAST_WORDS, _LEAST_SECONDS = 4, 1.0
_SLOWEST, _FASTEST = 0.72, 1.4


@dataclass(frozen=True, slots=True)
class Pacing:
    """How the speaker spends their time.

    Attributes:
        pace: their speed of articulation over the voice's own, 0.72 to 1.4.
        words: what they said, letters only, in lower case.
        pauses: seconds of silence after each word.
        lead: seconds before the first word.
        trail: seconds after the last.
        duration: of the whole recording in seconds.
    """

    pace: float
    words: tuple[str, ...]
    pauses: tuple[float, ...]
    lead: float
    trail: float
    duration: float

    def after(self, words: Sequence[str]) -> list[float | None]:
        """Return the pause after each word of another text, None where the speaker tells nothing.

        They do where they said this word and the next one side by side, and where they paused
        after this word.
        """
        new = [_bare(w) for w in words]
        matcher = difflib.SequenceMatcher(None, self.words, new, autojunk=False)
        said: dict[int, int] = {}
        for block in matcher.get_matching_blocks():
            said.update((block.b + step, block.a + step) for step in range(block.size))
        out: list[float | None] = [None] * len(new)
        for index, old in said.items():
            beside = said.get(index + 1) == old + 1
            if beside or self.pauses[old] >= LEAST_PAUSE:
                out[index] = self.pauses[old]
        return out

    def within(self, words: Sequence[Word], start: float, end: float) -> Pacing:
        """Return the pacing of a part of the recording: the speaker's pace, the part's length.

        Args:
            words: of the recording, with their times.
            start: of the part, seconds.
            end: of the part, seconds.
        """
        inside = [w for w in words if start <= (w.start + w.end) / 2.0 < end and _bare(w.text)]
        lead = inside[0].start - start if inside else 0.0
        trail = end - inside[-1].end if inside else 0.0
        return replace(
            self,
            lead=max(lead, 0.0),
            trail=max(trail, 0.0),
            duration=end - start,
        )


def pacing_of(transcript: Transcript, articulation: float, duration: float) -> Pacing | None:
    """Return a speaker's pacing; None if the words have no times or are too few to tell.

    Args:
        transcript: what was said, with the times of the words.
        articulation: seconds that the voice takes for the same words, pauses left out.
        duration: of the recording in seconds.
    """
    words = [w for w in transcript.words if _bare(w.text)]
    if len(words) < _LEAST_WORDS:
        return None
    gaps = _gaps(words)
    spent = words[-1].end - words[0].start - sum(gaps)
    if spent < _LEAST_SECONDS:
        return None
    return Pacing(
        min(max(articulation / spent, _SLOWEST), _FASTEST),
        tuple(_bare(w.text) for w in words),
        (*gaps, 0.0),
        max(words[0].start, 0.0),
        max(duration - words[-1].end, 0.0),
        duration,
    )


def _gaps(words: Sequence[Word]) -> list[float]:
    """Return the silences between the words; under 0.15 s they are none."""
    out = []
    for before, after in pairwise(words):
        gap = after.start - before.end
        out.append(min(gap, _LONGEST_PAUSE) if gap >= LEAST_PAUSE else 0.0)
    return out


def _bare(word: str) -> str:
    return re.sub(r"[^\w']", "", word.lower().replace("’", "'"))
