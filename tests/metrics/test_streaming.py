from __future__ import annotations

import math
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from emoanim.metrics import EDDHistogram, EDDStream, pair_counts


@pytest.mark.parametrize("side", ["original", "generated"])
def test_a_stream_is_exact(side):
    random = np.random.default_rng(0)
    x, y = np.round(random.random(300), 2), np.round(random.random(2000), 2)
    held, other = (x, y) if side == "original" else (y, x)
    stream = EDDStream(held, side)
    for chunk in np.array_split(other, 7):
        stream.update(chunk)
    greater, tied = pair_counts(x, y)
    assert (stream.greater, stream.tied, stream.pairs) == (greater, tied, 600_000)
    assert stream.edd() == pytest.approx(1 - (greater + tied / 2) / 600_000, abs=1e-15)
    assert stream.edd("lenient") < stream.edd() < stream.edd("strict")


def test_an_empty_stream_is_nan():
    assert math.isnan(EDDStream([0.5]).edd())
    assert math.isnan(EDDStream([]).edd())


UNIT = hnp.arrays(
    np.float64,
    st.integers(1, 50),
    elements=st.one_of(st.floats(0, 1), st.floats(0, 1e-6), st.sampled_from([0.0, 0.5, 1.0])),
)


@settings(deadline=None, max_examples=60)
@given(UNIT, UNIT, st.sampled_from([{}, {"bins": "linear", "bits": 4}, {"bins": "linear"}]))
def test_the_bounds_hold(x, y, options):
    histogram = EDDHistogram(**options)
    histogram.update(original=x, generated=y[:3])
    histogram.update(generated=y[3:])
    bounds = histogram.bounds()
    greater, tied = (int(c) for c in pair_counts(x, y))
    pairs = len(x) * len(y)
    assert bounds.low <= (pairs - greater - tied) / pairs
    assert (pairs - greater) / pairs <= bounds.high
    assert (bounds.n, bounds.m) == (len(x), len(y))


@pytest.mark.parametrize(
    ("options", "scale", "width"),
    [
        ({}, 1.0, 1e-3),
        ({}, 1e-4, 1e-3),
        ({"bins": "linear"}, 1.0, 1e-4),
        ({"bins": "linear", "bits": 8}, 1.0, 1e-2),
    ],
)
def test_bounds_are_near(options, scale, width):
    random = np.random.default_rng(1)
    x, y = random.random(20_000) * scale, random.random(20_000) ** 2 * scale
    histogram = EDDHistogram(**options)
    histogram.update(original=x, generated=y)
    bounds = histogram.bounds()
    greater, tied = pair_counts(x, y)
    exact = 1 - (greater + tied / 2) / 4e8
    assert bounds.width < width
    assert abs(bounds.middle - exact) < width / 20


def test_an_empty_histogram_is_nan():
    histogram = EDDHistogram()
    assert math.isnan(histogram.bounds().low)
    histogram.update(original=[0.2])
    assert math.isnan(histogram.bounds().middle)


def test_memory_does_not_grow():
    chunk = np.random.default_rng(2).random(100_000)
    histogram = EDDHistogram()
    histogram.update(original=chunk)
    tracemalloc.start()
    for _ in range(20):
        histogram.update(original=chunk, generated=chunk)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4_000_000


def test_more_pairs_than_an_int64_holds():
    histogram = EDDHistogram("linear", bits=1)
    histogram.update(original=[0.2, 0.7], generated=[0.7, 0.7])
    histogram._counts *= 3_000_000_000
    bounds = histogram.bounds()
    assert (bounds.low, bounds.high) == (0.0, 0.5)


@pytest.mark.parametrize(
    ("action", "message"),
    [
        (lambda: EDDStream([0.5], "both"), "held_side 'both' given"),
        (lambda: EDDStream([[0.5]]), r"shape \(1, 1\) given"),
        (lambda: EDDStream(["a"]), "expected real numbers"),
        (lambda: EDDStream([math.nan]), "NaN given"),
        (lambda: EDDStream([0.5]).update([math.nan]), "NaN given"),
        (lambda: EDDHistogram("log"), "bins 'log' given"),
        (lambda: EDDHistogram(bits=25), "bits 25 given"),
        (lambda: EDDHistogram().update(original=[1.5]), "scores from 1.5 to 1.5 given"),
        (lambda: EDDHistogram().update(generated=[-0.1, 0.5]), "expected probabilities"),
        (lambda: EDDHistogram().update(generated=[math.nan]), "NaN given"),
    ],
)
def test_what_cannot_be_used_is_refused(action, message):
    with pytest.raises(ValueError, match=message):
        action()
