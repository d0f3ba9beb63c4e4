from __future__ import annotations

import itertools
import json
import math
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from random_outputs import LABELS, logits, probs, scores

from emoanim.clips import EmotionScores
from emoanim.metrics import EDDProfile, EDDResult, EDDWarning, edd, edd_matrix, null_edd


@pytest.mark.filterwarnings("ignore::emoanim.metrics.EDDWarning")
def test_the_ends_of_the_scale():
    low, high = scores(30), scores(40, shift=0.5)
    assert edd(low, high).edd == 0.0  # every generated frame above every original one
    assert edd(high, low).edd == 1.0
    assert edd(low, low[::-1], window=1).edd == 0.5  # equal distributions, not 1.0
    result = edd(low, high)
    assert (result.auroc, result.cliffs_delta, result.n, result.m) == (1.0, 1.0, 26, 36)


@pytest.mark.filterwarnings("ignore::emoanim.metrics.EDDWarning")
def test_tie_rules_share_their_counts():
    x, y = [0.1, 0.5, 0.5, 0.9], [0.5, 0.5, 0.7]
    half = edd(x, y, window=1)
    assert (half.pairs_greater, half.pairs_tied) == (5, 4)
    assert half.edd == 5 / 12
    assert edd(x, y, window=1, ties="strict").edd == half.with_ties("strict") == 7 / 12
    assert edd(x, y, window=1, ties="lenient").edd == half.with_ties("lenient") == 3 / 12
    # AUROC and Cliff's delta give half credit by definition, whatever the rule of the EDD.
    assert edd(x, y, window=1, ties="strict").auroc == pytest.approx(7 / 12)
    assert half.cliffs_delta == pytest.approx(2 * 7 / 12 - 1)


def test_one_dimension_means_scores():
    x, y = scores(20) * 100 - 7, scores(30, 1) * 100
    assert edd(x, y).options.kind == "scores"
    assert edd(x[:, None], y[:, None], 0, kind="scores").edd == edd(x, y).edd
    assert isinstance(edd(x[:, None], y[:, None], kind="scores"), EDDProfile)


def test_a_profile_holds_every_column():
    x, y = probs(60), probs(50, 1)
    profile = edd(x, y, labels=LABELS)
    assert profile.labels == LABELS
    assert len(profile) == len(list(profile)) == 8
    for i, label in enumerate(LABELS):
        alone = edd(x, y, label, labels=LABELS)
        assert isinstance(alone, EDDResult)
        assert profile[i] == profile[label] == alone == edd(x, y, i, labels=LABELS)
    np.testing.assert_array_equal(profile.edd, [r.edd for r in profile])
    with pytest.raises(KeyError, match="label 'joy' given"):
        profile["joy"]
    assert edd(x, y).labels == (None,) * 8


def test_words_find_their_column():
    x, y = probs(30), probs(30, 1)
    assert edd(x, y, "joy", labels=LABELS) == edd(x, y, "happy", labels=LABELS)


def test_scores_bring_their_labels():
    x, y = EmotionScores(LABELS, probs(30)), EmotionScores(LABELS, probs(40, 1))
    assert edd(x, y, "sad").label == "sad"
    assert edd(x, probs(40, 1), "sad") == edd(x, y, "sad")
    with pytest.raises(ValueError, match="expected the same labels in the same order"):
        edd(x, EmotionScores(LABELS[::-1], probs(40, 1)), "sad")
    with pytest.raises(ValueError, match="expected the same labels"):
        edd(x, y, "sad", labels=LABELS[::-1])


def test_exclusion_comes_before_the_softmax():
    x, y = logits(70), logits(60, 1) + np.eye(8)[1]
    dropped = edd(x, y, kind="logits", exclude="surprise", labels=LABELS, window=1)
    assert dropped.labels == tuple(label for label in LABELS if label != "surprise")
    assert dropped["happy"].options.excluded == ("surprise",)
    kept = [0, 1, 2, 4, 5, 6, 7]
    np.testing.assert_array_equal(
        dropped.edd, edd(x[:, kept], y[:, kept], kind="logits", window=1).edd
    )
    p, q = probs(70), np.exp(y) / np.exp(y).sum(axis=1, keepdims=True)
    columns = edd(p, q, exclude=[3], window=1)
    np.testing.assert_allclose(columns.edd, dropped.edd, atol=1e-3)
    assert columns[0].options.excluded == (3,)
    # The target is counted as given, before the exclusion.
    assert edd(p, q, 4, exclude=3, window=1).edd == columns[3].edd


