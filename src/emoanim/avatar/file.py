"""An avatar as a file: arrays and one JSON text in an .npz archive; nothing in it is run.

``about`` holds the JSON (see ``_About``), ``picture_I`` the pictures, ``points_I`` and ``irises_I``
the face of still I where the rig made it, ``reference`` the voice.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError

import emoanim
from emoanim.arguments import path_of
from emoanim.avatar.prepared import MOST_STILLS, SIZES, Prepared, live_parts, offline
from emoanim.clips import Audio, Image, Portrait
from emoanim.emotions import EmotionPrompt, parse_emotion
from emoanim.engines.rig.expressions.emoted import EmotedFace
from emoanim.errors import EmotionError, InputError, SettingsError
from emoanim.outputs import temporary, writing
from emoanim.parsing import parse_json, read_arrays
from emoanim.protocols import Animator, Voice
from emoanim.settings import BackendChoice, Settings

__all__ = ["SUFFIX", "load", "save"]

SUFFIX = ".avatar"
VERSION = 2
"""Version 1 knew no blends."""
LARGEST = 512_000_000
"""Bytes that a file may unpack to."""
_LONGEST_REFERENCE = 4_000_000
_MOST_JSON = 1_000_000
_MESH = (468, 3)
_EYES = (2, 5, 2)

# What a file from elsewhere may choose: they run here, and no option of theirs opens anything.
_SAFE = {"voice": "hibari", "animator": "rig"}

Units = dict[str, float]


class _Still(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    emotion: str = Field(max_length=40)
    intensity: float = Field(ge=0, le=1)
    text: str = Field(max_length=1000)
    others: list[tuple[str, float]] = Field(default_factory=list, max_length=8)
    emoter: str = Field(max_length=100)
    quality: float | None = None
    image: int = Field(ge=0)
    original: int = Field(ge=0)
    rig: bool = False
    units: Units = Field(default_factory=dict, max_length=200)
    baseline: Units = Field(default_factory=dict, max_length=200)


class _About(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    format: Literal["emoanim-avatar"]
    version: int
    software: str = Field(max_length=200)
    note: str = Field(max_length=1000)
    seed: int = Field(ge=0, le=2**63)
    reference_rate: int = Field(ge=1000, le=400_000)
    voice: BackendChoice | None
    animator: BackendChoice | None
    stills: list[_Still] = Field(min_length=1, max_length=MOST_STILLS)


def save(prepared: Prepared, path: str | Path) -> Path:
    """Write a prepared avatar.

    Raises:
        OutputError: it cannot be written there, or the name does not end in .avatar.
        SettingsError: a picture is larger than a file may hold.
    """
    pictures: list[Image] = []
    arrays: dict[str, NDArray[Any]] = {}

    def number(picture: Image) -> int:
        if not max(picture.shape) <= SIZES[1]:
            raise SettingsError(
                f"stills of {picture.shape[1]}x{picture.shape[0]} given; a file holds up to "
                f"{SIZES[1]} pixels a side. Prepare it with size={SIZES[1]} or less."
            )
        for index, known in enumerate(pictures):
            if known is picture:
                return index
        pictures.append(picture)
        return len(pictures) - 1

    stills = []
    for index, (prompt, still) in enumerate(prepared.stills):
        face = still.state if isinstance(still.state, EmotedFace) else None
        if face is not None:
            arrays[f"points_{index}"] = np.asarray(face.points, np.float32)
            if face.irises is not None:
                arrays[f"irises_{index}"] = np.asarray(face.irises, np.float32)
        written = _Still(
            emotion=str(prompt.emotion),
            intensity=prompt.intensity,
            text=prompt.text[:1000],
            others=[(str(emotion), strength) for emotion, strength in prompt.others],
            emoter=still.emoter,
            quality=still.quality,
            image=number(still.image),
            original=number(still.original),
            rig=face is not None,
            units={} if face is None else _plain(face.units),
            baseline={} if face is None else _plain(face.baseline),
        )
        stills.append(written)
    settings = prepared.settings
    about = _About(
        format="emoanim-avatar",
        version=VERSION,
        software=f"emoanim {emoanim.__version__}",
        note="Stills of a person, changed by software; what is made of them is synthetic.",
        seed=settings.seed,
        reference_rate=prepared.reference.rate,
        voice=settings.voice if prepared.named.get("voice") else None,
        animator=settings.animator if prepared.named.get("animator") else None,
        stills=stills,
    )
    text = json.dumps(about.model_dump(mode="json"), sort_keys=True).encode()
    arrays["about"] = np.frombuffer(text, np.uint8)
    arrays["reference"] = prepared.reference.samples
    arrays |= {f"picture_{index}": picture for index, picture in enumerate(pictures)}
    with temporary(path, (SUFFIX,)) as hidden, writing(path), hidden.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **arrays)
    return Path(path)


def load(path: str | Path, given: Mapping[str, Any]) -> tuple[Prepared, Voice, Animator]:
    """Read what ``save`` wrote.

    Args:
        path: of the file.
        given: "voice" and "animator" that take the place of the file's; None takes the file's.

    Raises:
        InputError: no such file, none of these, damaged or larger than it may be.
        SettingsError: it names parts that a file may not choose.
    """
    file = path_of(path, "the avatar", "a file, such as 'ada.avatar'")
    try:
        arrays = read_arrays(file, LARGEST)
        about = _about(arrays)
        stills = tuple(_still(index, still, arrays) for index, still in enumerate(about.stills))
        reference = _reference(arrays, about.reference_rate)
        if len({still.image.shape for _, still in stills}) > 1:
            raise ValueError("its stills are of several sizes")
    except OSError as error:
        raise InputError(f"the avatar {str(path)!r} cannot be read: {error.strerror}.") from error
    except (KeyError, ValueError) as error:
        raise InputError(
            f"{str(path)!r} is no avatar that can be read: {_said(error)}. Expected what "
            "Avatar.save wrote; save it again."
        ) from error
    values: dict[str, Any] = {"seed": about.seed}
    objects: dict[str, Any] = {}
    for role in _SAFE:
        part = given.get(role)
        if part is None:
            values[role] = _allowed(role, getattr(about, role)).model_dump()
        elif isinstance(part, BackendChoice):
            values[role] = part.model_dump()
        elif isinstance(part, str | Mapping):
            values[role] = part
        else:
            objects[role] = part
    settings = Settings.of({"animator": "rig", **values}, f"the settings in {Path(path).name}")
    parts = live_parts(settings, tuple(_SAFE), objects)
    named = {role: part.by_name for role, part in parts.items()}
    runs_here = named["voice"] and offline("voice", settings.voice.name)
    prepared = Prepared(stills, settings, reference, named, runs_here)
    return prepared, parts["voice"].backend, parts["animator"].backend


def _allowed(role: str, choice: BackendChoice | None) -> BackendChoice:
    """Return a file's own choice, if a file may make it."""
    if choice is None:
        raise SettingsError(
            f"the avatar was made with a {role} that was given as an object; expected it again: "
            f"Avatar.load(path, {role}=...)."
        )
    if choice.name != _SAFE[role]:
        raise SettingsError(
            f"the avatar was made with the {role} {choice.name!r}, which a file may not choose by "
            f"itself. If you trust it, name it: Avatar.load(path, {role}={choice.name!r})."
        )
    return choice


