from __future__ import annotations

import numpy as np
import pytest

from emoanim.emotions import TARGETS, EmotionPrompt
from emoanim.engines.rig.motion.head_motion import LIMITS, SPEED_LIMITS, head_motion
from emoanim.engines.rig.motion.manner import manner_of
from emoanim.engines.rig.motion.prosody import Accent, analyse
from emoanim.engines.rig.motion.source_motion import SourcePose

FPS = 25.0
NEUTRAL = manner_of(EmotionPrompt.parse("neutral"))


@pytest.fixture(scope="module")
def prosody(make_speech):
    script = "SIL 0.6 " + ("AA 0.15 T 0.08 " * 6 + "SIL 0.5 ") * 4
    gains = [1.0] + ([1.0, 1.0, 0.2, 1.0] * 3 + [1.0]) * 4
    return analyse(make_speech(script, gains=gains).audio)


def times_of(prosody, fps=FPS):
    return (np.arange(int(prosody.duration * fps)) + 0.5) / fps


@pytest.mark.parametrize("emotion", TARGETS)
@pytest.mark.parametrize("seed", range(4))
def test_motion_is_smooth_and_within_limits(prosody, emotion, seed):
    manner = manner_of(EmotionPrompt(emotion, 1.0))
    rng = np.random.default_rng(seed)
    poses = head_motion(prosody, times_of(prosody), manner, rng, amount=2.0)
    assert (np.abs(poses) <= LIMITS).all()
    speed = np.diff(poses, axis=0) * FPS
    assert (np.abs(speed) <= SPEED_LIMITS).all()
    acceleration = np.diff(speed, axis=0) * FPS
    assert np.abs(acceleration[:, :3]).max() < 400.0
    assert (poses[:, :3].std(axis=0) > 0.1).all()


def test_the_head_moves_as_much_as_peoples(prosody):
    overall = []
    for seed in range(12):
        poses = head_motion(prosody, times_of(prosody), NEUTRAL, np.random.default_rng(seed))
        overall.append(np.sqrt((poses[:, :3].std(axis=0) ** 2).sum()))
    assert 2.0 <= np.median(overall) <= 6.0
    assert min(overall) > 1.4


@pytest.mark.parametrize("emotion", ["neutral", "sad", "contempt", "happy"])
def test_every_axis_moves_in_speech_and_no_short_word_shakes_the_head(
    prosody, make_speech, emotion
):
    manner = manner_of(EmotionPrompt.parse(emotion))
    for seed in range(4):
        spoken = head_motion(prosody, times_of(prosody), manner, np.random.default_rng(seed))
        assert (spoken[:, :3].std(axis=0) > (2.0, 2.6, 1.6)).all()
        word = analyse(make_speech("AA 0.5").audio)
        brief = head_motion(word, times_of(word), manner, np.random.default_rng(seed))
        assert (np.ptp(brief[:, :3], axis=0) < 5.0).all()


def test_a_speaker_who_holds_still_gets_more_of_chance(make_speech):
    quiet = analyse(make_speech("SIL 20.0").audio)
    times = times_of(quiet)
    lively = np.zeros((75, 6))
    lively[:, :3] = 4.0 * np.sin(2 * np.pi * 0.3 * np.arange(75) / FPS)[:, None]
    spread = {}
    for name, poses in (("still", np.zeros((75, 6))), ("lively", lively)):
        moved = head_motion(
            quiet, times, NEUTRAL, np.random.default_rng(0), source=SourcePose(FPS, poses),
            activity=np.ones(len(times)),
        )  # fmt: skip
        spread[name] = moved[:, :3].std(axis=0).mean()
    assert spread["still"] > 1.0
    assert spread["lively"] > spread["still"]


def test_posture_tells_the_emotions_apart(prosody):
    def mean(word):
        runs = [
            head_motion(
                prosody,
                times_of(prosody),
                manner_of(EmotionPrompt.parse(word)),
                np.random.default_rng(seed),
            )
            for seed in range(6)
        ]
        return np.mean(runs, axis=(0, 1))

    assert mean("sad")[0] < mean("neutral")[0] - 1.0
    assert mean("contempt")[0] > mean("neutral")[0] + 0.8
    assert mean("anger")[5] > 0.2 > -0.2 > mean("fear")[5]


def test_accents_are_nodded(make_speech):
    quiet = analyse(make_speech("SIL 6.0").audio)
    times = times_of(quiet)
    accents = tuple(Accent(t, 1.0, 2.0) for t in (1.0, 2.0, 3.0, 4.0, 5.0))
    object.__setattr__(quiet, "accents", accents)
    poses = np.mean(
        [head_motion(quiet, times, NEUTRAL, np.random.default_rng(s)) for s in range(30)], axis=0
    )
    on = [int(a.time * FPS) for a in accents]
    assert poses[on, 0].mean() < poses[[i - 12 for i in on], 0].mean() - 0.3


def test_the_head_is_calmer_but_not_frozen_in_silence(make_speech):
    quiet = analyse(make_speech("SIL 8.0").audio)
    times = times_of(quiet)
    talk = head_motion(
        quiet, times, NEUTRAL, np.random.default_rng(1), activity=np.ones(len(times))
    )
    rest = head_motion(
        quiet, times, NEUTRAL, np.random.default_rng(1), activity=np.zeros(len(times))
    )
    assert rest[:, :3].std() < 0.6 * talk[:, :3].std()
    windows = rest[:200].reshape(8, 25, 6)
    assert (np.ptp(windows[:, :, :3], axis=1).max(axis=1) > 0.02).all()


def test_amount_zero_holds_the_posture(prosody):
    manner = manner_of(EmotionPrompt.parse("sad"))
    poses = head_motion(prosody, times_of(prosody), manner, np.random.default_rng(0), amount=0.0)
    assert np.ptp(poses[25:], axis=0).max() < 1e-6
    assert poses[-1, 0] == pytest.approx(-2.0, abs=0.3)


def test_a_short_source_is_reflected_without_a_jump(make_speech):
    t = np.arange(75) / FPS
    poses = np.zeros((75, 6))
    poses[:, 1] = 1.7 * np.sin(2 * np.pi * 0.3 * t)
    source = SourcePose(FPS, poses)
    quiet = analyse(make_speech("SIL 20.0").audio)
    times = times_of(quiet)
    moved = head_motion(
        quiet, times, NEUTRAL, np.random.default_rng(0), source=source, activity=np.ones(len(times))
    )
    steps = np.abs(np.diff(moved, axis=0)).max(axis=0) * FPS
    assert (steps <= SPEED_LIMITS).all()
    plain = head_motion(
        quiet, times, NEUTRAL, np.random.default_rng(0), activity=np.ones(len(times))
    )
    assert np.abs(moved - plain).max() > 0.5
