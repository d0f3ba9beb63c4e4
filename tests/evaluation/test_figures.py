from __future__ import annotations

import numpy as np
import pytest

from emoanim.evaluation.figures import draw_edd, roc_curve
from emoanim.metrics import edd


def scores(count, seed, shift=0.0):
    return np.clip(np.random.default_rng(seed).normal(0.4 + shift, 0.15, count), 0, 1)


@pytest.mark.filterwarnings("ignore::emoanim.metrics.EDDWarning")
@pytest.mark.parametrize("digits", [1, 12])
def test_the_area_below_the_curve_is_auroc(digits):
    x, y = np.round(scores(80, 0), digits), np.round(scores(60, 1, 0.1), digits)
    false, true = roc_curve(x, y)
    assert np.trapezoid(true, false) == pytest.approx(1 - edd(x, y, window=1).edd)
    assert (false[0], true[0], false[-1], true[-1]) == (0, 0, 1, 1)


def test_a_drawing_is_written_and_the_edd_returned(tmp_path):
    pytest.importorskip("matplotlib")
    x, y = scores(300, 0), scores(250, 1, 0.1)
    y[3] = np.nan
    path = tmp_path / "edd.png"
    assert draw_edd(x, y, path, emotion="happy", title="one pair") == edd(x, y)
    assert path.read_bytes().startswith(b"\x89PNG")
    assert path.stat().st_size > 20_000


def test_what_cannot_be_drawn_is_refused(tmp_path):
    first, second = np.random.default_rng(0).dirichlet(np.ones(2), (2, 30))
    with pytest.raises(ValueError, match="expected two 1-D score arrays"):
        draw_edd(first, second, tmp_path / "a.png")
    with pytest.raises(ValueError, match="no original frames given"):
        draw_edd([], scores(20, 0), tmp_path / "a.png")
