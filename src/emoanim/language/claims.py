"""What an English sentence claims beside its words: how sure, when, how much, who, and what not."""

from __future__ import annotations

import re
from collections.abc import Mapping

from emoanim.language.reactions import stems

__all__ = ["altered_claim"]

_WORD = "two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty"
_N = rf"(?:\d[\d.,]*|a (?:hundred|thousand|million|dozen)|(?:{_WORD}|\w+teen|[sen]\w+ty)\b)"
_COULD = r"could(?! (?:you|someone|somebody|anybody|i|we|even|hardly|barely|not|never)\b)"
_MARKS: Mapping[str, tuple[re.Pattern[str], str]] = {
    name: (re.compile(pattern), fault)
    for name, pattern, fault in (
        (
            "future",
            r"\b(?:will|won't|shall|shan't|going to|gonna|about to)\b|'ll\b",
            "is yet to come",
        ),
        (
            "doubt",
            rf"\b(?:may(?! \d| i\b| we\b)|might|maybe|perhaps|possibly|probably|{_COULD})\b",
            "is only possible",
        ),
        (
            "duty",
            r"\b(?:should|shouldn't|must|mustn't|ought|ha(?:ve|s|d) to|need(?:s|ed)? to)\b",
            "ought to be",
        ),
        ("condition", r"\b(?:if|unless|whether|in case|provided|as long as)\b", "is a condition"),
        ("least", rf"\b(?:at least|more than|over|upwards of) {_N}", "is a lower bound"),
        (
            "most",
            rf"\b(?:at most|up to|less than|fewer than|under|no more than|not more than) {_N}",
            "is an upper bound",
        ),
        ("before", r"\b(?:before|prior to|ahead of)\b", "comes before"),
        ("after", r"\b(?:after|afterwards|following|once|later|since)\b", "comes after"),
        ("until", r"\b(?:until|till)\b", "holds until then"),
        (
            "reported",
            r"\b(?:said|says|told|tells|reported|announced|claims?|claimed)\b",
            "is another's word",
        ),
    )
}
"""A kind of claim -> what says it, and what a sentence without it no longer says."""
_ADDED_DOUBT = re.compile(r"\b(?:may(?! \d| i\b| we\b)|might|maybe|perhaps|possibly|allegedly)\b")

_UNITS = (
    "%|percent|dollars?|bucks|euros?|pounds?|cents?|degrees|hours?|minutes?|seconds?|days?|weeks?",
    "months?|years?|miles?|kilometers?|kilometres?|meters?|metres?|feet|foot|inch(?:es)?|times",
    r"milligrams?|mg|grams?|kilos?|kilograms?|liters?|litres?|gallons?|a\.?m\b|p\.?m\b|o'clock",
)
_UNIT = re.compile(rf"(?:{_N})[- ]?({'|'.join(_UNITS)})")
_SAME_UNIT = {
    "%": "percent",
    "buck": "dollar",
    "mg": "milligram",
    "foot": "feet",
    "am": "a.m",
    "pm": "p.m",
}
_PART = re.compile(r"\b(?:half|quarters?|thirds?|dozens?|doubled?|tripled?|twice|thrice)\b")

_SUBJECTS = re.compile(r"\b(?:i|we|he|she|they)\b(?!')|\b(i|we|he|she|they)'")
_ACTORS = "i|we|you|he|she|they"
_OWNERS = "my|our|your|his|her|their"
_NOT = re.compile(
    r"\b(?:not|no|never|nothing|nobody|none|neither|nor|cannot|hardly|barely)\b|\w+n't\b"
)
_REACH = 5
"""Words after a denial of which the first that tells something is what it denies."""
_LIGHT_WORDS = """
    a an the to be been being have has had do does did even ever once really just single any
    of it that this i we you he she they my your his her our their me us him them is are was
    were so very one at all going will would can could on in for say know
    """
_LIGHT = frozenset(_LIGHT_WORDS.split())
_FAILING = re.compile(
    r"\b(?:fail\w*|refus\w+|unable|lack\w*|den(?:y|ied|ies)|avoid\w*|prevent\w*|without|stopped|cancel\w*"
    r"|missed|forgot)\b"
)
_ALL = re.compile(r"\b(?:all|every|everyone|everybody|everything|each|both|always|whole|entire)\b")
_SOME = re.compile(
    r"\b(?:some|someone|somebody|something|few|several|many|most|sometimes|often|partly)\b"
)
_OPPOSITE_WORDS = r"""
    left/right
    up/down
    rises?|rose|risen|rising|increas\w+|grew|grow\w*|climb\w*/falls?|fell|fallen|falling|decreas\w+|drop\w*|declin\w+|shrank|shrunk
    more/less|fewer
    opens?|opened|opening/close[sd]?|closing|shut
    won|win|wins|winning/lost|lose|loses|losing
    buys?|bought|buying/sells?|sold|selling
    accept\w*|approv\w+/reject\w*|refus\w+
    alive|surviv\w+|lived/dead|died|killed
    guilty/innocent
    first/last
    early|earlier/late|later
    north|northern/south|southern
    east|eastern/west|western
    hot|warm/cold|cool
    start\w*|began|begin\w*/stop\w*|end|ended|ends
    love[sd]?|like[sd]?/hate[sd]?
    good|great|better/bad|awful|worse
    safe/dangerous|unsafe
    healthy/sick|ill
    day/night
    morning/evening
    mother|mom|mum/father|dad
    sister/brother
    daughter/son
    wife/husband
    yes/no
    add\w*/remov\w+
    hired/fired
    borrow\w*|lent/returned
    push\w*/pull\w*
    empty/full
    remember\w*/forg[eo]t\w*
    """
