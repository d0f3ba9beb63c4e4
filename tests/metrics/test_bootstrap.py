from __future__ import annotations

import json
import math

import numpy as np
import pytest

from emoanim.metrics import (
    autocorrelation_time,
    block_interval,
    delong_interval,
    delong_variance,
    edd,
)


def walk(count, rho, seed):
    random = np.random.default_rng(seed)
    x = np.empty(count)
    x[0] = random.normal()
    for i, step in enumerate(random.normal(size=count - 1) * math.sqrt(1 - rho**2), start=1):
        x[i] = rho * x[i - 1] + step
    return x


@pytest.mark.parametrize("rho", [0.0, 0.5, 0.9])
def test_autocorrelation_time_of_a_known_process(rho):
    found = np.mean([autocorrelation_time(walk(5000, rho, seed)) for seed in range(10)])
    assert found == pytest.approx((1 + rho) / (1 - rho), rel=0.15)


def test_autocorrelation_time_of_short_and_constant_series():
    assert autocorrelation_time([]) == 1.0
    assert autocorrelation_time([3.0]) == 1.0
    assert autocorrelation_time(np.full(50, 0.2)) == 1.0
    assert autocorrelation_time(np.arange(8.0)) >= 1.0


def replicate_by_sorting(x, y, block, count, seed):
    """The same resamples, made frame by frame and compared outright."""
    random = np.random.default_rng(seed)
    values = []
    blocks_x, blocks_y = (-(-len(v) // block) for v in (x, y))
    starts_x = random.integers(0, len(x), size=(blocks_x, count))
    starts_y = random.integers(0, len(y), size=(blocks_y, count))
    for k in range(count):
        takes = []
        for v, starts in ((x, starts_x[:, k]), (y, starts_y[:, k])):
            places = (starts[:, None] + np.arange(block)).ravel()[: len(v)] % len(v)
            takes.append(v[places])
        a, b = takes
        u = (b[None] > a[:, None]).sum() + (b[None] == a[:, None]).sum() / 2
        values.append(1 - u / (len(a) * len(b)))
    return values


def test_counting_resamples_equals_sorting_them():
    x, y = np.round(walk(43, 0.5, 1), 1), np.round(walk(31, 0.5, 2), 1)
    interval = block_interval(x, y, block=6, replicates=100, seed=9, level=0.8)
    expected = np.quantile(replicate_by_sorting(x, y, 6, 100, 9), [0.1, 0.9])
    assert (interval.low, interval.high) == pytest.approx(tuple(expected), abs=1e-15)


def test_tie_rules_order_the_intervals():
    x, y = np.round(walk(60, 0, 1)), np.round(walk(60, 0, 2))
    strict, half, lenient = (
        block_interval(x, y, ties=t, replicates=300) for t in ("strict", "half", "lenient")
    )
    assert strict.low > half.low > lenient.low


def test_dependence_widens_the_interval():
    widths = {}
    for rho in (0.0, 0.95):
        x, y = walk(600, rho, 3), walk(600, rho, 4)
        block = block_interval(x, y, replicates=400)
        delong = delong_interval(x, y)
        widths[rho] = (block.high - block.low) / (delong.high - delong.low)
    assert widths[0.0] == pytest.approx(1.0, abs=0.2)
    assert widths[0.95] > 2.5


def test_blocks_and_notes():
    long = block_interval(walk(2000, 0, 1), walk(2000, 0, 2), replicates=10)
    assert "25 frames, 10 replicates, seed 0" in long.method
    assert long.notes == ()
    short = block_interval(walk(60, 0.9, 1), walk(60, 0.9, 2), replicates=300)
    assert "15 frames, 300 replicates" in short.method
    assert "effective frames; below 30" in short.notes[0]
    assert "blocks of 15 frames instead of" in short.notes[1]


def test_an_interval_that_cannot_be_made_is_nan():
    for interval in (block_interval([1.0], [1.0, 2.0]), delong_interval([1.0, 2.0], [1.0])):
        assert math.isnan(interval.low)
        assert math.isnan(interval.high)
        assert interval.notes
    assert math.isnan(delong_variance([], [1.0, 2.0]))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"level": 1.0}, "level 1.0"),
        ({"replicates": 0}, "0 replicates given"),
        ({"block": 0}, "block 0 given; expected 1 to 9 frames"),
        ({"block": 10}, "block 10 given"),
    ],
)
def test_impossible_options_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        block_interval(np.arange(9.0), np.arange(12.0), **options)


def test_delong_by_hand():
    # Placements of 0.5 and 2.5 among 1, 2: 0 and 1; of 1 and 2 among 0.5, 2.5: 1/2 and 1/2.
    assert delong_variance([1.0, 2.0], [0.5, 2.5]) == 0.25
    interval = delong_interval([1.0, 2.0], [0.5, 2.5])
    assert (interval.low, interval.high) == (0.0, 1.0)


@pytest.mark.filterwarnings("ignore::emoanim.metrics.EDDWarning")
def test_delong_vectors(vectors):
    expected = json.loads((vectors / "edd_expected.json").read_text())
    with np.load(vectors / "edd_inputs.npz") as inputs:
        for name, values in expected.items():
            if "delong_var" in values:
                x, y = inputs[f"{name}__original"], inputs[f"{name}__generated"]
                assert delong_variance(x, y) == pytest.approx(values["delong_var"], abs=1e-15)
                interval = delong_interval(x, y)
                assert interval.low <= edd(x, y, window=1, ties="half").edd <= interval.high
