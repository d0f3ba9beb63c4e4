"""How far the synthetic voice goes for each emotion.

The same cues as ``emoanim.sound.emotional_cues``, but further: the network gives back only a part
of what it is asked for, and it has no speaker to lose. The values are those at which its sound,
measured, comes to half or more of what acted speech does (benchmarks/speech_fidelity.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from emoanim.emotions import Emotion, EmotionPrompt
from emoanim.sound.emotional_cues import Cues, cues_of

__all__ = ["MANNER", "manner_of"]

# Half-hearted emotions are heard as neutral, or anger as joy: cues grow fast at first.
_GROWTH = 0.3
# A low voice rises less and opens its mouth so much further instead.
_OPENING = 1.3

MANNER: Mapping[Emotion, Cues] = MappingProxyType(
    {
        Emotion.NEUTRAL: Cues(),
        Emotion.ANGER: Cues(
            pitch=8.5, spread=0.95, slope=-1.0, final=-2.5, accent=2.5, rough=0.009,
            pace=0.98, pause=0.8, stretch=0.15,
            effort=10.5, fundamental=-4.5, f1=1.37, f2=1.23, swing=1.7, punch=2.0, level=6.0,
        ),
        Emotion.HAPPY: Cues(
            pitch=7.5, spread=1.3, slope=0.5, final=2.5, accent=2.5,
            pace=0.85, pause=0.8, stretch=0.4,
            effort=4.0, fundamental=-3.0, f1=1.27, f2=1.13, swing=1.75, punch=1.6, level=4.0,
        ),
        Emotion.SAD: Cues(
            pitch=-1.0, spread=0.5, slope=-1.5, final=-1.0, accent=-1.0, tremor=0.3, rough=0.001,
            pace=0.74, pause=2.1, breaks=1.0, stretch=0.1,
            effort=-1.5, fundamental=2.5, f1=1.45, f2=1.12, breath=0.35, swing=0.9, punch=-0.3,
            level=-4.0,
        ),
        Emotion.FEAR: Cues(
            pitch=11.0, spread=0.6, slope=1.0, final=1.0, accent=1.0, tremor=0.4,
            pace=0.9, pause=1.6, breaks=1.0,
            effort=5.5, fundamental=-2.0, f1=1.38, f2=1.22, breath=0.25, swing=1.1, punch=0.6,
            level=5.0, stretch=0.2,
        ),
        Emotion.DISGUST: Cues(
            pitch=3.0, spread=1.3, slope=-2.0, final=-2.5, accent=1.5, rough=0.003, creak=0.3,
            pace=0.8, pause=1.4, breaks=0.8, stretch=0.3,
            effort=2.0, fundamental=-1.0, f1=1.24, f2=1.15, swing=1.1, punch=0.8, level=2.0,
        ),
        Emotion.CONTEMPT: Cues(
            pitch=-2.5, spread=0.65, slope=-2.0, final=-3.0, accent=1.0, creak=0.35,
            pace=0.84, pause=1.25, breaks=0.2, stretch=0.35,
            effort=-1.5, fundamental=2.0, f1=0.95, f2=0.97, breath=0.1, swing=0.9, level=-2.0,
        ),
        Emotion.SURPRISE: Cues(
            pitch=7.0, spread=1.6, slope=1.0, final=4.5, accent=3.0,
            pace=1.0, stretch=0.25,
            effort=3.0, fundamental=-1.0, f1=1.12, f2=1.06, breath=0.2, swing=1.2, punch=0.8,
            level=3.0,
        ),
    }
)  # fmt: skip
"""Each emotion at full intensity, for a voice whose F0 lies at 180 Hz or above."""


def manner_of(prompt: EmotionPrompt, f0: float) -> Cues:
    """Return the cues of a prompt for a voice of so many Hz; none at intensity 0."""
    return cues_of(prompt, f0, MANNER, growth=_GROWTH, opening=_OPENING)
