"""Text that comes in pieces, cut into sentences as soon as each is complete."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from emoanim.emotions import Emotion, EmotionPrompt
from emoanim.errors import EmotionError, InputError
from emoanim.language.long_text import parts_of

__all__ = ["LONGEST", "Piece", "Sentence", "sentences"]

Piece = str | tuple[str, str | Emotion | EmotionPrompt]
"""Some text, or a text with the emotion in which it is to be said."""

LONGEST = 220
"""Characters that are spoken at once: about 14 seconds of speech."""

_END = re.compile(r"(?:[.!?…]+[\"”’')\]]*(?=\s)|\n+)")
_TAG = re.compile(r"\[([^\[\]]{1,60})\]")
_OPEN = re.compile(r"\[[^\[\]]{0,60}\Z")
# What ends with a full stop and is no end.
_SHORT = re.compile(
    r"(?:\b(?:mr|mrs|ms|dr|prof|st|jr|sr|vs|no|mt|gen|capt|lt|rev|hon|approx|etc)"
    r"|\b[a-z]|\b[a-z]\.[a-z])\.\Z",
    re.IGNORECASE,
)


class Sentence(NamedTuple):
    """What is spoken at once, and in which emotion."""

    text: str
    prompt: EmotionPrompt


def sentences(pieces: str | Iterable[Piece], prompt: EmotionPrompt) -> Iterator[Sentence]:
    """Yield sentences as the text comes in.

    A sentence is complete when white space follows its last mark. ``[sad]`` or ``[very happy]``
    in the text sets the emotion from there on; what stands in brackets and names no emotion is
    text. What holds neither letter nor digit is left out.

    Args:
        pieces: a text, or pieces of one as a language model gives them; a piece may be a pair of
            a text and its emotion.
        prompt: the emotion to begin with.

    Raises:
        InputError: a piece is something else.
        EmotionError: the emotion of a pair is unknown.
    """
    left = ""
    for piece in (pieces,) if isinstance(pieces, str) else pieces:
        if isinstance(piece, str):
            cutter = _Cutter(left + piece, prompt)
            yield from cutter.complete()
            left, prompt = cutter.text, cutter.prompt
            continue
        if not (isinstance(piece, tuple) and len(piece) == 2 and isinstance(piece[0], str)):
            raise InputError(
                f"a piece of text that is {_kind(piece)} given; expected a str, or a pair of a "
                'text and its emotion: ("Good day.", "happy").'
            )
        yield from _rest(left, prompt)
        left = ""
        yield from _rest(piece[0], EmotionPrompt.parse(piece[1]))
    yield from _rest(left, prompt)


class _Cutter:
    """Takes sentences off the front of a text."""

    def __init__(self, text: str, prompt: EmotionPrompt) -> None:
        self.text = text
        self.prompt = prompt

    def complete(self) -> Iterator[Sentence]:
        """Yield what is complete; ``text`` and ``prompt`` become what is left."""
        while True:
            tag = next((m for m in _TAG.finditer(self.text) if _emotion(m[1])), None)
            end = next((m for m in _END.finditer(self.text) if not _short(self.text, m)), None)
            if tag is not None and (end is None or tag.start() < end.start()):
                yield from _spoken(self.text[: tag.start()], self.prompt)
                self.prompt = _emotion(tag[1]) or self.prompt
                self.text = self.text[tag.end() :]
            elif end is not None:
                yield from _spoken(self.text[: end.end()], self.prompt)
                self.text = self.text[end.end() :].lstrip()
            elif len(self.text) > LONGEST and not _OPEN.search(self.text):
                *whole, last = parts_of(self.text, LONGEST)
                blank = self.text[len(self.text.rstrip()) :]
                self.text = last + blank
                for part in whole:
                    yield from _spoken(part, self.prompt)
                return
            else:
                return


def _rest(text: str, prompt: EmotionPrompt) -> Iterator[Sentence]:
    """Yield all of a text that goes no further."""
    cutter = _Cutter(text + "\n", prompt)
    yield from cutter.complete()
    yield from _spoken(cutter.text, cutter.prompt)


def _spoken(text: str, prompt: EmotionPrompt) -> Iterator[Sentence]:
    for part in parts_of(text, LONGEST):
        if any(c.isalnum() for c in part):
            yield Sentence(part, prompt)


def _emotion(words: str) -> EmotionPrompt | None:
    try:
        return EmotionPrompt.parse(words)
    except EmotionError:
        return None


def _short(text: str, end: re.Match[str]) -> bool:
    """Whether the full stop belongs to a short form."""
    return end[0] == "." and _SHORT.search(text[: end.end()]) is not None


def _kind(piece: object) -> str:
    return f"a {type(piece).__name__}"
