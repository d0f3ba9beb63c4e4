"""Which encoder writes the pictures, and what takes its place where a build lacks x264."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import av
import numpy as np
import pytest

from emoanim.clips import Animation
from emoanim.errors import SettingsError
from emoanim.media import Video, write_video
from emoanim.media.encoders import ENCODERS, Encoder, chosen_encoder
from emoanim.settings import Settings
from emoanim.testing.clips import make_tone, pattern, read_number

HERE = [e.name for e in ENCODERS if e.there]


def written(path: Path, encoder: str = "auto", crf: float = 18.0, count: int = 25) -> Path:
    size = (192, 160)
    frames = (pattern(i, size) for i in range(count))
    clip = Animation(25.0, size, count, frames)
    return write_video(path, clip, make_tone(count / 25), encoder=encoder, crf=crf)


def codec(path: Path) -> str:
    with av.open(str(path)) as file:
        return str(file.streams.video[0].codec_context.codec.canonical_name)


def without(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """Make as if FFmpeg had been built without these encoders."""
    real = av.codec.Codec

    def codec_of(name: str, mode: str = "r") -> av.codec.Codec:
        if name in names:
            raise av.codec.codec.UnknownCodecError(name)
        return real(name, mode)

    monkeypatch.setattr(av.codec, "Codec", codec_of)


@pytest.mark.parametrize("name", HERE)
@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv"])
def test_every_encoder_that_is_here(tmp_path: Path, name: str, suffix: str) -> None:
    if suffix == ".mov" and name == "libvpx-vp9":
        with pytest.raises(SettingsError, match=r"'libvpx-vp9' given; for a \.mov file"):
            written(tmp_path / "out.mov", name)
        return
    path = written(tmp_path / f"out{suffix}", name)
    frames = list(Video(path).frames())
    assert [read_number(f.image) for f in frames] == list(range(25))
    assert [f.time for f in frames] == pytest.approx([i / 25 for i in range(25)], abs=2e-3)
    for number in (0, 12, 24):
        error = frames[number].image.astype(float) - pattern(number, (192, 160))
        assert np.sqrt((error**2).mean()) < 6.0  # over 32 dB


@pytest.mark.parametrize("name", HERE)
def test_a_lower_quality_takes_fewer_bytes(tmp_path: Path, name: str) -> None:
    sizes = [written(tmp_path / f"{crf}.mp4", name, crf).stat().st_size for crf in (10, 18, 36)]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[2] < 0.8 * sizes[0]


@pytest.mark.parametrize(
    ("absent", "suffix", "taken"),
    [
        ((), ".mp4", "h264"),
        (("libx264", "libopenh264"), ".mp4", "vp9"),
        (("libx264", "libopenh264"), ".mov", "mpeg4"),
        (("libx264", "libopenh264", "libvpx-vp9"), ".mp4", "mpeg4"),
    ],
)
def test_the_next_one_takes_its_place(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    absent: tuple[str, ...],
    suffix: str,
    taken: str,
) -> None:
    without(monkeypatch, *absent)
    path = written(tmp_path / f"out{suffix}")
    assert codec(path) == taken
    assert len(list(Video(path).frames())) == 25


def test_openh264_follows_x264(monkeypatch: pytest.MonkeyPatch) -> None:
    """The wheel has none, so only the choice and its rate are tested."""
    without(monkeypatch, "libx264")
    monkeypatch.setattr(Encoder, "there", property(lambda e: e.name != "libx264"))
    chosen = chosen_encoder("auto", ".mp4")
    assert chosen.name == "libopenh264"
    assert chosen.bits > 0


def test_a_build_without_any(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    without(monkeypatch, *(e.name for e in ENCODERS))
    with pytest.raises(SettingsError, match="no encoder that is known"):
        written(tmp_path / "out.mp4")
    assert not list(tmp_path.iterdir())


def test_what_is_named_must_be_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsError, match="'h266' given; expected auto or one of: libx264"):
        written(tmp_path / "out.mp4", "h266")
    without(monkeypatch, "libx264")
    with pytest.raises(SettingsError, match=r"'libx264' given; for a \.mp4 file this build"):
        written(tmp_path / "out.mp4", "libx264")
    assert not list(tmp_path.iterdir())


def test_it_is_a_setting() -> None:
    assert Settings().encoder == "auto"
    assert Settings.of({"encoder": "mpeg4"}).encoder == "mpeg4"
    with pytest.raises(SettingsError, match="encoder"):
        Settings.of({"encoder": "h266"})
    names = set(get_args(Settings.model_fields["encoder"].annotation))
    assert names == {"auto", *(e.name for e in ENCODERS)}
