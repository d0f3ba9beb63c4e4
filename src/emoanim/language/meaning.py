"""What must survive a rewrite of English: numbers, names, denials, questions, persons."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

from emoanim.language.numbers import SCALES, VALUES

__all__ = ["lost_meaning", "names", "negations", "numbers", "persons"]

_VAGUE = frozenset(("1", "0"))
"""Numbers that are other words as well ("one of them"), so they aren't counted."""

_NEGATION = re.compile(
    r"\b(?:not|no|never|nothing|nobody|none|nowhere|neither|nor|without|cannot|hardly)\b|n't\b"
)
_PERSONS: Mapping[str, re.Pattern[str]] = {
    "I": re.compile(r"\b(?:i|me|my|mine|myself)\b"),
    "we": re.compile(r"\b(?:we|us|our|ours|ourselves)\b"),
    "you": re.compile(r"\b(?:you|your|yours|yourself)\b"),
    "he": re.compile(r"\b(?:he|him|his|himself)\b"),
    "she": re.compile(r"\b(?:she|her|hers|herself)\b"),
    "they": re.compile(r"\b(?:they|them|their|theirs|themselves)\b"),
}
_FREE = frozenset(
    [
        "I",
        "I'm",
        "I've",
        "I'll",
        "I'd",
        "Oh",
        "God",
        "Ugh",
        "Wow",
        "Um",
        "Uh",
        "Ew",
        "Hey",
        "Ha",
        "Well",
        "OK",
        "Okay",
        "Thank",
        "Thanks",
    ]
)


def numbers(text: str) -> set[str]:
    """Return the numbers of a text as digits: {"40"} for "40 percent" and for "forty percent"."""
    digits = {_digits(n) for n in re.findall(r"\d+(?:[.,:/-]\d+)*", text)}
    value, scaled = 0, 0
    open_number = False
    for word in [*re.findall(r"[a-z]+", text.lower()), ""]:
        if word in VALUES:
            fits = value % 100 == 0 or (value % 10 == 0 and VALUES[word] < 10)
            if open_number and not fits:
                digits.add(str(scaled + value))
                value, scaled = 0, 0
            value += VALUES[word]
            open_number = True
        elif word in SCALES and open_number:
            if word == "hundred":
                value *= 100
            else:
                scaled += value * SCALES[word]
                value = 0
        elif not (word == "and" and open_number and (value >= 100 or scaled)):
            if open_number:
                digits.add(str(scaled + value))
            value, scaled, open_number = 0, 0, False
    return digits - _VAGUE


def _digits(number: str) -> str:
    if re.fullmatch(r"\d{1,3}(?:,\d{3})+", number):
        return number.replace(",", "")
    return number


def names(text: str) -> set[str]:
    """Return the words with a capital that do not begin a sentence, without "I"."""
    proper = set()
    for match in re.finditer(r"[A-Z][\w'’.-]*\w|[A-Z]", text):
        before = text[: match.start()].rstrip()
        begins = not before or before[-1] in '.!?…"“:(' or before.endswith("...")
        if not begins and match.group().replace("’", "'") not in _FREE:
            proper.add(re.sub(r"['’]s$", "", match.group()))
    return proper


def negations(text: str) -> int:
    """Return how many denials a text has; "don't" and "do not" count the same."""
    return len(_NEGATION.findall(text.lower().replace("’", "'")))


def persons(text: str) -> set[str]:
    """Return which of I, we, you, he, she, they a text speaks of."""
    plain = text.lower().replace("’", "'")
    return {person for person, pattern in _PERSONS.items() if pattern.search(plain)}


def lost_meaning(new: str, old: str, strict: bool = False) -> str:
    """Return what of an old text a new one doesn't keep, as a clause; "" if it keeps all.

    Args:
        new: the proposal.
        old: what was said.
        strict: nothing may be added either: no number, name, denial, and no he, she, they or you
            who was not there. For texts by a model, which may invent.
    """
    had, has = numbers(old), numbers(new)
    if had - has:
        return f"the number {sorted(had - has)[0]} is gone"
    said = re.findall(r"[\w'’.-]*\w", new.lower())
    lost = [n for n in sorted(names(old)) if n.lower() not in said and f"{n.lower()}'s" not in said]
    if lost:
        return f"the name {lost[0]} is gone"
    if negations(new) < negations(old):
        return "a denial is gone"
    if new.count("?") < old.count("?"):
        return "a question is no question any more"
    if persons(old) - persons(new):
        return f"{sorted(persons(old) - persons(new))[0]!r} is gone"
    return _added(new, old) if strict else ""


def _added(new: str, old: str) -> str:
    more = numbers(new) - numbers(old)
    if more:
        return f"the number {sorted(more)[0]} was not there"
    known = Counter(re.findall(r"\w+", old.lower()))
    invented = [n for n in sorted(names(new)) if not known[re.findall(r"\w+", n.lower())[0]]]
    if invented:
        return f"the name {invented[0]} was not there"
    if negations(new) > negations(old):
        return "a denial was not there"
    if (
        old.strip()
        and "?" not in old
        and new.rstrip("\"'”’ ").endswith("?")
        and new.count(".") == 0
    ):
        return "a statement has become a question"
    strangers = persons(new) - persons(old) - {"I", "we"}
    if strangers:
        return f"{sorted(strangers)[0]!r} was not there"
    return ""
