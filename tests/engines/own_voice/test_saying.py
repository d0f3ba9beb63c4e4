from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from emoanim.clips import Audio, Phone
from emoanim.emotions import Emotion, EmotionPrompt
from emoanim.engines.own_voice import Said, Take, manner_of, say_again
from emoanim.engines.own_voice import saying as module
from emoanim.sound.emotional_cues import Cues
from emoanim.sound.vocoder import envelope, pitch

PAUSE = slice(25600, 30400)  # within the pause between the phrases


def say(take: Take, talked: Any, cues: Cues, **options: Any) -> Said:
    return say_again(take, talked.phones, talked.words, cues, **options)


def decibels(samples: np.ndarray) -> float:
    return float(20 * np.log10(samples.std() + 1e-12))


def alpha(audio: Audio) -> float:
    power = np.abs(np.fft.rfft(audio.samples)) ** 2
    hertz = np.fft.rfftfreq(len(audio.samples), 1 / audio.rate)
    high, low = (hertz > 1000) & (hertz < 5000), (hertz > 50) & (hertz < 1000)
    return float(10 * np.log10(power[high].sum() / power[low].sum()))


def test_no_cues_give_the_recording_itself(take: Take, talked: Any) -> None:
    said = say(take, talked, manner_of(EmotionPrompt(Emotion.SAD, 0.0), take.median))
    assert np.array_equal(said.audio.samples, talked.audio.samples)
    assert said.phones == talked.phones
    assert said.time_map == ((0.0, 0.0), (talked.audio.duration, talked.audio.duration))


def test_pitch_rises_by_what_is_asked(take: Take, talked: Any) -> None:
    said = say(take, talked, Cues(pitch=4.0))
    again = Take.of(said.audio)
    assert 12 * np.log2(again.median / take.median) == pytest.approx(4.0, abs=0.4)
    assert len(said.audio.samples) == pytest.approx(len(talked.audio.samples), abs=160)


def test_effort_brightens_and_level_is_the_cues(take: Take, talked: Any) -> None:
    plain = say(take, talked, Cues(rough=1e-9))
    bright = say(take, talked, Cues(effort=6.0))
    assert 3.0 < alpha(bright.audio) - alpha(plain.audio) < 7.0
    assert decibels(bright.audio.samples) == pytest.approx(decibels(plain.audio.samples), abs=1.0)
    faint = say(take, talked, Cues(level=-5.0))
    assert decibels(faint.audio.samples) - decibels(plain.audio.samples) == pytest.approx(
        -5.0, abs=0.5
    )


def test_a_mouth_opens_without_a_formant_that_moves(take: Take, talked: Any) -> None:
    plain = say(take, talked, Cues(rough=1e-9)).audio
    opened = say(take, talked, Cues(opening=6.0)).audio

    def open_to_closed(audio: Audio) -> float:
        power = np.abs(np.fft.rfft(audio.samples)) ** 2
        hertz = np.fft.rfftfreq(len(audio.samples), 1 / audio.rate)
        opened, closed = (abs(np.log2(hertz[1:] / f)) < 0.2 for f in (800.0, 350.0))
        return float(10 * np.log10(power[1:][opened].sum() / power[1:][closed].sum()))

    assert 8.0 < open_to_closed(opened) - open_to_closed(plain) < 12.5
    assert decibels(opened.samples) == pytest.approx(decibels(plain.samples), abs=1.0)


def test_sadness_takes_its_time_in_pauses(take: Take, talked: Any) -> None:
    """Sounds that are drawn out cost words, longer pauses none."""
    cues = manner_of(EmotionPrompt(Emotion.SAD, 1.0), take.median)
    said = say(take, talked, dataclasses.replace(cues, breaks=0.0), longest=None)

    def seconds(phones: Sequence[Phone], pause: bool) -> float:
        return sum(p.end - p.start for p in phones[1:-1] if (p.symbol == "SIL") == pause)

    assert 1.05 < seconds(said.phones, False) / seconds(talked.phones, False) < 1.22
    assert seconds(said.phones, True) / seconds(talked.phones, True) > 1.8


@pytest.mark.parametrize("emotion", [e for e in Emotion if e is not Emotion.NEUTRAL])
def test_a_voice_that_is_softer_sinks_no_further_into_its_room(emotion: Emotion) -> None:
    assert manner_of(EmotionPrompt(emotion, 1.0), 200.0).level >= -1.5


@pytest.mark.parametrize("emotion", [Emotion.ANGER, Emotion.HAPPY, Emotion.SAD])
def test_the_plain_word_is_nearly_the_whole_emotion(emotion: Emotion) -> None:
    plain, full, none = (
        manner_of(EmotionPrompt(emotion, part), 200.0).effort for part in (0.6, 1.0, 0.0)
    )
    assert none == 0.0
    assert 0.9 < plain / full < 0.95


