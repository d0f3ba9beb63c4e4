"""Checking the official files: hashes, strict loading, and a still that makes sense."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np

from emoanim.engines.eat.files import find_files, trust_files
from emoanim.engines.eat.square import SIZE
from emoanim.errors import BackendError
from emoanim.extras import require

__all__ = ["Step", "verify"]


class Step(NamedTuple):
    """One step of a verification: its name, whether it went well, and what was seen."""

    name: str
    passed: bool
    detail: str


def verify(
    *,
    weights: str | Path | None = None,
    accept_licence: bool = False,
    sha256: Mapping[str, str] | None = None,
    device: str = "auto",
) -> Iterator[Step]:
    """Yield the steps as they are done; the first that fails is the last.

    The still is of a smooth picture: it must be neither flat nor saturated.
    """
    try:
        require("torch", "eat")
        files = find_files(weights, accept_licence=accept_licence, sha256=sha256)
        yield Step("hashes", True, "as named, or as at the first use; none are published")
        from emoanim.engines.eat import still

        networks = still.load(files, device)
    except BackendError as error:
        yield Step("files", False, str(error))
        return
    trust_files(files, sha256)
    yield Step("strict loading", True, "every name, shape and dtype is the expected one")
    rows = np.linspace(0, 255, SIZE)
    image = np.stack(np.broadcast_arrays(rows[:, None], rows[None, :], 128.0), -1)
    prompts = still.prompts_of(networks, "happy", 1.0, 0)
    (rendered,) = still.emotional_stills(networks, [image.astype(np.uint8)], prompts)
    spread = float(rendered.std())
    saturated = float(((rendered == 0) | (rendered == 255)).mean())
    sane = rendered.shape == image.shape and spread > 1.0 and saturated < 0.5
    yield Step("still", sane, f"spread {spread:.1f} of 255, {saturated:.0%} saturated")
