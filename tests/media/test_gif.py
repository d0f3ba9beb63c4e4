"""GIF and WebM: what arrives of pictures, sound and marks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from emoanim import EDAPipeline, provenance
from emoanim.clips import Animation
from emoanim.demo import demo_portrait
from emoanim.errors import MediaError, OutputError, SettingsError
from emoanim.media import Video, check_writable, read_tags, write_video
from emoanim.testing.clips import make_tone


def grey(count: int, fps: float, size: tuple[int, int] = (64, 48)) -> Animation:
    """Each frame is brighter than the one before it."""
    width, height = size
    frames = (np.full((height, width, 3), 40 + 2 * i, np.uint8) for i in range(count))
    return Animation(fps, size, count, frames)


@pytest.mark.parametrize(("fps", "expected"), [(25.0, 12.5), (50.0, 12.5), (10.0, 10.0)])
def test_a_gif_shows_the_same_time(tmp_path: Path, fps: float, expected: float) -> None:
    path = write_video(tmp_path / "a.gif", grey(80, fps), make_tone(80 / fps))
    frames = list(Video(path).frames())
    assert len(frames) == pytest.approx(80 / fps * expected, abs=1)
    for frame in frames:
        shown = 40 + 2 * frame.time * fps  # brightness of the frame that is due then
        assert float(frame.image.mean()) == pytest.approx(shown, abs=4)
    assert frames[-1].time == pytest.approx(80 / fps, abs=1.5 / expected)


def test_a_gif_is_small_and_keeps_its_shape(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.gif", grey(3, 25.0, (1000, 500)), make_tone(0.12))
    assert Video(path).size == (400, 200)


def test_an_upright_gif_is_no_larger_than_a_square_one(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.gif", grey(3, 25.0, (720, 1280)), make_tone(0.12))
    assert Video(path).size == (300, 533)


def test_small_pictures_of_noise_are_written(tmp_path: Path) -> None:
    """No colour is in each of them."""
    random = np.random.default_rng(2)
    frames = (random.integers(0, 256, (24, 24, 3), np.uint8) for _ in range(25))
    path = write_video(tmp_path / "a.gif", Animation(12.5, (24, 24), 25, frames), make_tone(2.0))
    assert len(list(Video(path).frames())) == 25


def test_a_small_thing_keeps_its_colour(tmp_path: Path) -> None:
    """By its share of the picture, grey shades would take every colour of the palette."""
    random = np.random.default_rng(1)
    greys = np.linspace(60, 230, 200)[:, None, None] + random.normal(0, 8, (200, 200, 1))
    picture = greys + random.normal(0, 6, (200, 200, 3))
    share = random.random((10, 10, 1))
    picture[100:110, 100:110] = share * np.array([90, 105, 150]) + (1 - share) * 190
    image = np.clip(picture, 0, 255).astype(np.uint8)
    clip = Animation(12.5, (200, 200), 3, iter([image] * 3))
    path = write_video(tmp_path / "a.gif", clip, make_tone(0.2))
    shown = next(iter(Video(path).frames())).image
    strengths = [np.ptp(p[100:110, 100:110].astype(float), axis=-1).mean() for p in (shown, image)]
    assert strengths[0] > 0.65 * strengths[1]


def test_the_palette_suits_the_pictures(tmp_path: Path) -> None:
    portrait = demo_portrait()[::2, ::2]
    still = Animation(12.5, (256, 256), 3, iter([portrait] * 3))
    path = write_video(tmp_path / "a.gif", still, make_tone(0.2))
    shown = next(iter(Video(path).frames())).image
    wrong = np.abs(shown.astype(float) - portrait).mean()
    assert wrong < 8  # of 255: dithered, not banded


def test_a_cut_to_other_colours_gets_its_own(tmp_path: Path) -> None:
    """A palette of the first two seconds would show the second shot grey."""
    shots = [np.full((48, 64, 3), colour, np.uint8) for colour in ((90, 90, 90), (250, 20, 20))]
    frames = (shots[i >= 25] for i in range(50))
    path = write_video(tmp_path / "a.gif", Animation(12.5, (64, 48), 50, frames), make_tone(4.0))
    last = list(Video(path).frames())[-1].image.reshape(-1, 3).mean(axis=0)
    assert last == pytest.approx((250, 20, 20), abs=6)


def test_a_gif_is_commented_and_signed(
    tmp_path: Path, tiny_parts: dict[str, Any], moving_portrait: Path
) -> None:
    path = tmp_path / "a.gif"
    result = EDAPipeline(**tiny_parts)(moving_portrait, "happy", output=path)
    assert "did not say this" in read_tags(path)["comment"]
    found = provenance.inspect(path)
    assert (found.state, found.generated) == ("signed", True)
    assert any("no sound" in note for note in result.notes)
    content = bytearray(path.read_bytes())
    content[-100] ^= 1
    path.write_bytes(content)
    assert provenance.inspect(path).state == "changed"


def test_webm_is_vp9_and_opus_with_tags(
    tmp_path: Path, tiny_parts: dict[str, Any], moving_portrait: Path
) -> None:
    path = tmp_path / "a.webm"
    result = EDAPipeline(**tiny_parts)(moving_portrait, "happy", output=path)
    with av.open(str(path)) as file:
        assert [s.codec_context.name for s in file.streams] == ["libvpx-vp9", "opus"] or [
            s.codec_context.codec.canonical_name for s in file.streams
        ] == ["vp9", "opus"]
    video = Video(path)
    assert video.audio().duration == pytest.approx(video.duration, abs=0.05)
    assert float(np.abs(video.audio().samples).max()) > 0.1
    assert provenance.inspect(path).state == "tagged"
    assert any("WebM" in note and "no signed manifest" in note for note in result.notes)


def test_what_does_not_go_together(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="has one of its own"):
        write_video(tmp_path / "a.gif", grey(3, 25.0), make_tone(0.1), encoder="libx264")
    with pytest.raises(SettingsError, match=r"for a \.webm file"):
        write_video(tmp_path / "a.webm", grey(3, 25.0), make_tone(0.1), encoder="libx264")
    with pytest.raises(OutputError, match=r"\.gif"):
        check_writable(tmp_path / "a.avi")
    assert not list(tmp_path.iterdir())
    path = write_video(tmp_path / "a.gif", grey(3, 25.0), make_tone(0.1))
    with pytest.raises(MediaError, match="sound"):
        Video(path).audio()
