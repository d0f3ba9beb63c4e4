"""How each emotion moves: articulation, blinking, posture and liveliness.

Set by hand from what is known of expressive speech (small articulation and a lowered head in
sadness, forward and sharp in anger, frequent blinks in fear) and checked by eye.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from emoanim.emotions import PLAIN_INTENSITY, Emotion, EmotionPrompt

__all__ = ["Manner", "manner_of"]


@dataclass(frozen=True, slots=True)
class Manner:
    """The way a person in one emotion moves.

    Attributes:
        jaw: factor on the opening of the jaw.
        part: factor on how far the lips part.
        cover: how far the upper lip stays down over the teeth while the lips part (less of "10");
            upper teeth look amused.
        spread: factor on stretched vowels, and what rounding leaves of them.
        blinks: per minute.
        blink_time: factor on a blink's length.
        energy: factor on nods and head motion.
        posture: (pitch up, yaw to the image's right, roll clockwise) in degrees and (x right,
            y up, z towards the camera) in cm, held through the clip.
        flash: units that rise with a pitch accent, at strength 1.
    """

    jaw: float = 1.12
    part: float = 0.85
    cover: float = 0.2
    spread: float = 1.0
    blinks: float = 15.0
    blink_time: float = 1.0
    energy: float = 0.8
    posture: tuple[float, float, float, float, float, float] = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    flash: Mapping[str, float] = field(default_factory=lambda: {"1": 0.14, "2": 0.18})


_NEUTRAL = Manner()
_MANNERS: Mapping[Emotion, Manner] = {
    Emotion.ANGER: Manner(
        jaw=1.12,
        part=0.8,
        spread=1.15,
        blinks=10.0,
        blink_time=0.9,
        energy=1.2,
        posture=(-1.4, 0.0, 0.0, 0.0, 0.0, 0.5),
        flash={"4": 0.18, "5": 0.08, "7": 0.06},
    ),
    Emotion.CONTEMPT: Manner(
        jaw=0.86,
        part=0.65,
        cover=0.3,
        spread=0.7,
        blinks=11.0,
        blink_time=1.15,
        energy=0.7,
        posture=(1.6, 1.0, -1.2, 0.0, 0.0, -0.1),
        flash={"2R": 0.2, "1": 0.04},
    ),
    Emotion.DISGUST: Manner(
        jaw=0.95,
        cover=0.0,
        blinks=14.0,
        energy=0.85,
        posture=(0.5, 1.4, 0.8, 0.0, 0.0, -0.4),
        flash={"4": 0.1, "9": 0.1},
    ),
    Emotion.FEAR: Manner(
        jaw=1.05,
        part=0.9,
        cover=0.1,
        spread=1.2,
        blinks=23.0,
        blink_time=0.85,
        energy=0.95,
        posture=(0.5, 0.0, 0.5, 0.0, 0.0, -0.5),
        flash={"1": 0.12, "2": 0.06, "5": 0.08},
    ),
    Emotion.HAPPY: Manner(
        jaw=1.12,
        part=1.0,
        cover=0.0,
        spread=1.15,
        blinks=14.0,
        energy=1.1,
        posture=(0.6, 0.0, 1.0, 0.0, 0.05, 0.1),
        flash={"1": 0.12, "2": 0.16, "6": 0.05},
    ),
    Emotion.NEUTRAL: _NEUTRAL,
    Emotion.SAD: Manner(
        jaw=0.9,
        part=0.72,
        cover=0.25,
        spread=0.85,
        blinks=15.0,
        blink_time=1.3,
        energy=0.55,
        posture=(-2.2, 0.0, 0.9, 0.0, -0.2, -0.1),
        flash={"1": 0.14},
    ),
    Emotion.SURPRISE: Manner(
        jaw=1.25,
        part=0.9,
        cover=0.1,
        blinks=11.0,
        energy=1.0,
        posture=(0.9, 0.0, 0.0, 0.0, 0.05, -0.2),
        flash={"1": 0.12, "2": 0.14, "5": 0.08},
    ),
}


def manner_of(prompt: EmotionPrompt) -> Manner:
    """Return the manner of an emotion at its intensity; the table stands for a plain word.

    Of a blend it is the mean of its emotions' manners, by their shares.
    """
    if prompt.others:
        return _mean([manner_of(part) for part in prompt.parts], prompt.shares)
    full = _MANNERS[prompt.emotion]
    share = min(prompt.intensity / PLAIN_INTENSITY, 1.35)

    def mix(start: float, end: float) -> float:
        return start + share * (end - start)

    pitch, yaw, roll, x, y, z = (share * p for p in full.posture)
    return Manner(
        mix(_NEUTRAL.jaw, full.jaw),
        mix(_NEUTRAL.part, full.part),
        max(mix(_NEUTRAL.cover, full.cover), 0.0),
        mix(_NEUTRAL.spread, full.spread),
        mix(_NEUTRAL.blinks, full.blinks),
        mix(_NEUTRAL.blink_time, full.blink_time),
        mix(_NEUTRAL.energy, full.energy),
        (pitch, yaw, roll, x, y, z),
        full.flash,
    )


def _mean(manners: Sequence[Manner], shares: Sequence[float]) -> Manner:
    """Return the mean of some manners; each flashes as much as it has of the whole."""
    weighted = list(zip(manners, shares, strict=True))

    def mean(name: str) -> float:
        return float(sum(share * getattr(manner, name) for manner, share in weighted))

    pitch, yaw, roll, x, y, z = (sum(s * m.posture[i] for m, s in weighted) for i in range(6))
    flash: dict[str, float] = {}
    for manner, share in weighted:
        for unit, weight in manner.flash.items():
            flash[unit] = flash.get(unit, 0.0) + share * weight
    return Manner(
        jaw=mean("jaw"),
        part=mean("part"),
        cover=mean("cover"),
        spread=mean("spread"),
        blinks=mean("blinks"),
        blink_time=mean("blink_time"),
        energy=mean("energy"),
        posture=(pitch, yaw, roll, x, y, z),
        flash=flash,
    )
