"""Files that ask for more than a clip needs are refused before memory is taken for them."""

from __future__ import annotations

import subprocess
import sys
import wave
from fractions import Fraction
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import pytest

from emoanim.errors import MediaError, SettingsError
from emoanim.media import Video, read_audio
from emoanim.media.limits import limited, limits
from emoanim.testing.clips import make_clip, make_tone


def _wav(path: Path, rate: int, seconds: float = 1.0, claimed: int | None = None) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(claimed or rate)
        file.writeframes(b"\1\1" * round(rate * seconds))
    return path


@pytest.mark.parametrize("rate", [1, 10, 7999, 192_001, 2_000_000])
def test_rates_that_no_recorder_has(tmp_path: Path, rate: int) -> None:
    with pytest.raises(MediaError, match="samples a second"):
        read_audio(_wav(tmp_path / "a.wav", 100_000, claimed=rate))


@pytest.mark.parametrize("rate", [8000, 192_000])
def test_rates_that_recorders_have(tmp_path: Path, rate: int) -> None:
    assert read_audio(_wav(tmp_path / "a.wav", rate)).duration == pytest.approx(1.0, abs=0.01)


def test_a_rate_is_kept_up_to_what_is_heard(tmp_path: Path) -> None:
    assert read_audio(_wav(tmp_path / "a.wav", 44100), None).rate == 44100
    assert read_audio(_wav(tmp_path / "a.wav", 192_000), None).rate == 48000


def _gaps(path: Path, count: int, each: float) -> Path:
    import av

    with av.open(str(path), "w") as file:
        stream = file.add_stream("pcm_s16le", rate=8000, layout="mono")
        for number in range(count):
            frame = av.AudioFrame.from_ndarray(np.ones((1, 80), np.int16), "s16", "mono")
            frame.sample_rate, frame.pts = 8000, round(number * each * 8000)
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    return path


def test_gaps_are_bounded_together(tmp_path: Path) -> None:
    path = _gaps(tmp_path / "a.mkv", 600, 59.0)
    with pytest.raises(MediaError, match="lacks 118 s of its sound"):
        read_audio(path)
    with limited({"gaps": 200.0}):
        assert read_audio(_gaps(tmp_path / "b.mkv", 3, 59.0)).duration == pytest.approx(118, abs=1)


def test_the_length_of_sound_is_bounded(tmp_path: Path) -> None:
    path = _wav(tmp_path / "a.wav", 8000, 200.0)
    with limited({"seconds": 100.0}), pytest.raises(MediaError, match="more than 100 s of sound"):
        read_audio(path)
    assert read_audio(path).duration == pytest.approx(200)


def test_sound_that_outlasts_the_pictures_is_bounded(tmp_path: Path) -> None:
    path = make_clip(tmp_path / "a.mp4", seconds=1, audio=make_tone(5), keyframes=5)
    assert Video(path).audio().duration == pytest.approx(5, abs=0.1)
    with (
        limited({"sound_beyond_picture": 2.0}),
        pytest.raises(MediaError, match=r"1\.0 s of pictures and 5\.0 s of sound"),
    ):
        Video(path)


def test_the_length_of_pictures_is_bounded(tmp_path: Path) -> None:
    path = make_clip(tmp_path / "a.mkv", times=[i * 20.0 for i in range(12)], sound=None)
    assert Video(path).duration == pytest.approx(220, abs=1)
    with limited({"seconds": 30.0}), pytest.raises(MediaError, match="30 s of pictures"):
        Video(path)


def test_pictures_are_bounded(tmp_path: Path) -> None:
    path = make_clip(tmp_path / "a.mp4", size=(640, 480), seconds=0.2, sound=None)
    with limited({"pixels": 300_000}), pytest.raises(MediaError, match="pictures of 640x480"):
        Video(path)
    wide = make_clip(tmp_path / "w.mp4", size=(96, 96), aspect=Fraction(4, 3), sound=None)
    with limited({"pixels": 10_000}), pytest.raises(MediaError, match="pictures of 128x96"):
        Video(wide)


