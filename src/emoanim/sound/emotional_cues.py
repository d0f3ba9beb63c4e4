"""How each emotion sounds: one table of acoustic cues, scaled by intensity and by the speaker.

The offline voices share it: the synthetic one sets the cues before it speaks, the speaker's own
recording has them put on afterwards. Directions and sizes follow what two corpora of acted speech
agree on, relative to the same speaker's neutral voice (measurements: docs/measured/speech.md):
anger is high, loud and bright with both formants far up and a weak fundamental; joy the same,
milder, with a wide melody and fewer, longer voiced stretches; fear as high as anger with a narrow
melody; sadness slow, narrow, soft-edged and broken into phrases; disgust a little raised, wide,
slow and broken. Contempt is not measured there: slow, low, narrow and falling after the
literature on vocal affect (Banse & Scherer 1996); surprise is high, wide and rising.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from emoanim.emotions import Emotion, EmotionPrompt

__all__ = ["CUES", "Cues", "cues_of", "mean_cues"]

# A man's voice that rises as far as a woman's is taken for a woman's: below the first F0 in Hz
# a rise keeps only this share, from the second on all of it, and the spectrum carries the rest.
_LOW_F0, _HIGH_F0 = 130.0, 180.0
_LOW_SHARE = 0.8
# Listeners and classifiers hear a half-hearted emotion as neutral: cues grow fast at first.
_GROWTH = 0.75


@dataclass(frozen=True, slots=True)
class Cues:
    """A way of speaking, relative to the speaker's neutral one.

    Attributes:
        pitch: semitones added to F0 everywhere.
        spread: factor on F0's excursions around its median, in semitones.
        slope: semitones from the start to the end of a phrase (negative falls).
        final: semitones added to the end of a phrase's last voiced part.
        accent: semitones added to a stressed vowel of full weight.
        tremor: depth of a 5.5 Hz tremor of F0 in semitones.
        rough: cycle-to-cycle irregularity of F0, a fraction (0.01 is a hoarse voice).
        creak: share of a phrase's end that falls into creaky voice, 0..1.
        pace: factor on the speed of articulation.
        pause: factor on the length of pauses.
        breaks: how readily a sentence breaks into phrases, 0 (as written) to 1 (every few words).
        stretch: part by which a stressed vowel is lengthened.
        effort: dB of the alpha ratio (1-5 kHz against 0.05-1 kHz); more is a pressed, loud voice.
        fundamental: dB at the fundamental, falling to 0 at 500 Hz (negative: a tense voice).
        f1: factor on the first formant: how far the mouth opens.
        f2: factor on the second formant.
        opening: dB that 800 Hz gains and 350 Hz loses: a mouth that opens, in a recording whose
            formants stay (the synthetic voice moves them instead).
        breath: aspiration noise, 0..1.
        swing: factor on the excursions of energy around its median, in dB.
        punch: energy added to a stressed vowel, in steps of about 2.5 dB.
        level: dB by which the whole is louder than the speaker's neutral voice.
    """

    pitch: float = 0.0
    spread: float = 1.0
    slope: float = 0.0
    final: float = 0.0
    accent: float = 0.0
    tremor: float = 0.0
    rough: float = 0.0
    creak: float = 0.0
    pace: float = 1.0
    pause: float = 1.0
    breaks: float = 0.0
    stretch: float = 0.0
    effort: float = 0.0
    fundamental: float = 0.0
    f1: float = 1.0
    f2: float = 1.0
    opening: float = 0.0
    breath: float = 0.0
    swing: float = 1.0
    punch: float = 0.0
    level: float = 0.0


_NEUTRAL = Cues()

CUES: Mapping[Emotion, Cues] = MappingProxyType(
    {
        Emotion.NEUTRAL: _NEUTRAL,
        Emotion.ANGER: Cues(
            pitch=7.5, spread=1.1, slope=-1.0, final=-2.0, accent=2.5, rough=0.003,
            pace=0.98, pause=0.8, stretch=0.15,
            effort=7.5, fundamental=-4.5, f1=1.18, f2=1.12, swing=1.55, punch=2.0, level=6.0,
        ),
        Emotion.HAPPY: Cues(
            pitch=7.5, spread=1.3, slope=0.5, final=2.5, accent=2.5,
            pace=0.9, pause=0.9, stretch=0.35,
            effort=4.0, fundamental=-3.0, f1=1.13, f2=1.08, swing=1.4, punch=1.6, level=4.0,
        ),
        Emotion.SAD: Cues(
            pitch=-2.0, spread=0.6, slope=-1.5, final=-1.0, accent=-1.0, tremor=0.2, rough=0.003,
            pace=0.78, pause=1.7, breaks=1.0, stretch=0.1,
            effort=-1.5, fundamental=5.0, f1=1.14, f2=1.04, breath=0.6, swing=0.9, punch=-0.3,
            level=-4.0,
        ),
        Emotion.FEAR: Cues(
            pitch=9.0, spread=0.85, slope=1.0, final=1.0, accent=1.0, tremor=0.4,
            pace=0.94, pause=1.6, breaks=0.7,
            effort=4.5, fundamental=-2.0, f1=1.21, f2=1.12, breath=0.25, swing=1.1, punch=0.6,
            level=5.0,
        ),
        Emotion.DISGUST: Cues(
            pitch=3.0, spread=1.4, slope=-2.0, final=-2.5, accent=1.5, rough=0.003, creak=0.3,
            pace=0.84, pause=1.4, breaks=0.6, stretch=0.3,
            effort=2.0, fundamental=-1.0, f1=1.13, f2=1.09, swing=1.1, punch=0.8, level=2.0,
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


def cues_of(
    prompt: EmotionPrompt,
    f0: float | None = None,
    table: Mapping[Emotion, Cues] = CUES,
    *,
    growth: float = _GROWTH,
    reach: float = 1.0,
    opening: float = 1.0,
    low_share: float = _LOW_SHARE,
) -> Cues:
    """Return the cues of a prompt.

    Args:
        prompt: neutral at intensity 0, the table's cues at 1; between them a cue has the part
            ``intensity ** growth`` of its way.
        f0: the speaker's median F0 in Hz; a low voice rises less. None changes nothing.
        table: every emotion at full intensity.
        growth: below 1 the first steps are the largest.
        reach: part of the table's way that intensity 1 goes; shares of a whole stay at 1 at most.
        opening: factor by which a low voice's formants rise further.
        low_share: part of a rise of pitch that a low voice keeps.

    Of a blend the cues are the mean of its emotions' cues, by their shares.
    """
    if prompt.others:
        how = {"growth": growth, "reach": reach, "opening": opening, "low_share": low_share}
        each = [cues_of(part, f0, table, **how) for part in prompt.parts]
        return mean_cues(each, prompt.shares)
    full = table[prompt.emotion]
    part = reach * prompt.intensity**growth
    values = {
        f.name: (a := getattr(_NEUTRAL, f.name)) + (getattr(full, f.name) - a) * part
        for f in dataclasses.fields(Cues)
    }
    for share in ("creak", "breaks", "breath"):
        values[share] = min(values[share], 1.0)
    if f0 is not None:
        if values["pitch"] > 0.0:
            values["pitch"] *= float(np.interp(f0, (_LOW_F0, _HIGH_F0), (low_share, 1.0)))
        low = float(np.interp(f0, (_LOW_F0, _HIGH_F0), (opening, 1.0)))
        for formant in ("f1", "f2"):
            values[formant] += (low - 1.0) * max(values[formant] - 1.0, 0.0)
    return Cues(**values)


def mean_cues(cues: Sequence[Cues], shares: Sequence[float]) -> Cues:
    """Return the mean of some cues, each with its share; the shares sum to 1."""
    return Cues(
        **{
            f.name: sum(s * getattr(c, f.name) for c, s in zip(cues, shares, strict=True))
            for f in dataclasses.fields(Cues)
        }
    )
