"""Checking the official files: hashes, strict loading, and a render that makes sense."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from emoanim.engines.sadtalker.frames import render
from emoanim.engines.sadtalker.networks import find_files, load
from emoanim.engines.sadtalker.options import Options
from emoanim.errors import BackendError

__all__ = ["Step", "verify"]


class Step(NamedTuple):
    """One step of a verification: its name, whether it went well, and what was seen."""

    name: str
    passed: bool
    detail: str


def verify(
    *,
    size: int = 256,
    mode: str = "full",
    weights: str | Path | None = None,
    sha256: str = "",
    mapping_sha256: str = "",
    device: str = "auto",
) -> Iterator[Step]:
    """Yield the steps as they are done; the first that fails is the last.

    The sanity render shows a smooth picture and drives it by its own coefficients: the frame must
    be finite, of the right size, and neither flat nor saturated.
    """
    options = Options(mode=mode, size=size)
    try:
        files = find_files(
            size, full=options.full, weights=weights, sha256=sha256, mapping_sha256=mapping_sha256
        )
        yield Step("hashes", True, f"{files.checkpoint.name}, {files.mapping.name}")
        networks = load(files, device=device)
    except BackendError as error:
        yield Step("files", False, str(error))
        return
    yield Step("strict loading", True, "every name, shape and dtype is the expected one")
    rows = np.linspace(0, 255, size)
    image = np.stack(np.broadcast_arrays(rows[:, None], rows[None, :], 128.0), -1)
    own = np.zeros(73)
    own[70:] = (1.0, size / 2, size / 2)
    frame = next(
        render(networks, image.astype(np.uint8), own, own[None, : options.coefficients], options)
    )
    spread = float(frame.std())
    saturated = float(((frame == 0) | (frame == 255)).mean())
    sane = frame.shape == (size, size, 3) and spread > 1.0 and saturated < 0.5
    yield Step("render", sane, f"spread {spread:.1f} of 255, {saturated:.0%} saturated")
