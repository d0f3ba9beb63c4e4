from __future__ import annotations

import numpy as np
import pytest

from emoanim.metrics import moving_average, pair_counts


def column(*values):
    return np.array(values, dtype=np.float64)[:, None]


def test_valid_and_same_by_hand():
    x = column(1, 2, 6, 3)
    assert moving_average(x, 3).ravel().tolist() == [3.0, 11 / 3]
    assert moving_average(x, 3, edge="same").ravel().tolist() == [1.5, 3.0, 11 / 3, 4.5]
    # An even window reaches one frame further back.
    assert moving_average(x, 2, edge="same").ravel().tolist() == [1.0, 1.5, 4.0, 4.5]


def test_a_window_of_one_is_the_input():
    x = column(1, np.nan, 3)
    assert moving_average(x, 1) is x


def test_missing_frames_break_valid_windows_and_thin_same_ones():
    x = column(1, np.nan, 3, 5, 7)
    np.testing.assert_array_equal(moving_average(x, 2).ravel(), [np.nan, np.nan, 4, 6])
    np.testing.assert_array_equal(moving_average(x, 3, edge="same").ravel(), [1, 2, 4, 5, 6])
    x = column(np.nan, np.nan, 3, 4)
    # One of three is fewer than half; one of two, at the end of the clip, is half.
    np.testing.assert_array_equal(
        moving_average(x, 3, edge="same").ravel(), [np.nan, np.nan, 3.5, 3.5]
    )


def test_windows_do_not_cross_cuts():
    x = column(0, 0, 0, 9, 9, 9)
    cut = ["a", "a", "a", "b", "b", "b"]
    assert moving_average(x, 3, segments=cut).ravel().tolist() == [0.0, 9.0]
    assert moving_average(x, 3, edge="same", segments=cut).ravel().tolist() == [0, 0, 0, 9, 9, 9]
    # The same id again after a cut is another segment.
    back = [1, 1, 2, 2, 1, 1]
    assert moving_average(x, 2, segments=back).ravel().tolist() == [0.0, 4.5, 9.0]


def test_a_window_wider_than_the_clip_covers_it_in_same():
    assert moving_average(column(2, 4), 9, edge="same").ravel().tolist() == [3.0, 3.0]
    assert moving_average(np.zeros((0, 3)), 3, edge="same", segments=[]).shape == (0, 3)


def test_batches_are_smoothed_along_time():
    random = np.random.default_rng(0)
    x = random.random((4, 3, 20, 7))
    for edge in ("valid", "same"):
        together = moving_average(x, 5, edge=edge)
        alone = moving_average(x[2, 1], 5, edge=edge)
        np.testing.assert_array_equal(together[2, 1], alone)


def test_equal_windows_stay_tied():
    """Running sums would break these ties, and move EDD to the other side of 0.5."""
    random = np.random.default_rng(1)
    quiet = np.full(400, 0.1)
    x, y = quiet.copy(), quiet.copy()
    x[random.integers(0, 400, 30)] = random.random(30)
    y[random.integers(0, 400, 30)] = random.random(30)
    smooth = [moving_average(v[:, None], 5)[:, 0] for v in (x, y)]
    windows = [np.lib.stride_tricks.sliding_window_view(v, 5) for v in (x, y)]
    still = [int((w == 0.1).all(axis=1).sum()) for w in windows]
    _, tied = pair_counts(*smooth)
    assert tied >= still[0] * still[1] > 10_000
    running = [(np.cumsum(v)[4:] - np.concatenate([[0], np.cumsum(v)[:-5]])) / 5 for v in (x, y)]
    assert pair_counts(*running)[1] < tied


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"window": 0}, "window 0 given"),
        ({"window": 4}, "window 4 given for 3 frames"),
        ({"window": 2, "edge": "zero"}, "edge 'zero' given"),
        ({"window": 2, "segments": [1, 2]}, r"segments of shape \(2,\) given"),
    ],
)
def test_what_cannot_be_smoothed_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        moving_average(column(1, 2, 3), **options)
