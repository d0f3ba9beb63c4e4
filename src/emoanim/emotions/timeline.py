"""Emotions that change within a clip: by the clock or from sentence to sentence."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from numbers import Real
from typing import Any, NamedTuple

from emoanim.arguments import named
from emoanim.emotions.prompts import EmotionPrompt
from emoanim.emotions.words import Emotion
from emoanim.errors import EmotionError

__all__ = ["Passage", "Timeline", "read_prompt"]

_EXPECTED = (
    "expected emotions with the second from which each holds, the first at 0, as in "
    "'neutral@0 happy@2.5 very sad@6', or one for each sentence, as in "
    "'sentence: neutral, happy, very sad'"
)
_BY_SENTENCE = re.compile(r"\s*(?:per\s+)?sentences?\s*:", re.IGNORECASE)
_TIMED = re.compile(r"\s*[,;]?\s*([^@]*?)\s*@\s*([^\s,;@]*)")
_SECOND = re.compile(r"\d+(?:\.\d+)?")


class Passage(NamedTuple):
    """An emotion and the second from which it holds, until the next passage or the end."""

    start: float
    prompt: EmotionPrompt


@dataclass(frozen=True, slots=True)
class Timeline:
    """Several emotions, one after the other.

    Attributes:
        prompts: in order; at least one.
        starts: the second of the source clip from which each holds, rising from 0; () for one
            emotion a sentence, of which the last goes on to the end.
        text: the words as the user gave them.

    Raises:
        EmotionError: no emotion, or starts that do not fit them.
    """

    prompts: tuple[EmotionPrompt, ...]
    starts: tuple[float, ...] = ()
    text: str = ""

    def __post_init__(self) -> None:
        if not isinstance(self.text, str):
            raise EmotionError(f"{named(self.text)} given as a timeline's text; expected a str.")
        prompts = tuple(EmotionPrompt.parse(prompt) for prompt in _several(self.prompts))
        starts = tuple(map(_second, _several(self.starts)))
        object.__setattr__(self, "prompts", prompts)
        object.__setattr__(self, "starts", starts)
        if not prompts:
            raise EmotionError(f"a timeline without emotions given; {_EXPECTED}.")
        if starts:
            if len(starts) != len(prompts):
                raise EmotionError(
                    f"{len(starts)} starts given for {len(prompts)} emotions; {_EXPECTED}."
                )
            if starts[0] != 0.0 or not all(math.isfinite(start) for start in starts):
                raise EmotionError(f"a timeline that starts at {starts[0]:g} s given; {_EXPECTED}.")
            for before, after in pairwise(starts):
                if after <= before:
                    raise EmotionError(
                        f"{after:g} s after {before:g} s given in a timeline; {_EXPECTED}, the "
                        "seconds rising."
                    )
        if not self.text:
            object.__setattr__(self, "text", self._written())

    def _written(self) -> str:
        if not self.starts:
            return "sentence: " + ", ".join(prompt.text for prompt in self.prompts)
        pairs = zip(self.prompts, self.starts, strict=True)
        return " ".join(f"{prompt.text}@{start:g}" for prompt, start in pairs)

    @property
    def by_sentence(self) -> bool:
        """Whether each sentence has its emotion, instead of each stretch of time."""
        return not self.starts

    def check_for_text(self, otherwise: str = "") -> None:
        """See that it can be said in a text, of which no second is known yet.

        Args:
            otherwise: what the message offers besides an emotion for each sentence.

        Raises:
            EmotionError: it goes by the clock.
        """
        if not self.by_sentence:
            raise EmotionError(
                f"the timeline {self.text!r} in seconds given for a text, which has none yet; "
                f"expected an emotion for each sentence: 'sentence: neutral, happy'{otherwise}."
            )

    def check_within(self, duration: float, of: str = "sound") -> None:
        """See that every emotion begins before so many seconds of sound, or of video, end.

        Raises:
            EmotionError: one begins later.
        """
        late = [start for start in self.starts if start >= duration]
        if late:
            raise EmotionError(
                f"an emotion from {late[0]:g} s on given for {duration:.1f} s of {of}; expected "
                "seconds within it. Give an earlier second."
            )

    def main(self, duration: float | None = None) -> EmotionPrompt:
        """Return the prompt that holds longest, the first of equals.

        It stands for all where only one emotion can be had.

        Args:
            duration: of the clip in seconds; None if unknown: then the last counts as one second.
        """
        lengths: dict[EmotionPrompt, float] = {}
        if self.starts:
            end = max(duration or 0.0, self.starts[-1] + (1.0 if duration is None else 0.0))
            spans = zip(self.starts, (*self.starts[1:], end), strict=True)
            each = [after - before for before, after in spans]
        else:
            each = [1.0] * len(self.prompts)
        for prompt, length in zip(self.prompts, each, strict=True):
            lengths[prompt] = lengths.get(prompt, 0.0) + length
        return max(lengths, key=lambda prompt: lengths[prompt])

    @classmethod
    def parse(cls, text: str | Timeline) -> Timeline:
        """Read "neutral@0 happy@2.5 very sad@6" or "sentence: neutral, happy, very sad".

        Raises:
            EmotionError: anything else; the message shows what is expected.
        """
        if isinstance(text, Timeline):
            return text
        if not isinstance(text, str):
            raise EmotionError(f"{named(text)} given as a timeline; {_EXPECTED}.")
        by_sentence = _BY_SENTENCE.match(text)
        if by_sentence:
            parts = [part.strip() for part in re.split(r"[,;|]", text[by_sentence.end() :])]
            if not all(parts):
                raise EmotionError(f"the timeline {text!r} given; {_EXPECTED}.")
            return cls(tuple(EmotionPrompt.parse(part) for part in parts), (), text.strip())
        prompts, starts, at = [], [], 0
        while at < len(text.rstrip()):
            match = _TIMED.match(text, at)
            if match is None or not match[1]:
                raise EmotionError(f"the timeline {text!r} given; {_EXPECTED}.")
            second = match[2].removesuffix("s")
            if not _SECOND.fullmatch(second):
                raise EmotionError(f"{match[2]!r} given as a second in {text!r}; {_EXPECTED}.")
            prompts.append(EmotionPrompt.parse(match[1]))
            starts.append(float(second))
            at = match.end()
        return cls(tuple(prompts), tuple(starts), text.strip())


def _several(given: object) -> tuple[Any, ...]:
    if isinstance(given, str | bytes) or not isinstance(given, Iterable):
        raise EmotionError(f"{named(given)} given for the parts of a timeline; {_EXPECTED}.")
    return tuple(given)


def _second(given: object) -> float:
    if not isinstance(given, Real) or isinstance(given, bool):
        raise EmotionError(f"{named(given)} given as a second of a timeline; {_EXPECTED}.")
    return float(given)


def read_prompt(prompt: str | Emotion | EmotionPrompt | Timeline) -> EmotionPrompt | Timeline:
    """Read what a user gives as the emotion: a prompt, or a timeline where it is one.

    Raises:
        EmotionError: it is neither.
    """
    if isinstance(prompt, EmotionPrompt | Timeline):
        return prompt
    if isinstance(prompt, str) and ("@" in prompt or _BY_SENTENCE.match(prompt)):
        return Timeline.parse(prompt)
    return EmotionPrompt.parse(prompt)
