"""Take the emotion out of a text: what ``neutral`` does."""

from __future__ import annotations

import re

from emoanim.engines.lexicon.packs import LanguagePack
from emoanim.engines.lexicon.sentences import Sentence, lower_tokens, split, tidy

__all__ = ["calm"]

_HIDDEN = 0xE000
# Vowel letters that sound like consonants, and the reverse.
_SPOKEN_CONSONANT = re.compile(r"(?:uni|use|usu|eu|one\b|once\b|u\b)", re.IGNORECASE)
_SILENT_H = re.compile(r"(?:hour|honest|hono|heir)", re.IGNORECASE)
_KEEPING = frozenset(("the", "this", "that", "as", "how", "too"))
"""Words after which an intensifier is no mere colour: "the very idea"."""
# After "a" an adjective says which: "a wonderful semester" becomes a good one.
_BEFORE_NOUN = r"(?:the|my|our|your|his|her|its|their|this|that|these|those|some)"


def calm(text: str, intensity: float, pack: LanguagePack) -> str:
    """Return a tidy text without exclamations, interjections, intensifiers and strong evaluations.

    At intensity 0 it stays as it is. Above, exclamations and interjections go, intensifiers from
    0.25, evaluations from 0.5 (the adjective before a noun goes, others turn into a calmer word).
    Quotes stay as they are, and so does a text that holds nothing else.
    """
    if intensity <= 0.0:
        return text
    sentences = split(text, pack)
    calmed = [_sentence(s, intensity, pack) for s in sentences]
    remaining = [c + s.gap for c, s in zip(calmed, sentences, strict=True) if c]
    if not remaining:
        remaining = [re.sub(r"!", ".", s.text) + s.gap for s in sentences]
    return tidy("".join(remaining))


def _sentence(sentence: Sentence, intensity: float, pack: LanguagePack) -> str:
    hidden: list[str] = []
    text = sentence.text
    for start, end in reversed(sentence.protected):
        hidden.append(text[start:end])
        text = text[:start] + chr(_HIDDEN + len(hidden) - 1) + text[end:]
    opening = text[0].isupper()
    text = text.replace("!", ".")
    text = _without_interjections(text, pack)
    if intensity >= 0.25:
        text = _without_intensifiers(text, pack)
    if intensity >= 0.5:
        text = _softer(text, pack)
    text = re.sub(r"\s+", " ", text).strip(" ,")
    if opening and text:
        text = text[0].upper() + text[1:]
    for i, quote in enumerate(hidden):
        text = text.replace(chr(_HIDDEN + i), quote)
    return text if any(c.isalnum() for c in text) else ""


def _without_interjections(text: str, pack: LanguagePack) -> str:
    each = "|".join(
        r",? ".join(map(re.escape, phrase.split())) for phrase in pack.calm.interjections
    )
    choice = rf"(?:{each})(?:,? (?:{each}))*"
    start = re.compile(rf"^{choice}(?:,\s*|[.…]+\s*|\s*$)", re.IGNORECASE)
    inside = re.compile(rf"(?<=\w), {choice}(?:, | ?(?=[.…]*$))", re.IGNORECASE)

    def drop(match: re.Match[str]) -> str:
        if not match.group().endswith(", "):
            return ""
        return " " if re.search(r"\b(?:and|but|so|or)$", text[: match.start()]) else ", "

    while (match := start.match(text)) is not None:
        text = text[match.end() :]
    return inside.sub(drop, text)


def _without_intensifiers(text: str, pack: LanguagePack) -> str:
    degrees = "|".join(sorted(pack.calm.intensifiers))
    adjectives = "|".join(
        sorted(
            pack.words["gradable_positive"]
            | pack.words["gradable_negative"]
            | pack.words["gradable_plain"]
            | set(pack.calm.softer)
        )
    )
    text = re.sub(r" so (?:very )?much(?=[.,]|$)", "", text, flags=re.IGNORECASE)
    text = re.sub(
        r"(?<!\bnot )(?<!n't )(?<!n’t )(?<!\bfar )(?<!\bfar, )\b(?:so,? )+(?!far\b|long\b)"
        rf"(?=(?:(?:{degrees}),? )*(?:{adjectives})\b(?! that\b))",
        "",
        text,
        flags=re.IGNORECASE,
    )

    def drop(match: re.Match[str]) -> str:
        before = text[: match.start()].rstrip().rsplit(" ", 1)[-1].lower().replace("’", "'")
        meant = match.group(3).lower() in ("been", "be")  # "it has really been so"
        if meant or before in pack.words["negators"] or before in _KEEPING:
            return match.group()
        return _article(match.group(1).strip(), match.group(3)) if match.group(1) else ""

    return re.sub(rf"\b(an? )?((?:(?:{degrees}),? )+)(?=(\w+))", drop, text, flags=re.IGNORECASE)


def _softer(text: str, pack: LanguagePack) -> str:
    strong = "|".join(sorted(pack.calm.softer))
    function = pack.words["lowerable"] | pack.words["auxiliaries"] | {"one", "ones"}

    def attribute(match: re.Match[str]) -> str:
        before, noun = match.group(1), match.group(3)
        verb = lower_tokens(match.string[: match.start()])[-1:]
        # "This is a wonderful day": without its adjective it would say nothing.
        if noun.lower() in function or (verb and verb[0] in pack.words["copulas"] | {"what"}):
            return match.group()
        return _article(before, noun)

    text = re.sub(
        rf"\b({_BEFORE_NOUN}) ({strong}) (?=([a-z]+\b))", attribute, text, flags=re.IGNORECASE
    )

    def replace(match: re.Match[str]) -> str:
        word = pack.calm.softer[match.group(2).lower()]
        before = match.group(1)
        return f"{_article(before.strip(), word) if before else ''}{word}"

    text = re.sub(rf"\b(an? )?({strong})\b", replace, text, flags=re.IGNORECASE)
    verbs = pack.calm.softer_verbs
    # "I love it" may be said more calmly, "I love her" may not.
    return re.sub(
        rf"\b(I|we|they|you) ({'|'.join(sorted(verbs))})"
        r"(?= (?:it|th[aeio]\w+|to|\w+ing)\b|[.,!]|$)",
        lambda m: f"{m.group(1)} {verbs[m.group(2).lower()]}",
        text,
        flags=re.IGNORECASE,
    )


def _article(article: str, following: str) -> str:
    """Return "a " or "an " as the next word asks for; any other word as it is, with a space."""
    if article.lower() not in ("a", "an"):
        return f"{article} "
    vowel = following[0].lower() in "aeiou" and not _SPOKEN_CONSONANT.match(following)
    right = "an" if vowel or _SILENT_H.match(following) else "a"
    return f"{right.capitalize() if article[0].isupper() else right} "
