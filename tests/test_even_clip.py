"""Clips whose frames come unevenly, at the rate that most of them have."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from emoanim.even_clip import EvenClip, even, nominal_rate
from emoanim.media import Video
from emoanim.testing.clips import make_clip, read_number

HALF_WAY = [k / 30 for k in range(30)] + [1.0 + k / 15 for k in range(15)]
"""30 Hz, then 15 Hz, as phones do in the dark; one second each."""


def numbers(clip: EvenClip | Video, *part: float) -> list[int]:
    return [read_number(frame.image) for frame in clip.frames(*part)]


def dropped(fps: float, count: int, *gone: int) -> list[float]:
    return [k / fps for k in range(count) if k not in gone]


@pytest.mark.parametrize(
    ("times", "rate"),
    [
        (dropped(25.0, 60, 5, 9, 10, 30, 31, 32), 25.0),
        (HALF_WAY, 30.0),
        (np.round(dropped(30000 / 1001, 60, 7, 20), 3), 30000 / 1001),  # Matroska's milliseconds
        (dropped(24000 / 1001, 60, 3, 4), 24000 / 1001),
        (np.cumsum([0.033, 0.034, 0.032, 0.067, 0.0343] * 12), 30.0),
        (np.cumsum([0.001, 0.002, 0.097] * 30), 60.0),  # bursts
        (np.cumsum([2.0, 3.0, 0.5, 4.0]), 2.0),
    ],
)
def test_the_most_frequent_interval_gives_the_rate(times: list[float], rate: float) -> None:
    mean = len(times) / (times[-1] - times[0] + 0.05)
    assert nominal_rate(times, mean) == pytest.approx(rate, rel=3e-3)


@pytest.mark.parametrize("fps", [15.0, 24000 / 1001, 25.0, 50.0, 120.0, 240.0])
@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_an_even_clip_is_itself(tmp_path: Path, fps: float, suffix: str) -> None:
    video = Video(make_clip(tmp_path / f"a{suffix}", fps=fps, seconds=1.0))
    assert even(video) is video


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".mov"])
def test_even_stretches_keep_every_frame(tmp_path: Path, suffix: str) -> None:
    gone = {20, 21, 30, 41}
    times = dropped(25.0, 60, *gone)
    video = Video(make_clip(tmp_path / f"a{suffix}", times=times, seconds=2.4))
    clip = even(video)
    assert clip.fps == 25.0
    shown = numbers(clip)
    assert len(shown) == 60
    # Each frame of the clip where it was, and the one before where some are missing.
    places = [k for k in range(60) if k not in gone]
    assert [shown[place] for place in places] == list(range(56))
    assert [shown[k] for k in sorted(gone)] == [19, 19, 27, 37]
    assert [f.time for f in clip.frames()] == pytest.approx([k / 25 for k in range(60)])


def test_a_rate_that_changes_half_way_stays_in_step(tmp_path: Path) -> None:
    video = Video(make_clip(tmp_path / "a.mp4", times=HALF_WAY, seconds=2.0))
    assert video.fps == pytest.approx(22.5, rel=0.02)
    clip = even(video)
    assert clip.fps == 30.0
    for frame in clip.frames():
        shown = HALF_WAY[read_number(frame.image)]
        assert 0.0 <= frame.time - shown + 1e-3 < 1 / 15 + 2e-3


def test_jitter_hardly_drops_or_doubles(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    steps = 1 / 30 + rng.uniform(-0.006, 0.006, 90)
    steps[40] += 0.1
    times = np.concatenate([[0.0], np.cumsum(steps)]).tolist()
    clip = even(Video(make_clip(tmp_path / "a.mp4", times=times, seconds=times[-1] + 0.033)))
    assert isinstance(clip, EvenClip)
    shown = numbers(clip)
    assert len(set(shown)) >= 90
    assert sum(shown.count(k) > 1 for k in range(91)) <= 2


def test_a_part_is_what_the_whole_has_there(tmp_path: Path) -> None:
    video = Video(make_clip(tmp_path / "a.mp4", times=HALF_WAY, seconds=2.0))
    clip = even(video)
    whole = numbers(clip)
    for start, end in ((0.5, 1.3), (1.02, 1.9), (1.0 + 1 / 30, 9.0), (5.0, 6.0)):
        first, last = (int(np.ceil(second * 30 - 1e-6)) for second in (start, end))
        assert numbers(clip, start, end) == whole[first:last]
    assert (clip.size, clip.duration) == (video.size, video.duration)
