from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from emoanim.clips import Audio
from emoanim.engines.own_voice import Take, say_again
from emoanim.engines.own_voice.room import bed, noise_of, unpadded
from emoanim.sound.emotional_cues import Cues


def test_quiet_is_where_nobody_speaks(take: Take, talked: Any) -> None:
    middle = [int((p.start + p.end) / 0.01) for p in talked.phones]
    for phone, place in zip(talked.phones, middle, strict=True):
        if phone.symbol == "SIL":
            assert take.quiet[place]
        elif phone.symbol not in ("T", "P"):
            assert not take.quiet[place]


def test_the_noise_is_measured_in_worlds_units(take: Take) -> None:
    # White noise of standard deviation s has the power s ** 2 in every bin.
    assert 10 * np.log10(take.noise[20:-20].mean()) == pytest.approx(-66.0, abs=1.5)


def test_the_bed_is_the_room(take: Take, talked: Any) -> None:
    rng = np.random.default_rng(0)
    samples = talked.audio.samples.astype(np.float64)
    room = bed(samples, 16000, take.noise, take.quiet, np.zeros(1), 48000, rng)
    assert 20 * np.log10(room.std()) == pytest.approx(-66.0, abs=1.0)
    blocks = room.reshape(-1, 800).std(axis=1)
    assert blocks.max() / blocks.min() < 1.5


def test_without_quiet_the_bed_is_made_from_the_spectrum(take: Take) -> None:
    rng = np.random.default_rng(0)
    noise = np.full(513, 1e-6)
    noise[256:] = 1e-8
    room = bed(np.zeros(1000), 16000, noise, np.zeros(5, bool), np.zeros(1), 32000, rng)
    power = np.abs(np.fft.rfft(room)) ** 2 / 32000
    assert 10 * np.log10(power[1000:7000].mean()) == pytest.approx(-60.0, abs=1.0)
    assert 10 * np.log10(power[9000:15000].mean()) == pytest.approx(-80.0, abs=1.0)


def test_digital_silence_has_no_noise() -> None:
    assert noise_of(np.zeros((0, 5)), heard=False).max() < 1e-15
    assert noise_of(np.full((30, 5), 1e-16), heard=True).max() < 1e-15


@pytest.mark.parametrize("padding", [0.06, 2.0])
def test_a_files_padding_is_not_the_room(talked: Any, take: Take, padding: float) -> None:
    silence = np.zeros(round(padding * 16000), np.float32)
    whole = Take.of(Audio(np.concatenate([silence, talked.audio.samples, silence]), 16000))
    assert np.flatnonzero(unpadded(whole.level))[[0, -1]] * 0.005 == pytest.approx(
        [padding, padding + talked.audio.duration], abs=0.02
    )
    noise = 10 * np.log10(whole.noise[20:-20].mean())
    assert noise == pytest.approx(10 * np.log10(take.noise[20:-20].mean()), abs=1.0)
    later = [p._replace(start=p.start + padding, end=p.end + padding) for p in talked.phones]
    later[0] = later[0]._replace(start=0.0)
    later[-1] = later[-1]._replace(end=whole.audio.duration)
    said = say_again(whole, later, (), Cues(pause=2.0), longest=None).audio.samples
    inside = said[silence.size + 800 : said.size - silence.size - 800]
    blocks = inside[: inside.size // 160 * 160].reshape(-1, 160).std(axis=1)
    assert 20 * np.log10(blocks.min()) > -72.0  # the room has -66 dB


def test_of_digital_silence_nothing_is_left_out() -> None:
    assert unpadded(np.full(10, -120.0)).all()


def test_where_a_recording_has_two_rooms_each_goes_on_as_itself() -> None:
    rng = np.random.default_rng(0)
    samples = rng.standard_normal(32000) * 1e-3
    samples[16000:] = 0.0  # two files, one of them without a room, cut together
    places = np.repeat((50.0, 350.0), 200)
    room = bed(samples, 16000, np.zeros(9), np.ones(400, bool), places, 32000, rng)
    blocks = room.reshape(-1, 320).std(axis=1)
    assert blocks[:48].min() > 6e-4
    assert blocks[-48:].max() == 0.0
