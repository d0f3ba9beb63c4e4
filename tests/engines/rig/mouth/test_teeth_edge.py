from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("cv2")

from emoanim.engines.rig.mouth.teeth_edge import DENSITY, teeth_edge


def mouth(touching: slice) -> tuple[np.ndarray, np.ndarray]:
    """A mouth of 3 cm: a row of teeth that ends at row 40, dark to row 64; a lip over a part."""
    seen = np.full((96, 128, 3), 40.0, np.float32)
    seen[20:40, 16:112] = 210.0
    seen[40:64, touching] = (205.0, 170.0, 165.0)
    mask = np.zeros((96, 128), np.float32)
    mask[20:64, 16:112] = 1.0
    return seen, mask


@pytest.mark.parametrize("touching", [slice(56, 72), slice(44, 84)])
def test_a_lip_that_touches_some_teeth_does_not_make_them_longer(touching: slice) -> None:
    edge, below, _, _ = teeth_edge(*mouth(touching))
    assert edge[30:98].max() < 40 + 0.1 * DENSITY
    assert below[30:98].min() > 0.8


def test_the_arc_of_the_teeth_is_kept() -> None:
    """Long front teeth are teeth: only what juts out of the arc is none."""
    seen, mask = mouth(slice(0, 0))
    x = np.arange(128) - 64
    for column in range(16, 112):
        seen[40 : round(52 - 12 * (x[column] / 48) ** 2), column] = 210.0
    edge, _, _, _ = teeth_edge(seen, mask)
    assert edge[60:68].min() > 49
