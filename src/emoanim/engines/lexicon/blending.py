"""A text in several emotions at once: sentences are dealt out among them by their strength."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from emoanim.engines.lexicon.calming import calm
from emoanim.engines.lexicon.packs import LanguagePack
from emoanim.engines.lexicon.rewriting import Change, Rewriting, rewriting
from emoanim.engines.lexicon.sentences import split

__all__ = ["Ingredient", "blended"]


class Ingredient(NamedTuple):
    """An emotion of a blend.

    Attributes:
        emotion: a name of the pack's books; None for neutral.
        intensity: in [0, 1].
        share: of the whole, in [0, 1].
    """

    emotion: str | None
    intensity: float
    share: float


def blended(
    text: str, pack: LanguagePack, parts: Sequence[Ingredient], growth: float, seed: int
) -> Rewriting:
    """Return a tidy, restored text in a blend of emotions.

    Each sentence is said in one of them: in turn, as often as each one's share wants, and rather
    in one that has something to say there. A single
    sentence is said in the first and the result in the next; together they add no more words than
    one emotion may.

    Args:
        text: one or many sentences.
        pack: of their language.
        parts: the emotions, main one first.
        growth: as of ``rewriting``.
        seed: as of ``rewriting``.
    """
    sentences = split(text, pack)
    if len(sentences) == 1:
        return _one_sentence(text, pack, parts, growth, seed)
    versions = [_said(text, pack, part, growth, seed) for part in parts]
    credit = [0.0] * len(parts)
    said: list[str] = []
    changes: list[Change] = []
    for index, sentence in enumerate(sentences):
        credit = [c + part.share for c, part in zip(credit, parts, strict=True)]
        ways = [v.sentences[index] for v in versions]
        # An emotion that has something to say here is worth three quarters of a turn.
        worth = [c + 0.75 * (way != sentence.text) for c, way in zip(credit, ways, strict=True)]
        number = worth.index(max(worth))
        credit[number] -= 1.0
        said.append(ways[number])
        changes += [change for change in versions[number].changes if change.sentence == index]
    readings = next((v.readings for v in versions if v.readings), ())
    whole = "".join(text + s.gap for text, s in zip(said, sentences, strict=True))
    return Rewriting(whole, tuple(changes), readings, tuple(said))


def _said(text: str, pack: LanguagePack, part: Ingredient, growth: float, seed: int) -> Rewriting:
    if part.emotion is not None:
        return rewriting(text, pack, part.emotion, part.intensity, growth, seed)
    said = tuple(calm(sentence.text, part.intensity, pack) for sentence in split(text, pack))
    return Rewriting(" ".join(said), sentences=said)


def _one_sentence(
    text: str, pack: LanguagePack, parts: Sequence[Ingredient], growth: float, seed: int
) -> Rewriting:
    words = len(text.split())
    longest = max(int(growth * words), words + 4) if growth > 1.0 else words
    result = _said(text, pack, parts[0], growth, seed)
    for part in parts[1:]:
        further = _said(result.text, pack, part, growth, seed)
        if len(further.text.split()) <= longest:
            changes = (*result.changes, *further.changes)
            result = Rewriting(further.text, changes, result.readings, (further.text,))
    return result
