from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import lfilter

from emoanim.clips import Audio
from emoanim.sound.exemplars import (
    Exemplars,
    borrowed_gains,
    envelope_levels,
    exemplars,
    frame_path,
)
from emoanim.sound.mel_frames import BANDS, RATE, framed

SECONDS = 0.2


def sounds(dark: float, bright: float, seed: int = 0, kinds: int = 24) -> Audio:
    """Two kinds of sound in turn, 0.2 s each: noise with a low-pass and noise with a high-pass."""
    rng = np.random.default_rng(seed)
    poles = [(dark, bright)[k % 2] for k in range(kinds)]
    noise = [rng.normal(0.0, 0.05, int(SECONDS * RATE)) for _ in poles]
    pieces = [lfilter([1.0], [1.0, -p], n) for p, n in zip(poles, noise, strict=True)]
    return Audio(np.concatenate(pieces).astype(np.float32), RATE)


def pulses(pitch: float) -> NDArray[np.float32]:
    """A second of a voice with formants at 600 and 1500 Hz."""
    sound = np.zeros(RATE)
    sound[(np.arange(0.0, RATE, RATE / pitch)).astype(int)] = 1.0
    for formant, width in ((600.0, 90.0), (1500.0, 130.0)):
        radius = np.exp(-np.pi * width / RATE)
        middle = 2.0 * radius * np.cos(2.0 * np.pi * formant / RATE)
        sound = lfilter([1.0], [1.0, -middle, radius**2], sound)
    return (0.1 * sound / np.abs(sound).max()).astype(np.float32)


def kind(levels: NDArray[np.float64], which: int) -> NDArray[np.float64]:
    """The mean shape of one kind of sound."""
    time = np.arange(len(levels)) * 256 / RATE - 512 / RATE
    inside = (time >= 0) & ((time / SECONDS).astype(int) % 2 == which)
    mean = levels[inside].mean(axis=0)
    return np.asarray(mean - mean.mean())


def borrowed(target: Audio, source: Audio) -> Exemplars:
    speaker = exemplars(target, source)
    assert speaker is not None
    return speaker


def test_envelopes_do_not_show_the_pitch() -> None:
    low, high = (envelope_levels(pulses(pitch))[20:-20].mean(axis=0) for pitch in (110.0, 220.0))
    inside = (BANDS > 250.0) & (BANDS < 4000.0)
    difference = (low - high)[inside]
    assert np.std(difference) < 1.5
    assert abs(BANDS[inside][np.argmax(low[inside])] - 600.0) < 120.0


@pytest.mark.parametrize("count", [0, 1, 255, 256, 24001])
def test_there_is_an_envelope_for_every_frame(count: int) -> None:
    samples = np.zeros(count, np.float32)
    assert envelope_levels(samples).shape == (len(framed(samples)), len(BANDS))


def test_each_kind_of_sound_takes_on_most_of_the_speakers() -> None:
    source, target = sounds(0.6, -0.3), sounds(0.9, -0.8, seed=1)
    gains = borrowed_gains(source.samples, borrowed(target, source))
    own, wanted = envelope_levels(source.samples), envelope_levels(target.samples)
    allowed = BANDS > 400.0

    def away(levels: NDArray[np.float64]) -> float:
        return float(np.std([(kind(wanted, w) - kind(levels, w))[allowed] for w in (0, 1)]))

    assert away(own + gains) < 0.8 * away(own)


def test_a_voice_borrows_little_from_itself() -> None:
    source = sounds(0.6, -0.3)
    gains = borrowed_gains(source.samples, borrowed(source, source))
    assert np.abs(gains).mean() < 0.3


def test_pauses_are_left_alone_and_gains_are_bounded() -> None:
    source = sounds(0.6, -0.3)
    telephone = sounds(0.9, -0.8, seed=1)
    spectrum = np.fft.rfft(telephone.samples)
    frequency = np.fft.rfftfreq(len(telephone.samples), 1.0 / RATE)
    spectrum[(frequency < 300.0) | (frequency > 3400.0)] = 0.0
    narrow = Audio(np.fft.irfft(spectrum).astype(np.float32), RATE)
    quiet = np.random.default_rng(3).normal(0.0, 1e-5, RATE).astype(np.float32)
    samples = np.concatenate([source.samples, quiet])
    gains = borrowed_gains(samples, borrowed(narrow, source))
    assert np.abs(gains).max() <= 18.0
    assert gains[:, BANDS < 400.0].min() >= -4.0
    assert not gains[-60:].any()


def test_what_is_less_alike_lends_less() -> None:
    source, target = sounds(0.6, -0.3), sounds(0.9, -0.8, seed=1)
    speaker = borrowed(target, source)
    strange = dataclasses.replace(speaker, features=speaker.features + 3.0)
    near, far = (np.abs(borrowed_gains(source.samples, s)).mean() for s in (speaker, strange))
    assert far < 0.3 * near


def test_too_little_speech_lends_nothing() -> None:
    source, short = sounds(0.6, -0.3), sounds(0.9, -0.8, kinds=6)
    assert exemplars(short, source) is None
    assert exemplars(source, short) is None
    assert exemplars(Audio(np.zeros(0, np.float32), RATE), source) is None
    assert exemplars(Audio(np.zeros(5 * RATE, np.float32), RATE), source) is None


def test_frames_follow_one_another_where_they_did() -> None:
    rng = np.random.default_rng(5)
    features = rng.normal(0.0, 1.0, (400, 33))
    everything = np.ones(400, np.bool_)
    speaker = Exemplars(np.zeros((400, 32)), features, everything, np.zeros(16), 0.0, 1.0)
    stretch = np.arange(100, 200)
    blurred = features[stretch] + rng.normal(0.0, 1.5, (100, 33))
    alone = ((blurred[:, None] - features) ** 2).sum(axis=2).argmin(axis=1)
    path = frame_path(blurred, np.arange(100), speaker)
    assert np.mean(alone == stretch) < 0.85
    assert np.mean(path == stretch) > 0.93
    assert np.array_equal(path, frame_path(blurred, np.arange(100), speaker))
