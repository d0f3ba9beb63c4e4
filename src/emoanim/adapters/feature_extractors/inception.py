"""The 2015 Inception's pool3, through torch-fidelity: the features that make a distance an FID."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emoanim.clips import Frames
from emoanim.errors import WeightsError
from emoanim.extras import require
from emoanim.metrics import check_weights

__all__ = ["InceptionFeatures"]

SHA256 = "6726825d"
"""Beginning of the published weights' hash; it is part of their name."""


class InceptionFeatures:
    """Features (n, 2048) of the network that FID is defined on.

    Args:
        weights: ``weights-inception-2015-12-05-6726825d.pth`` of torch-fidelity's releases; it is
            not fetched.
        sha256: hash of the file, or its beginning; another one makes another number.
        device: "cpu", "cuda" and so on.

    Raises:
        MissingExtraError: torch-fidelity is not installed.
        WeightsError: no such file, or another one.
    """

    licence = "Apache-2.0 (code and weights)"

    def __init__(self, weights: str | Path = "", sha256: str = SHA256, device: str = "cpu") -> None:
        if not weights:
            raise WeightsError(
                "no weights were given for 'inception'; expected the file "
                "weights-inception-2015-12-05-6726825d.pth of torch-fidelity's releases. Give "
                "options.inception.weights."
            )
        fidelity: Any = require("torch_fidelity", "fid")
        self._torch: Any = require("torch", "fid")
        try:
            path = check_weights(weights, sha256)
        except ValueError as error:
            raise WeightsError(str(error)) from error
        network = fidelity.FeatureExtractorInceptionV3(
            "inception-v3-compat", ["2048"], feature_extractor_weights_path=str(path)
        )
        self._network = network.to(device).eval()
        self._device = device
        known = "2015" if sha256.startswith(SHA256) else "other weights"
        self.name = f"Inception {known}, pool3, torch-fidelity {fidelity.__version__}, 299 bilinear"

    def features(self, batch: Frames) -> NDArray[np.float64]:
        """Return features (n, 2048) of RGB pictures, uint8 (n, h, w, 3)."""
        pictures = np.ascontiguousarray(np.asarray(batch, np.uint8).transpose(0, 3, 1, 2))
        with self._torch.no_grad():
            (activations,) = self._network(self._torch.from_numpy(pictures).to(self._device))
        return np.asarray(activations.cpu().numpy(), np.float64)
