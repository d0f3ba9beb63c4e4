"""The loop that frame classifiers share: frames in, crops in batches, a row of scores each."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emoanim.errors import SettingsError
from emoanim.faces import Face

__all__ = ["check_batch", "score_faces"]

Image = NDArray[np.uint8]
Scores = NDArray[np.floating[Any]]


def check_batch(batch: int) -> int:
    """Return the number of faces per batch.

    Raises:
        SettingsError: it is less than one.
    """
    if batch < 1:
        raise SettingsError(f"batch {batch} given; expected at least 1 face.")
    return batch


def score_faces(
    seen: Iterable[tuple[Image, Face | None]],
    crop: Callable[[Image, Face], Image],
    score: Callable[[NDArray[np.uint8]], Scores],
    classes: int,
    batch: int,
) -> NDArray[np.float64]:
    """Return the scores of every frame, (t, classes), NaN where there is no face.

    Args:
        seen: frames with their faces (see ``emoanim.faces.faces_of``); read batch by batch.
        crop: cuts what the network sees, uint8, out of a frame.
        score: crops (n, ...) -> non-negative scores (n, classes); rows are divided by their sum.
        classes: number of columns.
        batch: frames that are held at a time.
    """
    rows: list[NDArray[np.float64]] = []
    frames = iter(seen)
    while held := [None if f is None else crop(i, f) for i, f in islice(frames, batch)]:
        part = np.full((len(held), classes), np.nan)
        crops = [c for c in held if c is not None]
        if crops:
            scores = np.asarray(score(np.stack(crops)), np.float64)
            part[[c is not None for c in held]] = scores / scores.sum(1, keepdims=True)
        rows.append(part)
    return np.concatenate(rows) if rows else np.zeros((0, classes))
