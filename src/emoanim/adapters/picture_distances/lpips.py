"""LPIPS through torchmetrics, where the user has it and its backbone."""

from __future__ import annotations

from typing import Any

import numpy as np

from emoanim.clips import Image
from emoanim.errors import WeightsError
from emoanim.extras import require

__all__ = ["LpipsDistance"]


class LpipsDistance:
    """Learned perceptual distance (Zhang et al. 2018), at least 0; lower is nearer.

    Args:
        network: backbone: "alex", "vgg" or "squeeze". torchvision looks for its weights in the
            cache of torch.hub and fetches them if they are not there.
        device: "cpu", "cuda" and so on.

    Raises:
        MissingExtraError: torchmetrics or torchvision is not installed.
        WeightsError: the backbone cannot be had.
    """

    licence = "BSD-2-Clause (heads), BSD-3-Clause (backbones)"

    def __init__(self, network: str = "alex", device: str = "cpu") -> None:
        require("torchvision", "fid")
        module: Any = require("torchmetrics.image.lpip", "fid")
        self._torch: Any = require("torch", "fid")
        self._device = device
        try:
            metric = module.LearnedPerceptualImagePatchSimilarity(net_type=network, normalize=True)
        except (OSError, RuntimeError) as error:
            raise WeightsError(
                f"the backbone {network!r} of LPIPS cannot be had ({error}). Check the network, or "
                "put its file into the cache of torch.hub."
            ) from error
        self._measure = metric.to(device).eval()

    def distance(self, first: Image, second: Image) -> float:
        """Return the distance of two RGB pictures of one size, uint8 (h, w, 3)."""
        pair = [
            self._torch.from_numpy(np.ascontiguousarray(p.transpose(2, 0, 1))[None])
            .to(self._device)
            .float()
            / 255.0
            for p in (first, second)
        ]
        with self._torch.no_grad():
            return float(self._measure(*pair))
