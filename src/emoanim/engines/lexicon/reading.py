"""Read a sentence before it is rewritten: what it does, what it is about, whose it is and when.

A reading is a set of tags, all of them found by the patterns of a language pack:

- the act: statement, question, request, instruction, thanks, greeting, ...;
- the matters: death, illness, loss, grievance, foul, gain, ...; a bad one that is denied gives
  "relief" ("did not find any cancer"), a good one "letdown"; and what they add up to: "grave",
  "bad", "good", "mixed" or "plain";
- of a plain statement, how its words sound ("heavy", "dim", "bright"), by wide lists: nothing is
  claimed from that, but a move that would jar is not made; "contested" where they speak against
  the matters, "sour" an opinion with dim words;
- whose it is ("mine", "yours", "theirs") and whose doing ("by-me", "by-you", "by-them");
- the time ("past", "present", "ahead") and whether it is sure ("unsure"), denied ("denied").
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from emoanim.engines.lexicon.matters import GRAVE, Matter, denied, matters, scenes_in
from emoanim.engines.lexicon.packs import LanguagePack
from emoanim.engines.lexicon.sentences import Sentence

__all__ = ["asking", "read", "read_all"]

_OTHERS = frozenset(("failure", "delay", "grievance", "mistake"))
"""Matters that are none in a promise: "we won't charge for it"."""
_MUCH = 3
"""Bright words, less the dim ones, that speak against bad news."""
_SURE_GOOD = frozenset(("relief", "relief_of", "enjoy", "family"))
"""Good matters that dim words do not speak against: a relief is told with what it is from."""
_PASSING = frozenset(("gain", "enjoy", "family"))
"""Good matters that a leading clause only names: "when it finally came, it was broken"."""
_TALK = 6
"""Sentences of a text that is a talk."""
_SHORT, _LONG = 4, 25
"""Words of a short and of a long sentence."""
_FILLERS = re.compile(
    r"^(?:(?:um+|uh+|er|yeah|like|anyway|okay|ok|basically|actually|you know|i mean|so|well),? )+"
)
_UNTOLD = frozenset(("denial", "opinion", "question", "request", "invitation", "instruction"))
"""Acts that tell no news: what is denied in them is neither a relief nor a letdown."""
_MAIN = re.compile(r", (?=(?:i|we|he|she|they|it|the|our|my|his|her|you|everyone|nobody)\b)")
_SUBORDINATE = re.compile(
    r"(?:when|after|before|despite|even though|since|until|as|while|once|although|because)\b"
)
_TELLING = frozenset(("statement", "opinion"))
"""Acts in which scenes are told."""
_UNSEEN = frozenset(("hypothetical", "teaching", "routine", "compliment"))
"""What only might be seen."""
_DREADED = GRAVE | {"loss", "crime", "threat", "foul", "promise"}
"""Matters whose denial is a relief; that something isn't late or broken is hardly one."""
_FAINT = frozenset(("quality", "enjoy"))
_UNMEANT = frozenset(
    [
        "gain",
        "family",
        "relief_of",
        "grievance",
        "ignored",
        "mistake",
        "delay",
        "loss",
        "quality",
        "failure",
    ]
)
"""Matters that an instruction only names: "if it is late, call them" tells of no delay."""


def read_all(sentences: Sequence[Sentence], pack: LanguagePack) -> list[frozenset[str]]:
    """Return the tags of each sentence.

    "near-grave" and "near-joy" tell what stands beside it, "talk" that it is one of many.
    """
    alone = [read(sentence, pack) for sentence in sentences]
    tags = list(alone)
    for i in range(len(alone)):
        near = frozenset[str]().union(*alone[max(0, i - 1) : i], *alone[i + 1 : i + 2])
        if near & {"grave", "condolence"}:
            tags[i] |= {"near-grave"}
        if near & {"family", "relief_of"}:
            tags[i] |= {"near-joy"}
        if len(alone) >= _TALK:
            tags[i] |= {"talk"}
    return tags


