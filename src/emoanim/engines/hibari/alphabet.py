"""The network's letters and the speech sounds they stand for."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["ARPABET", "arpabet"]

ARPABET = {
    "A": "EY",
    "I": "AY",
    "O": "OW",
    "Q": "OW",
    "T": "D",
    "W": "AW",
    "Y": "OY",
    "a": "AA",
    "b": "B",
    "d": "D",
    "e": "EH",
    "f": "F",
    "h": "HH",
    "i": "IY",
    "j": "Y",
    "k": "K",
    "l": "L",
    "m": "M",
    "n": "N",
    "o": "OW",
    "p": "P",
    "r": "R",
    "s": "S",
    "t": "T",
    "u": "UW",
    "v": "V",
    "w": "W",
    "x": "K",
    "z": "Z",
    "æ": "AE",
    "ð": "DH",
    "ŋ": "NG",
    "ɐ": "AH",
    "ɑ": "AA",
    "ɒ": "AA",
    "ɔ": "AO",
    "ə": "AH",
    "ɚ": "ER",
    "ɛ": "EH",
    "ɜ": "ER",
    "ɡ": "G",
    "ɪ": "IH",
    "ɹ": "R",
    "ɾ": "D",
    "ʃ": "SH",
    "ʊ": "UH",
    "ʌ": "AH",
    "ʒ": "ZH",
    "ʔ": "T",
    "ʤ": "JH",
    "ʧ": "CH",
    "θ": "TH",
    "ᵊ": "AH",
    "ᵻ": "IH",
}
"""Letter -> ARPAbet; marks of stress and length are no sounds."""


def arpabet(letters: Sequence[str]) -> list[str]:
    """Return the sounds of one word; "ɜɹ" and "əɹ" are one ER."""
    out: list[str] = []
    for index, letter in enumerate(letters):
        sound = ARPABET.get(letter)
        if letter == "ə" and letters[index + 1 : index + 2] == ["ɹ"]:
            sound = "ER"
        if sound == "R" and out and out[-1] == "ER":
            continue
        if sound is not None:
            out.append(sound)
    return out
