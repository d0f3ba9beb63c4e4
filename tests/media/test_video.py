"""Reading videos: times, orientation, colours, sampling, faults."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emoanim.clips import Animation, Clip
from emoanim.errors import InputError, MediaError
from emoanim.media import Video, write_image, write_video, write_wav
from emoanim.testing.clips import make_clip, make_tone, pattern, read_number, rotate

UNEVEN = [0.0, 0.03, 0.1, 0.11, 0.3, 0.31, 0.5, 1.0]


def numbers(video: Video, start: float = 0.0, end: float | None = None) -> list[int]:
    return [read_number(frame.image) for frame in video.frames(start, end)]


@pytest.fixture(scope="module")
def long_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("long") / "long.mp4"
    return make_clip(path, seconds=24, fps=25, keyframes=40, size=(64, 48), sound=None)


def test_is_a_clip(tmp_path: Path) -> None:
    video = Video(make_clip(tmp_path / "a.mp4", size=(128, 96), seconds=2, fps=25))
    assert isinstance(video, Clip)
    assert video.size == (128, 96)
    assert video.duration == pytest.approx(2.0)
    assert video.fps == pytest.approx(25.0)
    assert video.has_audio
    assert video.path == tmp_path / "a.mp4"
    assert "128x96, 25 fps, 2 s" in repr(video)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.mp4", {}),
        ("a.mov", {"sound": "5.1", "rate": 48000}),
        ("a.mkv", {"pixels": "yuv420p10le"}),
        ("odd.mp4", {"pixels": "yuv444p", "size": (127, 95)}),
        ("odd.mkv", {"codec": "ffv1", "pixels": "yuv422p", "size": (131, 97), "sound": None}),
        ("a.webm", {"codec": "libvpx", "sound_codec": "libopus", "rate": 48000}),
        ("a.ts", {"start": 10.0}),
        ("a.mpg", {"codec": "mpeg2video", "sound_codec": "mp2"}),
        ("a.avi", {"codec": "mjpeg", "pixels": "yuvj420p", "sound_codec": "pcm_s16le"}),
        ("a.gif", {"codec": "gif", "pixels": "rgb8", "sound": None}),
        ("a.h264", {"sound": None}),
    ],
)
def test_containers_and_codecs(tmp_path: Path, name: str, options: dict[str, Any]) -> None:
    video = Video(make_clip(tmp_path / name, seconds=1.2, **options))
    frames = list(video.frames())
    assert [read_number(f.image) for f in frames] == list(range(30))
    assert [f.time for f in frames] == pytest.approx([i / 25 for i in range(30)], abs=1.5e-3)
    assert video.duration == pytest.approx(1.2, abs=0.01)
    assert video.fps == pytest.approx(25.0)
    assert video.size == (frames[0].image.shape[1], frames[0].image.shape[0])
    assert video.size == options.get("size", (128, 96))


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv"])
def test_variable_frame_rate_keeps_its_times(tmp_path: Path, name: str) -> None:
    video = Video(make_clip(tmp_path / name, times=UNEVEN, sound=None))
    assert [f.time for f in video.frames()] == pytest.approx(UNEVEN, abs=1e-3)
    assert numbers(video, 0.1, 0.31) == [2, 3, 4]


def test_times_start_at_the_first_picture(tmp_path: Path) -> None:
    path = make_clip(tmp_path / "late.mp4", start=3.0, sound_start=0.5, audio=make_tone(1.5))
    video = Video(path)
    assert next(video.frames()).time == 0.0
    sound = video.audio(16000)
    assert sound.duration == pytest.approx(2.0, abs=0.03)
    assert np.abs(sound.samples[:7600]).max() < 0.01
    assert np.abs(sound.samples[8400:16000]).max() > 0.3


def test_sound_before_the_first_picture_is_left_out(tmp_path: Path) -> None:
    clicks = make_tone(2.0, 48000, clicks=(0.2, 1.5))
    path = make_clip(
        tmp_path / "a.mkv", start=1.0, sound_start=-0.5, audio=clicks, sound_codec="pcm_s16le"
    )
    sound = Video(path).audio(16000)
    assert sound.duration == pytest.approx(1.5, abs=0.005)
    assert np.flatnonzero(np.abs(sound.samples) > 0.2)[0] / 16000 == pytest.approx(1.0, abs=0.002)


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
@pytest.mark.parametrize("mirror", [False, True])
def test_rotation_is_applied(tmp_path: Path, degrees: int, mirror: bool) -> None:
    path = make_clip(tmp_path / "r.mp4", size=(128, 64), seconds=0.2, sound=None)
    video = Video(rotate(path, degrees, mirror=mirror))
    stored = pattern(0, (128, 64))
    upright = np.rot90(stored[:, ::-1] if mirror else stored, -degrees // 90)
    image = next(video.frames()).image
    assert video.size == (upright.shape[1], upright.shape[0])
    assert image.shape == upright.shape
    assert image.flags.c_contiguous
    assert np.abs(image.astype(int) - upright).mean() < 4


def test_pixels_become_square(tmp_path: Path) -> None:
    path = make_clip(tmp_path / "a.mp4", size=(96, 96), aspect=Fraction(4, 3), sound=None)
    video = Video(path)
    assert video.size == (128, 96)
    assert next(video.frames()).image.shape == (96, 128, 3)


def test_colours_follow_the_tags(tmp_path: Path) -> None:
    # yuvj420p is BT.601 at full range, the pattern of tests without tags BT.601 limited
    for name, options in (
        ("full.avi", {"codec": "mjpeg", "pixels": "yuvj420p", "sound": None}),
        ("limited.mp4", {"sound": None}),
    ):
        image = next(Video(make_clip(tmp_path / name, **options)).frames()).image
        error = image.astype(int)[30:] - pattern(0)[30:]
        assert np.abs(error.mean(axis=(0, 1))).max() < 1.5, name


@given(start=st.floats(0, 25, allow_nan=False), length=st.one_of(st.none(), st.floats(0, 3)))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_stretch_holds_exactly_its_frames(
    long_clip: Path, start: float, length: float | None
) -> None:
    end = None if length is None else start + length
    found = [(f.time, read_number(f.image)) for f in Video(long_clip).frames(start, end)]
    expected = [
        i for i in range(600) if i / 25 >= start - 1e-6 and (end is None or i / 25 < end - 1e-6)
    ]
    assert [number for _, number in found] == expected
    assert [time for time, _ in found] == pytest.approx([i / 25 for i in expected])


def test_a_seek_that_comes_out_late_is_read_from_the_front(
    long_clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    video = Video(long_clip)
    honest = video._decoded

    def late(start: float) -> Any:
        return honest(start + 4.0) if start else honest(0.0)

    monkeypatch.setattr(video, "_decoded", late)
    assert numbers(video, 10.0, 10.2) == [250, 251, 252, 253, 254]


@given(st.lists(st.floats(-1, 30, allow_nan=False), max_size=6).map(sorted))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_frames_at_shows_the_last_frame_before(long_clip: Path, times: list[float]) -> None:
    found = list(Video(long_clip).frames_at(times))
    expected = [min(599, max(0, int((t + 1e-6) * 25))) for t in times]
    assert [read_number(f.image) for f in found] == expected
    assert [f.time for f in found] == pytest.approx([i / 25 for i in expected])


def test_frames_at_makes_an_uneven_clip_even(tmp_path: Path) -> None:
    video = Video(make_clip(tmp_path / "a.mp4", times=UNEVEN, sound=None))
    found = list(video.frames_at([i / 25 for i in range(26)]))
    shown = [max(k for k, t in enumerate(UNEVEN) if t <= i / 25 + 1e-6) for i in range(26)]
    assert [read_number(f.image) for f in found] == shown
    found[0].image[:] = 0
    assert found[1].image.max() > 0  # a frame that is shown twice is given as two arrays


def test_frames_at_refuses_times_that_go_back(tmp_path: Path) -> None:
    video = Video(make_clip(tmp_path / "a.mp4", sound=None))
    with pytest.raises(ValueError, match="backwards"):
        list(video.frames_at([0.5, 0.2]))


def test_two_readers_do_not_disturb_each_other(tmp_path: Path) -> None:
    video = Video(make_clip(tmp_path / "a.mp4", seconds=0.4, sound=None))
    pairs = zip(video.frames(), video.frames(0.04), strict=False)
    assert [(read_number(a.image), read_number(b.image)) for a, b in pairs] == [
        (i, i + 1) for i in range(9)
    ]


def test_a_file_name_is_never_taken_for_an_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    make_clip("talk:1 50%d ü.mp4", seconds=0.2)
    assert Video("talk:1 50%d ü.mp4").duration == pytest.approx(0.2)


def test_no_sound(tmp_path: Path) -> None:
    video = Video(make_clip(tmp_path / "a.mp4", sound=None))
    assert not video.has_audio
    with pytest.raises(MediaError, match="holds no sound"):
        video.audio()


def _text(path: Path) -> Path:
    path.write_text("hello\n" * 300)
    return path


def _sound_only(path: Path) -> Path:
    return write_wav(path.with_suffix(".wav"), make_tone(0.5))


def _song_with_cover(path: Path) -> Path:
    """An mp3 with a picture in its ID3 tag, which FFmpeg gives as a video stream."""
    import av

    song = path.with_suffix(".mp3")
    with av.open(str(song), "w") as file:
        stream = file.add_stream("mp3", rate=44100, layout="mono")
        frame = av.AudioFrame.from_ndarray(make_tone(0.5, 44100).samples[None], "fltp", "mono")
        frame.sample_rate = 44100
        for part in [*av.AudioResampler("fltp", "mono", 44100, 1152).resample(frame), None]:
            file.mux(stream.encode(part))
    body = b"\0image/png\0\x03\0" + write_image(path.with_suffix(".png"), pattern(0)).read_bytes()
    tag = b"APIC" + len(body).to_bytes(4, "big") + b"\0\0" + body
    size = bytes(len(tag) >> shift & 127 for shift in (21, 14, 7, 0))
    song.write_bytes(b"ID3\x03\0\0" + size + tag + song.read_bytes())
    return song


def _still(path: Path) -> Path:
    return write_image(path.with_suffix(".png"), pattern(1))


def _cut(path: Path) -> Path:
    whole = make_clip(path, seconds=4, size=(192, 128)).read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    return path


def _cut_behind_its_index(path: Path) -> Path:
    from emoanim.clips import Animation
    from emoanim.media import write_video

    frames = (pattern(i) for i in range(100))
    whole = write_video(path, Animation(25, (128, 96), 100, frames), make_tone(4)).read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    return path


def _zeros(path: Path) -> Path:
    data = bytearray(_whole(path))
    at = data.index(b"mdat") + 4
    data[at : data.index(b"moov") - 4] = bytes(data.index(b"moov") - 4 - at)
    path.write_bytes(bytes(data))
    return path


def _whole(path: Path) -> bytes:
    return make_clip(path, seconds=4).read_bytes()


def _folder(path: Path) -> Path:
    path.mkdir()
    return path


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda path: path, "no such file"),
        (_folder, "a folder"),
        (lambda path: Path("/dev/null"), "a device or pipe"),
        (_text, "cannot be read"),
        (lambda path: _text(path.with_suffix(".txt")), "is a text"),
        (_sound_only, "holds sound only"),
        (_song_with_cover, "holds sound only"),
        (_still, "still picture"),
        (_cut, "cannot be read"),
        (_cut_behind_its_index, "is cut off"),
        (_zeros, "damaged"),
    ],
)
def test_what_is_no_video(tmp_path: Path, make: Callable[[Path], Path], words: str) -> None:
    path = make(tmp_path / "x.mp4")
    with pytest.raises(MediaError, match=words) as caught:
        Video(path)
    assert isinstance(caught.value, InputError)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_without_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import av

    path = make_clip(tmp_path / "a.mp4")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(av, "open", refuse)
    with pytest.raises(MediaError, match="Permission denied"):
        Video(path)


def test_times_that_jump_are_damage(tmp_path: Path) -> None:
    path = make_clip(tmp_path / "a.mkv", times=[0.0, 0.04, 500.0], sound=None)
    with pytest.raises(MediaError, match="jump by 500 s"):
        Video(path)


def test_some_damaged_packets_are_passed_over(tmp_path: Path) -> None:
    path = make_clip(tmp_path / "a.mp4", seconds=4, keyframes=5, sound=None)
    data = bytearray(path.read_bytes())
    at = data.index(b"mdat") + 4
    middle = at + (data.index(b"moov") - at) // 2
    data[middle : middle + 300] = b"\xff" * 300
    path.write_bytes(bytes(data))
    found = numbers(Video(path))
    assert len(found) > 60
    assert found[:20] == list(range(20))


def test_damage_found_late_is_told(tmp_path: Path) -> None:
    path = make_clip(tmp_path / "a.mp4", seconds=6, keyframes=5, size=(192, 128), sound=None)
    data = bytearray(path.read_bytes())
    at, end = data.index(b"mdat") + 4, data.index(b"moov") - 4
    middle = at + (end - at) // 3
    data[middle:end] = bytes(end - middle)
    path.write_bytes(bytes(data))
    video = Video(path)
    with pytest.raises(MediaError, match="packets in a row"):
        list(video.frames())


def test_real_clip(media: Path, tmp_path: Path) -> None:
    copy = shutil.copy(media / "talking_8s.mp4", tmp_path / "clip.mp4")
    video = Video(copy)
    assert video.size == (512, 512)
    assert video.duration == pytest.approx(8.0, abs=0.05)
    times = [frame.time for frame in video.frames(7.0)]
    assert times == pytest.approx([7.0 + i / 25 for i in range(25)])
    assert video.audio(16000).duration == pytest.approx(8.0, abs=0.1)


def test_a_title_in_another_encoding_does_no_harm(tmp_path: Path) -> None:
    titled = write_video(
        tmp_path / "b.mp4",
        Animation(25.0, (128, 96), 1, iter([np.zeros((96, 128, 3), np.uint8)])),
        make_tone(0.04),
        tags={"title": "a cafe in Rome"},
    )
    latin = titled.read_bytes().replace(b"a cafe in", "a café in".encode("latin-1"))
    assert latin != titled.read_bytes()
    titled.write_bytes(latin)
    assert Video(titled).size == (128, 96)
