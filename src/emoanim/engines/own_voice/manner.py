"""What a recording takes of the cues: less than a synthetic voice, for the speaker is in it."""

from __future__ import annotations

import dataclasses

from emoanim.emotions import Emotion, EmotionPrompt
from emoanim.sound.emotional_cues import CUES, Cues, cues_of, mean_cues

__all__ = ["manner_of"]

# A speaker is known by pitch and formants. So pitch moves by a part of the cues' only, and formants
# not at all: of a mouth that opens, a recording takes what effort and a fundamental that gives way
# make of it, by so many dB for F1 doubled.
_PITCH, _EFFORT, _FUNDAMENTAL, _OPENING = 0.7, 0.9, 1.5, 12.0
# What is taken from a voice costs it less likeness than what is put on.
_LOWER, _SOFTER = 1.0, 2.0
_CALM_SPREAD, _CALM_SWING = 0.85, 0.9
# A fundamental that gives way further than this, and swings beyond this part of the cues', cost
# more likeness than anything else and add little.
_WEAKEST, _SWING = -6.0, 0.55
# The plain word (0.6) has nine tenths of an emotion: with less it is hardly heard.
_GROWTH = 0.15
# Where effort does not tell anger from joy as formants would, it has to do more. What costs words
# and is not needed: sounds drawn out, phrases broken, melodies that are bent at the end of a
# phrase, roughness, breath, and a softer voice, which sinks into its room. So sadness takes its
# time in pauses, and its mouth opens, as both corpora of acted speech say.
_TABLE = {
    **CUES,
    Emotion.ANGER: dataclasses.replace(
        CUES[Emotion.ANGER],
        pitch=6.4, spread=1.0, slope=0.0, final=-0.5, rough=0.0, stretch=0.05, effort=12.0,
    ),
    Emotion.HAPPY: dataclasses.replace(
        CUES[Emotion.HAPPY],
        pitch=11.8, accent=1.2, final=1.5, stretch=0.0, effort=5.0, fundamental=-1.0,
    ),
    Emotion.SAD: dataclasses.replace(
        CUES[Emotion.SAD],
        pitch=-0.3, spread=0.75, accent=-0.5, pace=0.92, pause=2.6,
        effort=-3.2, fundamental=6.5, opening=6.0, breath=0.0, level=-1.5,
    ),
    Emotion.DISGUST: dataclasses.replace(
        CUES[Emotion.DISGUST], slope=-1.0, final=-1.0, pace=0.9, stretch=0.1
    ),
    Emotion.CONTEMPT: dataclasses.replace(
        CUES[Emotion.CONTEMPT], slope=-1.0, final=-1.5, pace=0.92, stretch=0.1, level=-0.7
    ),
}  # fmt: skip


def manner_of(prompt: EmotionPrompt, f0: float | None) -> Cues:
    """Return the cues by which a recording is changed; none at intensity 0.

    Neutral calms: melody and stress that the speaker put in are drawn together a little.

    Args:
        prompt: the emotion and its strength.
        f0: the speaker's median F0 in Hz; None if unknown.
    """
    if prompt.others:
        return mean_cues([manner_of(part, f0) for part in prompt.parts], prompt.shares)
    if prompt.emotion is Emotion.NEUTRAL:
        part = prompt.intensity
        return Cues(
            spread=1.0 + (_CALM_SPREAD - 1.0) * part, swing=1.0 + (_CALM_SWING - 1.0) * part
        )
    cues = cues_of(prompt, f0, _TABLE, growth=_GROWTH)
    return dataclasses.replace(
        cues,
        pitch=(_PITCH if cues.pitch > 0.0 else _LOWER) * cues.pitch,
        f1=1.0,
        f2=1.0,
        effort=(_EFFORT if cues.effort > 0.0 else _SOFTER) * cues.effort,
        fundamental=max(
            _FUNDAMENTAL * cues.fundamental - _OPENING * max(cues.f1 - 1.0, 0.0), _WEAKEST
        ),
        swing=1.0 + _SWING * max(cues.swing - 1.0, 0.0),
    )
