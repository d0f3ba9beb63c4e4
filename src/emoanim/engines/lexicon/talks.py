"""What is done in a talk: to the sentences that carry weight, as the talk stands there."""

from __future__ import annotations

from collections.abc import Sequence, Set

from emoanim.engines.lexicon.arcs import Arc
from emoanim.engines.lexicon.drafts import Chance, Draft, beside
from emoanim.engines.lexicon.inside import changed
from emoanim.engines.lexicon.moves import Edit, Phrase
from emoanim.engines.lexicon.packs import LanguagePack

__all__ = ["edit_talk", "edits_alone", "phrase_in_talk", "phrases_in_talk"]

_LEAST_SHARE, _SHARE = 0.12, 0.33
"""Share of a talk's sentences that is changed at intensity 0, and what full intensity adds."""
_PER_PHRASE = 9
"""Sentences of a talk per sentence or word that is put before or after one."""
_PER_SCENE_PHRASE = 5
"""The same where so many sentences are scenes for the emotion."""
_SCENES = {
    "anger": frozenset(("base", "silly")), "contempt": frozenset(("base", "silly")),
    "disgust": frozenset(("filth", "base")), "fear": frozenset(("fright",)),
    "happy": frozenset(("joyful",)),
}  # fmt: skip
_TO_THE_POINT = 5
"""Rank of a phrase that may be said after a change inside the sentence as well."""
_STRONG = 0.75
_MARKS = frozenset(("!", "..."))
_BOTH = 11
"""Words from which a sentence may be changed and pause as well."""
_GLAD_EMOTIONS = frozenset(("happy",))
_LOSSES = frozenset(("bad", "loss", "grave", "heavy", "harsh", "sorrow", "burden", "grudge",
                     "taken", "grievance", "ended"))  # fmt: skip
"""What a bare "!" of joy does not stand at, nor next to."""
_SURELY_GLAD = frozenset(("relief", "relief_of", "gain", "kind-deed", "fine", "introduction",
                          "greeting"))  # fmt: skip
"""What is glad, or only a greeting, whatever is told next to it."""
_NEEDS = frozenset(("burden",))
"""What is no loss in a talk that teaches: "you need", "you have to"."""
_AVERSE = frozenset(("anger", "contempt", "disgust"))
_QUIET = frozenset(("dim", "denied", "near-grave", "dark", "instruction"))
_HUSHED = frozenset(("grave", "near-grave", "bearer", "dear", "tender"))
_FAULTS = frozenset(("power", "grudge", "nobody", "crime", "foul"))
_WORTH_SAYING = {
    "anger": _FAULTS, "contempt": _FAULTS | {"silly", "base"},
    "disgust": _FAULTS | {"filth", "base"},
    "fear": frozenset(("harm", "crime", "fright")),
    "sad": frozenset(("death", "harm", "cancelled", "power")),
    "happy": frozenset(("gain", "relief", "family", "relief_of", "joyful")),
    "surprise": frozenset(("gain", "relief", "family", "crime", "foul", "grudge", "power")),
}  # fmt: skip
"""What a sentence of a talk must be about for more words to be put before or after it."""
_NO_NEWS = frozenset(("instruction", "hypothetical", "question", "opinion", "memory", "contested",
                      "late", "yours", "conditional"))  # fmt: skip