@pytest.mark.parametrize("aspect", [Fraction(50, 1), Fraction(1, 50)])
def test_the_shape_of_a_pixel_is_bounded(tmp_path: Path, aspect: Fraction) -> None:
    path = make_clip(tmp_path / "a.mkv", seconds=0.2, sound=None, aspect=aspect)
    with pytest.raises(MediaError, match="times as wide as it is high"):
        Video(path)


_HUGE = """
import sys
import av
from fractions import Fraction
path, side = sys.argv[1], int(sys.argv[2])
encoder = av.CodecContext.create("png", "w")
encoder.width = encoder.height = side
encoder.pix_fmt, encoder.time_base = "monob", Fraction(1, 25)
frame = av.VideoFrame(side, side, "monob")
for plane in frame.planes:
    plane.update(bytes(plane.buffer_size))
packets = [*encoder.encode(frame), *encoder.encode(None)]
open(path + ".png", "wb").write(b"".join(bytes(p) for p in packets))
with av.open(path + ".mov", "w") as file:
    stream = file.add_stream("png", rate=25)
    stream.width = stream.height = side
    stream.pix_fmt = "monob"
    for number in range(2):
        for packet in packets:
            again = av.Packet(bytes(packet))
            again.pts = again.dts = number
            again.time_base, again.stream = Fraction(1, 25), stream
            again.is_keyframe = True
            file.mux(again)
"""

_READ = """
import sys
from pathlib import Path
from emoanim.errors import MediaError
from emoanim.media import Video, read_image
read = {"video": Video, "still": read_image}[sys.argv[1]]
try:
    read(sys.argv[2])
except MediaError as error:
    print(error)
# not ru_maxrss: a child starts with its parent's there
status = Path('/proc/self/status').read_text()
print(int(status.partition('VmHWM:')[2].split()[0]) // 1024)
"""


@pytest.mark.parametrize("kind", ["video", "still"])
def test_a_huge_picture_takes_no_memory(tmp_path: Path, kind: str) -> None:
    path = str(tmp_path / "a")
    subprocess.run([sys.executable, "-c", _HUGE, path, "16000"], check=True)
    suffix = ".mov" if kind == "video" else ".png"
    started = perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", _READ, kind, path + suffix],
        check=True,
        capture_output=True,
        text=True,
    )
    message, megabytes = done.stdout.splitlines()
    assert perf_counter() - started < 60  # a hang would be longer; no claim of speed
    assert "larger than the limits allow" in message or "16000x16000" in message
    assert int(megabytes) < 300


@pytest.mark.parametrize("value", [0, -1, float("nan"), float("inf"), True, "many"])
def test_a_limit_is_a_positive_number(value: Any) -> None:
    with pytest.raises(SettingsError, match="expected a number > 0"), limited({"pixels": value}):
        pass


def test_an_unknown_limit() -> None:
    with pytest.raises(SettingsError, match="there are: seconds"), limited({"pixel": 3.0}):
        pass


def test_limits_hold_inside_the_block_only() -> None:
    before = limits()
    with limited({"pixels": 5.0}):
        assert limits().pixels == 5.0
    assert limits() is before


def test_the_bound_on_seconds_is_held_but_for_a_codecs_padding(tmp_path: Path) -> None:
    path = make_clip(tmp_path / "a.mp4", seconds=3, audio=make_tone(3))
    with limited({"seconds": 3.0}):
        assert Video(path).duration == pytest.approx(3, abs=0.1)
        assert Video(path).audio().duration == pytest.approx(3, abs=0.1)
    with limited({"seconds": 2.0}), pytest.raises(MediaError, match="more than 2 s of"):
        Video(path)
    wave = _wav(tmp_path / "a.wav", 8000, 3.0)
    with limited({"seconds": 2.0}), pytest.raises(MediaError, match="more than 2 s of sound"):
        read_audio(wave)