@pytest.mark.parametrize("cues", [Cues(level=-6.0), Cues(effort=8.0, level=5.0, pitch=5.0)])
def test_the_room_keeps_its_level(take: Take, talked: Any, cues: Cues) -> None:
    said = say(take, talked, cues)
    assert decibels(said.audio.samples[PAUSE]) == pytest.approx(
        decibels(talked.audio.samples[PAUSE]), abs=1.0
    )


def test_the_room_keeps_its_level_under_the_voice(talk: Any) -> None:
    """Where the voice itself has next to nothing: above 6 kHz in a back vowel."""
    noisy = talk(noise=10 ** (-35 / 20))
    quieter = Audio(noisy.audio.samples * np.float32(0.1), noisy.audio.rate)
    said = say(Take.of(quieter), noisy, Cues(level=9.0))

    def hiss(audio: Audio) -> float:
        vowel = noisy.phones[8]
        inside = audio.samples[int(vowel.start * 16000) + 480 : int(vowel.end * 16000) - 480]
        power = np.abs(np.fft.rfft(inside * np.hanning(len(inside)))) ** 2
        return float(10 * np.log10(power[int(0.8 * len(power)) :].mean()))

    assert hiss(said.audio) - hiss(quieter) < 6.0


def test_a_break_holds_the_room_alone(take: Take, talked: Any) -> None:
    said = say(take, talked, Cues(breaks=1.0), longest=None)
    assert said.breaks == 1
    end = next(p.end for p in said.phones[1:] if p.symbol == "IY")
    around = said.audio.samples[int((end - 0.15) * 16000) : int((end + 0.15) * 16000)]
    quietest = min(decibels(around[k : k + 800]) for k in range(0, len(around) - 800, 160))
    assert quietest == pytest.approx(decibels(talked.audio.samples[PAUSE]), abs=2.0)


def test_phones_and_map_tell_the_same_time(take: Take, talked: Any) -> None:
    said = say(take, talked, Cues(pace=0.85, pause=1.3))
    new, old = np.array(said.time_map).T
    for one, other in zip(said.phones, talked.phones, strict=True):
        assert np.interp(one.start, new, old) == pytest.approx(other.start, abs=0.003)
    assert all(a.end == b.start for a, b in pairwise(said.phones))
    assert said.phones[-1].end == pytest.approx(said.audio.duration, abs=1e-3)
    # The sound is where the map says: the phrase starts with its hiss.
    onset = int(said.phones[10].start * 16000)
    assert decibels(said.audio.samples[onset - 1200 : onset - 400]) < -60
    assert decibels(said.audio.samples[onset + 400 : onset + 1200]) > -45


def test_peaks_are_kept_under_full_scale(talked: Any) -> None:
    loud = Take.of(Audio(talked.audio.samples / np.abs(talked.audio.samples).max(), 16000))
    said = say(loud, talked, manner_of(EmotionPrompt(Emotion.ANGER, 1.0), loud.median))
    assert np.abs(said.audio.samples).max() <= 10 ** (-1 / 20) + 1e-6


def test_same_seed_same_sound(take: Take, talked: Any) -> None:
    cues = manner_of(EmotionPrompt(Emotion.FEAR, 1.0), take.median)
    one, two, three = (say(take, talked, cues, seed=s) for s in (1, 1, 2))
    assert np.array_equal(one.audio.samples, two.audio.samples)
    assert not np.array_equal(one.audio.samples, three.audio.samples)


