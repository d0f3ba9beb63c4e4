from __future__ import annotations

import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emoanim.metrics import exact_interval, wilson_interval


@pytest.mark.parametrize(
    ("hits", "n", "wilson", "exact"),
    [(2, 4, (0.150, 0.850), (0.068, 0.932)), (8, 9, (0.565, 0.980), (0.518, 0.997))],
)
def test_published_values(hits, n, wilson, exact):
    found = wilson_interval(hits, n)
    assert (found.low, found.high) == pytest.approx(wilson, abs=5e-4)
    found = exact_interval(hits, n)
    assert (found.low, found.high) == pytest.approx(exact, abs=5e-4)


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 60), st.integers(1, 60), st.sampled_from([0.5, 0.9, 0.99]))
def test_intervals_hold_the_share_and_mirror(hits, extra, level):
    n = hits + extra
    for make in (wilson_interval, exact_interval):
        one, other = make(hits, n, level=level), make(n - hits, n, level=level)
        assert 0.0 <= one.low <= hits / n <= one.high <= 1.0
        assert one.low == pytest.approx(1 - other.high, abs=1e-12)
    assert exact_interval(0, n).low == 0.0
    assert wilson_interval(n, n).high == exact_interval(n, n).high == 1.0


@pytest.mark.parametrize("make", [wilson_interval, exact_interval])
def test_undefined_and_refused(make):
    assert math.isnan(make(0, 0).low)
    assert make(0, 0).notes == ("no trials",)
    for hits, n in ((3, 2), (-1, 2)):
        with pytest.raises(ValueError, match=f"{hits} of {n} at level"):
            make(hits, n)
    with pytest.raises(ValueError, match="level 1"):
        make(1, 2, level=1)


def test_vectors(vectors):
    expected = json.loads((vectors / "proportion_ci_expected.json").read_text())
    for name, values in expected.items():
        hits, n = map(int, name.split("/"))
        found = wilson_interval(hits, n)
        assert (found.low, found.high) == pytest.approx(tuple(values["wilson"]), abs=1e-12)
        found = exact_interval(hits, n)
        assert (found.low, found.high) == pytest.approx(tuple(values["exact"]), abs=1e-12)
