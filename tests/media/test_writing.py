"""Writing videos: what arrives, and that nothing is left when it fails."""

from __future__ import annotations

import errno
import os
import resource
import signal
import subprocess
import sys
import threading
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from emoanim import provenance
from emoanim.clips import Animation, Audio, Image
from emoanim.errors import BackendError, OutputError
from emoanim.media import MONO, STEREO, Placement, Video, check_writable, sound_stream, write_video
from emoanim.media.writing import _Muxer
from emoanim.outputs import temporary, writing
from emoanim.testing.clips import make_clip, make_tone, pattern, read_number


def animation(count: int = 25, size: tuple[int, int] = (128, 96), fps: float = 25.0) -> Animation:
    return Animation(fps, size, count, (pattern(i, size) for i in range(count)))


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def noise(count: int, size: int = 256) -> Animation:
    rng = np.random.default_rng(0)
    shape = (size, size, 3)
    frames = (rng.integers(0, 255, shape, dtype=np.uint8) for _ in range(count))
    return Animation(25.0, (size, size), count, frames)


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv", ".webm", ".MP4"])
@pytest.mark.parametrize("fps", [25.0, 30000 / 1001, 12.5])
def test_frames_and_times_arrive(tmp_path: Path, suffix: str, fps: float) -> None:
    path = tmp_path / f"out{suffix}"
    assert write_video(path, animation(30, fps=fps), make_tone(30 / fps)) == path
    video = Video(path)
    frames = list(video.frames())
    assert [read_number(f.image) for f in frames] == list(range(30))
    assert [f.time for f in frames] == pytest.approx([i / fps for i in range(30)], abs=1e-3)
    assert video.fps == pytest.approx(fps, rel=1e-4)
    assert video.size == (128, 96)
    assert names(tmp_path) == [path.name]


@pytest.mark.parametrize("size", [(127, 96), (128, 95), (131, 77)])
def test_odd_sides_are_made_even_by_their_edge(tmp_path: Path, size: tuple[int, int]) -> None:
    video = Video(write_video(tmp_path / "a.mp4", animation(3, size), make_tone(0.1)))
    width, height = size
    assert video.size == (width + width % 2, height + height % 2)
    image = next(video.frames()).image[:height, :width]
    assert np.abs(image.astype(int) - pattern(0, size)).mean() < 4


@pytest.mark.parametrize("seconds", [0.0, 0.4, 1.0, 2.5])
@pytest.mark.parametrize("rate", [8000, 16000, 22050, 44100, 48000])
def test_sound_is_as_long_as_the_pictures(tmp_path: Path, seconds: float, rate: int) -> None:
    path = write_video(tmp_path / "a.mp4", animation(25), make_tone(seconds, rate))
    with av.open(str(path)) as file:
        pictures, sound = file.streams.video[0], file.streams.audio[0]
        length = float(pictures.duration * pictures.time_base)
        heard = float(sound.duration * sound.time_base)
        assert sound.codec_context.name == "aac"
    assert length == pytest.approx(1.0)
    assert abs(heard - length) <= 1 / 25
    samples = Video(path).audio(16000).samples
    given = min(seconds, 1.0)
    assert len(samples) / 16000 == pytest.approx(1.0, abs=1 / 25)
    if given > 0.1:
        inner = samples[800 : int(given * 16000) - 800]
        assert np.sqrt(np.mean(inner**2)) == pytest.approx(0.5 / np.sqrt(2), rel=0.05)
    assert np.abs(samples[int(given * 16000) + 2000 :]).max(initial=0) < 0.02


@pytest.mark.parametrize("rate", [16000, 24000, 48000])
def test_sound_stays_with_the_picture(tmp_path: Path, rate: int) -> None:
    clicks = make_tone(2.0, rate, clicks=(0.5, 1.5))
    path = write_video(tmp_path / "a.mp4", animation(50), clicks)
    heard = np.abs(Video(path).audio(48000).samples)
    for click in (0.5, 1.5):
        near = heard[int((click - 0.1) * 48000) : int((click + 0.1) * 48000)]
        assert near.argmax() / 48000 - 0.1 == pytest.approx(0.001, abs=0.003)


