"""LPIPS through torchmetrics: what is passed to it, and what is said where it is missing."""

from __future__ import annotations

import sys
import types
from typing import Any

import numpy as np
import pytest

from emoanim.adapters.picture_distances.lpips import LpipsDistance
from emoanim.errors import MissingExtraError, WeightsError

torch = pytest.importorskip("torch")


@pytest.fixture
def packages(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Stand-ins for torchvision and torchmetrics."""

    class Measure(torch.nn.Module):
        def __init__(self, net_type: str, normalize: bool) -> None:
            super().__init__()
            if net_type == "gone":
                raise OSError("no route")
            assert normalize

        def forward(self, first: Any, second: Any) -> Any:
            assert first.shape == (1, 3, 8, 6)
            assert 0.0 <= float(first.min()) <= float(first.max()) <= 1.0
            return (first - second).abs().mean()

    module: Any = types.ModuleType("torchmetrics.image.lpip")
    module.LearnedPerceptualImagePatchSimilarity = Measure
    for name in ("torchvision", "torchmetrics", "torchmetrics.image"):
        monkeypatch.setitem(sys.modules, name, types.ModuleType(name))
    monkeypatch.setitem(sys.modules, "torchmetrics.image.lpip", module)


def test_pictures_are_scaled_and_turned(packages: Any) -> None:
    black, white = np.zeros((8, 6, 3), np.uint8), np.full((8, 6, 3), 255, np.uint8)
    measure = LpipsDistance()
    assert measure.distance(black, black) == 0.0
    assert measure.distance(black, white) == pytest.approx(1.0)


def test_a_backbone_that_cannot_be_had_is_said(packages: Any) -> None:
    with pytest.raises(WeightsError, match="'gone'"):
        LpipsDistance("gone")


def test_without_torchvision_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torchvision", None)
    with pytest.raises(MissingExtraError, match="torchvision"):
        LpipsDistance()
