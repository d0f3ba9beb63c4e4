"""The paper's own numbers, as far as they are recorded here, and why ours cannot equal them."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["PAPER", "WHY_NOT_EQUAL", "paper_says"]

PAPER: Mapping[str, Mapping[str, str]] = {
    "words": {"all": "97 % (one emotion 89 %)"},
    "voice": {"all": "50 % (25 to 75 %)"},
    "cpbd_still": {"all": "21.8 (no CPBD: it lies in 0 to 1)"},
    "psnr_still": {"all": "11 to 14"},
    "edd": {
        "disgust": "EDA 0.0984, SadTalker 0.0933",
        "sad": "0.6032 and 0.6291",
    },
}
"""Measure -> emotion or "all" -> what the paper prints; [reference] in study.toml adds more."""

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
    """Return what the study's own reference says of a system, else what the paper prints."""
    own = reference.get(system, {}).get(measure, {})
    if emotion in own:
        return f"{own[emotion]:g}"
    return PAPER.get(measure, {}).get(emotion, "-")
