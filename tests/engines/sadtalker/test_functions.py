"""SadTalker's functions beyond their golden cases."""

from __future__ import annotations

import numpy as np
import pytest
from golden_cases import Case

from emoanim.engines.sadtalker import coefficients
from emoanim.engines.sadtalker import mel as mel_module
from emoanim.engines.sadtalker.face_crop import align, crop_box
from emoanim.engines.sadtalker.mel import mel_spectrogram
from emoanim.engines.sadtalker.options import Options
from emoanim.engines.sadtalker.pasting import paste
from emoanim.engines.sadtalker.picture import cut_face
from emoanim.errors import SettingsError


@pytest.fixture(scope="module")
def face(golden):
    case = Case(golden / "sadtalker" / "align_512.npz")
    return case.input("image"), case.input("landmarks68")


def test_silence_lies_at_the_floor():
    mel = mel_spectrogram(np.zeros(6400, np.float32))
    assert mel.shape == (33, 80)
    assert (mel == -4).all()


def test_a_tone_peaks_in_its_band():
    samples = np.sin(2 * np.pi * 1000 * np.arange(16000) / 16000).astype(np.float32)
    mel = mel_spectrogram(samples)
    assert np.abs(mel[20:60].mean(0).argmax() - 26) <= 2


def test_long_sound_is_computed_in_pieces(monkeypatch):
    samples = np.random.default_rng(0).standard_normal(64000).astype(np.float32) * 0.1
    whole = mel_spectrogram(samples)
    monkeypatch.setattr(mel_module, "_AT_ONCE", 50)
    np.testing.assert_array_equal(mel_spectrogram(samples), whole)


def test_windows_repeat_the_ends():
    rows = mel_module.window_rows(4, 12)
    assert rows[0].tolist() == [0] * 7 + list(range(1, 10))
    assert rows[3, -1] == 11


def test_smoothing_keeps_parabolas_and_calms_noise():
    time = np.arange(40.0)
    track = np.column_stack((time, 3 - time**2 / 7))
    np.testing.assert_allclose(coefficients.smoothed(track), track, atol=1e-9)
    noise = np.random.default_rng(0).standard_normal((200, 6))
    assert coefficients.smoothed(noise).std() < 0.6


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 12, 13, 14])
def test_smoothing_agrees_with_scipy(count):
    signal = pytest.importorskip("scipy.signal")
    track = np.random.default_rng(count).standard_normal((count, 6))
    window = 13 if count >= 13 else 2 * ((count - 1) // 2) + 1
    expected = track if window < 3 else signal.savgol_filter(track, window, 2, axis=0)
    np.testing.assert_allclose(coefficients.smoothed(track), expected, atol=1e-9)


def test_blinks():
    rng = np.random.default_rng(0)
    lids = coefficients.blink_track(500, lambda pauses: int(rng.choice(np.asarray(pauses))))
    assert set(lids) == {0, 0.5, 0.9, 1}
    assert 5 <= (lids == 1).sum() <= 30
    assert not coefficients.blink_track(20, lambda pauses: pauses[0]).any()


def test_camera_schedules():
    assert coefficients.camera_track([7], 3).tolist() == [7, 7, 7]
    assert coefficients.camera_track([5, 5], 3).tolist() == [5, 5, 5]
    track = coefficients.camera_track([0, 10, 0], 21)
    assert track.argmax() == 10
    assert len(coefficients.camera_track([0, 10], 1)) == 1


@pytest.mark.parametrize("extended", [False, True])
def test_the_face_lies_in_its_cut(face, extended):
    image, landmarks = face
    cut = cut_face(image, landmarks, 256, extended=extended)
    assert cut.image.shape == (256, 256, 3)
    assert (cut.landmarks > 0).all()
    assert (cut.landmarks < 256).all()
    left, top, right, bottom = cut.box
    x, y = landmarks[30]
    expected = ((x - left) / (right - left) * 256, (y - top) / (bottom - top) * 256)
    np.testing.assert_allclose(cut.landmarks[30], expected, atol=1.5)


def test_the_whole_picture(face):
    image, landmarks = face
    cut = cut_face(image[:400], landmarks, 256, extended=False, whole=True)
    assert cut.box == (0, 0, 512, 400)
    assert cut.size == (256, 200)


def test_a_large_picture_gives_a_box_at_its_own_resolution(face):
    image, landmarks = face
    big = np.repeat(np.repeat(image, 6, 0), 6, 1)
    assert crop_box(landmarks * 6, 3072, 3072).size == (1536, 1536)
    small = cut_face(image, landmarks, 64, extended=False)
    large = cut_face(big, landmarks * 6, 64, extended=False)
    np.testing.assert_allclose(np.array(large.box) / 6, small.box, atol=3)


def test_alignment_does_not_depend_on_the_pictures_size(face):
    image, landmarks = face
    big = np.repeat(np.repeat(image, 2, 0), 2, 1)
    one, two = align(image, landmarks), align(big, landmarks * 2)
    np.testing.assert_allclose(one.landmarks, two.landmarks, atol=2.5)


def test_a_paste_leaves_no_seam():
    rows = np.linspace(40, 200, 300)
    picture = np.repeat(np.repeat(rows[:, None], 200, 1)[..., None], 3, 2).astype(np.uint8)
    face = np.full((64, 64, 3), 250, np.uint8)
    out = paste(picture, face, (50, 100, 150, 200)).astype(int)
    assert (out[150, 100] == 250).all()
    outside = np.ones((300, 200), bool)
    outside[100:200, 50:150] = False
    assert (out[outside] == picture[outside]).all()
    # Across the border the step is no larger than the ramp's own.
    assert np.abs(np.diff(out[150, 40:160, 0])).max() <= 26
    assert np.abs(np.diff(out[150, 47:53, 0])).max() <= 8


def test_a_paste_at_the_pictures_own_border_is_not_faded():
    picture = np.zeros((100, 100, 3), np.uint8)
    out = paste(picture, np.full((10, 10, 3), 200, np.uint8), (0, 0, 100, 60))
    assert (out[0] == 200).all()
    assert (out[:30, [0, -1]] == 200).all()
    assert (out[59] < 10).all()


@pytest.mark.parametrize(
    "wrong",
    [
        {"mode": "half"},
        {"size": 128},
        {"style": 46},
        {"blink": "often"},
        {"expression_scale": -1.0},
    ],
)
def test_options_out_of_range(wrong):
    with pytest.raises(SettingsError, match="given; expected"):
        Options(**wrong)


def test_the_head_is_still_where_it_is_pasted_back():
    assert Options(mode="full").keeps_head
    assert not Options(mode="crop").keeps_head
    assert not Options(mode="full", still=False).keeps_head
    assert Options(mode="extfull").coefficients == 73
    assert Options(mode="resize").coefficients == 70
