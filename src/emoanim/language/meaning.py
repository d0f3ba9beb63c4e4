"""What must survive a rewrite of English: numbers, names, denials, questions, persons."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

from emoanim.language.claims import altered_claim
from emoanim.language.numbers import ORDINALS, SCALES, VALUES
from emoanim.language.reactions import told

__all__ = ["lost_meaning", "names", "negations", "numbers", "persons"]

_VAGUE = frozenset(("1", "0"))
"""Numbers that are other words as well ("one of them"), so they aren't counted."""

_NEGATION = re.compile(
    r"\b(?:not|no|never|nothing|nobody|none|nowhere|neither|nor|without|cannot|hardly)\b|n't\b"
)
_CRY = re.compile(r"\boh,? no\b|\bno way\b|(?:^|[.!?] )no[,!.] ")
"""Denials that deny nothing."""
_POSSESSIVE = re.compile(r"\b(?:his|their)\b(?= \w)", re.IGNORECASE)
_PERSONS: Mapping[str, re.Pattern[str]] = {
    "I": re.compile(r"\b(?:i|me|my|mine|myself)\b"),
    "we": re.compile(r"\b(?:we|us|our|ours|ourselves)\b"),
    "you": re.compile(r"\b(?:you|your|yours|yourself)\b"),
    "he": re.compile(r"\b(?:he|him|his|himself)\b"),
    "she": re.compile(r"\b(?:she|her|hers|herself)\b"),
    "they": re.compile(r"\b(?:they|them|their|theirs|themselves)\b"),
}
_DATES_WORDS = """
    January February March April May June July August September October November December
    Monday Tuesday Wednesday Thursday Friday Saturday Sunday
    """
_DATES = frozenset(_DATES_WORDS.split())
_FREE_WORDS = """
    I I'm I've I'll I'd Oh God Ugh Wow Um Uh Ew Hey Ha Well OK Okay Thank Thanks
    """
_FREE = frozenset(_FREE_WORDS.split())


_VERBS = """
    is was has had will said says told does did can could would never went came got took stole left
    made gave saw met lost won died wrote hit let put cut read beat hurt quit ran fell felt held
    kept paid sold bought sent drove broke knew spoke stood threw taught found called
    slept sat rode swam sang ate drank grew flew chose spent moved
    """
_VERB = rf"(?:{'|'.join(_VERBS.split())}|[a-z]{{2,}}(?:ed|[^s\W]s))"
_STARTER_WORDS = """
    It He She That This There What Here Who Where How When Why Everyone Everybody Someone
    Somebody Nobody Nothing Everything Something Anyone The A An These Those They We You My
    Your His Her Our Their Its One Another All Some Many Most Each Every Few Both None
    Neither Either Just Let And But So If Because Which Also Then Now Only Even Still Never
    Always People Today Tomorrow Yesterday Tonight Have Has Had Did Does Do Is Was Are Were
    Will Would Can Could
    """
_STARTERS = _STARTER_WORDS.split()
_NAMED = re.compile(
    rf"(?!(?:{'|'.join(_STARTERS)})\b)[A-Z][\w-]*(?:['’]s \w| (?:{_VERB})\b| [A-Z][a-z])"
)
"""A word with a capital that is likely to be a name though it begins a sentence."""


def numbers(text: str) -> set[str]:
    """Return the numbers of a text as digits: {"40"} for "40 percent" and for "forty percent".

    "4 million" is {"4000000"}, "the ninth" {"9"}.
    """
    return set(_sequence(text))


def _sequence(text: str) -> list[str]:
    """Return the numbers of a text as digits, in order."""
    found: list[str] = []
    value, scaled = 0, 0
    open_number = False

    def close() -> None:
        nonlocal value, scaled, open_number
        if open_number:
            found.append(str(scaled + value))
        value, scaled, open_number = 0, 0, False

    tokens = re.findall(r"\d+(?:[.,:/-]\d+)*|[a-z]+", text.lower())
    for i, word in enumerate(tokens):
        following = tokens[i + 1] if i + 1 < len(tokens) else ""
        if word[0].isdigit():
            close()
            found.append(_scaled(_digits(word), following))
        elif word in VALUES or word in ORDINALS:
            worth = VALUES.get(word, ORDINALS.get(word, 0))
            if open_number and not (value % 100 == 0 or (value % 10 == 0 and worth < 10)):
                close()
            value += worth
            open_number = True
        elif word in ("first", "second") and open_number and value % 10 == 0:
            value += 1 + (word == "second")
        elif word in SCALES and open_number:
            if word == "hundred":
                value *= 100
            else:
                scaled += value * SCALES[word]
                value = 0
        elif not (word == "and" and open_number and (value >= 100 or scaled)):
            close()
    close()
    return [n for n in found if n not in _VAGUE]


def _scaled(number: str, following: str) -> str:
    """Return a number in digits with the scale that is said after it: "4.5" million."""
    scale = SCALES.get(following, 1)
    if scale == 1 or not re.fullmatch(r"\d+(?:\.\d+)?", number):
        return number
    return f"{float(number) * scale:.0f}"


def _digits(number: str) -> str:
    if re.fullmatch(r"\d{1,3}(?:,\d{3})+", number):
        return number.replace(",", "")
    return number


def names(text: str) -> set[str]:
    """Return the words with a capital, without "I"; of those that begin a sentence, names alone.

    The first word counts if another name, a possessive "'s" or a verb of a third person follows.
    """
    return set(_names(text))


def _names(text: str) -> list[str]:
    """Return the names of a text in order."""
    proper: list[str] = []
    for match in re.finditer(r"(?<!\w)[A-Z][\w'’.-]*\w|(?<!\w)[A-Z](?!\w)", text):
        before = text[: match.start()].rstrip()
        begins = not before or before[-1] in '.!?…"“:(' or before.endswith("...")
        if match.group().replace("’", "'") in _FREE or _counts(match.group()):
            continue
        if not begins or _NAMED.match(text, match.start()):
            proper.append(re.sub(r"['’]s$", "", match.group()))
    return proper


def _counts(word: str) -> bool:
    return all(part in VALUES or part in SCALES for part in word.lower().split("-"))


def negations(text: str) -> int:
    """Return how many denials a text has; "don't" and "do not" count the same."""
    return len(_NEGATION.findall(_CRY.sub(" ", text.lower().replace("’", "'"))))


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
            who was not there; numbers and names keep their order, and what is claimed stays (see
            ``claims``). For texts by a model, which may invent.
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
    if not strict:
        return ""
    core = told(new, old)
    return _added(core, old) or _moved(core, old) or altered_claim(core, old)


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
    strangers = persons(_POSSESSIVE.sub(" ", new)) - persons(old) - {"I", "we"}
    if strangers:
        return f"{sorted(strangers)[0]!r} was not there"
    return ""


def _moved(new: str, old: str) -> str:
    """Whether numbers or names have changed places: 12 hurt and 3 dead, or 3 hurt and 12 dead."""
    for what, order in (("number", _sequence), ("name", _names)):
        had, has = (list(dict.fromkeys(order(text))) for text in (old, new))
        both = [x for x in had if x in has and x not in _DATES]
        if both != [x for x in has if x in both]:
            return f"the {what}s have changed places"
    return ""
