"""One pass over a clip: every frame is decoded once and its face followed once for all measures."""

from __future__ import annotations

import importlib.util
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emoanim.clips import Audio, EmotionScores, Frame
from emoanim.errors import FaceError, InputError
from emoanim.evaluation.identity import FaceRecogniser
from emoanim.evaluation.lip_lag import envelope
from emoanim.evaluation.sources import Source
from emoanim.extras import install_command
from emoanim.faces import (
    Face,
    FaceFinder,
    FaceTracker,
    eye_levelled_crop,
    fit_pose,
    mouth_openness,
)
from emoanim.metrics import cpbd, psnr, sound_onsets
from emoanim.portable_messages import portable
from emoanim.scoring.score_collector import ScoreCollector

__all__ = ["CROP", "Observation", "observe"]

Image = NDArray[np.uint8]
Floats = NDArray[np.float64]

CROP = 256
"""Side in pixels of the face crop whose sharpness is measured."""

PICTURES = 8
"""Frames kept of a clip, for a contact sheet."""

_PICTURE_SIDE = 192
_SMALLEST = 32.0
_SHARP_EVERY = 5
_IDENTITY_SECONDS = 1.0
_SOUND_BLOCK = 60


def _none() -> Floats:
    return np.zeros(0)


@dataclass(frozen=True, slots=True, eq=False)
class Observation:
    """What was measured in one clip; everything else is computed from two of these.

    Attributes:
        name: of the file or folder.
        fps: frames per second that were looked at; NaN for stills.
        times: seconds of these frames, (t,); numbers for stills.
        scores: name of a classifier -> its scores; one that saw a sample has fewer rows.
        weights: name of a classifier -> its weight files and their hashes.
        angles: yaw, pitch, roll in degrees, (t, 3), NaN without a face.
        mouth: opening of the mouth (t,), NaN without a face.
        face_size: longer side of the face in pixels, (t,), NaN without a face.
        sharpness: CPBD of sampled face crops of 256x256, (k,).
        embeddings: of sampled faces, (k, 128); (0, 128) if there are none.
        psnr: dB per frame against an aligned reference, (t,); empty without one.
        loudness: 100 per second (see ``lips.envelope``); empty without sound.
        onsets: of the sound, seconds.
        several: the most faces seen in one frame.
        reasons: "embeddings" or "sharpness" -> why there are none.
        pictures: some frames, reduced, for a contact sheet; they are not kept in score files.
    """

    name: str
    fps: float
    times: Floats
    scores: Mapping[str, EmotionScores]
    weights: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    angles: Floats = field(default_factory=lambda: np.zeros((0, 3)))
    mouth: Floats = field(default_factory=_none)
    face_size: Floats = field(default_factory=_none)
    sharpness: Floats = field(default_factory=_none)
    embeddings: Floats = field(default_factory=lambda: np.zeros((0, 128)))
    psnr: Floats = field(default_factory=_none)
    loudness: Floats = field(default_factory=_none)
    onsets: Floats = field(default_factory=_none)
    several: int = 0
    reasons: Mapping[str, str] = field(default_factory=dict)
    pictures: tuple[Image, ...] = ()


