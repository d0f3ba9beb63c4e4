from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from emoanim.clips import Animation, Audio
from emoanim.media import Placement, Video, read_sound, write_video, write_wav
from emoanim.testing.clips import make_tone, pattern

SURROUND = {
    "5.1": "5.1",
    "5.1(side)": "5.1",
    "6.1": "5.1",
    "7.1": "7.1",
    "quad": "quad",
    "2.1": "stereo",
}


def write_channels(path: Path, channels: dict[str, NDArray[np.float32]], layout: str) -> Path:
    """Write 24-bit samples by their channels' names; the others are silent."""
    names = [c.name for c in av.AudioLayout(layout).channels]
    count = len(next(iter(channels.values())))
    packed = np.zeros((count, len(names)), np.float32)
    for name, samples in channels.items():
        packed[:, names.index(name)] = samples
    with av.open(str(path), "w") as file:
        stream = file.add_stream("pcm_s32le", rate=48000, layout=layout)
        whole = np.round(packed * 2.0**31 * 0.999).astype(np.int32).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(whole, "s32", layout)
        frame.sample_rate = 48000
        for part in (frame, None):
            file.mux(stream.encode(part))
    return path


def channels_of(path: Path) -> tuple[str, dict[str, NDArray[np.float32]]]:
    """Return the layout and the channels of a file."""
    with av.open(str(path)) as file:
        layout = file.streams.audio[0].codec_context.layout
        mixer = av.AudioResampler("flt", layout.name, 48000)
        frames = [f for d in file.decode(audio=0) for f in mixer.resample(d)]
    packed = np.concatenate([f.to_ndarray().ravel() for f in frames])
    kind = layout.name.replace("2 channels", "stereo")  # a WAV file does not name two
    names = [c.name for c in av.AudioLayout(kind).channels]
    return kind, dict(zip(names, packed.reshape(-1, len(names)).T, strict=True))


def film(count: int = 25) -> Animation:
    return Animation(25.0, (64, 48), count, (pattern(n, (64, 48)) for n in range(count)))


@pytest.mark.parametrize(("layout", "written"), SURROUND.items())
@pytest.mark.parametrize("suffix", [".mp4", ".webm", ".wav"])
def test_speech_takes_the_place_of_speech(
    tmp_path: Path, layout: str, written: str, suffix: str
) -> None:
    tone = 0.4 * make_tone(1.0, 48000).samples
    centre = "FC" in [c.name for c in av.AudioLayout(layout).channels]
    said = {"FC": tone} if centre else {"FL": tone, "FR": tone}
    sound = read_sound(write_channels(tmp_path / "in.wav", said, layout), None)
    path = tmp_path / f"out{suffix}"
    if suffix == ".wav":
        write_wav(path, sound.audio, placement=sound.placement)
    else:
        write_video(path, film(), sound.audio, placement=sound.placement)
    found, channels = channels_of(path)
    assert found == written
    level = float(np.sqrt(np.mean(tone[9600:38400] ** 2)))
    for name, samples in channels.items():
        inside = float(np.sqrt(np.mean(samples[9600:38400] ** 2)))
        assert inside == pytest.approx(level if name in said else 0.0, rel=0.06, abs=0.002), name


def test_speech_that_is_louder_in_one_channel_does_not_clip(tmp_path: Path) -> None:
    loud = Audio(0.9 * make_tone(0.5, 48000).samples / 0.5, 48000)
    path = write_wav(tmp_path / "a.wav", loud, placement=Placement("5.1", 3.4))
    _, channels = channels_of(path)
    assert 0.8 < np.abs(channels["FC"]).max() < 0.9


@pytest.mark.parametrize("layout", ["stereo", "5.1", "7.1"])
def test_a_film_keeps_its_layout(tmp_path: Path, layout: str) -> None:
    tone = 0.1 * make_tone(1.0, 48000).samples
    write_video(tmp_path / "a.mp4", film(), Audio(tone, 48000), placement=Placement(layout, 2.0))
    clip = Video(tmp_path / "a.mp4")
    sound = clip.audio(48000)
    assert clip.placement.layout == layout
    write_video(tmp_path / "b.mp4", film(), sound, placement=clip.placement)
    assert channels_of(tmp_path / "b.mp4")[0] == layout
    again = Video(tmp_path / "b.mp4").audio(48000)
    assert np.std(again.samples) == pytest.approx(np.std(sound.samples), rel=0.03)
