"""The paper's own numbers, as far as they are recorded here, and why ours cannot equal them."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["PAPER", "WHY_NOT_EQUAL", "paper_notes", "paper_says"]

PAPER: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    "eda": {
        "words": {"all": "97 % (one emotion 89 %)"},
        "voice": {"all": "50 % (25 to 75 %)"},
        "cpbd_still": {"all": "21.8 (no CPBD: it lies in 0 to 1)"},
        "psnr_still": {"all": "11 to 14"},
        "edd": {"disgust": "0.0984"},
    },
    "sadtalker": {"edd": {"disgust": "0.0933"}},
}
"""System of the paper -> measure -> emotion or "all" -> what it prints; [reference] in study.toml
adds more."""

_PRINTED: Mapping[str, str] = {
    "edd": "of EDA and SadTalker the paper prints for disgust 0.0984 and 0.0933, for sad 0.6032 "
    "and 0.6291",
}

WHY_NOT_EQUAL: Mapping[str, str] = {
    "words": "the paper gives no number of texts and no accuracy of the input's words; its text "
    "model was GPT-4, asked on another day",
    "voice": "multiples of 25 % mean four samples per emotion; the voices and the speakers differ",
    "quality": "the paper compares with clips that say something else, so its PSNR says little; it "
    "names neither the features nor the sizes of its FID sets; its CPBD of 21.8 cannot be one, "
    "and it gives neither head motion nor beat alignment, though it announces both",
    "edd": "other people, other clips, another version of each model; the paper names no smoothing "
    "window and prints the lowest of an unnamed number of runs as the average",
}
"""Table -> why its numbers and the paper's are not the same quantity."""


def paper_says(
    measure: str,
    emotion: str,
    system: str,
    reference: Mapping[str, Mapping[str, Mapping[str, float]]],
) -> str:
    """Return what the study's own reference says of a system, else what the paper prints of it.

    "-" for a system that the paper does not have: its systems are "eda" and "sadtalker".
    """
    own = reference.get(system, {}).get(measure, {})
    if emotion in own:
        return f"{own[emotion]:g}"
    return PAPER.get(system.lower(), {}).get(measure, {}).get(emotion, "-")


def paper_notes(measure: str) -> tuple[str, ...]:
    """Return what must be read with the paper's numbers of a table."""
    printed = _PRINTED.get(measure)
    whose = "numbers of the paper stand beside systems named as its own are, eda and sadtalker"
    return (
        f"{whose}; {printed}" if printed else whose,
        f"the paper's column cannot be equal: {WHY_NOT_EQUAL[measure]}",
    )
