from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from emoanim.engines.rig.motion.blinks import blink_curve, blink_times


@pytest.mark.parametrize("rate", [15.0, 18.0, 23.0])
def test_rate_gap_and_length(rate):
    counts = []
    for seed in range(20):
        blinks = blink_times(60.0, rate, 1.0, (), np.random.default_rng(seed))
        counts.append(len(blinks))
        for first, second in pairwise(blinks):
            assert second.time - first.end >= 0.8 - 1e-9
        assert all(0.25 <= b.end - b.time <= 0.31 for b in blinks)
    assert np.mean(counts) == pytest.approx(rate, rel=0.25)


@pytest.mark.parametrize("rate", [8.0, 10.0, 15.0, 24.0, 40.0])
@pytest.mark.parametrize("duration", [2.5, 3.0, 4.4, 7.4, 7.6, 12.0, 20.0, 60.0])
def test_between_8_and_25_a_minute_whatever_the_seed(rate, duration):
    pauses = list(np.arange(0.7, duration, 1.9))
    for seed in range(40):
        blinks = blink_times(duration, rate, 1.0, pauses, np.random.default_rng(seed))
        assert 8.0 <= 60.0 * len(blinks) / duration <= 25.0


def test_a_clip_of_four_seconds_has_a_blink():
    for seed in range(30):
        assert blink_times(4.0, 14.0, 1.0, (), np.random.default_rng(seed))


def test_pauses_attract_blinks():
    pauses = list(np.arange(2.0, 60.0, 2.5))
    hits = total = 0
    for seed in range(10):
        for blink in blink_times(60.0, 15.0, 1.0, pauses, np.random.default_rng(seed)):
            hits += min(abs(blink.time - p) for p in pauses) < 0.05
            total += 1
    assert hits / total > 0.25


@pytest.mark.parametrize("fps", [24.0, 25.0, 30.0, 60.0])
def test_lids_meet_in_a_frame_and_fall_faster_than_they_rise(fps):
    times = (np.arange(int(30 * fps)) + 0.5) / fps
    blinks = blink_times(30.0, 20.0, 1.0, (), np.random.default_rng(3))
    curve = blink_curve(blinks, times)
    assert curve.min() == 0.0
    for blink in blinks:
        during = (times >= blink.time) & (times <= blink.end)
        assert curve[during].max() >= 0.95 * blink.depth
        assert blink.closing < 0.7 * blink.opening


def test_some_blinks_are_half():
    blinks = blink_times(300.0, 15.0, 1.0, (), np.random.default_rng(0))
    half = [b for b in blinks if b.depth < 1.0]
    assert 0.03 < len(half) / len(blinks) < 0.35


def test_too_short_for_a_blink():
    assert blink_times(0.4, 15.0, 1.0, (), np.random.default_rng(0)) == ()
    assert blink_curve((), np.linspace(0, 1, 5)).max() == 0.0