_OPPOSITES = tuple(
    tuple(re.compile(rf"\b(?:{side.strip()})\b") for side in pair.split("/"))
    for pair in _OPPOSITE_WORDS.strip().splitlines()
)
_ENDS = re.compile(r"(?<=[.!?…])(?<!\bMr\.)(?<!\bMs\.)(?<!\bDr\.)(?<!\bSt\.)(?<!Mrs\.)\s+")


def altered_claim(new: str, old: str) -> str:
    """Return what a new sentence says otherwise than the old, as a clause; "" if nothing is found.

    Compared are how sure a thing is and when, bounds, units and parts of numbers, who does it, what
    is denied, whether it is asked, and words of which the opposite is said. A finding may be
    mistaken about a free paraphrase; an altered fact of these kinds is found.
    """
    one, other = _plain(new), _plain(old)
    return (
        _marks(one, other)
        or _amounts(one, other)
        or _doers(one, other)
        or _denials(one, other)
        or _extents(one, other)
        or _asked(new, old)
    )


def _plain(text: str) -> str:
    return " ".join(text.lower().replace("’", "'").split())


def _marks(new: str, old: str) -> str:
    for pattern, fault in _MARKS.values():
        match = pattern.search(old)
        if match and not pattern.search(new):
            return f"that it {fault} ({match.group().strip()!r}) is gone"
    added = _ADDED_DOUBT.search(new)
    if added and not _MARKS["doubt"][0].search(old):
        return f"a doubt ({added.group()!r}) was not there"
    return ""


def _amounts(new: str, old: str) -> str:
    units = _units(new)
    lost = [u for u in _units(old) if u not in units and u not in new and not _sign(u, new)]
    if lost:
        return f"the unit {lost[0]!r} is gone"
    parts, kept = (set(_PART.findall(text)) for text in (old, new))
    if {p.rstrip("sd") for p in parts} != {p.rstrip("sd") for p in kept}:
        return f"a part or multiple ({sorted(parts ^ kept)[0]!r}) is another"
    return ""


def _units(text: str) -> list[str]:
    units = (re.sub(r"(?<=\w\w)s$", "", u) for u in _UNIT.findall(text))
    return [_SAME_UNIT.get(u, u) for u in units]


def _sign(unit: str, text: str) -> bool:
    """Whether a unit is written as its sign."""
    signs = {"percent": "%", "dollar": "$", "euro": "€", "pound": "£"}
    return signs.get(unit, "\0") in text


def _doers(new: str, old: str) -> str:
    doers, kept = (
        {m.group(1) or m.group() for m in _SUBJECTS.finditer(text)} for text in (old, new)
    )
    if doers - kept:
        return f"{sorted(doers - kept)[0]!r} no longer does it"
    for persons in (_OWNERS, _ACTORS):
        before, now = _paired(old, persons), _paired(new, persons)
        for word in sorted(before.keys() & now.keys()):
            if not before[word] & now[word]:
                return f"{min(before[word])!r} before {word!r} is another"
    return ""


def _paired(text: str, persons: str) -> dict[str, set[str]]:
    """Return word -> the persons that stand before it, with a word between at most."""
    pairs: dict[str, set[str]] = {}
    for match in re.finditer(rf"\b({persons})\b(?=((?: [a-z]+){{1,2}}))", text):
        for word in match.group(2).split():
            if word not in _LIGHT and len(word) > 2:
                pairs.setdefault(word, set()).add(match.group(1))
    return pairs


def _denials(new: str, old: str) -> str:
    words = set(re.findall(r"[a-z']+", new))
    denied = _denied(new)
    for verb in sorted(_denied(old)):
        if verb in words and verb not in denied:
            return f"{verb!r} is not denied any more"
    before, after = len(_FAILING.findall(old)), len(_FAILING.findall(new))
    negated = len(_NOT.findall(new)) - len(_NOT.findall(old))
    if before > after and negated <= 0:
        return f"{_FAILING.findall(old)[0]!r} is gone"
    if after > before and negated >= 0:
        return f"{_FAILING.findall(new)[-1]!r} was not there"
    return ""


def _denied(text: str) -> set[str]:
    """Return the first telling word after each denial."""
    heads: set[str] = set()
    for match in _NOT.finditer(text):
        following = re.findall(r"[a-z']+", text[match.end() :])
        telling = [w for w in following[:_REACH] if w not in _LIGHT][:1]
        heads.update(telling)
    return heads


def _extents(new: str, old: str) -> str:
    for one, other in ((_ALL, _SOME), (_SOME, _ALL)):
        turned = _turned(new, old, one, other)
        if turned:
            return turned
    for pair in _OPPOSITES:
        for one, other in (pair, pair[::-1]):
            turned = _turned(new, old, one, other)
            if turned:
                return turned
    return ""


def _turned(new: str, old: str, one: re.Pattern[str], other: re.Pattern[str]) -> str:
    """Say that what was one is now the other, if it is."""
    said, opposite = one.search(old), other.search(new)
    if said and opposite and not one.search(new) and not other.search(old):
        return f"{said.group()!r} has become {opposite.group()!r}"
    return ""


def _asked(new: str, old: str) -> str:
    """What was asked must be asked still, what was stated stated: by where its words are."""
    wanted = stems(old)
    if len(wanted) < 2:
        return ""
    asked = stated = 0
    for sentence in _ENDS.split(new):
        share = len(stems(sentence) & wanted)
        if sentence.rstrip("\"”’' ").endswith("?"):
            asked += share
        else:
            stated += share
    if "?" not in old and asked > stated:
        return "a statement has become a question"
    if old.rstrip("\"”’' ").endswith("?") and stated > asked:
        return "a question has become a statement"
    return ""
