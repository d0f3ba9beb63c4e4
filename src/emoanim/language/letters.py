"""Spelling to speech sounds by rule: good enough for lips where no pronunciation is known."""

from __future__ import annotations

import unicodedata

__all__ = ["sounds_of"]

_RULES = {
    "tion": "SH AH N",
    "igh": "AY",
    "tch": "CH",
    "sch": "SH",
    "ch": "CH",
    "ck": "K",
    "gh": "G",
    "ng": "NG",
    "ph": "F",
    "qu": "K W",
    "sh": "SH",
    "th": "TH",
    "wh": "W",
    "ai": "EY",
    "au": "AO",
    "aw": "AO",
    "ay": "EY",
    "ea": "IY",
    "ee": "IY",
    "er": "ER",
    "ew": "UW",
    "ie": "IY",
    "oa": "OW",
    "oi": "OY",
    "oo": "UW",
    "ou": "AW",
    "ow": "OW",
    "oy": "OY",
    "a": "AE",
    "b": "B",
    "c": "K",
    "d": "D",
    "e": "EH",
    "f": "F",
    "g": "G",
    "h": "HH",
    "i": "IH",
    "j": "JH",
    "k": "K",
    "l": "L",
    "m": "M",
    "n": "N",
    "o": "AA",
    "p": "P",
    "q": "K",
    "r": "R",
    "s": "S",
    "t": "T",
    "u": "AH",
    "v": "V",
    "w": "W",
    "x": "K S",
    "y": "IY",
    "z": "Z",
    "ø": "ER",
    "ß": "S",
    "æ": "AE",
    "œ": "ER",
    "đ": "D",
    "ł": "W",
    "0": "Z IY R OW",
    "1": "W AH N",
    "2": "T UW",
    "3": "TH R IY",
    "4": "F AO R",
    "5": "F AY V",
    "6": "S IH K S",
    "7": "S EH V AH N",
    "8": "EY T",
    "9": "N AY N",
}
_LONGEST = max(map(len, _RULES))


def sounds_of(word: str) -> tuple[str, ...]:
    """Return ARPAbet sounds of a word by its letters; a letter of another script is one syllable.

    Never empty for a word with a letter or digit.
    """
    plain = "".join(
        c for c in unicodedata.normalize("NFD", word.lower()) if not unicodedata.combining(c)
    )
    out: list[str] = []
    at = 0
    while at < len(plain):
        for size in range(min(_LONGEST, len(plain) - at), 0, -1):
            rule = _RULES.get(plain[at : at + size])
            if rule is not None:
                out += rule.split()
                at += size
                break
        else:
            if plain[at].isalnum():
                out.append("AH")
            at += 1
    return tuple(s for i, s in enumerate(out) if i == 0 or s != out[i - 1] or s == "AH")