def test_blocks_do_not_show(take: Take, talked: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    cues = Cues(pitch=3.0, effort=4.0)
    whole = say(take, talked, cues).audio.samples
    monkeypatch.setattr(module, "_BLOCK", 120)
    parts = say(take, talked, cues).audio.samples
    assert parts == pytest.approx(whole, abs=1e-3)


@pytest.mark.parametrize("rate", [8000, 22050, 44100, 48000])
def test_the_rate_is_kept(talk: Any, rate: int) -> None:
    talked = talk(rate)
    take = Take.of(talked.audio)
    said = say(take, talked, manner_of(EmotionPrompt(Emotion.SAD, 1.0), take.median))
    assert said.audio.rate == rate
    assert said.audio.duration == pytest.approx(said.time_map[-1][0], abs=0.01)
    assert np.isfinite(said.audio.samples).all()


@pytest.mark.parametrize("rate", [8000, 11025, 16000, 48000])
def test_pitch_rises_at_every_rate(talk: Any, rate: int) -> None:
    """A telephone's too, of which D4C would call everything noise."""
    talked = talk(rate)
    take = Take.of(talked.audio)
    assert take.median == pytest.approx(129.6, rel=0.02)
    said = say(take, talked, Cues(pitch=4.0))
    again = Take.of(said.audio)
    assert again.median is not None
    assert 12 * np.log2(again.median / take.median) == pytest.approx(4.0, abs=0.5)


def test_a_recording_without_a_voice_passes(talked: Any) -> None:
    rng = np.random.default_rng(0)
    hiss = Audio((0.05 * rng.standard_normal(16000)).astype(np.float32), 16000)
    take = Take.of(hiss)
    cues = manner_of(EmotionPrompt(Emotion.ANGER, 1.0), take.median)
    said = say_again(take, (Phone("SIL", 0.0, 1.0),), (), cues)
    assert np.isfinite(said.audio.samples).all()
    assert said.audio.duration == pytest.approx(1.0, abs=0.01)


def test_digital_silence_around_speech_stays_silent(talk: Any) -> None:
    clean = talk(noise=0.0)
    take = Take.of(clean.audio)
    said = say(take, clean, manner_of(EmotionPrompt(Emotion.SAD, 1.0), take.median))
    pause = next(p for p in said.phones[1:] if p.symbol == "SIL")
    middle = slice(int((pause.start + 0.15) * 16000), int((pause.end - 0.15) * 16000))
    assert decibels(said.audio.samples[middle]) < -80


def test_spectra_are_made_in_pieces(talked: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second of them takes megabytes: memory must not follow the length."""
    from emoanim.engines.own_voice import take as reading

    seen: list[float] = []

    def read(audio: Audio, median: float | None = None) -> Any:
        seen.append(audio.duration)
        return pitch(audio, median)

    def watched(audio: Audio, f0: Any) -> Any:
        seen.append(audio.duration)
        return envelope(audio, f0)

    monkeypatch.setattr(reading, "pitch", read)
    monkeypatch.setattr(reading, "envelope", watched)
    monkeypatch.setattr(reading, "_PIECE", 2.0)
    monkeypatch.setattr(module, "_BLOCK", 500)
    end = talked.audio.duration
    phones = tuple(
        p._replace(start=p.start + k * end, end=p.end + k * end)
        for k in range(3)
        for p in talked.phones
    )
    long = Audio(np.tile(talked.audio.samples, 3), 16000)
    said = say_again(Take.of(long), phones, (), Cues(pitch=3.0, effort=3.0))
    assert said.audio.duration == pytest.approx(long.duration, abs=0.01)
    assert len(seen) > 6
    assert max(seen) < 4.5


def test_parts_cut_out_of_a_sounding_voice_meet_at_the_recording(take: Take, talked: Any) -> None:
    """Level and pitch come back to the recording's where a voice goes on in the next part."""
    cut = 0.62  # within the vowel AA
    assert take.part(0.0, cut).goes_on == (False, True)
    assert take.part(cut, 3.0).goes_on == (True, False)
    assert take.part(0.2, 3.0).goes_on == (False, False)
    phones = (Phone("SIL", 0.0, 0.5), Phone("AA", 0.5, cut))
    said = say_again(take.part(0.0, cut), phones, (), Cues(pitch=6.0, level=12.0, effort=6.0))
    end = round(cut * 16000)
    level = decibels(said.audio.samples[end - 320 :]) - decibels(talked.audio.samples[:end][-320:])
    assert abs(level) < 3.0
    middle = slice(round(0.5 * 16000), round(0.53 * 16000))
    assert decibels(said.audio.samples[middle]) - decibels(talked.audio.samples[middle]) > 4.0


def test_a_hum_far_under_the_voice_is_none() -> None:
    time = np.arange(16000) / 16000
    voice = sum(np.cos(2 * np.pi * 150.0 * k * time) / k for k in range(1, 9))
    sound = np.where(time < 0.5, 0.1, 0.1 * 10 ** (-36 / 20)) * voice
    take = Take.of(Audio(sound.astype(np.float32), 16000))
    assert (take.f0[10:90] > 0).all()
    assert not take.f0[110:190].any()


@pytest.mark.parametrize("emotion", list(Emotion))
def test_a_speakers_formants_stay(emotion: Emotion) -> None:
    cues = manner_of(EmotionPrompt(emotion, 1.0), 120.0)
    assert (cues.f1, cues.f2) == (1.0, 1.0)


def test_a_voice_too_faint_for_a_median_keeps_its_pitch() -> None:
    rng = np.random.default_rng(0)
    time = np.arange(16000) / 16000
    voice = sum(np.cos(2 * np.pi * 150.0 * k * time) / k for k in range(1, 9))
    sound = 0.002 * voice * ((time > 0.2) & (time < 0.6))
    sound += np.where(time > 0.65, 0.1, 1e-5) * rng.standard_normal(16000)
    take = Take.of(Audio(sound.astype(np.float32), 16000))
    assert take.median is None
    assert (take.f0 > 0).sum() > 60
    cues = manner_of(EmotionPrompt(Emotion.ANGER, 1.0), None)
    said = say_again(take, (Phone("SIL", 0.0, 1.0),), (), cues)
    again = Take.of(said.audio).f0
    assert np.median(again[again > 0]) == pytest.approx(150.0, rel=0.02)
    assert (again > 0).sum() > 60