def read(sentence: Sentence, pack: LanguagePack) -> frozenset[str]:
    """Return the tags of one sentence."""
    cased = sentence.text.replace("’", "'")
    for start, end in sentence.protected:
        cased = cased[:start] + "_" * (end - start) + cased[end:]
    text = cased.lower()
    bare = text.strip(" .!?…\"'")
    tokens = re.findall(r"[^\W_]+(?:[.'-][^\W_]+)*", bare)
    if sentence.item:
        return frozenset(("item", "plain"))
    act = _act(bare, text, tokens, pack)
    if act == "statement":
        act = _act(_FILLERS.sub("", bare), text, tokens, pack)
    tags = {tag for tag, pattern in pack.tags if pattern.search(bare)} | {act}
    subjects = [] if "teaching" in tags or act == "denial" else matters(cased, pack)
    if act in _TELLING and not tags & _UNSEEN:
        mine = "by-me" in _persons(tokens, pack)
        for scene, seen in scenes_in(bare, subjects, mine, pack):
            tags |= {scene.name, scene.family}
            subjects = seen
    if "memory" in tags and act == "statement":
        subjects = [m for m in subjects if m.kind != "grievance"]
    main = _main_clause(text) if _SUBORDINATE.match(text) else 0
    if any(m.good and m.start >= main > 0 for m in subjects):
        subjects = [m for m in subjects if m.start >= main]
    subjects = [m for m in subjects if m.start >= main or m.kind not in _PASSING]
    tags |= _valence(subjects, act)
    worst = [m.start for m in subjects if m.good == m.denied]
    pictured = any(scene.name in tags for scene in pack.scenes)
    if worst and not pictured and _SUBORDINATE.match(text) and max(worst) < _main_clause(text):
        tags.add("background")
    if worst and re.search(r",|;|\b(?:but|and)\b", text[: min(worst)]):
        tags.add("late")
    tags |= _persons(tokens, pack)
    if "agent" in tags:
        tags.add("by-them")
    if "mistake" in tags and tags & {"by-them", "by-you"}:
        tags = (tags - {"mistake"}) | {"grievance"}
    elif "ignored" in tags:
        tags = (tags - {"by-me", "mistake"}) | {"grievance", "by-them"}
    elif "grievance" in tags and "by-me" in tags and "late" not in tags:
        tags = _own_doing(tags)
    if {"foul", "family"} <= tags:
        tags = (tags - {"family", "mixed", "good"}) | {"bad"}
    if "delicate" in tags and "bad" in tags and tags & {"failure", "quality"}:
        tags = (tags - {"failure", "quality"}) | {"illness", "grave"}
    heavy = tags & {"grave", "missing"}
    if act == "statement" and "bad" in tags and not heavy and _ends_well(subjects, text):
        tags = (tags - {m.kind for m in subjects if not m.good} - {"bad"}) | {"mixed"}
    if act == "promise" and "relief" in tags:
        tags = (tags - {"relief"}) | {"reassurance"}
    tags |= _time(tokens, tags, pack)
    if pack.words["negators"] & set(tokens):
        tags.add("denied")
    if len(tokens) <= _SHORT:
        tags.add("short")
    if len(tokens) >= _LONG:
        tags.add("long")
    if act != "statement":
        tags.discard("memory")
        if act == "opinion" and _weight(bare, pack) < 0:
            tags.add("sour")
    elif "memory" not in tags:
        tags |= _tone(bare, pack) if "plain" in tags else _contested(text, subjects, tags, pack)
    return frozenset(tags)


def _own_doing(tags: set[str]) -> set[str]:
    """Return the tags where what would be another's wrong is the speaker's: a wrong, or nothing."""
    if tags & {"wrongdoing", "own-slip"}:
        return (tags - {"grievance"}) | {"mistake"}
    others = tags & {"grave", "loss", "failure", "delay", "quality", "foul", "crime", "threat"}
    return tags - {"grievance"} if others else (tags - {"grievance", "bad"}) | {"plain"}


def _tone(text: str, pack: LanguagePack) -> set[str]:
    """Return whether the words of a sentence that tells of nothing known are heavy, dim or bright.

    What is denied counts as the other.
    """
    if pack.tones["heavy"].search(text):
        return {"heavy"}
    weight = _weight(text, pack)
    return {"dim"} if weight < 0 else {"bright"} if weight > 0 else set()


def _contested(
    text: str, subjects: Sequence[Matter], tags: set[str], pack: LanguagePack
) -> set[str]:
    """Return whether what a sentence is read to tell is spoken against by the rest of its words."""
    for matter in subjects:
        text = text[: matter.start] + "_" * (matter.end - matter.start) + text[matter.end :]
    weight = _weight(text, pack)
    good = "good" in tags and not tags & _SURE_GOOD and weight < 0
    bad = "bad" in tags and "grave" not in tags and weight >= _MUCH
    return {"contested"} if good or bad else set()


