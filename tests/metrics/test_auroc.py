"""The pair counts against brute force, at every scale and in every path of the key sort."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from emoanim.metrics import pair_counts
from emoanim.metrics.auroc import column_counts
from emoanim.metrics.keysort import count_by_search


def brute_force(x, y):
    above = (y[..., None, :] > x[..., :, None]).sum(axis=(-2, -1))
    equal = (y[..., None, :] == x[..., :, None]).sum(axis=(-2, -1))
    return above, equal


def assert_exact(x, y, **options):
    greater, tied = pair_counts(x, y, **options)
    above, equal = brute_force(np.asarray(x), np.asarray(y))
    np.testing.assert_array_equal(greater, above)
    np.testing.assert_array_equal(tied, equal)


SHAPES = {
    "distinct": lambda v: v,
    "eighths": lambda v: np.round(v * 8) / 8,
    "saturated": lambda v: np.where(v > 0.6, 1.0, v),
    "near zero": lambda v: v * 1e-9,
    "near half": lambda v: 0.5 + v * 1e-12,
    "to four": lambda v: v * 4,
    "negative": lambda v: v * 20 - 10,
    "negative ties": lambda v: np.round(v * 20 - 10),
    "huge": lambda v: (v - 0.5) * 1e38,
    "denormal": lambda v: np.round(v * 5) * 5e-324,
    "signed zeros": lambda v: np.where(v > 0.5, 0.0, -0.0),
    "same": lambda v: np.full_like(v, 0.25),
}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_thousand_tied_batches_equal_brute_force(dtype):
    random = np.random.default_rng(3)
    for _ in range(1000):
        rows, n, m = random.integers(1, 6), *random.integers(1, 40, 2)
        levels = random.integers(1, 30)
        x = np.round(random.random((rows, n)) * levels) / levels
        y = np.round(random.random((rows, m)) * levels) / levels
        assert_exact(x.astype(dtype), y.astype(dtype))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("size", [(3, 7, 5), (4, 300, 410), (2, 2600, 1900), (1, 2300, 40)])
def test_every_scale_and_length_is_exact(dtype, shape, size):
    random = np.random.default_rng(11)
    rows, n, m = size
    x = SHAPES[shape](random.random((rows, n))).astype(dtype)
    y = SHAPES[shape](random.random((rows, m))).astype(dtype)
    assert_exact(x, y)


@pytest.mark.parametrize("length", [900, 5000])
def test_scores_that_only_rounding_ties_are_told_apart(length):
    random = np.random.default_rng(5)
    x = random.random(length)
    y = np.concatenate([np.nextafter(x[:300], 2.0), x[300:600], random.random(length)])
    assert_exact(x, y)
    assert_exact(x[None], y[None])


def test_rows_longer_than_a_piece_are_exact():
    random = np.random.default_rng(6)
    x = random.random(70_000) ** 3
    y = np.concatenate([random.random(90_000) ** 3, x[:5000]])
    for dtype in (np.float64, np.float32):
        a, b = x.astype(dtype), y.astype(dtype)
        upto, greater = count_by_search(a, b)
        assert pair_counts(a, b) == (greater, upto - greater)
        quantised_a, quantised_b = np.round(a, 2), np.round(b, 2)
        upto, greater = count_by_search(quantised_a, quantised_b)
        assert pair_counts(quantised_a, quantised_b) == (greater, upto - greater)


def test_infinities_have_a_rank():
    x = np.array([[-np.inf, 0.0, np.inf, 1.0]])
    assert_exact(x, np.array([[np.inf, -np.inf, 0.5]]))
    big = np.array([[-1.7e308, 1.7e308]])
    assert_exact(big, big[:, ::-1])


@pytest.mark.parametrize("dtype", [np.int64, np.uint8, np.bool_, np.float16, ">f4", ">f8"])
def test_other_numbers_are_widened_without_loss(dtype):
    random = np.random.default_rng(7)
    x, y = (random.integers(0, 2, k).astype(dtype) for k in (20, 30))
    assert_exact(x, y)


def test_mixed_precision_is_compared_exactly():
    x = np.array([0.1], dtype=np.float32)
    assert [int(c) for c in pair_counts(x, np.array([0.1]))] == [0, 0]
    assert [int(c) for c in pair_counts(x, np.array([float(x[0])]))] == [0, 1]


def test_leading_axes_and_threads_change_nothing():
    random = np.random.default_rng(8)
    x, y = random.random((30, 7, 500)), random.random((30, 7, 450))
    one = pair_counts(x, y)
    two = pair_counts(x, y, workers=2)
    assert one[0].shape == (30, 7)
    np.testing.assert_array_equal(one, two)
    above, equal = pair_counts(x[4, 2], y[4, 2])
    assert (above, equal) == (one[0][4, 2], one[1][4, 2])


def test_strided_input_is_read_as_it_is():
    random = np.random.default_rng(9)
    x, y = random.random((400, 8)).astype(np.float32), random.random((3000, 8)).astype(np.float32)
    assert_exact(x[:, 3], y[:, 3])
    assert_exact(x[::2].T, y[::2].T)


@pytest.mark.parametrize("shape", [(40, 3), (400, 3), (900, 1), (1500, 1)])
def test_columns_are_counted_like_rows(shape):
    random = np.random.default_rng(10)
    x, y = np.round(random.random(shape), 2), np.round(random.random(shape)[5:], 2)
    above, equal = brute_force(x.T, y.T)
    counts = list(zip(above.tolist(), equal.tolist(), strict=True))
    assert column_counts(x, y) == counts
    assert column_counts(x.astype(np.float32), y.astype(np.float32)) == counts


@pytest.mark.parametrize(("n", "m"), [(0, 3), (3, 0), (0, 0)])
def test_an_empty_side_has_no_pairs(n, m):
    assert pair_counts(np.zeros(n), np.zeros(m)) == (0, 0)
    assert pair_counts(np.zeros((2, n)), np.zeros((2, m)))[0].tolist() == [0, 0]
    assert pair_counts(np.zeros((0, 4)), np.zeros((0, 4)))[0].shape == (0,)


@pytest.mark.parametrize("rows", [(), (2,)])
@pytest.mark.parametrize("side", [0, 1])
def test_nan_is_refused(rows, side):
    sides = [np.full((*rows, 5), 0.5), np.full((*rows, 5), 0.5)]
    sides[side][..., 2] = np.nan
    with pytest.raises(ValueError, match="NaN given among the scores"):
        pair_counts(*sides)


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        (0.5, [0.5], r"shape \(\) .*expected"),
        ([0.5], 0.5, "expected"),
        (np.zeros((2, 3)), np.zeros((3, 3)), "same leading shape"),
        (["a"], [0.5], "original scores of dtype"),
        ([0.5], [1j], "generated scores of dtype complex128"),
        ([2**60], [1], r"expected integers within 2\*\*53"),
        (np.zeros(2, np.longdouble), [1.0], "float16/32/64"),
    ],
)
def test_what_cannot_be_compared_is_refused(x, y, message):
    with pytest.raises(ValueError, match=message):
        pair_counts(x, y)


FLOATS = st.floats(allow_nan=False, width=64)
SCORES = hnp.arrays(np.float64, st.integers(1, 60), elements=st.one_of(FLOATS, st.floats(0, 1)))


@settings(deadline=None, max_examples=60)
@given(SCORES, SCORES)
def test_any_floats_are_exact_in_both_layouts(x, y):
    assert_exact(x, y)
    assert_exact(x[None], y[None])


@settings(deadline=None, max_examples=60)
@given(SCORES, SCORES)
def test_swapping_the_sides_swaps_the_counts(x, y):
    greater, tied = pair_counts(x, y)
    less, tied_again = pair_counts(y, x)
    assert tied == tied_again
    assert greater + tied + less == len(x) * len(y)


UNIT = hnp.arrays(np.float64, st.integers(1, 60), elements=st.floats(0, 1).map(lambda v: v))


@settings(deadline=None, max_examples=60)
@given(UNIT, UNIT)
def test_increasing_transforms_change_nothing(x, y):
    before = pair_counts(x[None], y[None])
    for scale in (0.5, 8.0, 2.0**40):  # powers of two are exact
        if min(np.abs(np.concatenate([x, y, [1.0]]))[np.concatenate([x, y, [1.0]]) > 0]) > 1e-300:
            assert pair_counts(x[None] * scale, y[None] * scale) == before
    ranks = np.unique(np.concatenate([x, y]))
    assert pair_counts(np.searchsorted(ranks, x)[None], np.searchsorted(ranks, y)[None]) == before


def test_the_independent_vectors(vectors):
    with np.load(vectors / "edd_inputs.npz") as inputs:
        expected = json.loads((vectors / "edd_expected.json").read_text())
        for name, values in expected.items():
            x, y = inputs[f"{name}__original"], inputs[f"{name}__generated"]
            for a, b in ((x, y), (x[None], y[None])):
                greater, tied = pair_counts(a, b)
                assert (int(greater.item()), int(tied.item())) == (
                    values["pairs_strict"],
                    values["pairs_tied"],
                )
            u = int(greater.item()) + int(tied.item()) / 2
            assert u == values["scipy_U"]
