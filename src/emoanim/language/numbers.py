"""English names of numbers."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["ORDINALS", "SCALES", "VALUES", "spoken"]

_SMALL = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]

VALUES: Mapping[str, int] = {
    **{word: i for i, word in enumerate(_SMALL)},
    **{word: 20 + 10 * i for i, word in enumerate(_TENS)},
}
"""Name of a number below 100, without compounds -> the number."""

_ORDINAL = [
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
    "fourteenth",
    "fifteenth",
    "sixteenth",
    "seventeenth",
    "eighteenth",
    "nineteenth",
]

ORDINALS: Mapping[str, int] = {
    **{word: i for i, word in enumerate(_ORDINAL, 3)},
    **{f"{word[:-1]}ieth": 20 + 10 * i for i, word in enumerate(_TENS)},
}
"""Name of a place in an order -> its number; "first" and "second" have other senses."""

SCALES: Mapping[str, int] = {
    "hundred": 100,
    "thousand": 1000,
    "million": 1_000_000,
    "billion": 1_000_000_000,
}


def spoken(number: int) -> str:
    """Return a number from 0 to 999 in words: 340 is "three hundred and forty".

    Raises:
        ValueError: it is not from 0 to 999.
    """
    if not 0 <= number <= 999:
        raise ValueError(f"{number} given; expected 0 to 999.")
    if number < 20:
        return _SMALL[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        return _TENS[tens - 2] + (f"-{_SMALL[ones]}" if ones else "")
    hundreds, rest = divmod(number, 100)
    return f"{_SMALL[hundreds]} hundred" + (f" and {spoken(rest)}" if rest else "")
