"""The networks of SadTalker, loaded from the official files."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from emoanim.errors import SettingsError
from emoanim.weights import checkpoints

__all__ = ["Files", "Networks", "find_files", "load"]

_PREFIXES = {
    "regressor": "face_3drecon.",
    "expression": "audio2exp.",
    "pose": "audio2pose.",
    "detector": "kp_extractor.",
    "renderer": "generator.",
}


@dataclass(frozen=True, slots=True)
class Files:
    """The two files that a mode needs.

    Attributes:
        checkpoint: ``SadTalker_V0.0.2_256.safetensors`` or ``..._512...``.
        mapping: ``mapping_00229-model.pth.tar`` (crop) or ``mapping_00109-model.pth.tar`` (full).
        coefficients: that the mapping network reads, 70 or 73.
    """

    checkpoint: Path
    mapping: Path
    coefficients: int


@dataclass(frozen=True, slots=True)
class Networks:
    """Networks in evaluation mode on one device.

    Attributes:
        regressor: picture to 257 coefficients.
        expression: speech to expression.
        pose: speech to head motion.
        mapping: coefficients to pose, translation and expression of the key points.
        detector: picture to canonical key points; read anew at each use, once per portrait, as it
            is large.
        renderer: picture and key points to a frame.
        device: where they are.
        dtype: of the renderer's arithmetic.
    """

    regressor: Any
    expression: Any
    pose: Any
    mapping: Any
    detector: Any
    renderer: Any
    device: Any
    dtype: Any


def find_files(
    size: int,
    *,
    full: bool,
    weights: str | Path | None = None,
    sha256: str = "",
    mapping_sha256: str = "",
) -> Files:
    """Find or fetch the official files and check their hashes.

    Args:
        size: 256 or 512.
        full: the mapping network of the full modes.
        weights: a folder that holds both files; else environment variables, cache, download.
        sha256: hash of a checkpoint that is trusted instead of the official one.
        mapping_sha256: the same for the mapping file.

    Raises:
        WeightsError: a file is missing or another one.
    """
    mapping = "00109" if full else "00229"
    checkpoint = checkpoints.official(
        f"sadtalker/SadTalker_V0.0.2_{size}.safetensors", weights, sha256=sha256
    )
    mapping_file = checkpoints.official(
        f"sadtalker/mapping_{mapping}-model.pth.tar", weights, sha256=mapping_sha256
    )
    return Files(checkpoint, mapping_file, 73 if full else 70)


def load(
    files: Files, *, device: str = "auto", half: bool = False, compiled: bool = False
) -> Networks:
    """Load every network strictly and make the renderer fast.

    Args:
        files: see ``find_files``.
        device: "auto", "cpu", "cuda" or "mps".
        half: render in half precision, on a GPU.
        compiled: hand the renderer to ``torch.compile``.

    Raises:
        SettingsError: no such device, or one that cannot do what was asked.
        WeightsError: a file is damaged or of another version; the message names what differs.
    """
    import torch

    from emoanim.engines.keypoint_renderer.keypoints import KeypointDetector
    from emoanim.engines.keypoint_renderer.renderer import Renderer, prepare
    from emoanim.engines.sadtalker.audio_networks import (
        AudioToExpression,
        AudioToPose,
        prepare_expression,
        prepare_pose,
    )
    from emoanim.engines.sadtalker.mapping import Mapping
    from emoanim.engines.sadtalker.reconstruction import CoefficientRegressor

    torch_device = checkpoints.device_named(device)
    if half and torch_device.type == "cpu":
        raise SettingsError(
            "half=True given for the processor, which computes in single precision; expected a "
            'GPU. Leave half out, or name device="cuda" or "mps".'
        )
    if compiled:
        _check_compiler(torch_device.type)
    dtype = torch.float16 if half else torch.float32

    def part(name: str, make: Callable[[], Any]) -> Any:
        # Every network maps the file anew, so that what is not kept of it does not stay in memory.
        tensors = checkpoints.under(checkpoints.read(files.checkpoint), _PREFIXES[name])
        return checkpoints.build(make, tensors, f"{files.checkpoint} ({_PREFIXES[name]}*)")

    renderer: Any = prepare(part("renderer", Renderer))
    checkpoints.own_memory(renderer)
    renderer = renderer.to(torch_device, dtype)
    if compiled:
        renderer = torch.compile(renderer)
    tensors = checkpoints.read(files.mapping, key="mapping")
    mapping = checkpoints.build(lambda: Mapping(files.coefficients), tensors, str(files.mapping))
    return Networks(
        regressor=part("regressor", CoefficientRegressor).to(torch_device),
        expression=prepare_expression(part("expression", AudioToExpression)).to(torch_device),
        pose=prepare_pose(part("pose", AudioToPose)).to(torch_device),
        mapping=mapping.to(torch_device),
        detector=lambda images: part("detector", KeypointDetector).to(torch_device)(images),
        renderer=renderer,
        device=torch_device,
        dtype=dtype,
    )


def _check_compiler(device: str) -> None:
    """Raise SettingsError if ``torch.compile`` lacks what it builds with."""
    if device == "cpu":
        known = (os.environ.get("CXX") or "c++", "g++", "clang++", "cl")
        what, there = "a C++ compiler", any(shutil.which(name) for name in known)
    elif device == "cuda":
        what, there = "the package triton", find_spec("triton") is not None
    else:
        return
    if not there:
        raise SettingsError(
            f"compiled=True given, but torch.compile needs {what} for {device}, which was not "
            "found. Install it, or leave compiled out."
        )