def _about(arrays: Mapping[str, NDArray[Any]]) -> _About:
    text = arrays["about"]
    if text.dtype != np.uint8 or text.ndim != 1 or len(text) > _MOST_JSON:
        raise ValueError("its text is none")
    values = parse_json(text.tobytes())
    if isinstance(values, dict) and values.get("format") == "emoanim-avatar":
        version = values.get("version")
        if version not in (1, VERSION):
            raise ValueError(f"it has version {version!r}; this emoanim reads 1 and {VERSION}")
    return _About.model_validate(values)


def _still(
    index: int, still: _Still, arrays: Mapping[str, NDArray[Any]]
) -> tuple[EmotionPrompt, Portrait]:
    try:
        others = tuple((parse_emotion(name), strength) for name, strength in still.others)
        prompt = EmotionPrompt(parse_emotion(still.emotion), still.intensity, still.text, others)
    except EmotionError as error:
        raise ValueError(str(error)) from error
    image, original = (_picture(arrays, i) for i in (still.image, still.original))
    if image.shape != original.shape:
        raise ValueError(f"the pictures of still {index} differ in size")
    face = None
    if still.rig:
        irises = arrays.get(f"irises_{index}")
        face = EmotedFace(
            _points(arrays[f"points_{index}"], _MESH),
            None if irises is None else _points(irises, _EYES),
            still.units,
            still.baseline,
        )
    return prompt, Portrait(image, original, still.quality, still.emoter, state=face)


def _picture(arrays: Mapping[str, NDArray[Any]], index: int) -> Image:
    picture = arrays[f"picture_{index}"]
    if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[2] != 3:
        raise ValueError(f"picture {index} is {picture.dtype} {picture.shape}")
    if not 16 <= min(picture.shape[:2]) <= max(picture.shape[:2]) <= SIZES[1]:
        raise ValueError(f"picture {index} has {picture.shape[1]}x{picture.shape[0]} pixels")
    return picture


def _points(points: NDArray[Any], shape: tuple[int, ...]) -> NDArray[np.float32]:
    if points.dtype != np.float32 or points.shape != shape or not (np.abs(points) < 1e5).all():
        raise ValueError(f"points of {points.dtype} {points.shape}, not float32 {shape}")
    return points


def _reference(arrays: Mapping[str, NDArray[Any]], rate: int) -> Audio:
    samples = arrays["reference"]
    if samples.dtype != np.float32 or samples.ndim != 1 or len(samples) > _LONGEST_REFERENCE:
        raise ValueError(f"its voice is {samples.dtype} {samples.shape}")
    if not np.isfinite(samples).all():
        raise ValueError("its voice holds values that are no numbers")
    return Audio(samples, rate)


def _plain(units: Mapping[str, float]) -> Units:
    return {name: float(weight) for name, weight in units.items()}


def _said(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False)[0]
        return f"{'.'.join(str(p) for p in first['loc'])}: {first['msg']}"
    if isinstance(error, KeyError):
        return f"it lacks {error.args[0]!r}"
    return str(error)