@pytest.mark.parametrize("rate", [16000, 24000, 44100])
def test_rate_and_channels_are_kept(tmp_path: Path, rate: int) -> None:
    path = tmp_path / "a.mp4"
    sound = Audio((0.3 * np.sin(np.arange(rate) * 0.05)).astype(np.float32), rate)
    write_video(path, animation(), sound, placement=STEREO)
    with av.open(str(path)) as file:
        stream = file.streams.audio[0]
        assert (stream.codec_context.sample_rate, stream.codec_context.channels) == (rate, 2)
        frames = [f.to_ndarray() for f in file.decode(stream)]
    left, right = np.concatenate(frames, axis=1)
    assert np.abs(left).max() > 0.2
    assert np.abs(left - right).max() < 0.02
    clip = Video(path)
    clip.audio()
    assert clip.placement == STEREO


def test_samples_out_of_range_do_no_harm(tmp_path: Path) -> None:
    samples = np.full(16000, np.nan, np.float32)
    samples[4000:8000] = np.float32(7.0)
    samples[8000:] = np.float32(0.1)
    path = write_video(tmp_path / "a.mp4", animation(25), Audio(samples, 16000))
    assert np.abs(Video(path).audio(16000).samples[10000:15000]).max() < 0.3


def test_colours_round_trip_and_are_tagged(tmp_path: Path) -> None:
    colours = np.array(
        [[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255], [0, 0, 0], [204, 153, 128]],
        np.uint8,
    )
    image = np.repeat(np.repeat(colours[None], 96, 0), 32, 1)
    moving = Animation(25.0, (192, 96), 5, iter([image] * 5))
    path = write_video(tmp_path / "a.mp4", moving, make_tone(0.2), crf=4)
    found = next(Video(path).frames()).image
    for k, colour in enumerate(colours):
        patch = found[24:72, 32 * k + 8 : 32 * k + 24].reshape(-1, 3).astype(float)
        assert np.abs(patch.mean(axis=0) - colour).max() < 3, colour
    with av.open(str(path)) as file:
        context = file.streams.video[0].codec_context
        tags = (context.colorspace, context.color_primaries, context.color_trc)
        assert [int(tag) for tag in tags] == [1, 1, 1]
        assert int(context.color_range) == 1
        frame = next(file.decode(video=0))
        red = np.frombuffer(bytes(frame.planes[0]), np.uint8)[16]
    assert red == pytest.approx(63, abs=1)  # BT.709: 16 + 219 * 0.2126; BT.601 would give 81


def test_a_smooth_picture_is_not_darkened(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", animation(5), make_tone(0.2), crf=4)
    image = next(Video(path).frames()).image
    error = image[30:].astype(int) - pattern(0)[30:]
    assert np.abs(error.mean(axis=(0, 1))).max() < 0.4


def test_the_index_comes_first(tmp_path: Path) -> None:
    data = write_video(tmp_path / "a.mp4", animation(25), make_tone(1)).read_bytes()
    assert 0 < data.index(b"moov") < data.index(b"mdat")


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv"])
def test_tags_can_be_read_back(tmp_path: Path, suffix: str) -> None:
    tags = provenance.tags("very happy", voice="hibari", seed="7")
    path = write_video(tmp_path / f"a{suffix}", animation(3), make_tone(0.1), tags=tags)
    found = provenance.read(path)
    assert found.generated
    assert found.software.startswith("emoanim ")
    assert found.emotion == "very happy"
    assert found.details == {"voice": "hibari", "seed": "7"}
    assert "Generated with emoanim" in found.tags["comment"]


def test_a_camera_clip_is_not_generated(tmp_path: Path) -> None:
    found = provenance.read(make_clip(tmp_path / "a.mp4", tags={"comment": "holiday"}))
    assert not found.generated
    assert (found.software, found.emotion, dict(found.details)) == ("", "", {})
    assert found.tags["comment"] == "holiday"


def test_progress_counts_frames(tmp_path: Path) -> None:
    steps: list[tuple[int, int]] = []
    write_video(
        tmp_path / "a.mp4",
        animation(4),
        make_tone(0.1),
        progress=lambda done, total: steps.append((done, total)),
    )
    assert steps == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_the_name_may_hold_anything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_video("clip:1 50%d ü.mp4", animation(3), make_tone(0.1))
    assert names(tmp_path) == ["clip:1 50%d ü.mp4"]


def test_a_link_is_written_through(tmp_path: Path) -> None:
    (tmp_path / "real.mp4").write_bytes(b"old")
    (tmp_path / "link.mp4").symlink_to(tmp_path / "real.mp4")
    write_video(tmp_path / "link.mp4", animation(3), make_tone(0.1))
    assert (tmp_path / "link.mp4").is_symlink()
    assert Video(tmp_path / "real.mp4").duration == pytest.approx(0.12)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("a.avi", "ends in .mp4 or .mov or .mkv"),
        ("a", "ends in"),
        ("missing/a.mp4", "mkdir -p"),
        ("folder.mp4", "is a folder"),
        ("file.mp4/a.mp4", "does not exist"),
        ("pipe.mp4", "may not be replaced"),
        ("x" * 300 + ".mp4", "File name too long"),
        ("loop.mp4", "cannot be written"),
        ("nul\0.mp4", "cannot be written"),
    ],
)
def test_paths_that_cannot_be_written(tmp_path: Path, name: str, words: str) -> None:
    (tmp_path / "folder.mp4").mkdir()
    (tmp_path / "file.mp4").write_bytes(b"old")
    (tmp_path / "loop.mp4").symlink_to(tmp_path / "loop.mp4")
    os.mkfifo(tmp_path / "pipe.mp4")
    before = names(tmp_path)
    with pytest.raises(OutputError, match=words):
        check_writable(tmp_path / name)
    asked = animation()
    with pytest.raises(OutputError, match=words):
        write_video(tmp_path / name, asked, make_tone(1))
    assert next(asked.frames) is not None  # no frame was made before the path was found wanting
    assert names(tmp_path) == before


