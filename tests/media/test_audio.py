"""Reading sound of any layout and rate, and writing WAV."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

from emoanim.clips import Audio
from emoanim.errors import MediaError, OutputError
from emoanim.media import STEREO, Video, read_audio, read_sound, write_image, write_wav
from emoanim.testing.clips import make_clip, make_tone, pattern


def strength(audio: Audio, frequency: float) -> float:
    """Amplitude of one frequency in the middle half."""
    middle = audio.samples[len(audio.samples) // 4 : -len(audio.samples) // 4]
    time = np.arange(len(middle)) / audio.rate
    return float(2 * np.abs(np.mean(middle * np.exp(-2j * np.pi * frequency * time))))


def pcm(path: Path, samples: np.ndarray, rate: int) -> Path:
    """Write 16-bit samples of shape (n, channels) by the standard library."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(samples.shape[1])
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(np.round(samples * 32767).astype("<i2").tobytes())
    return path


@pytest.mark.parametrize("rate", [8000, 11025, 16000, 22050, 44100, 96000])
def test_any_rate_becomes_the_rate_asked_for(tmp_path: Path, rate: int) -> None:
    path = write_wav(tmp_path / "a.wav", make_tone(1.0, rate, frequency=440))
    audio = read_audio(path)
    assert audio.rate == 16000
    assert audio.samples.dtype == np.float32
    assert audio.duration == pytest.approx(1.0, abs=0.002)
    assert strength(audio, 440) == pytest.approx(0.5, rel=0.01)


def test_its_own_rate_is_kept_bit_by_bit(tmp_path: Path) -> None:
    tone = make_tone(0.5, 22050)
    audio = read_audio(write_wav(tmp_path / "a.wav", tone), rate=None)
    assert audio.rate == 22050
    assert np.abs(audio.samples - tone.samples).max() < 1 / 32768


def test_what_would_alias_is_filtered(tmp_path: Path) -> None:
    path = write_wav(tmp_path / "a.wav", make_tone(1.0, 48000, frequency=11000))
    assert strength(read_audio(path), 5000) < 0.005


@pytest.mark.parametrize("channels", [1, 2, 3, 5, 6, 8, 10])
def test_equal_channels_keep_their_level(tmp_path: Path, channels: int) -> None:
    tone = make_tone(0.5, 16000).samples[:, None]
    audio = read_audio(pcm(tmp_path / "a.wav", np.repeat(1.8 * tone, channels, axis=1), 16000))
    assert strength(audio, 440) == pytest.approx(0.9, rel=0.01)
    assert np.abs(audio.samples).max() < 0.95


@pytest.mark.parametrize("channel", [0, 1])
def test_one_loud_side_is_heard(tmp_path: Path, channel: int) -> None:
    samples = np.zeros((8000, 2))
    samples[:, channel] = make_tone(0.5, 16000).samples
    assert strength(read_audio(pcm(tmp_path / "a.wav", samples, 16000)), 440) > 0.2


@pytest.mark.parametrize(
    ("name", "codec", "rate"),
    [
        ("a.m4a", "aac", 44100),
        ("a.mp3", "mp3", 22050),
        ("a.opus", "libopus", 48000),
        ("a.flac", "flac", 96000),
    ],
)
def test_usual_sound_files(tmp_path: Path, name: str, codec: str, rate: int) -> None:
    import av

    tone = make_tone(1.0, rate)
    with av.open(str(tmp_path / name), "w") as file:
        stream = file.add_stream(codec, rate=rate, layout="stereo")
        resampler = av.AudioResampler(stream.codec_context.format.name, "stereo", rate)
        frame = av.AudioFrame.from_ndarray(np.stack([tone.samples] * 2), "fltp", "stereo")
        frame.sample_rate = rate
        for part in [*resampler.resample(frame), None]:
            file.mux(stream.encode(part))
    audio = read_audio(tmp_path / name)
    assert audio.duration == pytest.approx(1.0, abs=0.06)
    assert strength(audio, 440) == pytest.approx(0.5, rel=0.1)


def test_sound_of_a_video(tmp_path: Path) -> None:
    path = make_clip(tmp_path / "a.mp4", sound="5.1", rate=48000)
    assert read_audio(path).duration == pytest.approx(2.0, abs=0.05)
    assert Video(path).audio().rate == 48000


def test_a_gap_becomes_silence(tmp_path: Path) -> None:
    import av

    tone = make_tone(0.5, 48000).samples
    path = tmp_path / "a.mkv"
    with av.open(str(path), "w") as file:
        stream = file.add_stream("pcm_s16le", rate=48000, layout="mono")
        for start in (0.0, 1.5):
            for at in range(0, len(tone), 1200):
                block = np.round(tone[None, at : at + 1200] * 32767).astype(np.int16)
                frame = av.AudioFrame.from_ndarray(block, "s16", "mono")
                frame.sample_rate, frame.pts = 48000, round(start * 48000) + at
                file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    audio = read_audio(path)
    assert audio.duration == pytest.approx(2.0, abs=0.01)
    assert np.abs(audio.samples[8500:23500]).max() == 0
    assert np.abs(audio.samples[24500:31000]).max() > 0.4


def test_a_sound_that_jumps_is_damage(tmp_path: Path) -> None:
    path = make_clip(tmp_path / "a.mkv", sound_start=300.0, sound_codec="pcm_s16le")
    with pytest.raises(MediaError, match="jumps by 300 s"):
        Video(path).audio()


def test_files_without_sound(tmp_path: Path) -> None:
    still = write_image(tmp_path / "a.png", pattern(0))
    for path, words in ((still, "holds no sound"), (tmp_path / "b.wav", "no such file")):
        with pytest.raises(MediaError, match=words):
            read_audio(path)


def test_a_wav_without_samples(tmp_path: Path) -> None:
    path = write_wav(tmp_path / "a.wav", Audio(np.zeros(0, np.float32), 16000))
    with pytest.raises(MediaError, match=r"a\.wav"):
        read_audio(path)


def test_write_wav_limits_what_it_is_given(tmp_path: Path) -> None:
    samples = np.array([0.0, 2.0, -3.0, np.nan, 7.0, 0.25], np.float32)
    with wave.open(str(write_wav(tmp_path / "a.wav", Audio(samples, 8000)))) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 8000)
        found = np.frombuffer(file.readframes(10), "<i2")
    assert found.tolist() == [0, 32767, -32767, 0, 32767, 8192]
    assert [path.name for path in tmp_path.iterdir()] == ["a.wav"]


def test_write_wav_in_two_channels(tmp_path: Path) -> None:
    sound = Audio(np.linspace(-0.5, 0.5, 800).astype(np.float32), 8000)
    with wave.open(str(write_wav(tmp_path / "a.wav", sound, placement=STEREO))) as file:
        assert file.getnchannels() == 2
        pairs = np.frombuffer(file.readframes(800), "<i2").reshape(-1, 2)
    assert len(pairs) == 800
    assert np.array_equal(pairs[:, 0], pairs[:, 1])
    assert read_sound(tmp_path / "a.wav").placement == STEREO


def test_write_wav_refuses_other_names(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"ends in \.wav"):
        write_wav(tmp_path / "a.mp3", make_tone(0.1))
    with pytest.raises(OutputError, match="does not exist"):
        write_wav(tmp_path / "no" / "a.wav", make_tone(0.1))
