"""How each emotion sounds: one table, scaled by intensity.

Directions and sizes follow what was measured on acted speech for anger, happiness and sadness;
the other emotions follow their descriptions in the literature on vocal affect (contempt: slow, low,
narrow, falling; disgust: slow, low, creaky; fear: high, fast, breathy, trembling).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from emoanim.emotions import Emotion, EmotionPrompt

__all__ = ["STYLES", "Style", "style_of"]


@dataclass(frozen=True, slots=True)
class Style:
    """A way of speaking, relative to the voice's neutral one.

    Attributes:
        pitch: semitones added everywhere.
        spread: factor on the melody's excursions around its median.
        slope: semitones from the start to the end of a phrase (negative falls).
        final: semitones added to the end of a phrase's last voiced part.
        accent: semitones added to the stressed vowel of a word of full weight.
        stretch: part by which that vowel is lengthened.
        pace: factor on the speed.
        pause: factor on the pauses.
        push: added to the network's energy (about 2.5 dB each).
        punch: the same, on stressed vowels.
        effort: dB of the alpha ratio (1-5 kHz against 0.05-1 kHz); more is a pressed, loud voice.
        breath: aspiration noise, 0..1.
        rough: cycle-to-cycle irregularity of pitch, a fraction (0.01 is a hoarse voice).
        creak: share of a phrase's end that falls into creaky voice, 0..1.
        tremor: depth of a 5.5 Hz pitch tremor in semitones.
        smile: factor on the formants (a smile shortens the vocal tract).
    """

    pitch: float = 0.0
    spread: float = 1.0
    slope: float = 0.0
    final: float = 0.0
    accent: float = 0.0
    stretch: float = 0.0
    pace: float = 1.0
    pause: float = 1.0
    push: float = 0.0
    punch: float = 0.0
    effort: float = 0.0
    breath: float = 0.0
    rough: float = 0.0
    creak: float = 0.0
    tremor: float = 0.0
    smile: float = 1.0


_NEUTRAL = Style()

STYLES: Mapping[Emotion, Style] = MappingProxyType(
    {
        Emotion.NEUTRAL: _NEUTRAL,
        Emotion.ANGER: Style(
            pitch=6.0,
            spread=1.25,
            slope=-1.0,
            final=-2.0,
            accent=3.0,
            stretch=0.15,
            pace=1.06,
            pause=0.8,
            push=1.2,
            punch=1.2,
            effort=8.0,
            rough=0.006,
            smile=1.03,
        ),
        Emotion.HAPPY: Style(
            pitch=6.5,
            spread=1.45,
            slope=0.5,
            final=2.5,
            accent=3.0,
            stretch=0.15,
            pace=1.06,
            pause=0.9,
            push=0.6,
            punch=0.8,
            effort=5.0,
            smile=1.05,
        ),
        Emotion.SAD: Style(
            pitch=-2.2,
            spread=0.6,
            slope=-1.5,
            final=-1.0,
            accent=-0.5,
            stretch=0.1,
            pace=0.82,
            pause=1.6,
            push=-0.6,
            punch=-0.3,
            effort=-3.5,
            breath=0.5,
            rough=0.003,
            tremor=0.15,
            smile=0.98,
        ),
        Emotion.FEAR: Style(
            pitch=5.0,
            spread=0.9,
            slope=1.0,
            final=1.0,
            accent=1.5,
            pace=1.12,
            pause=1.15,
            push=-0.2,
            effort=1.5,
            breath=0.8,
            rough=0.006,
            tremor=0.6,
            smile=1.03,
        ),
        Emotion.DISGUST: Style(
            pitch=-1.8,
            spread=1.0,
            slope=-2.0,
            final=-2.5,
            accent=2.0,
            stretch=0.35,
            pace=0.86,
            pause=1.2,
            punch=0.6,
            effort=1.0,
            rough=0.008,
            creak=0.5,
            smile=0.96,
        ),
        Emotion.CONTEMPT: Style(
            pitch=-2.5,
            spread=0.65,
            slope=-2.0,
            final=-3.0,
            accent=1.0,
            stretch=0.3,
            pace=0.86,
            pause=1.25,
            push=-0.3,
            effort=-1.0,
            breath=0.1,
            creak=0.35,
            smile=0.98,
        ),
        Emotion.SURPRISE: Style(
            pitch=6.0,
            spread=1.6,
            slope=1.0,
            final=4.0,
            accent=3.0,
            stretch=0.25,
            pace=1.04,
            push=0.5,
            punch=0.6,
            effort=3.0,
            breath=0.2,
            smile=1.03,
        ),
    }
)
"""Each emotion at full intensity."""


def style_of(prompt: EmotionPrompt) -> Style:
    """Return the style of a prompt: neutral at intensity 0, the table's at 1, straight between."""
    full = STYLES[prompt.emotion]
    return Style(
        **{
            f.name: (a := getattr(_NEUTRAL, f.name))
            + (getattr(full, f.name) - a) * prompt.intensity
            for f in dataclasses.fields(Style)
        }
    )
