from __future__ import annotations

import numpy as np
import pytest

from emoanim.clips import EmotionScores
from emoanim.metrics import edd, edd_matrix

LABELS = ("happy", "sad", "anger")


def clips(count, frames, seed=0, gap=None):
    x = np.random.default_rng(seed).dirichlet(np.ones(3), (count, frames))
    if gap is not None:
        x[gap] = np.nan
    return x


def assert_same_as_single(matrix, originals, generateds, **options):
    for i, (x, y) in enumerate(zip(originals, generateds, strict=True)):
        single = edd(x, y, **options)
        np.testing.assert_array_equal(matrix.edd[i], single.edd)
        assert matrix.pairs_greater[i].tolist() == [r.pairs_greater for r in single]
        assert matrix.pairs_tied[i].tolist() == [r.pairs_tied for r in single]
        assert (matrix.n[i], matrix.m[i]) == (single[0].n, single[0].m)
        assert matrix.coverage_original[i] == single[0].coverage_original
        assert matrix.coverage_generated[i] == single[0].coverage_generated
        np.testing.assert_allclose(matrix.auroc[i], [r.auroc for r in single], atol=2e-16)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"window": 1},
        {"edge": "same", "window": 3},
        {"exclude": "sad", "labels": LABELS},
        {"window_seconds": 0.1, "fps": (25.0, 50.0)},
        {"ties": "strict"},
        {"kind": "scores"},
    ],
)
def test_a_matrix_holds_what_single_calls_give(options):
    x, y = clips(12, 40), clips(12, 33, 1)
    assert_same_as_single(edd_matrix(x, y, **options), x, y, **options)


def test_missing_frames_and_unequal_clips():
    x, y = clips(6, 40, gap=(3, 5)), clips(6, 40, 1, gap=(4, 9))
    matrix = edd_matrix(x, y)
    assert_same_as_single(matrix, x, y)
    np.testing.assert_array_equal(matrix.edd, edd_matrix(list(x), list(y)).edd)
    ragged_x = [clips(1, n, n)[0] for n in (20, 30, 20, 25)]
    ragged_y = [clips(1, n, n + 1)[0] for n in (20, 30, 20, 40)]
    assert_same_as_single(edd_matrix(ragged_x, ragged_y), ragged_x, ragged_y)


def test_blocks_of_pairs_join_up(monkeypatch):
    x, y = clips(9, 30), clips(9, 30, 1, gap=(7, 2))
    whole = edd_matrix(x, y)
    monkeypatch.setattr("emoanim.metrics.batch._AT_ONCE", 200)
    np.testing.assert_array_equal(edd_matrix(x, y, workers=2).edd, whole.edd)


def test_labels_and_options_travel_along():
    x, y = [EmotionScores(LABELS, clips(1, 20)[0])], [EmotionScores(LABELS, clips(1, 20, 1)[0])]
    matrix = edd_matrix(x, y, exclude="joy")
    assert matrix.labels == ("sad", "anger")
    assert matrix.options.excluded == ("happy",)
    assert edd_matrix(clips(2, 9), clips(2, 9)).labels == ()


def test_too_few_frames_give_nan():
    x, y = [clips(1, 20)[0], np.zeros((0, 3))], [clips(1, 20, 1)[0], clips(1, 20)[0]]
    matrix = edd_matrix(x, y)
    assert not np.isnan(matrix.edd[0]).any()
    assert np.isnan(matrix.edd[1]).all()
    assert np.isnan(matrix.cliffs_delta[1]).all()
    assert np.isnan(edd_matrix(clips(2, 20), clips(2, 20), min_frames=17).edd).all()
    assert np.isnan(edd_matrix(clips(2, 0), clips(2, 20)).edd).all()


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        (clips(2, 9), clips(3, 9), "2 originals and 3 generated clips given"),
        ([], [], "at least one"),
        (clips(2, 9), clips(2, 9)[..., :2], "same d"),
        (clips(2, 9)[..., 0], clips(2, 9)[..., 0], r"\(frames, d\)"),
        ([np.zeros(5)], [np.zeros(5)], r"\(frames, 1\)"),
        (clips(2, 9) * 2, clips(2, 9), "original frame 0 is"),
        (clips(2, 9), clips(2, 9) - 0.5, "generated frame 0 is"),
    ],
)
def test_what_cannot_be_used_is_refused(x, y, message):
    with pytest.raises(ValueError, match=message):
        edd_matrix(x, y)
