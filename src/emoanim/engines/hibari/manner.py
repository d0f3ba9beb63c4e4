"""How far the synthetic voice goes for each emotion.

The cues of ``emoanim.sound.emotional_cues``, most of them further: the network gives back only a
part of what it is asked for, and it has no speaker to lose. The values are those at which its
sound, measured, comes to half or more of what acted speech does (benchmarks/speech_fidelity.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from emoanim.emotions import Emotion, EmotionPrompt
from emoanim.sound.emotional_cues import CUES, Cues, cues_of, mean_cues

__all__ = ["MANNER", "manner_of", "strength"]

# Half-hearted emotions are heard as neutral, or anger as joy: of the table's cues "slightly" (0.3)
# has 54 %, the plain word (0.6) 91 %, "very" (0.73) 101 %, "very very" (0.82) 106 %, 1 has 110 %.
_SATURATION = 1.9
_REACH = 1.1
# Fear is as high and bright as anger when it goes so far, and heard as that: it has 95 % of its
# cues at the plain word and stops at all of them.
_SATURATED: Mapping[Emotion, tuple[float, float]] = {Emotion.FEAR: (3.3, 1.0)}
# A low voice that rises as far as a high one is nearer to somebody else's voice than to its own.
_LOW_SHARE = 0.75
_OPENING = 1.15

MANNER: Mapping[Emotion, Cues] = MappingProxyType(
    {
        **CUES,
        Emotion.ANGER: replace(
            CUES[Emotion.ANGER], pitch=8.5, spread=0.8, final=-3.5, rough=0.009,
            effort=11.5, fundamental=-5.5, f1=1.0, f2=1.05, swing=1.7, level=7.0,
        ),
        Emotion.HAPPY: replace(
            CUES[Emotion.HAPPY], pitch=8.8, pace=0.85, pause=0.8, stretch=0.4, fundamental=-1.0,
            f1=1.2, f2=1.16, swing=1.75, level=6.0,
        ),
        Emotion.SAD: replace(
            CUES[Emotion.SAD], pitch=0.2, spread=0.5, tremor=0.3, rough=0.0,
            pace=0.76, pause=2.2, effort=-2.5, fundamental=2.5, f1=1.75, f2=1.13, breath=0.1,
        ),
        Emotion.FEAR: replace(
            CUES[Emotion.FEAR], pitch=12.8, spread=0.5, pace=0.9, pause=2.0, breaks=0.8,
            stretch=0.2, effort=6.0, f1=1.2, f2=1.15, level=6.0,
        ),
        Emotion.DISGUST: replace(
            CUES[Emotion.DISGUST], spread=1.3, pace=0.8, breaks=0.8, effort=2.7, f1=1.17, f2=1.14,
            level=4.0,
        ),
        Emotion.CONTEMPT: replace(
            CUES[Emotion.CONTEMPT], pitch=-3.5, spread=0.55, slope=-2.5, accent=0.8, creak=0.55,
            pace=0.78, pause=1.4, breaks=0.3, stretch=0.55, effort=-3.0, fundamental=3.0,
            f1=0.94, breath=0.3, punch=0.4, level=-3.0,
        ),
        Emotion.SURPRISE: replace(CUES[Emotion.SURPRISE], pitch=5.5, level=4.0),
    }
)  # fmt: skip
"""Each emotion at some 0.72, "very", for a voice whose F0 lies at 180 Hz or above."""


def manner_of(prompt: EmotionPrompt, f0: float) -> Cues:
    """Return the cues of a prompt for a voice of so many Hz; none at intensity 0.

    Of a blend they are the mean of its emotions' cues, by their shares.
    """
    if prompt.others:
        return mean_cues([manner_of(part, f0) for part in prompt.parts], prompt.shares)
    saturation, reach = _SATURATED.get(prompt.emotion, (_SATURATION, _REACH))
    felt = replace(prompt, intensity=strength(prompt.intensity, saturation))
    return cues_of(
        felt, f0, MANNER, growth=1.0, reach=reach, opening=_OPENING, low_share=_LOW_SHARE
    )


def strength(intensity: float, saturation: float = _SATURATION) -> float:
    """Return the part of its longest way that an emotion goes, both 0 to 1."""
    return 1.0 - float((1.0 - intensity) ** saturation)
