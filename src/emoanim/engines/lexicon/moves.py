"""What may be said or changed in an emotion, and the readings of a sentence that it fits."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

from emoanim.engines.lexicon.pattern_parts import filled

__all__ = [
    "CAREFUL",
    "SLOTS",
    "Book",
    "Echo",
    "Edit",
    "Fits",
    "Phrase",
    "TalkMoves",
    "book_of",
    "echoes_of",
    "edits_of",
    "talk_moves_of",
]

SLOTS = ("front", "lead", "tail")
"""Before the sentence with a comma, before it without one (it is taken in), after it."""

_CAREFUL = """
    thanks greeting introduction condolence apology invitation exclamation grave near-grave relief
    item hypothetical dim bright heavy contested bearer warning
    """
CAREFUL = frozenset(_CAREFUL.split())
"""Tags of sentences to which nothing is done unless a move names them."""

_NAMING_GRAVE = frozenset(("death", "illness", "harm", "condolence"))


@dataclass(frozen=True, slots=True)
class Fits:
    """When a move may be made: one of several sets of tags, each wanted or, with "-", not.

    A set that doesn't name a careful tag of the sentence doesn't fit; naming death, illness or
    harm names "grave" too.
    """

    choices: tuple[tuple[frozenset[str], frozenset[str]], ...]

    @classmethod
    def of(cls, lines: list[str]) -> Fits:
        """Read lines such as "grievance mine -question"; "any" wants nothing."""
        choices = []
        for line in lines:
            tags = line.split()
            wanted = frozenset(t for t in tags if not t.startswith("-") and t != "any")
            choices.append((wanted, frozenset(t[1:] for t in tags if t.startswith("-"))))
        return cls(tuple(choices))

    def found_in(self, tags: Set[str]) -> bool:
        """Whether one of the sets is among the tags, careful or not."""
        return any(w <= tags and not u & tags for w, u in self.choices)

    def __call__(self, tags: Set[str]) -> bool:
        """Whether a sentence with these tags is fit for the move."""
        careful = CAREFUL & tags
        for wanted, unwanted in self.choices:
            if wanted <= tags and not unwanted & tags:
                named = wanted | {"grave"} if wanted & _NAMING_GRAVE else wanted
                named = named | {"near-grave"} if "grave" in named else named
                if careful <= named:
                    return True
        return False


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that may be added to a sentence.

    Attributes:
        text: the words, with an end mark of their own if they are a sentence.
        slot: one of ``SLOTS``.
        fits: the readings.
        rank: how much they are to the point; higher is taken first.
        least: intensity from which they may be said.
        selfish: the speaker names their own feeling; once in a text.
        join: between a "front" phrase and the sentence.
    """

    text: str
    slot: str
    fits: Fits
    rank: int
    least: float
    selfish: bool
    join: str = ", "

    @property
    def length(self) -> int:
        """Number of words."""
        return len(self.text.split())


@dataclass(frozen=True, slots=True)
class Edit:
    """A change inside a sentence; ``pause`` is one that says no further word.

    ``tag`` is one that hangs a few words on its end: once in a text, and nothing follows it.
    One that ``yields`` is not made where a phrase to the point fits. One of a talk that stands
    ``alone`` is made in a short text too.
    """

    name: str
    emotions: frozenset[str]
    fits: Fits
    find: re.Pattern[str]
    put: str
    rank: int
    least: float
    pause: bool
    tag: bool
    yields: bool = False
    alone: bool = False


@dataclass(frozen=True, slots=True)
class TalkMoves:
    """What is done in a talk, whose sentences have the tags of its arc as well.

    Attributes:
        tags: (tag, pattern) on the lower-case sentence, beside those of every text.
        leave: emotion -> readings at which nothing is done; "all" for each emotion.
        edits: their ``fits`` are asked with ``found_in``: careful tags are not left by themselves.
    """

    tags: tuple[tuple[str, re.Pattern[str]], ...]
    leave: Mapping[str, Fits]
    edits: tuple[Edit, ...]

    def leaves(self, emotion: str, tags: Set[str]) -> bool:
        """Whether nothing is done to a sentence with these tags."""
        return any(self.leave[e].found_in(tags) for e in ("all", emotion) if e in self.leave)


