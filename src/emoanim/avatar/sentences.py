"""Text that comes in pieces, cut into sentences as soon as each is complete."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from typing import NamedTuple

from emoanim.emotions import Emotion, EmotionPrompt, Timeline
from emoanim.errors import EmotionError, InputError
from emoanim.language.long_text import parts_of

__all__ = ["LONGEST", "Piece", "Sentence", "check_text", "sentences"]

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
    """What is spoken at once, and in which emotion.

    Attributes:
        text: a sentence, or a part of one.
        prompt: the emotion.
        begins: the sentence before it was complete; otherwise this goes on with it.
    """

    text: str
    prompt: EmotionPrompt
    begins: bool = True


def sentences(
    pieces: str | Iterable[Piece], emotion: EmotionPrompt | Timeline
) -> Generator[Sentence, None, None]:
    """Yield sentences as the text comes in.

    A sentence is complete when white space follows its last mark. ``[sad]`` or ``[very happy]``
    in the text sets the emotion from there on; what stands in brackets and names no emotion is
    text. What holds neither letter nor digit is left out.

    Args:
        pieces: a text, or pieces of one as a language model gives them; a piece may be a pair of
            a text and its emotion.
        emotion: the emotion to begin with; or one for each sentence, of which the last goes on.
            Emotions that are left over when the text ends are not used: a stream's length is
            known too late.

    Raises:
        InputError: a piece is something else.
        EmotionError: the emotion of a pair is unknown.
    """
    cutter = _Cutter(emotion)
    for piece in (pieces,) if isinstance(pieces, str) else pieces:
        if isinstance(piece, str):
            cutter.text += piece
            yield from cutter.complete()
            continue
        if not (isinstance(piece, tuple) and len(piece) == 2 and isinstance(piece[0], str)):
            raise InputError(
                f"a piece of text that is {_kind(piece)} given; expected a str, or a pair of a "
                'text and its emotion: ("Good day.", "happy").'
            )
        yield from cutter.rest()
        pair = _Cutter(EmotionPrompt.parse(piece[1]))
        pair.text = piece[0]
        yield from pair.rest()
    yield from cutter.rest()


def check_text(text: str, asked: EmotionPrompt | Timeline) -> None:
    """See that a text that is known already has words, and as many sentences as emotions.

    Raises:
        InputError: it has none.
        EmotionError: there are more emotions than sentences.
    """
    if not any(c.isalnum() for c in text):
        raise InputError(f"the text {text[:60]!r} holds no words; expected what is to be said.")
    if isinstance(asked, Timeline):
        count = sum(sentence.begins for sentence in sentences(text, asked))
        if len(asked.prompts) > count:
            raise EmotionError(
                f"{len(asked.prompts)} emotions given for {count} sentence{'s' * (count > 1)}; "
                "expected at most one for each. Leave some out."
            )


class _Cutter:
    """Takes sentences off the front of a text.

    Attributes:
        text: what is left; more is put at its end.
    """

    def __init__(self, emotion: EmotionPrompt | Timeline) -> None:
        prompts = emotion.prompts if isinstance(emotion, Timeline) else (emotion,)
        self.text = ""
        self._prompt = prompts[0]
        self._later = deque(prompts[1:])
        self._begun = False

    def complete(self) -> Iterator[Sentence]:
        """Yield what is complete."""
        while True:
            tag = next((m for m in _TAG.finditer(self.text) if _emotion(m[1])), None)
            end = next((m for m in _END.finditer(self.text) if not _short(self.text, m)), None)
            if tag is not None and (end is None or tag.start() < end.start()):
                yield from self._spoken(self.text[: tag.start()])
                self._prompt = _emotion(tag[1]) or self._prompt
                self.text = self.text[tag.end() :]
            elif end is not None:
                yield from self._spoken(self.text[: end.end()])
                self.text = self.text[end.end() :].lstrip()
                self._end()
            elif len(self.text) > LONGEST and not _OPEN.search(self.text):
                *whole, last = parts_of(self.text, LONGEST)
                blank = self.text[len(self.text.rstrip()) :]
                self.text = last + blank
                for part in whole:
                    yield from self._spoken(part)
                return
            else:
                return

    def rest(self) -> Iterator[Sentence]:
        """Yield all that is left, which goes no further."""
        self.text += "\n"
        yield from self.complete()
        yield from self._spoken(self.text)
        self.text = ""
        self._end()

    def _spoken(self, text: str) -> Iterator[Sentence]:
        for part in parts_of(text, LONGEST):
            if any(c.isalnum() for c in part):
                yield Sentence(part, self._prompt, not self._begun)
                self._begun = True

    def _end(self) -> None:
        """A sentence has ended; the next one has the timeline's next emotion."""
        if self._begun and self._later:
            self._prompt = self._later.popleft()
        self._begun = False


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
