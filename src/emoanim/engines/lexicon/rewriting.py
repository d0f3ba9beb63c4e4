"""Say a text in an emotion: read every sentence, choose what fits its reading, keep measure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from emoanim.engines.lexicon.arcs import TALK, arc_of
from emoanim.engines.lexicon.drafts import Chance, Draft, beside
from emoanim.engines.lexicon.ends import ended
from emoanim.engines.lexicon.inside import capital, changed, echo_of, upper_first
from emoanim.engines.lexicon.moves import Book, Edit, Phrase
from emoanim.engines.lexicon.packs import LanguagePack
from emoanim.engines.lexicon.reading import read_all
from emoanim.engines.lexicon.sentences import Sentence, lower_tokens, split
from emoanim.engines.lexicon.talks import edit_talk, edits_alone, phrase_in_talk, phrases_in_talk

__all__ = ["Change", "Rewriting", "rewriting"]

_PER_PHRASE = 1.6
"""Sentences of a longer text per added phrase, at full intensity."""
_PER_PARTICLE = 4
"""Sentences of a longer text per phrase that fits nearly everything ("look", "well")."""
_LONG_TEXT = 4
"""Sentences from which a text is one: there a particle goes with what is said to the listener."""
_DIRECT = frozenset(("yours", "question", "opinion", "invitation"))
_STRONG = 0.75
_ECHO_RANK = 3
_ONE_CHANGE = 0.3
"""Chance that a long sentence gets one change inside rather than two."""
_ONE_MOVE = 12
"""Words from which a sentence may both pause and have a tag on its end."""
_ASIDE = re.compile(
    r", (?:whatever|however|no matter|though|which|if you|i (?:think|guess|mean|swear))\b[^,]*$",
    re.IGNORECASE,
)
"""An end that is hung on already."""
_PER_ECHO = 7
"""Sentences of a longer text per number that is said again."""
_WORDS_INSTEAD = 0.35
"""Chance in a short text that a phrase is said where a pause might have done."""


@dataclass(frozen=True, slots=True)
class Change:
    """Something done to a sentence: its index, the kind of move, and the words or its name."""

    sentence: int
    kind: str
    what: str
    selfish: bool = False


@dataclass(frozen=True, slots=True)
class Rewriting:
    """A rewritten text.

    Attributes:
        text: the words to say.
        changes: what was done, in order.
        readings: the tags of each sentence; none at intensity 0, where nothing is read.
        sentences: the text by the sentences that were given.
    """

    text: str
    changes: tuple[Change, ...] = ()
    readings: tuple[frozenset[str], ...] = ()
    sentences: tuple[str, ...] = ()


def rewriting(
    text: str, pack: LanguagePack, emotion: str, intensity: float, growth: float, seed: int
) -> Rewriting:
    """Return a tidy, restored text in an emotion of the pack.

    Args:
        text: one or many sentences.
        pack: of their language.
        emotion: a name of ``pack.books``.
        intensity: in [0, 1]; decides how much may be done and how strong it is. At 0 the text
            stays as it is.
        growth: most words of the result per word of the text, on the whole; one sentence may grow
            to 1.5 times its words.
        seed: chooses among what fits.
    """
    book = pack.books[emotion]
    sentences = split(text, pack)
    if intensity <= 0.0:
        return Rewriting(text, sentences=tuple(s.text for s in sentences))
    tags = read_all(sentences, pack)
    chance = Chance(seed, f"{emotion} {text}")
    arc = arc_of(sentences, tags, pack)
    told = arc.tags if arc else tags
    drafts = [Draft(s, t, s.text) for s, t in zip(sentences, told, strict=True)]
    count = sum(d.words for d in drafts)
    left = max(int((growth - 1.0) * count + 1e-9), _least(count) if growth > 1.0 else 0)
    talk = arc is not None and len(sentences) >= TALK
    if arc and talk:
        left -= edit_talk(drafts, arc, pack, emotion, intensity, left, chance)
    else:
        left -= _edit(drafts, pack, book, emotion, intensity, left, chance)
    _add(drafts, pack, book, emotion, intensity, left, chance, talk)
    return _assembled(drafts, pack, book, intensity)


def _least(count: int) -> int:
    """Words that a short text may grow by, whatever the growth: half of it, at most four."""
    return min(3 if count < 8 else 4, count // 2)


def _edit(
    drafts: Sequence[Draft],
    pack: LanguagePack,
    book: Book,
    emotion: str,
    intensity: float,
    left: int,
    chance: Chance,
) -> int:
    """Make the changes inside the sentences; return the words that they added."""
    used: dict[str, int] = {}
    many = 1 + len(drafts) // 8
    short = len(drafts) < _LONG_TEXT
    added = 0
    # In no order, so that what is made a few times only is spread over the text.
    for i in sorted(range(len(drafts)), key=lambda i: chance("order", i)):
        draft = drafts[i]
        if book.silent.found_in(draft.tags) or draft.sentence.item:
            continue
        near = {e.name for d in beside(drafts, i) for e in (*d.edits, *d.pauses)}
        options = [
            e
            for e in pack.edits
            if emotion in e.emotions and intensity >= e.least and e.fits(draft.tags)
        ]
        options += edits_alone(draft, pack, emotion, intensity)
        options.sort(key=lambda e: -chance.score(e.rank, i, e.name))
        one = intensity < _STRONG or draft.words < 9 or chance("one", i) < _ONE_CHANGE
        unpaused = short and chance("pause", i) < _WORDS_INSTEAD
        for edit in options:
            done = draft.pauses if edit.pause else draft.edits
            most = 1 if edit.pause or one else 2
            if len(done) >= most or edit.name in near:
                continue
            if used.get(edit.name, 0) >= (1 if edit.tag else many) or _repeats(edit, draft):
                continue
            if draft.edits and (edit.tag or draft.tagged) and not edit.pause:
                continue
            if draft.words < _ONE_MOVE and (
                draft.pauses if edit.tag else edit.pause and draft.tagged
            ):
                continue
            if edit.pause and (unpaused or (edit.yields and not draft.edits)):
                fitting = _fitting(draft, pack, book, intensity)
                if any(unpaused or p.rank > 1 for p in fitting):
                    continue
            new = changed(draft.text, edit, draft.sentence, pack, "instruction" in draft.tags)
            more = len(new.split()) - len(draft.text.split())
            if new == draft.text or more > min(left - added, draft.words // 2):
                continue
            draft.text = new
            done.append(edit)
            used[edit.name] = used.get(edit.name, 0) + 1
            added += more
    return added


def _add(
    drafts: Sequence[Draft],
    pack: LanguagePack,
    book: Book,
    emotion: str,
    intensity: float,
    left: int,
    chance: Chance,
    talk: bool,
) -> None:
    """Choose the phrases: the most telling first, no text twice, one that says how one feels."""
    options: list[tuple[float, int, Phrase]] = []
    for i, draft in enumerate(drafts):
        for phrase in _fitting(draft, pack, book, intensity):
            options.append((chance.score(phrase.rank, i, phrase.text), i, phrase))
    options.sort(key=lambda o: (-o[0], o[1]))
    share = 0.4 + 0.6 * min(1.0, intensity / _STRONG)
    wanted = max(1, round(len(drafts) / _PER_PHRASE * share))
    if talk:
        options = [o for o in options if phrase_in_talk(o[2], drafts[o[1]], emotion, pack)]
        wanted = phrases_in_talk(drafts, intensity, emotion)
    long = len(drafts) >= _LONG_TEXT
    particles = max(1, len(drafts) // _PER_PARTICLE)
    echoes = max(1, len(drafts) // _PER_ECHO)
    said: set[str] = set()
    openings: set[str] = set()
    selfish = False
    for _, i, phrase in options:
        draft = drafts[i]
        opening = frozenset(lower_tokens(phrase.text) if phrase.slot != "tail" else ())
        most = draft.words // 2 if not long else max(4, draft.words // 2)
        grown = len(draft.text.split()) - draft.words + phrase.length
        if (
            wanted <= 0
            or draft.phrase is not None
            or phrase.text in said
            or opening & openings
            or (phrase.selfish and selfish)
            or (
                phrase.rank < 2
                and phrase.length > max(3 if draft.words > 6 else 1, draft.words // 4)
            )
            or (phrase.rank < 2 and (particles <= 0 or (long and not _direct(draft.tags))))
            or (phrase.fits is book.echo and echoes <= 0)
            or phrase.length > left
            or grown > max(most, 1)
            or (len(drafts) > 3 and phrase.slot != "tail" and _opens(beside(drafts, i)))
        ):
            continue
        draft.phrase = phrase
        wanted -= 1
        left -= phrase.length
        particles -= phrase.rank < 2
        echoes -= phrase.fits is book.echo
        said.add(phrase.text)
        openings |= opening
        selfish = selfish or phrase.selfish


def _direct(tags: frozenset[str]) -> bool:
    """Whether a sentence is said to the listener, or of oneself now, and no part of a story."""
    if {"past", "by-them"} <= tags:
        return False
    now = "past" not in tags
    return bool(tags & _DIRECT) or (now and bool(tags & {"by-me", "ahead"}))


def _opens(near: Sequence[Draft]) -> bool:
    """Whether one of the sentences opens with a phrase."""
    return any(d.phrase is not None and d.phrase.slot != "tail" for d in near)


def _repeats(edit: Edit, draft: Draft) -> bool:
    """Whether a tag comes after another or an aside, or its words are among the sentence's."""
    said = set(lower_tokens(edit.put)) <= set(draft.sentence.tokens)
    return edit.tag and (draft.tagged or said or _ASIDE.search(draft.sentence.text) is not None)


