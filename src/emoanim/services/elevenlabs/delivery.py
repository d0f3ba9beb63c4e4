"""How an emotion and its strength are told to ElevenLabs: tags before the words, and settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from emoanim.emotions import Emotion, EmotionPrompt

__all__ = ["Delivery", "delivery", "tagged"]

# Tags by strength: below 0.45, below 0.75, above. The service reads them as directions.
_TAGS: Mapping[Emotion, tuple[str, str, str]] = {
    Emotion.ANGER: ("[annoyed]", "[angry]", "[furious][shouting]"),
    Emotion.CONTEMPT: ("[dismissive]", "[contemptuous]", "[sneering][contemptuous]"),
    Emotion.DISGUST: ("[put off]", "[disgusted]", "[revolted][disgusted]"),
    Emotion.FEAR: ("[uneasy]", "[scared]", "[terrified][trembling]"),
    Emotion.HAPPY: ("[pleased]", "[happy]", "[overjoyed][laughing]"),
    Emotion.NEUTRAL: ("[calm]", "[calm]", "[flat]"),
    Emotion.SAD: ("[wistful]", "[sad]", "[heartbroken][crying]"),
    Emotion.SURPRISE: ("[curious]", "[surprised]", "[astonished][gasps]"),
}
_STEPS = (0.45, 0.75)

# Speed at full strength (the service takes 0.7 to 1.2), and how much of the freedom of style and
# of the lowering of stability the emotion takes.
_SPEED: Mapping[Emotion, float] = {
    Emotion.ANGER: 1.08,
    Emotion.CONTEMPT: 0.92,
    Emotion.DISGUST: 0.93,
    Emotion.FEAR: 1.12,
    Emotion.HAPPY: 1.06,
    Emotion.NEUTRAL: 1.0,
    Emotion.SAD: 0.86,
    Emotion.SURPRISE: 1.08,
}
_NATURAL = 0.5


@dataclass(frozen=True, slots=True)
class Delivery:
    """Settings of one sentence's delivery.

    Attributes:
        tag: directions before the words; "" for a model that would read them out.
        stability: 0 (freest) to 1.
        similarity_boost: 0 to 1, how closely the voice is kept.
        style: 0 to 1, how strongly its style is exaggerated.
        speed: 0.7 to 1.2.
    """

    tag: str
    stability: float
    similarity_boost: float
    style: float
    speed: float

    def settings(self) -> dict[str, float | bool]:
        """Return the fields of the service's voice settings."""
        values: dict[str, float | bool] = asdict(self)
        del values["tag"]
        return {**values, "use_speaker_boost": True}


def delivery(prompt: EmotionPrompt, model: str) -> Delivery:
    """Return how to say it: the stronger, the freer; neutral is steady.

    Models of the third generation take tags, and stability in steps of 0, 0.5 and 1 only. A blend
    has the tags of all its emotions; its speed and style are their mean, by their shares.
    """
    if prompt.others:
        each = [delivery(part, model) for part in prompt.parts]
        weighted = list(zip(each, prompt.shares, strict=True))
        return Delivery(
            tag="".join(how.tag for how in each),
            stability=min(how.stability for how in each),
            similarity_boost=each[0].similarity_boost,
            style=round(sum(share * how.style for how, share in weighted), 3),
            speed=round(sum(share * how.speed for how, share in weighted), 3),
        )
    neutral = prompt.emotion is Emotion.NEUTRAL
    strength = 0.0 if neutral else prompt.intensity
    stability = 0.75 if neutral else _NATURAL - 0.3 * strength
    third = model.startswith("eleven_v3")
    if third:
        stability = 1.0 if neutral else (_NATURAL if strength < _STEPS[1] else 0.0)
    level = sum(prompt.intensity >= step for step in _STEPS)
    speed = 1.0 + (_SPEED[prompt.emotion] - 1.0) * strength
    return Delivery(
        tag=_TAGS[prompt.emotion][level] if third else "",
        stability=round(stability, 3),
        similarity_boost=0.8,
        style=round(0.7 * strength, 3),
        speed=round(speed, 3),
    )


def tagged(text: str, how: Delivery) -> str:
    """Return the text with the directions before it; brackets of its own are taken away."""
    plain = text.replace("[", "").replace("]", "")
    return f"{how.tag} {plain}" if how.tag else plain
