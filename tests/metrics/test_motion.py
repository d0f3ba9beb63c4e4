from __future__ import annotations

import json
import math

import numpy as np
import pytest

from emoanim.metrics import (
    beat_alignment,
    head_motion_diversity,
    hopenet_angles,
    motion_beats,
    sound_onsets,
)
from emoanim.metrics.motion import _gaussian


def test_smoothing_is_scipys():
    ndimage = pytest.importorskip("scipy.ndimage")
    series = np.random.default_rng(0).random(40).cumsum()
    for sigma in (0.7, 2.0, 5.0):
        np.testing.assert_allclose(
            _gaussian(series, sigma), ndimage.gaussian_filter1d(series, sigma), rtol=1e-12
        )


def test_angles_of_certain_bins():
    logits = np.full((2, 3, 66), -1e4)
    logits[0, :, 33] = 0
    logits[1, :, 0] = 0
    np.testing.assert_allclose(hopenet_angles(logits), [[0, 0, 0], [-99, -99, -99]])
    for empty in (0.5, np.zeros((3, 0))):
        with pytest.raises(ValueError, match=r"expected \(\.\.\., bins\)"):
            hopenet_angles(empty)


def test_diversity_by_hand():
    still, nod = np.zeros((4, 2)), np.array([[0.0, 0.0], [2.0, 0.0]])
    result = head_motion_diversity([still, nod])
    assert result.each.tolist() == [0.0, 0.5]
    assert result.value == 0.25
    sample = head_motion_diversity([nod], ddof=1, features="angles_deg")
    assert sample.value == pytest.approx(math.sqrt(2) / 2)
    assert "angles_deg, ddof 1" in sample.method
    short = head_motion_diversity([nod, nod[:1]])
    assert (short.value, short.n) == (0.5, 1)
    assert head_motion_diversity([nod[:1]]).reason == "no video has two frames"
    assert head_motion_diversity([]).n == 0


@pytest.mark.parametrize(
    ("videos", "options", "message"),
    [
        ([np.zeros(4)], {}, r"shape \(4,\) given"),
        ([], {"features": "pixels"}, "features 'pixels' given"),
        ([], {"ddof": 2}, "ddof 2 given"),
    ],
)
def test_diversity_refuses(videos, options, message):
    with pytest.raises(ValueError, match=message):
        head_motion_diversity(videos, **options)


def test_motion_beats_are_where_the_head_is_slow():
    t = np.arange(100) / 25
    angles = np.stack([np.sin(2 * np.pi * t), 0 * t, 0 * t], axis=1)
    # The sine turns at 0.25, 0.75, 1.25 ... seconds.
    beats = motion_beats(angles, 25, smoothing_seconds=0.04)
    np.testing.assert_allclose(beats, np.arange(0.25, 4, 0.5), atol=0.04)
    unsmoothed = motion_beats(angles[:, None], 25, smoothing_seconds=0)
    np.testing.assert_allclose(unsmoothed, beats, atol=0.04)
    assert len(motion_beats(angles[:3], 25)) == 0
    assert len(motion_beats(np.zeros((30, 3)), 25)) == 0


@pytest.mark.parametrize(
    ("positions", "options", "message"),
    [
        (np.zeros(9), {"fps": 25}, r"shape \(9,\) given"),
        (np.zeros((9, 3)), {"fps": 0}, "fps 0 "),
        (np.zeros((9, 3)), {"fps": 25, "smoothing_seconds": -1}, "smoothing -1 s"),
    ],
)
def test_motion_beats_refuse(positions, options, message):
    with pytest.raises(ValueError, match=message):
        motion_beats(positions, **options)


def test_the_direction_of_alignment_matters():
    motion, audio = [1.0, 2.0, 3.0, 4.0], [1.0, 3.0]
    assert beat_alignment(motion, audio).value == 1.0
    other = beat_alignment(motion, audio, average="motion")
    assert other.value == pytest.approx(0.5, abs=1e-6)
    assert "motion beats, sigma 0.1 s" in other.method
    assert other.n == 4
    half = beat_alignment([1.1], [1.0], sigma_seconds=0.1)
    assert half.value == pytest.approx(math.exp(-0.5))


