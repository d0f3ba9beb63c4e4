"""Pictures as camcorders, podcasts and broken copies hold them."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from emoanim.errors import MediaError
from emoanim.media import Video, read_audio
from emoanim.testing.clips import make_clip, make_tone, pattern


def _moving_bar(moment: float) -> NDArray[np.uint8]:
    """A bright bar that goes 8 pixels to the right each 1/50 s, 160 lines of 480."""
    image = np.full((480, 640, 3), 90, np.uint8)
    left = 60 + round(8 * 50 * moment) % 460
    image[160:320, left : left + 60] = 220
    return image


def _interlaced(path: Path, flagged: bool, codec: str = "libx264") -> Path:
    """25 pictures a second, whose odd lines are 1/50 s later than the even ones."""
    with av.open(str(path), "w") as file:
        options = {"x264-params": "tff=1"} if flagged else {}
        stream = file.add_stream(codec, rate=25, options={"crf": "12", **options})
        stream.width, stream.height, stream.pix_fmt = 640, 480, "yuv420p"
        for number in range(30):
            woven = _moving_bar(number / 25)
            woven[1::2] = _moving_bar(number / 25 + 0.02)[1::2]
            frame = av.VideoFrame.from_ndarray(woven, "rgb24").reformat(
                format="yuv420p", interpolation="POINT"
            )
            frame.pts, frame.time_base = number, Fraction(1, 25)
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    return path


def _combs(image: NDArray[np.uint8]) -> float:
    """How much lines differ from their neighbours and agree with the next but one."""
    rows = image[170:310].mean(axis=2)
    near = np.abs(rows[1:-1] - (rows[:-2] + rows[2:]) / 2).mean()
    return float(near)


@pytest.mark.parametrize("flagged", [True, False])
def test_interlaced_film_becomes_whole_pictures(tmp_path: Path, flagged: bool) -> None:
    video = Video(_interlaced(tmp_path / "camcorder.mp4", flagged))
    assert any("interlaced" in note for note in video.notes)
    frames = list(video.frames())
    assert len(frames) == 30
    assert [f.time for f in frames] == pytest.approx([i / 25 for i in range(30)], abs=1e-3)
    for number in (5, 15, 25):
        assert _combs(frames[number].image) < 0.5  # 2.7 before
        truth = _moving_bar(number / 25).astype(float)
        assert np.abs(frames[number].image - truth).mean() < 3
    assert [f.time for f in video.frames(0.5, 0.7)] == pytest.approx([0.52, 0.56, 0.6, 0.64, 0.68])


def test_fast_motion_and_stripes_are_no_combs(tmp_path: Path) -> None:
    path = tmp_path / "shirt.mp4"
    with av.open(str(path), "w") as file:
        stream = file.add_stream("libx264", rate=25, options={"crf": "12"})
        stream.width, stream.height, stream.pix_fmt = 640, 480, "yuv420p"
        for number in range(30):
            image = _moving_bar(number / 25)
            image[330:400, 100:300][::4] = 200  # a striped shirt that doesn't move
            frame = av.VideoFrame.from_ndarray(image, "rgb24").reformat(format="yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, 25)
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    assert Video(path).notes == ()


@pytest.mark.parametrize("times", [(0.0,), (0.0, 2.8), (0.0, 2.8, 5.6), (0.0, 0.04, 75.0)])
@pytest.mark.parametrize("suffix", [".mkv", ".mp4"])
def test_few_pictures_cover_the_sound(tmp_path: Path, suffix: str, times: tuple[float]) -> None:
    length = 8.0 if times[-1] < 8 else 78.0
    codec = "pcm_s16le" if suffix == ".mkv" else "aac"
    path = make_clip(
        tmp_path / f"podcast{suffix}", times=times, audio=make_tone(length), sound_codec=codec
    )
    video = Video(path)
    assert [f.time for f in video.frames()] == pytest.approx(list(times), abs=2e-3)
    assert video.audio(16000).duration == pytest.approx(length, abs=0.1)
    if suffix == ".mkv":  # an mp4 says itself how long each picture is shown
        assert video.duration == pytest.approx(length, abs=0.1)
        assert video.notes == ()


def test_a_slide_show_without_sound(tmp_path: Path) -> None:
    path = make_clip(tmp_path / "slides.mkv", times=[0.0, 4.0], sound=None)
    video = Video(path)
    assert video.duration >= 4.0
    assert len(list(video.frames())) == 2
    assert video.notes == ()


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.mkv", {}),
        ("a.webm", {"codec": "libvpx", "sound_codec": "libopus", "rate": 48000}),
    ],
)
@pytest.mark.parametrize("share", [0.4, 0.7])
def test_a_matroska_that_ends_early_says_so(
    tmp_path: Path,
    name: str,
    options: dict[str, Any],
    share: float,
    capfd: pytest.CaptureFixture[str],
) -> None:
    path = make_clip(tmp_path / name, seconds=6, size=(192, 128), **options)
    data = path.read_bytes()
    path.write_bytes(data[: round(len(data) * share)])
    video = Video(path)
    frames = list(video.frames())
    assert 20 < len(frames) < 130
    assert video.duration == pytest.approx(len(frames) / 25, abs=0.15)
    assert any("ends early" in n and "6.0 s were expected" in n for n in video.notes)
    video.audio()
    assert capfd.readouterr() == ("", "")


def test_a_short_clip_that_lost_its_end_says_so(tmp_path: Path) -> None:
    from emoanim.clips import Animation
    from emoanim.media import write_video

    frames = (pattern(i) for i in range(50))
    path = write_video(tmp_path / "a.mp4", Animation(25, (128, 96), 50, frames), make_tone(2))
    data = path.read_bytes()
    message = ""
    for lost in range(0, len(data) // 2, 500):
        path.write_bytes(data[: len(data) - lost])
        try:
            video = Video(path)
        except MediaError as error:
            message = str(error)
            break
        assert video.duration > 1.85 or any("ends early" in note for note in video.notes)
    assert "cut off" in message


def test_times_that_start_again_are_refused(tmp_path: Path) -> None:
    parts = [make_clip(tmp_path / f"{i}.ts", seconds=2).read_bytes() for i in range(2)]
    path = tmp_path / "joined.ts"
    path.write_bytes(b"".join(parts))
    with pytest.raises(MediaError, match="more than one recording"):
        Video(path)


def _playlist(path: Path, secret: Path) -> str:
    return {
        ".m3u8": f"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:8,\n{secret}\n#EXT-X-ENDLIST\n",
        ".ffconcat": f"ffconcat version 1.0\nfile '{secret}'\n",
        ".sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\n"
        "m=video 5004 RTP/AVP 96\n",
        ".mpd": '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static">'
        '<Period><AdaptationSet><Representation id="1" mimeType="video/mp4" bandwidth="1">'
        f"<BaseURL>{secret}</BaseURL></Representation></AdaptationSet></Period></MPD>",
    }[path.suffix]


@pytest.mark.parametrize("kind", [".m3u8", ".ffconcat", ".sdp", ".mpd"])
@pytest.mark.parametrize("suffix", [None, ".mp4", ".mkv", ".wav"])
def test_playlists_are_not_followed(tmp_path: Path, kind: str, suffix: str | None) -> None:
    secret = make_clip(tmp_path / "secret.mp4")
    path = tmp_path / f"list{kind}"
    text = _playlist(path, secret)
    path = path.with_suffix(suffix or kind)
    path.write_text(text)
    for read in (Video, read_audio):
        with pytest.raises(MediaError, match=r"list\."):
            read(path)


def test_a_name_is_no_pattern(tmp_path: Path) -> None:
    from emoanim.media import read_image, write_image

    for name, number in (("still%d.png", 1), ("still1.png", 2), ("[a-z].png", 3)):
        write_image(tmp_path / name, pattern(number))
    for name, number in (("still%d.png", 1), ("still1.png", 2), ("[a-z].png", 3)):
        assert np.abs(read_image(tmp_path / name).astype(int) - pattern(number)).max() <= 1


@pytest.mark.parametrize("name", ["a" * 300 + ".mp4", "a\0b.mp4", "/".join(["d"] * 3000) + ".mp4"])
@pytest.mark.parametrize("read", [Video, read_audio])
def test_names_that_no_system_takes(
    tmp_path: Path, name: str, read: Callable[[Path], object]
) -> None:
    with pytest.raises(MediaError) as caught:
        read(tmp_path / name)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300


def test_a_sparse_clip_is_animated_as_the_mp4_of_the_same(tmp_path: Path) -> None:
    """What the pipeline sees of both: the same pictures, for as long, with the same sound."""
    from emoanim.face import pick_frames

    clips = []
    for suffix, codec in ((".mkv", "pcm_s16le"), (".mp4", "aac")):
        path = tmp_path / f"podcast{suffix}"
        make_clip(path, times=[0.0, 2.0], audio=make_tone(4.0), sound_codec=codec)
        clips.append(Video(path))
    (mkv, mp4) = clips
    shown = [[f.time for f in clip.frames_at([0.0, 1.0, 2.5, 3.9])] for clip in clips]
    assert shown[0] == pytest.approx(shown[1], abs=2e-3)
    assert abs(mkv.audio(16000).duration - mp4.audio(16000).duration) < 0.1
    with pytest.raises(Exception, match="no face was found"):
        pick_frames(mkv, 5, 0)  # both pictures were looked at, and nothing else went wrong
