"""The 2015 Inception's features; the network itself only where torch-fidelity is installed."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from emoanim.adapters.feature_extractors.inception import InceptionFeatures
from emoanim.errors import WeightsError

torch = pytest.importorskip("torch")


def test_without_weights_it_says_which() -> None:
    with pytest.raises(WeightsError, match="6726825d"):
        InceptionFeatures()


def test_other_weights_are_refused(tmp_path: Path) -> None:
    pytest.importorskip("torch_fidelity")
    (tmp_path / "other.pth").write_bytes(b"no weights")
    with pytest.raises(WeightsError, match="SHA-256"):
        InceptionFeatures(tmp_path / "other.pth")


def test_features_of_random_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fidelity = pytest.importorskip("torch_fidelity")
    torch.manual_seed(0)
    # A network whose file is empty keeps the weights that it was born with.
    network = fidelity.FeatureExtractorInceptionV3
    monkeypatch.setattr(network, "load_state_dict", lambda self, state: None)
    path = tmp_path / "random.pth"
    torch.save({}, path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    extractor = InceptionFeatures(path, sha256=digest)
    pictures = np.random.default_rng(0).integers(0, 256, (2, 64, 48, 3), np.uint8)
    found = extractor.features(pictures)
    assert found.shape == (2, 2048)
    assert np.allclose(extractor.features(pictures[1:]), found[1:], atol=1e-4)
    assert "other weights" in extractor.name