def test_saturated_surprise_leaves_logits_usable():
    x = logits(20).astype(np.float32)
    x[:, 3] = 120
    result = edd(x, logits(20, 1), "happy", kind="logits", exclude="surprise", labels=LABELS)
    assert result.coverage_original == 1.0
    assert not math.isnan(result.edd)
    saturated = np.zeros((20, 8))
    saturated[:, 3] = 1.0
    with pytest.raises(ValueError, match="0% of the original frames are there"):
        edd(saturated, probs(20), "happy", exclude="surprise", labels=LABELS)


def test_windows_in_frames_and_seconds():
    x, y = scores(100), scores(120, 1)
    assert edd(x, y).options.window == (5, 5)
    seconds = edd(x, y, window_seconds=0.2, fps=(25.0, 50.0))
    assert seconds.options.window == (5, 10)
    assert (seconds.n, seconds.m) == (96, 111)
    assert edd(x, y, window_seconds=0.2, fps=25).edd == edd(x, y).edd
    assert edd(x, y, window_seconds=0, fps=25).options.window == (1, 1)
    clipped = edd(x[:3], y, window="clip")
    assert clipped.options.window == (3, 3)
    assert clipped.notes == ("window shortened from 5 to 3 frames",)
    assert edd(x, y, window="clip").notes == ()
    with pytest.raises(ValueError, match=r"window 5 given for 3 original frames.*window=1"):
        edd(x[:3], y)


def test_same_edges_round_away_the_last_bit():
    # Means of 0.1 over two and over three frames differ in the last bit.
    x = np.full(6, 0.1)
    with pytest.warns(EDDWarning, match="of the pairs are tied"):
        rounded = edd(x, x, edge="same", window=3)
    assert rounded.options.decimals == 12
    assert rounded.pairs_tied == 36
    with pytest.warns(EDDWarning, match="tied"):
        assert edd(x, x + 1e-14, edge="same", window=3, decimals=12).pairs_tied == 36
    assert edd(x, x + 1e-14, edge="same", window=3, decimals=None).options.decimals is None
    assert edd(scores(9), scores(9, 1)).options.decimals is None


@pytest.mark.filterwarnings("ignore::emoanim.metrics.EDDWarning")
def test_missing_frames_are_left_out_and_bounded():
    x, y = scores(60), scores(50, 1)
    y[[3, 20, 21]] = np.nan
    result = edd(x, y, window=1)
    kept = edd(x, y[~np.isnan(y)], window=1)
    assert result.edd == kept.edd
    assert result.coverage_generated == 47 / 50
    worst, best = y.copy(), y.copy()
    worst[np.isnan(y)], best[np.isnan(y)] = -1.0, 2.0
    assert result.bounds[0] == pytest.approx(edd(x, best, window=1).edd)
    assert result.bounds[1] == pytest.approx(edd(x, worst, window=1).edd)
    # A valid window needs all its frames: 10 of 46 windows hold a missing one.
    assert edd(x, y).m == 46 - 10
    assert edd(x, y, edge="same").m == 50


def test_missing_frames_of_a_matrix_are_rows():
    x, y = probs(40), probs(40, 1)
    y[7, 2] = np.nan
    result = edd(x, y, 0, window=1)
    assert (result.m, result.coverage_generated) == (39, 39 / 40)
    z = logits(40)
    z[3] = np.nan
    assert edd(z, logits(40, 1), 1, kind="logits", window=1, exclude=[2]).n == 39
    values = scores(40)[:, None].repeat(2, axis=1)
    values[5, 1] = np.nan
    assert edd(values, values[::2] + 0.001, 0, kind="scores", window=1).n == 39


def test_low_coverage_warns_and_then_raises():
    x, y = scores(40), scores(40, 1)
    y[:6] = np.nan
    with pytest.warns(EDDWarning, match="85% of the generated frames are there"):
        result = edd(x, y)
    assert "read the bounds" in result.notes[0]
    x[:30] = np.nan
    with pytest.raises(ValueError, match="25% of the original frames are there; expected at least"):
        edd(x, y)
    with pytest.warns(EDDWarning):
        assert edd(x, y, allow_low_coverage=True).coverage_original == 0.25


