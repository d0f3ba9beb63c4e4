"""What a user may choose, as it shows in the coefficients and in the driven key points."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from emoanim.clips import Audio
from emoanim.engines.sadtalker.coefficients import smoothed
from emoanim.engines.sadtalker.frames import render
from emoanim.engines.sadtalker.mel import mel_spectrogram, windows
from emoanim.engines.sadtalker.options import Options
from emoanim.engines.sadtalker.speech_track import coefficient_track
from emoanim.errors import InputError

torch = pytest.importorskip("torch")

CPU = torch.device("cpu")
OWN = np.arange(73.0) / 10
HEAD = slice(64, 70)


class Expression:
    """The reference, 100 more for closed lids, and the sound's mean on top."""

    def __call__(self, mels, reference, lids):
        return reference + 100 * lids + mels.mean((1, 2, 3))[:, None]


class Pose:
    """A head that moves by its style in the first number and by its noise in the second."""

    def hear(self, mels):
        return mels.mean((1, 2, 3))[:, None].expand(-1, 6)

    def move(self, sound, start, style, noise):
        assert len(noise) == -(-len(sound) // 32)
        motion = torch.zeros(len(sound) + 1, 6)
        motion[:, 0] = style
        motion[1:, 1] = sound[:, 0]
        motion[:, 2] = noise[0, 0]
        return motion


def track(frames=60, samples=None, rate=16000, *, eyes=None, pose=None, **options):
    if samples is None:
        samples = np.random.default_rng(1).standard_normal(rate * frames // 25) * 0.1
    networks = SimpleNamespace(expression=Expression(), pose=Pose(), device=CPU)
    audio = Audio(np.asarray(samples, np.float32), rate)
    return coefficient_track(networks, audio, OWN, Options(**options), eyes=eyes, pose=pose)


def test_silence_keeps_the_face():
    found = track(samples=np.zeros(40 * 640), blink="none")
    np.testing.assert_allclose(found[:, :64], np.tile(OWN[:64] - 4, (40, 1)), atol=1e-5)
    assert (np.ptp(found, axis=0) < 1e-5).all()


def test_silence_blinks_all_the_same():
    found = track(samples=np.zeros(100 * 640))
    closed = found[:, 0] - (OWN[0] - 4)
    assert closed.max() == pytest.approx(100, abs=1e-3)
    assert 0.5 < (np.abs(closed) < 1e-3).mean() < 1


def test_a_full_track_has_the_place_of_the_face_too():
    assert track(mode="crop").shape == (60, 70)
    full = track(mode="full")
    np.testing.assert_array_equal(full[:, 70:], np.tile(OWN[70:], (60, 1)))
    np.testing.assert_array_equal(full[:, HEAD], np.tile(OWN[HEAD], (60, 1)))  # it is still


def test_the_head_moves_by_style_noise_and_sound_smoothly():
    samples = np.random.default_rng(5).standard_normal(60 * 640).astype(np.float32) * 0.1
    found = track(samples=samples, still=False, style=7, seed=3, blink="none")[:, HEAD]
    heard = windows(mel_spectrogram(samples), 1, 60).mean((1, 2, 3))
    noise = np.random.default_rng(3).standard_normal((2, 64))
    motion = np.zeros((60, 6))
    motion[:, 0] = 7
    motion[1:, 1] = heard
    motion[:, 2] = noise[0, 0]
    np.testing.assert_allclose(found, smoothed(OWN[HEAD] + motion), atol=1e-5)
    assert not np.allclose(found[1:, 1], OWN[65] + heard, atol=1e-2)


def test_the_lips_move_as_far_as_is_asked():
    one, two = (track(expression_scale=scale, blink="none")[:, :64] for scale in (1.0, 2.0))
    np.testing.assert_allclose(two, 2 * one)


def test_any_rate_gives_the_same_frames():
    tone = [np.sin(2 * np.pi * 300 * np.arange(rate) / rate) * 0.3 for rate in (16000, 44100)]
    one, two = (track(samples=s, rate=r) for s, r in zip(tone, (16000, 44100), strict=True))
    assert one.shape == two.shape
    np.testing.assert_allclose(one, two, atol=0.1)


def test_eyes_of_a_video_are_the_reference_and_nobody_blinks():
    eyes = np.random.default_rng(2).standard_normal((7, 73))
    own = track(blink="none")
    found = track(eyes=eyes)
    turns = np.resize(np.arange(7), 60)
    np.testing.assert_allclose(found[:, :64] - own[:, :64], eyes[turns, :64] - OWN[:64], atol=1e-5)
    np.testing.assert_array_equal(found[:, 64:], own[:, 64:])


def test_the_head_motion_of_a_video_is_added_after_smoothing():
    pose = np.random.default_rng(3).standard_normal((7, 73))
    turns = np.resize(np.arange(7), 60)
    motion = pose[turns, HEAD] - pose[0, HEAD]
    for still in (True, False):
        own, found = track(still=still), track(still=still, pose=pose)
        np.testing.assert_allclose(found[:, HEAD] - own[:, HEAD], motion, atol=1e-9)
        np.testing.assert_array_equal(found[:, :64], own[:, :64])
    assert not np.allclose(smoothed(motion), motion)  # else the order would not show


def test_no_sound_is_told():
    with pytest.raises(InputError, match="0 samples given; expected at least one frame"):
        track(samples=np.zeros(0))


class Seen:
    """Notes the key points of every frame."""

    def __init__(self):
        self.driving = []

    def encode(self, pixels):
        return pixels

    def __call__(self, pixels, source, driving):
        assert driving.shape == (1, 15, 3)
        self.source = source[0].numpy()
        self.driving.append(driving[0].numpy())
        return SimpleNamespace(prediction=pixels)


CANONICAL = np.random.default_rng(4).uniform(-0.5, 0.5, (15, 3)).astype(np.float32)


def mapped(windows):
    """A head at 0, 3 and 6 degrees whose points wander with the middle frame's first number."""
    from emoanim.engines.sadtalker.mapping import Mapped

    def angle(column):
        logits = torch.full((len(windows), 66), -1e4)
        logits[:, column] = 0
        return logits

    shift = torch.tensor([0.1, 0.2, 0.3]).expand(len(windows), 3)
    points = windows[:, :1, 13].expand(-1, 45)
    return Mapped(angle(33), angle(34), angle(35), shift, points)


def rotation(yaw, pitch, roll):
    y, p, r = (angle / 180 * 3.14 for angle in (yaw, pitch, roll))
    about_x = [[1, 0, 0], [0, np.cos(p), -np.sin(p)], [0, np.sin(p), np.cos(p)]]
    about_y = [[np.cos(y), 0, np.sin(y)], [0, 1, 0], [-np.sin(y), 0, np.cos(y)]]
    about_z = [[np.cos(r), -np.sin(r), 0], [np.sin(r), np.cos(r), 0], [0, 0, 1]]
    return np.array(about_x) @ about_y @ about_z


STEP = 26 / 39  # from 0 to 13 degrees and back in 40 frames
THERE = np.arange(20) * STEP
BACK = 13 - np.arange(20) * STEP  # every leg begins at its own stop


@pytest.mark.parametrize(
    ("given", "axis", "angles"),
    [
        ({}, 0, 0),
        ({"yaw": (-20, 20)}, 0, np.linspace(-20, 20, 40)),
        ({"pitch": (10,)}, 1, 10),
        ({"roll": (0, 13, 0)}, 2, np.concatenate((THERE, BACK))),
    ],
)
def test_the_head_turns_as_scheduled(given, axis, angles):
    turned = np.tile((0.0, 3.0, 6.0), (40, 1))
    turned[:, axis] = angles
    renderer = Seen()
    networks = SimpleNamespace(
        renderer=renderer,
        mapping=mapped,
        detector=lambda pixels: (torch.from_numpy(CANONICAL)[None], None),
        device=CPU,
        dtype=torch.float32,
    )
    frames = np.zeros((40, 70))
    frames[:, 0] = np.arange(40) / 100
    image = np.zeros((8, 8, 3), np.uint8)
    assert len(list(render(networks, image, np.zeros(73), frames, Options(**given)))) == 40
    height = (0, 0.2, 0)  # of the translation only this counts
    np.testing.assert_allclose(renderer.source, CANONICAL @ rotation(0, 3, 6).T + height, atol=1e-5)
    # Whether the last stop is reached hangs on rounding in the original; it is left open here.
    for k, own in enumerate(renderer.driving[:-1]):
        expected = CANONICAL @ rotation(*turned[k]).T + height + k / 100
        np.testing.assert_allclose(own, expected, atol=1e-4)