@dataclass(frozen=True, slots=True)
class Echo:
    """What may be said again: ``put`` with {n} for the group's words, {2} for the second group."""

    find: re.Pattern[str]
    put: str
    group: int


@dataclass(frozen=True, slots=True)
class Book:
    """The phrases of an emotion.

    Attributes:
        stop: end mark of a lively sentence.
        silent: readings to which the emotion has nothing to say.
        calm_end: readings whose end mark stays calm.
        phrases: in the order of the file.
        echo: readings in which a number may be said again, with ``echo_mark`` after it.
        marked: only a sentence to which something is done gets the stop.
    """

    stop: str
    silent: Fits
    calm_end: Fits
    phrases: tuple[Phrase, ...]
    echo: Fits
    echo_mark: str = "."
    marked: bool = False


def book_of(data: Mapping[str, Any], name: str, silent: Sequence[str] = ()) -> Book:
    """Read the file of an emotion.

    Args:
        data: of the file.
        name: of the file.
        silent: readings to which no emotion of the pack has anything to say.

    Raises:
        ValueError: an unknown slot.
    """
    phrases = []
    for group in data.get("phrase", []):
        if group["slot"] not in SLOTS:
            raise ValueError(f"{name}: slot {group['slot']!r} is none of {', '.join(SLOTS)}")
        fits = Fits.of(group["fits"])
        phrases += [
            Phrase(
                text,
                group["slot"],
                fits,
                int(group.get("rank", 1)),
                float(group.get("from", 0.0)),
                bool(group.get("self", False)),
                str(group.get("join", ", ")),
            )
            for text in group["texts"]
        ]
    echo = Fits(tuple(c for e in data.get("echo", []) for c in Fits.of(e["fits"]).choices))
    return Book(
        str(data["stop"]),
        Fits.of([*silent, *data.get("silent", [])]),
        Fits.of(data.get("calm_end", [])),
        tuple(phrases),
        echo,
        next((str(e["mark"]) for e in data.get("echo", []) if "mark" in e), "."),
        bool(data.get("stop_if_changed", False)),
    )


def edits_of(data: Mapping[str, Any]) -> tuple[Edit, ...]:
    """Read the changes inside a sentence.

    Raises:
        ValueError: a replacement names a group that its pattern has not.
    """
    return tuple(_edit(each) for each in data["edit"])


def _edit(data: Mapping[str, Any]) -> Edit:
    find = re.compile(data["find"], re.IGNORECASE)
    try:
        find.sub(data["put"], "")
    except re.error as error:
        raise ValueError(f"edit {data['name']!r}: {error}") from error
    return Edit(
        data["name"],
        frozenset(data["emotions"]),
        Fits.of(data["fits"]),
        find,
        data["put"],
        int(data.get("rank", 2)),
        float(data.get("from", 0.0)),
        data.get("kind") == "pause",
        data.get("kind") == "tag",
        bool(data.get("yields", False)),
        bool(data.get("alone", False)),
    )


def talk_moves_of(data: Mapping[str, Any], lively: Set[str]) -> TalkMoves:
    """Read what is done in a talk; ``lively``: the emotions for which "{!}" is "!".

    Raises:
        ValueError: a pattern names a part that is none, or a replacement a group.
    """
    edits = []
    for each in data.get("edit", []):
        find = filled(each["find"], data.get("parts", {}), "talk.toml")
        for mark in "!.":
            emotions = [e for e in each["emotions"] if (e in lively) == (mark == "!")]
            put = each["put"].replace("{!}", mark)
            if emotions:
                edits.append(_edit({**each, "find": find, "put": put, "emotions": emotions}))
    return TalkMoves(
        tuple((n, re.compile("|".join(f"(?:{p})" for p in ps))) for n, ps in data["tags"].items()),
        {emotion: Fits.of(lines) for emotion, lines in data.get("leave", {}).items()},
        tuple(edits),
    )


def echoes_of(data: Mapping[str, Any]) -> tuple[Echo, ...]:
    """Read what may be said again."""
    return tuple(
        Echo(re.compile(e["find"], re.IGNORECASE), e["put"], int(e.get("group", 1)))
        for e in data.get("echo", [])
    )