def test_alignment_without_beats():
    none = beat_alignment([], [1.0])
    assert (none.value, none.notes) == (0.0, ("no motion beats",))
    silent = beat_alignment([1.0], [])
    assert math.isnan(silent.value)
    assert silent.reason == "no audio beats"
    assert math.isnan(beat_alignment([], []).value)


@pytest.mark.parametrize(
    ("beats", "options", "message"),
    [
        ([[1.0]], {}, "expected finite times"),
        ([math.inf], {}, "expected finite times"),
        ([1.0], {"sigma_seconds": 0}, "sigma 0 s"),
        ([1.0], {"average": "both"}, "average 'both'"),
    ],
)
def test_alignment_refuses(beats, options, message):
    with pytest.raises(ValueError, match=message):
        beat_alignment(beats, [1.0], **options)


def clicks(rate=16000, seconds=6):
    x = np.zeros(rate * seconds)
    x[::8000] = 1.0
    return np.convolve(x, np.exp(-np.arange(400) / 60))[: len(x)].astype(np.float32)


def test_onsets_of_clicks():
    np.testing.assert_allclose(sound_onsets(clicks(), 16000), np.arange(12) / 2, atol=0.011)
    assert len(sound_onsets(np.zeros(16000), 16000)) == 0
    assert len(sound_onsets(np.zeros(0), 16000)) == 0
    # Less than the half second that is looked at around a peak, as the end of a minute may be.
    np.testing.assert_allclose(sound_onsets(clicks()[:4000], 16000), [0.0], atol=0.011)
    noisy = clicks() + 0.01 * np.random.default_rng(0).normal(size=96000)
    np.testing.assert_allclose(sound_onsets(noisy, 16000), np.arange(12) / 2, atol=0.011)


def test_onsets_refuse():
    with pytest.raises(ValueError, match=r"shape \(2, 9\)"):
        sound_onsets(np.zeros((2, 9)), 16000)
    with pytest.raises(ValueError, match="hop of 0"):
        sound_onsets(np.zeros(99), 16000, hop_seconds=0)
    with pytest.raises(ValueError, match="windows of two"):
        sound_onsets(np.zeros(99), 16000, window_seconds=0)


@pytest.mark.parametrize("fps", [25, 30, 60])
def test_beat_vectors(vectors, fps):
    expected = json.loads((vectors / "beat_align_expected.json").read_text())
    with np.load(vectors / "beat_align_keypoints.npz") as file:
        beats = motion_beats(file["keypoints"], fps, smoothing_seconds=5 / fps)
    assert np.round(beats * fps).tolist() == expected["motion_beats"]
    audio = np.array(expected["audio_beats"]) / fps
    forward = beat_alignment(beats, audio, sigma_seconds=3 / fps)
    backward = beat_alignment(beats, audio, sigma_seconds=3 / fps, average="motion")
    assert forward.value == pytest.approx(expected["score"], abs=1e-12)
    assert backward.value == pytest.approx(expected["score_reversed_direction_mint"], abs=1e-12)


def test_onsets_lie_near_the_vector_beats(vectors):
    beats = json.loads((vectors / "audio_beats_expected.json").read_text())["beats_s"]
    onsets = sound_onsets(clicks(), 16000)
    assert all(np.abs(onsets - b).min() < 0.05 for b in beats)


def test_head_vectors(vectors):
    expected = json.loads((vectors / "head_csim_expected.json").read_text())
    with np.load(vectors / "head_csim_inputs.npz") as file:
        angles, embeddings = hopenet_angles(file["hopenet_logits"]), file["embeddings"]
    np.testing.assert_allclose(angles[:3], expected["angles_deg_first3"], atol=1e-12)
    for ddof in (0, 1):
        found = head_motion_diversity([embeddings], ddof=ddof).value
        key = f"diversity_std_ddof{ddof}_mean_over_dims"
        assert found == pytest.approx(expected[key], abs=1e-14)
    found = head_motion_diversity([angles], features="angles_deg").value
    assert found == pytest.approx(expected["angles_std_mean"], abs=1e-13)