def observe(
    source: Source,
    name: str,
    scorers: Sequence[ScoreCollector],
    *,
    finder: FaceFinder,
    recogniser: FaceRecogniser | str = "",
    reference: Source | None = None,
    every: int = 1,
    on_frame: Callable[[int], None] = lambda done: None,
) -> Observation:
    """Read a clip once and measure all there is to measure; memory does not grow with the frames.

    Args:
        source: read once.
        name: for messages.
        scorers: of the emotions.
        finder: of faces.
        recogniser: of the person, or the reason why there is none.
        reference: aligned frame by frame with the source, for PSNR.
        every: look at every n-th frame.
        on_frame: told of the number of frames looked at.

    Raises:
        InputError: no frames, or a reference of another size or length.
        FaceError: no face in any frame.
    """
    still = math.isnan(source.fps)
    follow = _Finding(finder) if still else _Tracking(finder)
    times: list[float] = []
    geometry: list[tuple[float, ...]] = []
    sharpness: list[float] = []
    embeddings: list[Floats] = []
    decibels: list[float] = []
    pictures: list[Image] = []
    reasons = {"embeddings": portable(recogniser)} if isinstance(recogniser, str) else {}
    if importlib.util.find_spec("skimage") is None:
        reasons["sharpness"] = portable(f"scikit-image is missing: {install_command('evaluation')}")
    next_embedding = -math.inf
    for index, (frame, beside) in enumerate(_paired(source, reference, name)):
        if index % every:
            continue
        face = follow(frame)
        number = len(times)
        times.append(frame.time)
        geometry.append(_geometry(face))
        for scorer in scorers:
            scorer.add(0 if still else number, frame, face)  # no still is left out
        if beside is not None:
            decibels.append(_psnr(beside.image, frame.image, name))
        sharp = "sharpness" not in reasons and number % (1 if still else _SHARP_EVERY) == 0
        if face is not None and sharp:
            crop = eye_levelled_crop(frame.image, face.points, CROP)
            sharpness.append(cpbd(crop).value)
        if face is not None and frame.time >= next_embedding:
            if not isinstance(recogniser, str):
                embeddings.append(recogniser.embed(frame.image, face))
            next_embedding = frame.time + (0.0 if still else _IDENTITY_SECONDS)
        if _due(len(pictures), frame.time, source):
            pictures.append(_reduced(frame.image))
        on_frame(len(times))
    if not times:
        raise InputError(f"{name} has no frames; expected at least one. Check the file.")
    table = np.asarray(geometry, np.float64)
    if np.isnan(table).all():
        raise FaceError(
            f"no face was found in any of the {len(times)} frames of {name}; expected a person "
            "who looks towards the camera. Give a clip in which the face is seen."
        )
    sound = source.sound()
    return Observation(
        name=name,
        fps=source.fps / every,
        times=np.asarray(times, np.float64),
        scores={s.name: s.scores() for s in scorers},
        weights={s.name: s.weights for s in scorers},
        angles=table[:, :3],
        mouth=table[:, 3],
        face_size=table[:, 4],
        sharpness=np.asarray(sharpness, np.float64),
        embeddings=np.stack(embeddings) if embeddings else np.zeros((0, 128)),
        psnr=np.asarray(decibels, np.float64),
        loudness=envelope(sound) if sound else _none(),
        onsets=_onsets(sound) if sound else _none(),
        several=follow.several,
        reasons=reasons,
        pictures=tuple(pictures),
    )


class _Finding:
    def __init__(self, finder: FaceFinder) -> None:
        self._finder = finder
        self.several = 0

    def __call__(self, frame: Frame) -> Face | None:
        faces = self._finder.find(frame.image)
        self.several = max(self.several, len(faces))
        return _large(faces[0] if faces else None)


class _Tracking:
    def __init__(self, finder: FaceFinder) -> None:
        self._tracker = FaceTracker(finder)

    @property
    def several(self) -> int:
        return self._tracker.several

    def __call__(self, frame: Frame) -> Face | None:
        return _large(self._tracker.update(frame.image, frame.time))


def _large(face: Face | None) -> Face | None:
    return face if face is not None and face.size >= _SMALLEST else None


def _paired(
    source: Source, reference: Source | None, name: str
) -> Iterator[tuple[Frame, Frame | None]]:
    if reference is None:
        for frame in source.frames():
            yield frame, None
        return
    for frame, beside in zip_longest(source.frames(), reference.frames()):
        if frame is None or beside is None:
            raise InputError(
                f"the reference and {name} have different numbers of frames; expected a reference "
                "that is aligned frame by frame. Cut or resample it, or leave it out."
            )
        yield frame, beside


def _psnr(reference: Image, image: Image, name: str) -> float:
    if reference.shape != image.shape:
        sizes = " and ".join(f"{i.shape[1]}x{i.shape[0]}" for i in (reference, image))
        raise InputError(
            f"the reference and {name} have frames of {sizes}; expected the same size, aligned "
            "frame by frame. Scale the reference, or leave it out."
        )
    return float(psnr(reference[None], image[None]).each[0])


def _geometry(face: Face | None) -> tuple[float, ...]:
    if face is None:
        return (math.nan,) * 5
    pose = fit_pose(face.points)
    return pose.yaw, pose.pitch, pose.roll, mouth_openness(face.points), face.size


def _due(count: int, time: float, source: Source) -> bool:
    if count >= PICTURES:
        return False
    if math.isnan(source.fps):
        return True
    return time >= (count + 0.5) * source.seconds / PICTURES - 0.5 / source.fps


def _reduced(image: Image) -> Image:
    from emoanim.extras import require

    cv2: Any = require("cv2", "rig")
    scale = _PICTURE_SIDE / max(image.shape[:2])
    size = tuple(max(1, round(side * scale)) for side in image.shape[1::-1])
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


def _onsets(sound: Audio) -> Floats:
    """Find onsets minute by minute, so that the spectrogram of a long clip is never whole."""
    step = _SOUND_BLOCK * sound.rate
    parts = [
        sound_onsets(sound.samples[i : i + step], sound.rate) + i / sound.rate
        for i in range(0, len(sound.samples), step)
    ]
    return np.concatenate(parts) if parts else _none()