def test_a_missing_frame_may_count_as_the_worst():
    x, y = scores(30), scores(30, 1, shift=0.5)
    y[:2] = np.nan
    x[0] = np.nan
    result = edd(x, y, window=1, nan="worst")
    assert (result.n, result.m) == (29, 30)
    assert result.edd == 2 / 30
    with pytest.raises(ValueError, match="nan='worst' given with scores below 0"):
        edd(x, y - 0.9, window=1, nan="worst")
    with pytest.raises(ValueError, match="1 of 30 original frames are missing"):
        edd(x, y, nan="raise")
    assert edd(x[1:], y[2:], nan="raise").n == 25


def test_an_unknown_tie_rule_is_refused_everywhere():
    with pytest.raises(ValueError, match="ties 'most' given"):
        edd(scores(9), scores(9, 1)).with_ties("most")


def test_frames_that_are_barely_off_are_accepted():
    # Each row sum is within 1e-3, all together are far.
    x = probs(300) * (1 + 9e-4)
    assert edd(x, probs(300, 1), 0).n == 296


def test_nothing_to_compare_gives_nan_and_a_reason():
    empty = edd([], scores(9))
    assert math.isnan(empty.edd)
    assert math.isnan(empty.auroc)
    assert math.isnan(empty.cliffs_delta)
    assert math.isnan(empty.bounds[0])
    assert empty.reason == "no original frames given"
    assert "no generated" in edd(scores(9), np.zeros(0)).reason
    assert "expected at least 30" in edd(scores(20), scores(90), min_frames=30).reason
    with pytest.raises(ValueError, match="no original frames given"):
        edd([], scores(9), strict=True)
    gaps = np.tile([0.3, 0.4, 0.2, np.nan], 5)
    with pytest.warns(EDDWarning, match="75%"):
        broken = edd(gaps, scores(20))
    assert "smoothing over 5 frames" in broken.reason
    for kind in ("probs", "logits", "scores"):
        assert np.isnan(edd(np.zeros((0, 8)), probs(9), kind=kind, exclude=2).edd).all()


def test_one_frame_has_a_value_but_no_interval():
    result = edd([0.2], [0.4, 0.1], window=1, ci="block")
    assert result.edd == 0.5
    assert math.isnan(result.interval.low)
    assert "needs 2 of each" in result.interval.notes[0]


def test_intervals_on_request():
    x, y = scores(300), scores(300, 1, 0.05)
    block = edd(x, y, ci="block", replicates=200, seed=4)
    assert block.interval == edd(x, y, ci="block", replicates=200, seed=4).interval
    assert block.interval != edd(x, y, ci="block", replicates=200, seed=5).interval
    assert block.interval.low < block.edd < block.interval.high
    delong = edd(x, y, ci="delong", level=0.9)
    assert "independent" in delong.interval.method
    assert delong.interval.level == 0.9
    with pytest.raises(ValueError, match="ci 'percentile' given"):
        edd(x, y, ci="percentile")


def test_segments_reach_the_smoothing():
    x, y = scores(40), scores(40, 1)
    cuts = np.repeat([0, 1], 20)
    assert edd(x, y, segments=(cuts, None)).n == 32
    assert edd(x, y, segments=(None, cuts)).m == 32


def test_null_edd_compares_the_halves():
    x = scores(61)
    assert null_edd(x) == edd(x[:30], x[30:])
    assert null_edd(x, segments=np.zeros(61)) == edd(x[:30], x[30:])
    p = probs(50)
    assert null_edd(EmotionScores(LABELS, p), "sad") == edd(p[:25], p[25:], "sad", labels=LABELS)


