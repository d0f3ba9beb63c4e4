"""Feature sets of a study for the Frechet distance, from its score files."""

from __future__ import annotations

import io
import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emoanim.metrics import Measured, fid
from emoanim.study.storage.stores import Store
from emoanim.study.tables.columns import Columns, Floats

__all__ = ["Frechet", "frechet_of"]

_Arrays = dict[str, NDArray[np.float64]]
_Sides = tuple[Floats, Floats, Floats]

_EVERY = 5
_DLIB = "dlib face embeddings"


@dataclass(frozen=True, slots=True)
class Frechet:
    """Distances of a system's pictures to the originals'.

    Attributes:
        features: what they are computed on.
        is_fid: these are the 2015 Inception's, so that the number may be called FID.
        stills: of the emotional stills.
        films: of the films' frames.
    """

    features: str
    is_fid: bool
    stills: Measured
    films: Measured


def frechet_of(store: Store, columns: Columns, system: str) -> Frechet:
    """Return the distances of a system; undefined, with the reason, without features.

    Frames of a clip are taken once for each original, however many samples were made of it.
    """
    mask = columns.where(system=system)
    names = columns.texts["scores"][mask]
    clips = columns.texts["clip"][mask]
    by = next((str(b) for b in columns.texts["features_by"][mask] if b), "")
    originals: dict[str, Floats] = {}
    films: list[Floats] = []
    stills: list[Floats] = []
    features = by or _DLIB
    for name, clip in zip(names, clips, strict=True):
        arrays = _arrays(store, str(name))
        if arrays is None:
            continue
        sides = _features(arrays, by)
        if sides is None:
            features = f"{_classifier(arrays)} probabilities"
            sides = _probabilities(arrays)
        originals.setdefault(str(clip), sides[0])
        films.append(sides[1])
        stills.append(sides[2])
    real = _joined(originals.values())
    return Frechet(
        features,
        "inception" in by.lower() and "2015" in by,
        _distance(real, _joined(stills), features),
        _distance(real, _joined(films), features),
    )


def _features(arrays: _Arrays, by: str) -> _Sides | None:
    if by and "features.clip" in arrays:
        original = arrays.get("features.original", np.zeros((0, 0)))
        return original, arrays["features.clip"], arrays["features.still"]
    if not len(arrays["generated.embeddings"]) or not len(arrays["original.embeddings"]):
        return None
    still = arrays.get("still.embeddings", np.zeros((0, 128)))
    return arrays["original.embeddings"], arrays["generated.embeddings"], still


def _probabilities(arrays: _Arrays) -> _Sides:
    name = _classifier(arrays)
    if not name:
        return np.zeros((0, 0)), np.zeros((0, 0)), np.zeros((0, 0))
    sides = [arrays[f"{side}.scores.{name}.values"][::_EVERY] for side in ("original", "generated")]
    known = [side[~np.isnan(side).any(axis=1)] for side in sides]
    return known[0], known[1], np.zeros((0, known[0].shape[1]))


def _classifier(arrays: _Arrays) -> str:
    start, end = "generated.scores.", ".values"
    names = (n for n in arrays if n.startswith(start) and n.endswith(end))
    return next(names, start + end)[len(start) : -len(end)]


def _arrays(store: Store, name: str) -> _Arrays | None:
    content = store.read(name)
    if content is None:
        return None
    with np.load(io.BytesIO(content), allow_pickle=False) as archive:
        return {key: archive[key] for key in archive.files}


def _joined(parts: Iterable[Floats]) -> Floats:
    filled = [p for p in parts if len(p)]
    return np.concatenate(filled) if filled else np.zeros((0, 0))


def _distance(real: Floats, generated: Floats, features: str) -> Measured:
    if not len(real) or not len(generated):
        return Measured(math.nan, f"Frechet distance of {features}", 0, reason="no features")
    return fid(real, generated, features=features)