def edit_talk(
    drafts: Sequence[Draft],
    arc: Arc,
    pack: LanguagePack,
    emotion: str,
    intensity: float,
    left: int,
    chance: Chance,
) -> int:
    """Make the changes inside the sentences, the weightiest first; return the words they added."""
    most = max(1, round(len(drafts) * (_LEAST_SHARE + _SHARE * intensity)))
    many = 1 + len(drafts) // 8
    used: dict[str, int] = {}
    added = done = 0
    order = sorted(range(len(drafts)), key=lambda i: (-arc.weights[i], i))
    for i in order:
        draft = drafts[i]
        if done >= most:
            break
        near = {e.name for d in beside(drafts, i) for e in (*d.edits, *d.pauses)}
        for edit in _options(draft, i, pack, emotion, intensity, chance):
            both = intensity >= _STRONG and draft.words >= _BOTH
            here = draft.pauses if edit.pause else draft.edits
            mark = edit.put in _MARKS
            if here or (draft.changed and not both) or (edit.name in near and edit.put != "!"):
                continue
            if used.get(edit.name, 0) >= (1 if edit.tag else len(drafts) // 3 if mark else many):
                continue
            if edit.put == "!" and emotion in _GLAD_EMOTIONS and _by_a_loss(drafts, i):
                continue
            if (edit.tag and draft.pauses) or (edit.pause and draft.tagged):
                continue
            new = changed(draft.text, edit, draft.sentence, pack, "instruction" in draft.tags)
            more = len(new.split()) - len(draft.text.split())
            if new == draft.text or more > min(left - added, max(1, draft.words // 2)):
                continue
            draft.text = new
            here.append(edit)
            draft.raised = draft.raised or _raises(edit, draft.tags, emotion, pack)
            used[edit.name] = used.get(edit.name, 0) + 1
            added += more
        done += draft.changed
    return added


def _by_a_loss(drafts: Sequence[Draft], i: int) -> bool:
    """Whether a loss or complaint is told at a sentence or beside it, and it isn't glad itself."""
    if drafts[i].tags & _SURELY_GLAD:
        return False
    near = (drafts[i], *beside(drafts, i))
    return any(d.tags & (_LOSSES - _NEEDS if "talk-taught" in d.tags else _LOSSES) for d in near)


def _options(
    draft: Draft, i: int, pack: LanguagePack, emotion: str, intensity: float, chance: Chance
) -> list[Edit]:
    """Return the changes that fit a sentence, those of talks first, the best first."""
    talk = pack.talk
    if talk is None or talk.leaves(emotion, draft.tags):
        return []
    own = [e for e in talk.edits if e.fits.found_in(draft.tags)]
    if _agrees(draft.tags, emotion) and not pack.books[emotion].silent.found_in(draft.tags):
        own += [e for e in pack.edits if not e.tag and e.fits(draft.tags)]
    own = [e for e in own if emotion in e.emotions and intensity >= e.least]
    return sorted(own, key=lambda e: -chance.score(e.rank, i, e.name))


def _raises(edit: Edit, tags: Set[str], emotion: str, pack: LanguagePack) -> bool:
    """Whether a change makes a sentence one that ends in the emotion's own mark."""
    talk = pack.talk
    if talk is None or edit not in talk.edits or pack.books[emotion].stop != "!":
        return False
    quiet = _QUIET if emotion in _GLAD_EMOTIONS else _HUSHED
    return "!" in edit.put or not tags & quiet


def edits_alone(draft: Draft, pack: LanguagePack, emotion: str, intensity: float) -> list[Edit]:
    """Return the changes of talks that fit a sentence of a short text."""
    talk = pack.talk
    if talk is None or talk.leaves(emotion, draft.tags):
        return []
    fit = [e for e in talk.edits if e.alone and e.fits.found_in(draft.tags)]
    return [e for e in fit if emotion in e.emotions and intensity >= e.least]


def phrase_in_talk(phrase: Phrase, draft: Draft, emotion: str, pack: LanguagePack) -> bool:
    """Whether a phrase may be said in a talk at a sentence."""
    tags = draft.tags
    scene = bool(tags & _SCENES.get(emotion, frozenset())) and phrase.rank >= _TO_THE_POINT - 1
    paused = any(e.put != "!" for e in draft.pauses)
    if draft.echoed or paused or (draft.pauses and not scene):
        return False
    if pack.talk is None or pack.talk.leaves(emotion, tags) or not _agrees(tags, emotion):
        return False
    if emotion in _AVERSE and draft.edits and phrase.slot == "tail" and phrase.rank < _TO_THE_POINT:
        return False
    if phrase.fits is pack.books[emotion].echo or phrase.selfish:
        return False
    told = scene or (bool(tags & _WORTH_SAYING.get(emotion, _FAULTS)) and not tags & _NO_NEWS)
    if phrase.slot != "tail" and ("past" in tags or emotion == "happy"):
        return False
    stands = (
        scene
        or emotion == "surprise"
        or bool(tags & ({"glad"} if emotion in _GLAD_EMOTIONS else {"dark"}))
    )
    return phrase.rank >= 2 and told and stands


def phrases_in_talk(drafts: Sequence[Draft], intensity: float, emotion: str) -> int:
    """Return how many phrases may be said in a talk: more where it has scenes for the emotion."""
    scenes = sum(bool(d.tags & _SCENES.get(emotion, frozenset())) for d in drafts)
    least = len(drafts) / _PER_PHRASE
    wanted = max(least, min(scenes, len(drafts) / _PER_SCENE_PHRASE))
    return max(1, round(wanted * min(1.0, intensity / _STRONG)))


def _agrees(tags: Set[str], emotion: str) -> bool:
    """Whether a sentence is at stake and the talk stands as the emotion wants it there."""
    if emotion == "surprise":
        return "stake" in tags
    return "stake" in tags and not tags & ({"dark"} if emotion in _GLAD_EMOTIONS else {"glad"})