def test_a_folder_without_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "touch", refuse)
    with pytest.raises(OutputError, match="Permission denied"):
        check_writable(tmp_path / "a.mp4")


def test_a_protected_file_is_not_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.mp4").write_bytes(b"old")
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(OutputError, match="may not be replaced"):
        check_writable(tmp_path / "a.mp4")


def test_the_input_is_no_output(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "a.mp4", seconds=0.2)
    (tmp_path / "b.mp4").symlink_to(clip)
    for output in (clip, tmp_path / "b.mp4", tmp_path / ".." / tmp_path.name / "a.mp4"):
        with pytest.raises(OutputError, match="is the input"):
            check_writable(output, source=clip)
    assert check_writable(tmp_path / "c.mp4", source=clip) == (tmp_path / "c.mp4").resolve()
    assert check_writable(tmp_path / "c.mp4", source="none.mp4").name == "c.mp4"


class StopError(Exception):
    """An error of the animation's own."""


@pytest.mark.parametrize("error", [StopError, KeyboardInterrupt, FileNotFoundError])
def test_an_error_while_frames_are_made_leaves_the_old_file(
    tmp_path: Path, error: type[BaseException]
) -> None:
    def frames() -> Iterator[Image]:
        for i in range(60):
            yield pattern(i)
        raise error("in the middle")

    (tmp_path / "a.mp4").write_bytes(b"old")
    with pytest.raises(error, match="in the middle"):
        write_video(tmp_path / "a.mp4", Animation(25.0, (128, 96), 90, frames()), make_tone(4))
    assert names(tmp_path) == ["a.mp4"]
    assert (tmp_path / "a.mp4").read_bytes() == b"old"


@pytest.mark.parametrize(
    "image",
    [
        np.zeros((96, 127, 3), np.uint8),
        np.zeros((96, 128, 4), np.uint8),
        np.zeros((96, 128, 3), np.float32),
    ],
)
def test_a_frame_of_another_shape_is_the_backends_fault(tmp_path: Path, image: Image) -> None:
    frames = iter([pattern(0), image])
    with pytest.raises(BackendError, match=r"expected uint8 \(96, 128, 3\)"):
        write_video(tmp_path / "a.mp4", Animation(25.0, (128, 96), 2, frames), make_tone(1))
    assert names(tmp_path) == []


def test_no_frames(tmp_path: Path) -> None:
    with pytest.raises(BackendError, match="no frames"):
        write_video(tmp_path / "a.mp4", animation(0), make_tone(1))
    assert names(tmp_path) == []


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
@pytest.mark.parametrize("room", [2_000, 400_000, 700_000])
def test_a_full_disk_leaves_nothing(tmp_path: Path, suffix: str, room: int) -> None:
    # the system's own limit on file size stands in for a disk that is full: writes fail alike
    path = tmp_path / f"a{suffix}"
    path.write_bytes(b"old")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, before[1]))
    try:
        with pytest.raises(OutputError, match="cannot be written") as caught:
            write_video(path, noise(20), make_tone(1))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert str(path) in str(caught.value)
    assert names(tmp_path) == [path.name]
    assert path.read_bytes() == b"old"