def _fitting(draft: Draft, pack: LanguagePack, book: Book, intensity: float) -> list[Phrase]:
    """Return the phrases that fit a sentence; a particle only where nothing was changed yet."""
    sentence = draft.sentence
    if book.silent.found_in(draft.tags) or sentence.item or draft.tagged:
        return []
    background = "background" in draft.tags
    least = max((e.rank - 1 for e in draft.edits), default=2 if draft.pauses else 1)
    candidates = [
        p
        for p in book.phrases
        if p.rank >= least
        and intensity >= p.least
        and not (background and p.rank > 1)
        and p.fits(draft.tags)
        and _joins(p, draft, pack)
    ]
    echo = "" if draft.echoed else echo_of(sentence, pack)
    if echo and intensity >= 0.4 and book.echo(draft.tags):
        candidates.append(Phrase(echo + book.echo_mark, "tail", book.echo, _ECHO_RANK, 0.4, False))
    if sentence.text[-1] in ",:;" and not sentence.last:
        candidates = [p for p in candidates if p.slot != "tail"]
    return candidates


def _joins(phrase: Phrase, draft: Draft, pack: LanguagePack) -> bool:
    """Whether a phrase can stand where it belongs."""
    sentence = draft.sentence
    tokens = sentence.tokens
    own = set(lower_tokens(phrase.text))
    if phrase.slot == "lead" and draft.pauses:
        return False
    if phrase.slot == "tail":
        said = f" {' '.join(lower_tokens(phrase.text))} "
        return said not in f" {' '.join(lower_tokens(draft.text))} "
    if not sentence.text[0].isalnum() or not sentence.free(0, 1) or not tokens:
        return False
    if own & pack.words["hesitations"] & set(lower_tokens(draft.text)):
        return False
    if tokens[0] in own or tokens[0] in pack.words["particles"]:
        return False
    if f" {phrase.text.lower().strip('.!?')} " in f" {draft.text.lower()} ":
        return False
    if tokens[0] == "so" and not own <= pack.words["hesitations"]:
        return False
    if " ".join(tokens[:2]) in pack.words.get("particle_phrases", ()):
        return False
    if phrase.slot == "lead" and tokens[0] in pack.words.get("adverbial", ()):
        return False
    if ("question" not in draft.tags and tokens[0] in pack.words["joining"]) or own & set(
        lower_tokens(draft.text)[:4]
    ):
        return False
    low = "instruction" in draft.tags or not capital(sentence, pack)
    known = low or _keeps_capital(sentence, pack)
    return known or (phrase.slot == "front" and phrase.text.lower() in pack.words["alone"])


