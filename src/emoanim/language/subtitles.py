"""Subtitles: the words of a speech in cues that can be read, as SubRip (SRT) or WebVTT."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import NamedTuple

from emoanim.clips import Speech, Word
from emoanim.language.spoken_words import spoken_words
from emoanim.outputs import check_writable, temporary, together, writing

__all__ = [
    "SUFFIXES",
    "Cue",
    "check_beside",
    "cues",
    "subtitles",
    "write_beside",
    "write_subtitles",
]

SUFFIXES = (".srt", ".vtt")
"""Files that subtitles can be written to."""

_LINE = 42
"""Most characters of a line; a cue has two."""
_LONGEST = 6.0
_PAUSE = 0.6
_STAYS = 0.4
"""Seconds for which a cue stays after its last word, if nothing follows."""


class Cue(NamedTuple):
    """A line or two of text with start and end in seconds."""

    text: str
    start: float
    end: float


def cues(words: Sequence[Word], duration: float) -> list[Cue]:
    """Cut words with their times into cues.

    A cue ends with a sentence, before a pause of 0.6 s, at six seconds, and where two lines of 42
    characters are full, there if it can at a comma; a word or two that are left of a sentence
    share its words with the cue before.

    Args:
        words: in order, times in seconds.
        duration: of the sound, seconds.
    """
    groups: list[list[Word]] = []
    for word in words:
        group = groups[-1] if groups else []
        if not group or _ends(group, word):
            groups.append([word])
        elif _full(group, word):
            cut = _comma(group)
            groups[-1:] = [group[:cut], [*group[cut:], word]]
        else:
            group.append(word)
    for i in range(1, len(groups)):
        groups[i - 1 : i + 1] = _without_orphan(groups[i - 1], groups[i])
    cue_list = []
    for i, group in enumerate(groups):
        after = groups[i + 1][0].start if i + 1 < len(groups) else duration
        end = max(group[-1].end, min(group[-1].end + _STAYS, after))
        cue_list.append(Cue(_lines(" ".join(w.text for w in group)), group[0].start, end))
    return cue_list


def subtitles(speech: Speech, kind: str = "srt") -> str:
    """Return the subtitles of a speech as the text of a file, "srt" or "vtt".

    Raises:
        ValueError: another kind.
    """
    if f".{kind}" not in SUFFIXES:
        raise ValueError(f"kind {kind!r} given; expected srt or vtt.")
    cue_list = cues(spoken_words(speech), speech.audio.duration)
    point = "," if kind == "srt" else "."
    parts = [] if kind == "srt" else ["WEBVTT\n"]
    for number, cue in enumerate(cue_list, 1):
        head = f"{number}\n" if kind == "srt" else ""
        # WebVTT wants no tag and no arrow in a text.
        text = cue.text if kind == "srt" else escape(cue.text, quote=False)
        parts.append(f"{head}{_clock(cue.start, point)} --> {_clock(cue.end, point)}\n{text}\n")
    return "\n".join(parts)


def write_subtitles(path: str | Path, speech: Speech) -> Path:
    """Write the subtitles of a speech into a .srt or .vtt file, whole or not at all.

    Raises:
        OutputError: the file cannot be written, or its name ends in something else.
    """
    target = Path(path)
    with temporary(target, SUFFIXES) as new, writing(target):
        new.write_text(subtitles(speech, target.suffix.lower()[1:]), encoding="utf-8")
    return target


def check_beside(output: str | Path) -> None:
    """See before any work that ``write_beside`` can write.

    Raises:
        OutputError: a file cannot be made there.
    """
    for suffix in SUFFIXES:
        check_writable(Path(output).with_suffix(suffix), SUFFIXES)


def write_beside(output: str | Path, speech: Speech) -> tuple[Path, ...]:
    """Write the subtitles of a speech as .srt and .vtt beside a video or sound, both or none.

    Raises:
        OutputError: they cannot be written.
    """
    targets = tuple(Path(output).with_suffix(suffix) for suffix in SUFFIXES)
    with together(targets, SUFFIXES) as hidden:
        for target, new in zip(targets, hidden, strict=True):
            with writing(target):
                new.write_text(subtitles(speech, target.suffix[1:]), encoding="utf-8")
    return targets


def _ends(group: Sequence[Word], word: Word) -> bool:
    """Whether a cue is over before a word."""
    closed = re.search(r"[.!?…][\"”’')]*$", group[-1].text) is not None
    closed = closed and not word.text[0].islower()  # "in D.C. for a week" goes on
    closed = closed and group[-1].text.rstrip(".…") != word.text  # "I... I" goes on
    pause = word.start - group[-1].end
    return (closed and (_length(group) >= _LINE // 2 or pause >= 0.15)) or pause >= _PAUSE


def _full(group: Sequence[Word], word: Word) -> bool:
    return _length([*group, word]) > 2 * _LINE or word.end - group[0].start > _LONGEST


def _length(group: Sequence[Word]) -> int:
    return sum(len(w.text) + 1 for w in group) - 1


def _comma(group: Sequence[Word]) -> int:
    """Where a full cue is cut: behind its last comma in the second half, or at its end."""
    for i in range(len(group) - 1, len(group) // 2, -1):
        if _comma_at(group, i):
            return i
    return len(group)


def _without_orphan(group: list[Word], rest: list[Word]) -> tuple[list[Word], list[Word]]:
    """Return a full cue and the next, parted in the middle if little of the sentence was left."""
    words = [*group, *rest]
    if _ends(group, rest[0]) or _length(rest) >= _LINE // 2 or len(group) < 2:
        return group, rest
    cut = min(
        range(1, len(words)),
        key=lambda n: abs(_length(words[:n]) - _length(words[n:])) - 12 * _comma_at(words, n),
    )
    return words[:cut], words[cut:]


def _comma_at(words: Sequence[Word], n: int) -> bool:
    return words[n - 1].text[-1] in ",;:"


def _lines(text: str) -> str:
    """Break a long text into two lines of about the same length."""
    if len(text) <= _LINE:
        return text
    spaces = [m.start() for m in re.finditer(" ", text)]
    if not spaces:
        return text
    cut = min(spaces, key=lambda s: abs(s - len(text) / 2) - 6.0 * (text[s - 1] in ",;:.!?"))
    return f"{text[:cut]}\n{text[cut + 1 :]}"


def _clock(seconds: float, point: str) -> str:
    whole = round(seconds * 1000)
    minutes, rest = divmod(whole, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{rest // 1000:02}{point}{rest % 1000:03}"