@pytest.mark.parametrize(
    ("x", "y", "options", "message"),
    [
        (np.zeros((3, 4)), np.zeros((3, 5)), {}, r"\(n, d\) and \(m, d\) with the same d"),
        (np.zeros(3), np.zeros((3, 5)), {}, "expected"),
        (np.zeros((1, 2, 3)), np.zeros((1, 2, 3)), {}, "expected"),
        (probs(9), probs(9), {"target": 8}, "column 8 given; expected 0 to 7"),
        (probs(9), probs(9), {"target": -1}, "column -1 given"),
        (probs(9), probs(9), {"target": "sad"}, "label 'sad' given without labels"),
        (probs(9), probs(9), {"target": "bored", "labels": LABELS}, "label 'bored' given; exp"),
        (probs(9), probs(9), {"target": 3, "exclude": 3}, "target 3 is excluded"),
        (probs(9), probs(9), {"labels": LABELS[:7]}, "7 labels given .* for 8 columns"),
        (probs(9), probs(9), {"labels": ("sad",) * 8}, "one different label per column"),
        (probs(9), probs(9), {"exclude": range(8)}, "all 8 columns excluded"),
        (probs(9), probs(9), {"kind": "odds"}, "kind 'odds' given"),
        (probs(9), probs(9), {"ties": "none"}, "ties 'none' given"),
        (probs(9), probs(9), {"nan": "drop"}, "nan 'drop' given"),
        (probs(9), probs(9), {"edge": "zero"}, "edge 'zero' given"),
        (probs(9), probs(9), {"window": "auto"}, "window 'auto' given"),
        (probs(9), probs(9), {"window": 0}, "window 0 given"),
        (probs(9), probs(9), {"window_seconds": 0.2}, "fps=None given"),
        (probs(9), probs(9), {"window_seconds": -1.0, "fps": 25}, "window_seconds=-1.0"),
        (probs(9), probs(9), {"window_seconds": 1.0, "fps": (25, 0)}, "positive frame rates"),
        (probs(9), probs(9) * 0.9, {}, r"generated frame 0 is .*sum 0.9.*kind='logits'"),
        (logits(9), probs(9), {}, "original frame . is"),
        (np.full((9, 8), np.inf), probs(9), {}, "72 infinite values given in the original prob"),
        (logits(9), np.full((9, 8), -np.inf), {"kind": "logits"}, "in the generated logits"),
        ([0.1, np.inf], [0.2, 0.3], {}, "1 infinite values given in the original scores"),
        (["a", "b"], ["c", "d"], {}, "original of dtype <U1 given"),
    ],
)
def test_what_cannot_be_used_is_refused(x, y, options, message):
    with pytest.raises(ValueError, match=message):
        edd(x, y, **options)


def test_integers_and_halves_are_fine():
    assert edd(np.array([1, 2, 3]), np.array([2.5, 9.0]), window=1).pairs_greater == 5
    assert edd(probs(9).astype(np.float16), probs(9, 1).astype(np.float16), 0).n == 5


UNIT = hnp.arrays(np.float64, st.integers(1, 40), elements=st.integers(0, 64).map(lambda k: k / 64))


@pytest.mark.filterwarnings("ignore::emoanim.metrics.EDDWarning")
@settings(deadline=None, max_examples=60)
@given(UNIT, UNIT, st.sampled_from([1, 2, 5]), st.sampled_from(["valid", "same"]))
def test_swapping_the_clips_mirrors_edd(x, y, window, edge):
    window = min(window, len(x), len(y))
    one = edd(x, y, window=window, edge=edge)
    other = edd(y, x, window=window, edge=edge)
    pairs = one.n * one.m
    assert one.pairs_greater + one.pairs_tied + other.pairs_greater == pairs
    assert one.edd + other.edd == pytest.approx(1.0, abs=1e-15)
    assert one.cliffs_delta == -other.cliffs_delta


@pytest.mark.filterwarnings("ignore::emoanim.metrics.EDDWarning")
@settings(deadline=None, max_examples=60)
@given(UNIT, UNIT)
def test_increasing_transforms_leave_unsmoothed_edd(x, y):
    plain = edd(x, y, window=1)
    for transform in (np.sqrt, lambda v: v * 4 - 3, lambda v: np.exp(v * 5)):
        again = edd(transform(x), transform(y), window=1)
        assert (again.pairs_greater, again.pairs_tied) == (plain.pairs_greater, plain.pairs_tied)


def test_known_constants():
    """Counted by hand."""
    assert edd([0.10, 0.40, 0.35], [0.80, 0.38], window=1).edd == 1 / 6
    assert edd([0.2, 0.3, 0.7, 0.6, 0.5], [0.4, 0.9, 0.55], window=1).edd == 5 / 15
    # Means 2 and 8/3 against 3.5.
    assert edd([3, 1, 2, 5], [4, 6, 0.5], window=3).edd == 0.0


@pytest.mark.filterwarnings("ignore::emoanim.metrics.EDDWarning")
def test_vectors_of_counts(vectors):
    with np.load(vectors / "edd_inputs.npz") as inputs:
        expected = json.loads((vectors / "edd_expected.json").read_text())
        for (name, values), ties in itertools.product(
            expected.items(), ("half", "strict", "lenient")
        ):
            x, y = inputs[f"{name}__original"], inputs[f"{name}__generated"]
            result = edd(x, y, window=1, ties=ties)
            assert abs(result.edd - values[f"edd_{ties}"]) <= 2.3e-16
            assert abs(result.auroc - values["sklearn_auroc"]) <= 2.3e-16