def test_a_disk_found_full_at_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match="No space left"):
        write_video(tmp_path / "a.mp4", animation(3), make_tone(0.1))
    assert names(tmp_path) == []


def test_errors_of_the_block_are_its_own(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), temporary(tmp_path / "a.mp4"):
        raise FileNotFoundError("not about the output")
    with pytest.raises(OutputError, match="said so"), writing(tmp_path / "a.mp4"):
        raise OutputError("said so")


def test_readers_of_the_old_file_are_not_disturbed(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", animation(50), make_tone(2))
    frames = Video(path).frames()
    first = [read_number(next(frames).image) for _ in range(3)]
    write_video(path, animation(5), make_tone(0.2))
    assert first + [read_number(frame.image) for frame in frames] == list(range(50))


def test_two_writers_at_once(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    runs = [
        threading.Thread(target=write_video, args=(path, animation(n), make_tone(1)))
        for n in (10, 20)
    ]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    assert sum(1 for _ in Video(path).frames()) in (10, 20)
    assert names(tmp_path) == ["a.mp4"]


MEMORY = """
import pathlib, sys
import numpy as np
from emoanim.clips import Animation, Audio
from emoanim.media import Video, write_video
from emoanim.testing.clips import make_tone, pattern

count = int(sys.argv[1])
pictures = [pattern(i, (256, 256)) for i in range(16)]
frames = (pictures[i % 16] for i in range(count))
audio = Audio(np.tile(make_tone(1.0).samples, count // 25), 16000)
path = write_video(sys.argv[2], Animation(25.0, (256, 256), count, frames), audio)
assert sum(1 for _ in Video(path).frames()) == count
# not ru_maxrss: a child starts with its parent's there
print(pathlib.Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0])
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads Linux's accounts")
def test_memory_does_not_grow_with_the_clip(tmp_path: Path) -> None:
    def peak(count: int) -> int:
        command = [sys.executable, "-c", MEMORY, str(count), str(tmp_path / "a.mp4")]
        return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)

    assert peak(1000) < 1.1 * peak(200)


def test_the_encoder_is_gone_when_the_file_is_signed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it holds of the pictures and what reads the file again would add up."""
    made: list[weakref.ref[_Muxer]] = []
    there: list[bool] = []

    class Watched(_Muxer):
        def __init__(self, *given: Any) -> None:
            made.append(weakref.ref(self))
            super().__init__(*given)

    monkeypatch.setattr("emoanim.media.writing._Muxer", Watched)
    write_video(
        tmp_path / "a.mp4",
        animation(3),
        make_tone(0.1),
        sign=lambda _: there.append(made[0]() is not None),
    )
    assert there == [False]


@pytest.mark.parametrize(
    ("size", "said"),
    [
        ((1280, 720), "sliced_threads=0"),
        ((1920, 1080), "sliced_threads=1"),
    ],
)
def test_threads_share_a_large_picture(tmp_path: Path, size: tuple[int, int], said: str) -> None:
    """What x264 says of itself in the file; its B frames stay, else files grow by an eighth."""
    still = [np.zeros((size[1], size[0], 3), np.uint8)] * 2
    path = write_video(tmp_path / "a.mp4", Animation(25, size, 2, iter(still)), make_tone(0.1))
    about = path.read_bytes().partition(b"x264 - core")[2][:2000].decode("latin-1")
    assert said in about
    assert "bframes=3" in about


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".webm"])
@pytest.mark.parametrize("placement", [MONO, STEREO, Placement("5.1")])
def test_decoded_peaks_stay_under_minus_1_dbfs(
    tmp_path: Path, suffix: str, placement: Placement
) -> None:
    """Lossy codecs overshoot: noise at the ceiling came back at full scale, by 1 to 3 dB more."""
    rng = np.random.default_rng(0)
    loud = np.clip(rng.normal(0.0, 0.6, 24000), -0.89, 0.89).astype(np.float32)
    path = tmp_path / f"a{suffix}"
    write_video(path, animation(25), Audio(loud, 24000), placement=placement)
    with av.open(str(path)) as file:
        peak = max(float(np.abs(frame.to_ndarray()).max()) for frame in file.decode(audio=0))
    assert 0.5 < peak <= 10 ** (-1 / 20)


def test_quiet_sound_is_written_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    monkeypatch.setattr(sound_stream, "_decoded_peak", lambda *given: asked.append(given))
    quiet = make_tone(0.5, level=0.5)
    assert np.array_equal(sound_stream.with_headroom(quiet, MONO, webm=True), quiet.samples)
    assert not asked
