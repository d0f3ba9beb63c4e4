"""Sound tracks and channels as recorders, cameras and editors leave them."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from emoanim.errors import MediaError
from emoanim.media import Video, read_audio
from emoanim.testing.clips import make_tone, pattern

_DEFAULT = 1


def _babble(seconds: float, rate: int = 48000, seed: int = 0) -> NDArray[np.float32]:
    """Noise that swells four times a second, as syllables do."""
    time = np.arange(round(seconds * rate)) / rate
    noise = np.random.default_rng(seed).normal(size=len(time))
    swell = np.clip(np.sin(2 * np.pi * 4 * time), 0, 1)
    return np.asarray(0.2 * noise * swell, np.float32)


def _with_tracks(
    path: Path, tracks: Sequence[NDArray[np.float32]], default: Sequence[int] = ()
) -> Path:
    with av.open(str(path), "w") as file:
        video = file.add_stream("libx264", rate=25)
        video.width, video.height, video.pix_fmt = 128, 96, "yuv420p"
        codec = "pcm_s16le" if path.suffix == ".mkv" else "aac"
        sounds = [file.add_stream(codec, rate=48000, layout="mono") for _ in tracks]
        for number, sound in enumerate(sounds, 1):
            sound.disposition = av.stream.Disposition.default if number in default else 0
        for number in range(50):
            frame = av.VideoFrame.from_ndarray(pattern(number), "rgb24").reformat(format="yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, 25)
            file.mux(video.encode(frame))
        file.mux(video.encode(None))
        for sound, samples in zip(sounds, tracks, strict=True):
            block = np.round(samples[None] * 32767).astype(np.int16)
            frame = av.AudioFrame.from_ndarray(block, "s16", "mono")
            frame.sample_rate, frame.pts = 48000, 0
            resampler = av.AudioResampler(
                sound.codec_context.format.name,
                "mono",
                48000,
                sound.codec_context.frame_size or 960,
            )
            for part in [*resampler.resample(frame), *resampler.resample(None), None]:
                file.mux(sound.encode(part))
    return path


def _pitch(samples: NDArray[np.float32], rate: int) -> float:
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(spectrum.argmax() * rate / len(samples))


def test_an_empty_first_track_is_passed_over(tmp_path: Path) -> None:
    silence, speech = np.zeros(96000, np.float32), make_tone(2.0, 48000).samples
    path = _with_tracks(tmp_path / "screen.mp4", [silence, speech], default=[1])
    video = Video(path)
    assert np.abs(video.audio().samples).max() > 0.3
    assert any("sound track 2" in note and "--audio-track" in note for note in video.notes)
    assert np.abs(read_audio(path).samples).max() > 0.3


@pytest.mark.parametrize("first", [1, 2])
def test_the_track_that_players_play_is_taken(tmp_path: Path, first: int) -> None:
    tracks = [make_tone(2.0, 48000, frequency=f).samples for f in (440.0, 880.0)]
    path = _with_tracks(tmp_path / "film.mkv", tracks, default=[first])
    audio = Video(path).audio(16000)
    assert _pitch(audio.samples, 16000) == pytest.approx(440.0 * first, abs=2)


def test_without_flags_the_one_with_speech_is_taken(tmp_path: Path) -> None:
    hum = make_tone(2.0, 48000, frequency=50.0, level=0.8).samples
    path = _with_tracks(tmp_path / "a.mkv", [hum, _babble(2.0)], default=[])
    video = Video(path)
    video.audio()
    assert any(note.startswith("sound track 2") for note in video.notes)


def test_a_track_can_be_chosen(tmp_path: Path) -> None:
    tracks = [make_tone(2.0, 48000, frequency=f).samples for f in (440.0, 880.0)]
    path = _with_tracks(tmp_path / "film.mkv", tracks, default=[1])
    video = Video(path, audio_track=2)
    assert _pitch(video.audio(16000).samples, 16000) == pytest.approx(880.0, abs=2)
    assert video.notes == ()
    assert _pitch(read_audio(path, track=1).samples, 16000) == pytest.approx(440.0, abs=2)
    with pytest.raises(MediaError, match="sound track 3 was asked for"):
        read_audio(path, track=3)


def _wav(path: Path, channels: NDArray[np.float32], codec: str, layout: str) -> Path:
    with av.open(str(path), "w") as file:
        stream = file.add_stream(codec, rate=16000, layout=layout)
        packed = np.ascontiguousarray(channels.T.reshape(1, -1))
        if codec == "pcm_s16le":
            packed, kind = np.round(packed * 32767).astype(np.int16), "s16"
        else:
            packed, kind = packed.astype(np.float32), "flt"
        frame = av.AudioFrame.from_ndarray(packed, kind, layout)
        frame.sample_rate = 16000
        for part in (frame, None):
            file.mux(stream.encode(part))
    return path


@pytest.mark.parametrize("codec", ["pcm_s16le", "pcm_f32le"])
@pytest.mark.parametrize("leak", [0.0, 0.05])
def test_a_microphone_in_opposite_phase(tmp_path: Path, codec: str, leak: float) -> None:
    tone = make_tone(1.0).samples
    path = _wav(tmp_path / "a.wav", np.stack([tone, -(1 - leak) * tone]), codec, "stereo")
    audio = read_audio(path)
    assert np.abs(audio.samples).max() == pytest.approx(0.5, rel=0.02)
    assert _pitch(audio.samples, 16000) == pytest.approx(440, abs=2)


@pytest.mark.parametrize(("layout", "count"), [("2.1", 3), ("5.1", 6), ("7.1", 8)])
@pytest.mark.parametrize("codec", ["pcm_s16le", "pcm_f32le"])
def test_speech_on_any_one_channel(tmp_path: Path, layout: str, count: int, codec: str) -> None:
    for channel in range(count):
        samples = np.zeros((count, 16000), np.float32)
        samples[channel] = make_tone(1.0).samples
        audio = read_audio(_wav(tmp_path / f"{channel}.wav", samples, codec, layout))
        assert np.abs(audio.samples).max() > 0.1
        assert _pitch(audio.samples, 16000) == pytest.approx(440, abs=2)


def test_the_choice_of_a_channel_is_told(tmp_path: Path) -> None:
    from emoanim.media.audio import decode_sound

    tone = make_tone(1.0).samples
    path = _wav(tmp_path / "a.wav", np.stack([tone, -tone]), "pcm_s16le", "stereo")
    assert "channel 1 of 2" in decode_sound(path, 16000, None).notes[0]
    plain = _wav(tmp_path / "b.wav", np.stack([tone, 0.3 * tone]), "pcm_s16le", "stereo")
    assert decode_sound(plain, 16000, None).notes == ()


@pytest.mark.parametrize("value", [1e30, 50.0, float("nan"), float("inf")])
def test_what_is_no_sound_is_refused(tmp_path: Path, value: float) -> None:
    samples = make_tone(1.0).samples[None].copy()
    samples[0, 8000] = value
    path = _wav(tmp_path / "a.wav", samples, "pcm_f32le", "mono")
    with pytest.raises(MediaError, match="expected sound, which lies in -1 to 1"):
        read_audio(path)


def test_sound_a_little_over_full_scale_is_taken(tmp_path: Path) -> None:
    path = _wav(tmp_path / "a.wav", 3 * make_tone(1.0).samples[None], "pcm_f32le", "mono")
    assert np.abs(read_audio(path).samples).max() <= 1.0