@pytest.mark.parametrize("window", [1, 5, 15])
def test_vectors_of_the_whole_way(vectors, window):
    with np.load(vectors / "edd_pipeline_inputs.npz") as inputs:
        x, y = inputs["logits_original"], inputs["logits_generated"]
    expected = json.loads((vectors / "edd_pipeline_expected.json").read_text())
    options = {"kind": "logits", "exclude": "surprise", "labels": LABELS, "window": window}
    valid, same = edd(x, y, **options), edd(x, y, edge="same", **options)
    assert list(valid.labels) == expected["labels"]
    np.testing.assert_allclose(valid.edd, expected[f"valid_w{window}"], rtol=0, atol=2.3e-16)
    np.testing.assert_allclose(
        same.edd, expected[f"same_renormalised_w{window}"], rtol=0, atol=2.3e-16
    )
    if window > 1:
        wrong = np.array(expected[f"zero_padded_w{window}_NOT_RECOMMENDED"])
        assert np.abs(same.edd - wrong).max() > 1e-3
        assert np.abs(valid.edd - wrong).max() > 1e-3
    else:
        wrong = np.array(expected["surprise_dropped_without_renormalising_w1_NOT_RECOMMENDED"])
        assert np.abs(valid.edd - wrong).max() > 1e-3


@pytest.mark.filterwarnings("ignore::emoanim.metrics.EDDWarning")
def test_scikit_learn_agrees():
    metrics = pytest.importorskip("sklearn.metrics")
    random = np.random.default_rng(2)
    for _ in range(20):
        x, y = np.round(random.random(50), 2), np.round(random.random(70), 2)
        theirs = 1 - metrics.roc_auc_score(np.repeat([0, 1], [50, 70]), np.concatenate([x, y]))
        assert abs(edd(x, y, window=1).edd - theirs) <= 2.3e-16


def test_a_wrong_kind_is_refused_for_scores_of_one_emotion_too():
    with pytest.raises(ValueError, match="kind 'score' given; expected 'probs'"):
        edd([0.1] * 9, [0.2] * 9, kind="score")


def test_bounds_hold_the_edd_between_them():
    result = edd([1, 2, 3, 4, 5], [2.5, 3.5, 4.5, 5.5, 0.5], window=1)
    assert result.bounds == (result.edd, result.edd) == (0.44, 0.44)
    random = np.random.default_rng(0)
    for _ in range(200):
        x, y = random.random(13), random.random(11)
        x[random.random(13) < 0.3] = np.nan
        with warnings.catch_warnings(action="ignore"):
            result = edd(x, y, window=1, allow_low_coverage=True)
        low, high = result.bounds
        assert low <= result.edd <= high


def test_a_window_is_a_whole_number_of_frames():
    with pytest.raises(ValueError, match=r"window 2\.5 given; expected a whole number of frames"):
        edd([0.1] * 9, [0.2] * 9, window=2.5)
    assert edd([0.1] * 9, [0.2] * 9, window=int(np.int64(3))).n == 7


@pytest.mark.parametrize("short", [1, 9])
def test_an_empty_side_is_named_however_short_the_other_is(short: int) -> None:
    some = np.linspace(0.1, 0.9, short)
    assert edd([], some).reason == "no original frames given"
    assert edd(some, []).reason == "no generated frames given"
    assert edd([], []).reason == "no original and no generated frames given"
    with pytest.raises(ValueError, match="no original frames given"):
        edd([], some, strict=True)


@pytest.mark.parametrize("side", ["original", "generated"])
def test_a_clip_shorter_than_the_window_says_which_and_what_to_do(side: str) -> None:
    pair = {"original": np.linspace(0.1, 0.3, 20), "generated": np.linspace(0.7, 0.9, 20)}
    pair[side] = pair[side][:3]
    with pytest.raises(ValueError, match=f"5 given for 3 {side} frames.*window=1.*'clip'"):
        edd(**pair)
    with pytest.raises(ValueError, match=f"5 given for 3 {side} frames"):
        edd_matrix(*([values[:, None]] for values in pair.values()), kind="scores")