def _weight(text: str, pack: LanguagePack) -> int:
    """Return the bright words less the dim ones; what is denied counts as the other."""
    weight = 0
    text = re.split(r"\bbut\b", text)[-1]  # what comes after "but" is what is meant
    for name, sign in (("dim", -1), ("bright", 1)):
        for match in pack.tones[name].finditer(text):
            weight += -sign if denied(text, match.start(), pack) else sign
    return weight


def _ends_well(subjects: Sequence[Matter], text: str) -> bool:
    """Whether something good comes last, in a clause after what was bad."""
    last = subjects[-1]
    bad = [m.end for m in subjects if m.good == m.denied]
    return (
        last.good
        and not last.denied
        and bool(bad)
        and re.search(r"\b(?:but|so|and)\b", text[max(bad) : last.start]) is not None
    )


def _main_clause(text: str) -> int:
    """Return where the main clause begins in a sentence that begins with another; 0 if nowhere."""
    return max((m.end() for m in _MAIN.finditer(text)), default=text.find(",") + 1)


def _act(bare: str, text: str, tokens: Sequence[str], pack: LanguagePack) -> str:
    asks = text.rstrip("\"”’')] ").endswith("?")
    asks = asks or (text.rstrip()[-1:] not in ".!…" and asking(tokens, pack))
    for name, patterns in pack.acts:
        for pattern in patterns:
            if (pattern is None and asks) or (pattern is not None and pattern.search(bare)):
                return name
    return "statement"


def asking(tokens: Sequence[str], pack: LanguagePack) -> bool:
    """Whether lower-case words are a question by how they begin."""
    words = pack.words
    if len(tokens) < 2:
        return False
    if tokens[0] in words["asking"]:
        return "'" in tokens[0] or any(t in words["auxiliaries"] for t in tokens[1:3])
    return tokens[0] in words["auxiliaries"] and tokens[1] in words["askable"]


def _valence(matters: Sequence[Matter], act: str) -> set[str]:
    tags: set[str] = set()
    bad = good = 0.0
    rescued = any(m.kind == "relief_of" and not m.denied for m in matters)
    for matter in matters:
        if matter.denied and act in _UNTOLD:
            continue
        if act == "instruction" and matter.kind in _UNMEANT:
            continue
        if act == "joke" and matter.kind in GRAVE:
            continue
        if act == "promise" and matter.kind in _OTHERS and not matter.denied:
            continue
        if rescued and matter.kind in GRAVE and not matter.denied:
            continue
        weight = 0.5 if matter.kind in _FAINT else 1.0
        if matter.denied and matter.kind not in _FAINT:
            if matter.good:
                tags.add("letdown")
            elif matter.kind in _DREADED:
                tags.add("relief")
            bad += weight * matter.good
            good += weight * (not matter.good)
        elif matter.denied:
            bad += weight * matter.good
        else:
            tags.add(matter.kind)
            bad += weight * (not matter.good)
            good += weight * matter.good
    if tags & GRAVE and "relief" not in tags and "relief_of" not in tags:
        tags.add("grave")
    if tags & GRAVE:
        tags.discard("relief")
    if "grave" in tags or (bad and bad >= 2 * good):
        tags.add("bad")
    elif good and good >= 2 * bad:
        tags.add("good")
    else:
        tags.add("mixed" if bad or good else "plain")
    if bad and "bad" not in tags and "good" not in tags:
        tags.add("bad" if bad >= good else "good")
    return tags


def _persons(tokens: Sequence[str], pack: LanguagePack) -> set[str]:
    words = pack.words
    tags: set[str] = set()
    mine, yours = words["first_person"] & set(tokens), words["second_person"] & set(tokens)
    if mine:
        tags.add("mine")
    if yours:
        tags.add("yours")
    if not mine and not yours:
        tags.add("theirs")
    if " ".join(tokens[:2]) in words.get("particle_phrases", ()):
        tokens = tokens[2:]
    start = [t for t in tokens[:4] if t not in words["opening"]]
    subject = start[0] if start else ""
    for tag in ("subjects_me", "subjects_you", "third_persons"):
        if subject in words[tag]:
            tags.add({"subjects_me": "by-me", "subjects_you": "by-you"}.get(tag, "by-them"))
    return tags


def _time(tokens: Sequence[str], tags: set[str], pack: LanguagePack) -> set[str]:
    ended = any(
        t in pack.words["past"] or (len(t) > 4 and t.endswith("ed") and t not in ("need", "speed"))
        for t in tokens
    )
    if "ahead" in tags and not ended:
        return set()
    return {"past"} if ended else {"present"}
