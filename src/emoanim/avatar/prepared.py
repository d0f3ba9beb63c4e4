"""What an avatar stands on: a person's stills in every emotion, and whose voice it has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from emoanim import registry
from emoanim.arguments import number_of, several_of
from emoanim.clips import Audio, Clip, Image, Portrait, SoundClip
from emoanim.emotions import TARGETS, Emotion, EmotionPrompt
from emoanim.errors import InputError, MediaError, SettingsError
from emoanim.face import best_first, pick_frames
from emoanim.protocols import Animator, FaceEmoter, RatesFrames, Voice
from emoanim.registry.checks import checked
from emoanim.registry.parts import Part, make_parts
from emoanim.settings import PRESETS, BackendChoice, Settings, load_settings

__all__ = ["EMOTIONS", "MOST_STILLS", "Prepared", "Source", "live_parts", "prepared_from"]

Source = str | Path | Image | Clip
"""A picture's or a film's file, uint8 (h, w, 3) RGB, or a clip."""

EMOTIONS: tuple[Emotion, ...] = TARGETS
MOST_STILLS = 64
"""Emotions and strengths that one avatar has at most."""
SIZES = (128, 1024)
"""Smallest and largest side of the frames, pixels."""

_PICTURES = frozenset(
    [".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff", ".avif", ".heic", ".ppm"]
)
_ROLES = ("voice", "face_emoter", "animator")
_REFERENCE_SECONDS = 20.0
# Sides over the face's: what shows hair, neck and shoulders; the face stands above the middle.
_AROUND, _LOWER = 2.3, 0.12
_NOBODY = Audio(np.zeros(0, np.float32), 16000)


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """What is saved of an avatar.

    Attributes:
        stills: emotions and their stills, all of one size.
        settings: the ``voice``, ``animator``, ``seed`` and ``budget`` count.
        reference: the voice that the avatar's is like; without samples if nobody's.
        named: the voice and the animator were made by their names.
        offline: the voice runs here.
    """

    stills: tuple[tuple[EmotionPrompt, Portrait], ...]
    settings: Settings
    reference: Audio
    named: Mapping[str, bool]
    offline: bool


def prepared_from(
    source: Source,
    settings: str | Path | Settings,
    emotions: Sequence[str | Emotion | EmotionPrompt],
    voice_like: str | Path | Audio | None,
    size: int,
    parts: Mapping[str, Any],
) -> tuple[Prepared, Voice, Animator]:
    """Do what ``Avatar.prepare`` promises."""
    prompts = _prompts(emotions)
    size = number_of(size, "size", f"{SIZES[0]} to {SIZES[1]} pixels", whole=True)
    if not SIZES[0] <= size <= SIZES[1]:
        raise InputError(f"size {size} given; expected {SIZES[0]} to {SIZES[1]} pixels.")
    chosen, objects = _chosen(settings, parts)
    made = live_parts(chosen, _ROLES, objects)
    emoter: FaceEmoter = made["face_emoter"].backend
    picture, sound = _person(source, emoter, chosen, size)
    stills = []
    for prompt in prompts:
        still = checked("face_emoter", emoter, emoter.emote([picture], prompt), 1)[0]
        stills.append((prompt, still))
    if voice_like is not None:
        sound = _sound(voice_like)
    prepared = Prepared(
        tuple(stills),
        chosen,
        Audio(sound.samples[: round(_REFERENCE_SECONDS * sound.rate)], sound.rate),
        {role: part.by_name for role, part in made.items()},
        "offline" in made["voice"].about.abilities,
    )
    return prepared, made["voice"].backend, made["animator"].backend


def live_parts(
    settings: Settings, roles: Sequence[str], objects: Mapping[str, Any]
) -> dict[str, Part]:
    """Make the parts, and see that they can say any text and move a still.

    Raises:
        SettingsError: they cannot.
    """
    parts = make_parts(settings, roles, objects)
    if parts["animator"].about.name == "film":
        raise SettingsError(
            "the animator 'film' moves the frames of a film; expected one that moves a still. "
            'Choose it: animator="rig".'
        )
    if parts["voice"].about.name == "own":
        raise SettingsError(
            "the voice 'own' says a recording again; expected one that says any text. "
            'Choose it: voice="hibari".'
        )
    return parts


def _chosen(
    settings: str | Path | Settings, parts: Mapping[str, Any]
) -> tuple[Settings, dict[str, Any]]:
    unknown = set(parts) - set(_ROLES)
    if unknown:
        raise SettingsError(f"the part {min(unknown)!r} given; an avatar has: {', '.join(_ROLES)}.")
    names = (str, BackendChoice, Mapping)
    objects = {role: part for role, part in parts.items() if not isinstance(part, names)}
    changes = {role: part for role, part in parts.items() if role not in objects}
    if isinstance(settings, Settings):
        given = settings
    elif isinstance(settings, str) and settings in PRESETS:
        given = PRESETS[settings].for_a_picture()
    else:
        given = load_settings(settings)
    for role, part in changes.items():
        if isinstance(part, BackendChoice):
            changes[role] = part.model_dump()
    return given.changed(**changes), objects


def _prompts(emotions: Sequence[str | Emotion | EmotionPrompt]) -> list[EmotionPrompt]:
    if isinstance(emotions, str):
        raise InputError(f"emotions={emotions!r} given; expected several: emotions=[{emotions!r}].")
    several = several_of(emotions, "the emotions", "several: emotions=['neutral', 'happy']")
    prompts = [EmotionPrompt.parse(emotion) for emotion in several]
    if not 1 <= len(prompts) <= MOST_STILLS:
        raise InputError(f"{len(prompts)} emotions given; expected 1 to {MOST_STILLS}.")
    return prompts


def _person(
    source: Source, emoter: FaceEmoter, settings: Settings, size: int
) -> tuple[Image, Audio]:
    """Return the picture that is to speak, and the person's voice if the source has it."""
    if isinstance(source, str | Path) and Path(source).suffix.lower() in _PICTURES:
        from emoanim.media import read_image

        return _fitted(read_image(source), size), _NOBODY
    if isinstance(source, np.ndarray):
        if source.dtype != np.uint8 or source.ndim != 3 or source.shape[2] != 3:
            raise InputError(
                f"a picture of {source.dtype} {source.shape} given; expected uint8 (h, w, 3) RGB, "
                "or a file."
            )
        return _fitted(source, size), _NOBODY
    if isinstance(source, str | Path):
        from emoanim.media import Video

        clip: Clip = Video(source)
    elif isinstance(source, Clip):
        clip = source
    else:
        raise InputError(
            f"a {type(source).__qualname__} given; expected a picture, a film or their file."
        )
    frames, _ = pick_frames(clip, settings.stills, settings.seed)
    pictures = [_fitted(frame.image, size) for frame in frames]
    qualities = emoter.rate(pictures) if isinstance(emoter, RatesFrames) else [None] * len(pictures)
    return pictures[best_first(qualities)[0]], _voice_of(clip)


def _voice_of(clip: Clip) -> Audio:
    if not isinstance(clip, SoundClip):
        return _NOBODY
    try:
        return clip.audio()
    except MediaError:  # a film without sound
        return _NOBODY


def _fitted(picture: Image, size: int) -> Image:
    """Cut head and shoulders out of a picture that is larger than the frames are to be."""
    height, width = picture.shape[:2]
    if max(height, width) <= size:
        return np.ascontiguousarray(picture)
    from emoanim.faces import shared_finder
    from emoanim.faces.crop import Square, cut

    face = shared_finder().largest_face(picture)
    side = min(_AROUND * face.size, height, width)
    x, y = face.centre
    half = side / 2.0
    x = min(max(x, half), width - half)
    y = min(max(y + _LOWER * side, half), height - half)
    return cut(picture, Square(x, y, side), size)


def _sound(given: str | Path | Audio) -> Audio:
    if isinstance(given, Audio):
        return given
    from emoanim.media import read_audio

    return read_audio(given)


def offline(role: str, name: str) -> bool:
    """Whether a backend of ours runs here."""
    return "offline" in registry.info(role, name).abilities
