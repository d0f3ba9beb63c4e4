"""What is compared must not depend on how the outputs lie in memory or what was asked before."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from random_outputs import LABELS, logits, probs, scores

from emoanim.metrics import edd


@pytest.mark.filterwarnings("ignore::emoanim.metrics.EDDWarning")
@pytest.mark.parametrize("kind", ["probs", "logits", "scores"])
@pytest.mark.parametrize("exclude", [(), 3])
def test_the_order_in_memory_changes_nothing(kind, exclude):
    # Few values, so that rounding would show as a broken tie.
    x, y = (np.round(logits(60, seed)) for seed in (0, 1))
    if kind == "probs":
        x, y = (np.abs(v) + 1 for v in (x, y))
        x, y = (v / v.sum(axis=1, keepdims=True) for v in (x, y))
    options = {"kind": kind, "exclude": exclude, "window": 1, "ties": "strict"}
    plain = list(edd(x, y, **options))
    # With segment ids both sides are read one by one.
    one_by_one = (np.zeros(60), None)
    for a, b in itertools.product((x, np.asfortranarray(x)), (y, np.asfortranarray(y))):
        assert list(edd(a, b, **options)) == plain
        assert list(edd(a, b, **options, segments=one_by_one)) == plain


def test_scores_of_any_size_are_compared_in_silence():
    x, y = scores(30) * 1e300, scores(30, 1) * 1e300
    assert edd(x, y).pairs_greater == edd(scores(30), scores(30, 1)).pairs_greater
    assert edd((x / 1e265).astype(np.float32), (y / 1e265).astype(np.float32)).n == 26


def test_a_window_needs_a_frame_even_without_frames():
    with pytest.raises(ValueError, match="window 0 given; expected a whole number of frames"):
        edd([], [], window=0)


def test_options_given_before_are_not_mixed_up():
    x, y = probs(30), probs(30, 1)
    others = ("joy", *LABELS[2:], "neutral")
    assert edd(x, y, 1, labels=LABELS).label == "happy"
    assert edd(x, y, 1, labels=list(LABELS)).options == edd(x, y, 1, labels=LABELS).options
    assert edd(x, y, 1, labels=others).label == "sad"
    for _ in range(2):
        assert edd(x, y, 1, exclude=iter([3]), labels=LABELS).options.excluded == ("surprise",)
        with pytest.raises(ValueError, match="target 3 is excluded"):
            edd(x, y, 3, exclude=iter([3]), labels=LABELS)