def _keeps_capital(sentence: Sentence, pack: LanguagePack) -> bool:
    """Whether the first word is "I" or a name that the pack knows."""
    first = sentence.tokens[0]
    return (
        first == "i"
        or first in pack.words.get("names", ())
        or first in pack.words["contracted"]
        or first in pack.words["titles"]
        or sentence.text[0].isdigit()
    )


def _assembled(
    drafts: Sequence[Draft], pack: LanguagePack, book: Book, intensity: float
) -> Rewriting:
    parts: list[str] = []
    changes: list[Change] = []
    for i, draft in enumerate(drafts):
        phrase = draft.phrase
        text = ended(draft.text, draft.sentence, *_mark(draft, book, intensity), pack)
        if text != draft.sentence.text:
            changes += [Change(i, "edit", e.name) for e in (*draft.edits, *draft.pauses)]
        if phrase is not None:
            changes.append(Change(i, phrase.slot, phrase.text, phrase.selfish))
        if phrase is not None:
            text = _with(phrase, text, draft, book, intensity, pack)
        parts.append(text)
    whole = "".join(t + d.sentence.gap for t, d in zip(parts, drafts, strict=True))
    return Rewriting(whole, tuple(changes), tuple(d.tags for d in drafts), tuple(parts))


def _mark(draft: Draft, book: Book, intensity: float) -> tuple[str, bool]:
    """Return the end mark of a sentence, and whether it must have one."""
    tail = draft.phrase is not None and draft.phrase.slot == "tail"
    needed = tail or draft.sentence.last
    if draft.raised:
        return book.stop, needed
    marked = bool(draft.edits or draft.phrase)
    calm = book.silent.found_in(draft.tags) or book.calm_end.found_in(draft.tags)
    lively = intensity >= 0.4 and (marked or (draft.sentence.last and not book.marked)) and not calm
    if lively:
        return book.stop, needed
    keeps = (
        draft.sentence.text[-1] == "!" and book.stop == "!" and not book.silent.found_in(draft.tags)
    )
    return ("!" if keeps else "."), needed


def _with(
    phrase: Phrase, text: str, draft: Draft, book: Book, intensity: float, pack: LanguagePack
) -> str:
    """Return the sentence with its phrase."""
    if phrase.slot == "tail":
        said = phrase.text
        calm = book.calm_end.found_in(draft.tags)
        if said[-1] == "." and book.stop == "!" and intensity >= _STRONG and not calm:
            said = said[:-1] + "!"
        return f"{text} {said}"
    sentence = draft.sentence
    low = "instruction" in draft.tags or not capital(sentence, pack)
    lowered = text[0].lower() + text[1:] if low else text
    if phrase.text.endswith("..."):
        known = low or _keeps_capital(sentence, pack)
        return f"{phrase.text} {lowered if known else text}"
    if phrase.text[-1] in ".!?":
        return f"{phrase.text} {upper_first(text)}"
    if phrase.slot == "lead":
        return f"{phrase.text} {lowered}"
    if not low and not _keeps_capital(sentence, pack):
        stop = "." if book.stop == "." else "!"
        return f"{phrase.text}{stop} {text}"
    return f"{phrase.text}{phrase.join}{lowered}"
