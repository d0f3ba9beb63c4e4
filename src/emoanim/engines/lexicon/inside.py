"""Changes inside a sentence, and what is said again after it."""

from __future__ import annotations

import re

from emoanim.engines.lexicon.moves import Edit
from emoanim.engines.lexicon.packs import LanguagePack
from emoanim.engines.lexicon.sentences import Sentence, lower_tokens
from emoanim.language.numbers import spoken

__all__ = ["capital", "changed", "echo_of", "upper_first"]

_MOST_ECHOED = 5
_SURELY_COMMON = re.compile(r"[A-Z][a-z]{5,}ly|[A-Z][a-z]+(?:tions?|ness|ities)")
"""Words that are no names though they begin a sentence: "technically", "construction"."""


def changed(
    text: str, edit: Edit, sentence: Sentence, pack: LanguagePack, begins_low: bool = False
) -> str:
    """Return the text with an edit made at its first place outside quotes; itself if there is none.

    ``text`` is the sentence, perhaps changed before; ``sentence`` the one as it was said;
    ``begins_low``: its first word is known to be no name.
    """
    plain = text.replace("’", "'")
    hesitations = pack.words["hesitations"]
    if hesitations & set(lower_tokens(edit.put)) & set(lower_tokens(text)):
        return text
    for match in edit.find.finditer(plain):
        if sentence.protected and _quoted(text, match):
            continue
        put = _begun(match.expand(edit.put))
        if match.start() > 0:
            return text[: match.start()] + put + text[match.end() :]
        lowered = text if capital(sentence, pack) and not begins_low else text[0].lower() + text[1:]
        found = edit.find.match(lowered.replace("’", "'"))
        if found is None:
            return text
        return upper_first(_begun(found.expand(edit.put)) + lowered[found.end() :])
    return text


def _begun(put: str) -> str:
    """Return what is put with a capital where a sentence of its own begins in it."""
    return re.sub(r"(?<=[a-z0-9]{2}[.!] )[a-z]", lambda m: m.group().upper(), put)


def _quoted(text: str, match: re.Match[str]) -> bool:
    before = text[: match.start()]
    return before.count('"') % 2 == 1 or before.count("“") > before.count("”")


def upper_first(text: str) -> str:
    """Return the text with a capital for its first letter."""
    return text[:1].upper() + text[1:]


def capital(sentence: Sentence, pack: LanguagePack) -> bool:
    """Whether the first letter must keep its case: "I", a name, or what might be one."""
    match = re.match(r"[^\W\d_]+(?:['’]\w+)?", sentence.text)
    if match is None or match.group()[0].islower():
        return False
    word = match.group()
    first = sentence.tokens[0]
    if word[0] == "I" and (len(word) == 1 or word[1] in "'’"):
        return True
    if _SURELY_COMMON.fullmatch(word):
        return False
    plain = pack.words["lowerable"] | pack.words.get("common", frozenset())
    return first not in plain or (len(word) > 1 and not word[1:].islower())


def echo_of(sentence: Sentence, pack: LanguagePack) -> str:
    """Return words of the sentence that may be said again, without an end mark; "" if none."""
    found = ""
    last = -1
    for echo in pack.echoes:
        for match in echo.find.finditer(sentence.text):
            if match.start() <= last or not sentence.free(match.start(), match.end()):
                continue
            if "{n}" not in echo.put:
                found, last = echo.put, match.start()
                continue
            number = _number(match.group(echo.group), pack)
            if not number:
                continue
            said = echo.put.replace("{n}", number)
            if "{2}" in said:
                said = said.replace("{2}", match.group(2))
            found, last = upper_first(said), match.start()
    return found if len(lower_tokens(found)) <= _MOST_ECHOED else ""


def _number(word: str, pack: LanguagePack) -> str:
    """Return a number, a name of one, or a word with a capital as it is said again."""
    if word.isdigit():
        return spoken(int(word)) if int(word) <= 999 else ""
    if word.lower() in pack.words["number_words"]:
        return word.lower()
    return word if word[0].isupper() or word.lower() in pack.words["negators"] else ""
