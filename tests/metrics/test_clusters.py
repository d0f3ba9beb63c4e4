from __future__ import annotations

import math

import numpy as np
import pytest

from emoanim.metrics import cluster_interval, holm, sign_flip_test


def test_resampling_sources_is_wider_than_resampling_clips():
    random = np.random.default_rng(0)
    sources = np.repeat(np.arange(12), 10)
    values = random.normal(size=12)[sources] + 0.1 * random.normal(size=120)
    by_source = cluster_interval(values, sources)
    by_clip = cluster_interval(values, np.arange(120))
    assert by_source.high - by_source.low > 2 * (by_clip.high - by_clip.low)
    assert by_source.low < values.mean() < by_source.high
    assert "12 sources" in by_source.method
    assert by_source == cluster_interval(values, sources)


def test_whole_sources_are_drawn():
    # With two sources the mean is 0, 1 or that of all clips.
    interval = cluster_interval([0.0, 1.0, 1.0, 1.0], list("abbb"), level=0.99)
    assert (interval.low, interval.high) == (0.0, 1.0)


def test_median_and_missing_values():
    values = [0.1, math.nan, 0.3, 50.0, 0.2]
    interval = cluster_interval(values, list("abcde"), statistic="median")
    assert "median, 4 sources" in interval.method
    assert interval.low >= 0.1
    alone = cluster_interval([0.5, 0.6], ["a", "a"])
    assert math.isnan(alone.low)
    assert "1 given" in alone.notes[0]


@pytest.mark.parametrize(
    ("values", "sources", "options", "message"),
    [
        ([1.0], ["a", "b"], {}, "2 sources given"),
        ([[1.0]], ["a"], {}, r"shape \(1, 1\)"),
        ([1.0, 2.0], ["a", "b"], {"statistic": "mode"}, "statistic 'mode' given"),
        ([1.0, 2.0], ["a", "b"], {"level": 0.0}, "level 0.0"),
    ],
)
def test_what_cannot_be_resampled_is_refused(values, sources, options, message):
    with pytest.raises(ValueError, match=message):
        cluster_interval(values, sources, **options)


def test_sign_flips_by_hand():
    # Differences of the sources: -1, -2, -3; 2 of 8 patterns reach |sum| = 6.
    test = sign_flip_test([0, 0, 0, 0], [1, 1, 2, 3], list("aabc"))
    assert (test.difference, test.p, test.sources, test.exact) == (-2.0, 0.25, 3, True)
    assert sign_flip_test([1.0, 2.0], [2.0, 1.0], ["a", "b"]).p == 1.0


def test_sign_flips_are_drawn_for_many_sources():
    random = np.random.default_rng(1)
    a = random.random(40)
    none = sign_flip_test(a, a + random.normal(size=40), np.arange(40))
    shifted = sign_flip_test(a, a + 0.3 + 0.1 * random.normal(size=40), np.arange(40))
    assert not none.exact
    assert none.p > 0.05
    assert shifted.p == 1 / 20001


def test_sign_flips_hold_their_level():
    random = np.random.default_rng(2)
    p = [
        sign_flip_test(random.normal(size=9), random.normal(size=9), np.arange(9)).p
        for _ in range(300)
    ]
    assert 0.02 < np.mean(np.array(p) <= 0.05) < 0.09


def test_sign_flips_without_values():
    assert math.isnan(sign_flip_test([], [], []).p)
    assert math.isnan(sign_flip_test([math.nan], [1.0], ["a"]).p)
    with pytest.raises(ValueError, match="expected the same clips in both"):
        sign_flip_test([1.0], [1.0, 2.0], ["a"])
    with pytest.raises(ValueError, match="draws 0 given"):
        sign_flip_test([1.0], [1.0], ["a"], draws=0)


def test_holm_by_hand():
    given = {"a": 0.04, "b": 0.01, "c": 0.3, "d": math.nan, "e": 0.9}
    adjusted = holm(given)
    assert adjusted["b"] == 0.04
    assert adjusted["a"] == pytest.approx(0.12)
    assert adjusted["c"] == pytest.approx(0.6)
    assert adjusted["e"] == 0.9
    assert math.isnan(adjusted["d"])
    assert list(adjusted) == list(given)
    assert holm({"a": 0.8, "b": 0.9}) == {"a": 1.0, "b": 1.0}
    with pytest.raises(ValueError, match=r"p value 1\.5 given for a"):
        holm({"a": 1.5})
