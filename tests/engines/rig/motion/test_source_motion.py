from __future__ import annotations

import numpy as np
import pytest

from emoanim.engines.rig.motion.source_motion import clean_poses, track_head
from emoanim.faces import FaceFinder


def _track(n=64, rate=8.0):
    t = np.arange(n) / rate
    poses = np.zeros((n, 6))
    poses[:, 1] = 8.0 * np.sin(2 * np.pi * 0.3 * t)
    poses[:, 0] = 30.0 + 2.0 * np.sin(2 * np.pi * 0.5 * t)
    return t, poses


def test_source_pose_is_cleaned_and_damped():
    t, poses = _track()
    poses[10] = np.nan
    poses[20, 0] = -60.0
    source = clean_poses(t, poses)
    assert source is not None
    assert np.isfinite(source.poses).all()
    assert np.abs(source.poses[:, 0]).max() < 3.0
    assert 3.0 < source.poses[:, 1].std() <= 4.51
    assert np.abs(np.diff(source.poses, axis=0)).max() * source.rate < 40.0


def test_source_pose_needs_enough_of_a_face():
    t, poses = _track()
    assert clean_poses(t[:5], poses[:5]) is None
    poses[5:] = np.nan
    assert clean_poses(t, poses) is None
    assert clean_poses(t, np.full((len(t), 6), np.nan)) is None


def test_a_real_head_is_followed(media):
    video = pytest.importorskip("emoanim.media").Video(media / "talking_8s.mp4")
    source = track_head(video, FaceFinder())
    assert source is not None
    assert len(source.poses) > 7 * source.rate
    assert 2.0 < source.poses[:, 1].std() <= 4.51
    assert np.abs(source.poses[:, :3]).max() < 14.0
    speed = np.abs(np.diff(source.poses, axis=0)).max(axis=0) * source.rate
    assert (speed < (80.0, 80.0, 80.0, 8.0, 8.0, 8.0)).all()
