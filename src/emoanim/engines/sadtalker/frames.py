"""Rendering: a picture and a track of coefficients give frames, one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from emoanim.engines.sadtalker.coefficients import (
    camera_track,
    source_window,
    target_windows,
)
from emoanim.engines.sadtalker.options import Options
from emoanim.memory import give_back

if TYPE_CHECKING:
    from emoanim.engines.sadtalker.networks import Networks

__all__ = ["render"]

Image = NDArray[np.uint8]
Array = NDArray[np.float64]

_AT_ONCE = 32  # frames whose key points are computed together; each is rendered alone


def render(
    networks: Networks, image: Image, source: Array, track: Array, options: Options
) -> Iterator[Image]:
    """Yield the frames of a track, uint8 (size, size, 3).

    What depends on the picture alone is computed once. Frames are rendered one at a time: a
    processor gains nothing from more, and memory does not grow.

    Args:
        networks: see ``load``.
        image: uint8 (size, size, 3).
        source: (73,), the picture's coefficients.
        track: (t, 70 or 73).
        options: head schedules.
    """
    import torch

    from emoanim.engines.sadtalker.keypoints import driven_keypoints

    device, dtype = networks.device, networks.dtype
    angles = {
        name: camera_track(stops, len(track)).astype(np.float32)
        for name in ("yaw", "pitch", "roll")
        if len(stops := getattr(options, name))
    }
    with torch.inference_mode():
        pixels = torch.from_numpy(image.copy()).to(device).permute(2, 0, 1)[None]
        pixels = pixels.to(torch.float32) / 255
        canonical = networks.detector(pixels)[0]
        window = source_window(source[: track.shape[1]])[None].astype(np.float32)
        kp_source = driven_keypoints(
            canonical, networks.mapping(torch.from_numpy(window).to(device))
        ).to(dtype)
        feature = networks.renderer.encode(pixels.to(dtype))
    for first in range(0, len(track), _AT_ONCE):
        last = min(first + _AT_ONCE, len(track))
        with torch.inference_mode():
            targets = target_windows(track, first, last).astype(np.float32)
            turned: dict[str, Any] = {
                name: torch.from_numpy(track_[first:last]).to(device)
                for name, track_ in angles.items()
            }
            mapped = networks.mapping(torch.from_numpy(targets).to(device))
            points = driven_keypoints(canonical, mapped, **turned).to(dtype)
        for k in range(last - first):
            if device.type == "cpu":
                give_back()  # what a frame freed lies scattered: the next would take more
            with torch.inference_mode():
                rendered = networks.renderer(feature, kp_source, points[k : k + 1]).prediction[0]
                pixels = (rendered * 255).round_().clamp_(0, 255).to(torch.uint8)
                frame = pixels.permute(1, 2, 0).cpu().contiguous().numpy()
            yield frame  # outside the mode, which would else hold for whoever reads the frames
