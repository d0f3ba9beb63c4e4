from __future__ import annotations

import gc
import weakref
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from emoanim.adapters.voices.hibari import HibariVoice
from emoanim.clips import Audio, Recording, Speech, Transcript, Word
from emoanim.emotions import Emotion, EmotionPrompt
from emoanim.engines.hibari.register import Register
from emoanim.errors import InputError, SettingsError
from emoanim.media import read_audio
from emoanim.sound.loudness import loudness
from emoanim.sound.speaker import describe

TEXT = "They told me yesterday that the new office will open in the middle of the summer."
SILENT = Audio(np.zeros(0, np.float32), 16000)
NEUTRAL = EmotionPrompt(Emotion.NEUTRAL, 1.0)


@pytest.fixture(scope="module")
def voice() -> HibariVoice:
    return HibariVoice()


@pytest.fixture(scope="module")
def spoken(voice: HibariVoice) -> dict[Emotion, Speech]:
    return {e: voice.speak(TEXT, EmotionPrompt(e, 1.0), SILENT) for e in Emotion}


def alpha(speech: Speech) -> float:
    sound = speech.audio.samples
    power = np.abs(np.fft.rfft(sound[: len(sound) // 1200 * 1200].reshape(-1, 1200))) ** 2
    power = power[power.sum(axis=1) > power.sum(axis=1).max() * 10**-2.5].sum(axis=0)
    return float(10 * np.log10(power[50:250].sum() / power[3:50].sum()))


def pitch(speech: Speech) -> float:
    found = describe(speech.audio)
    assert found is not None
    return float(12 * np.log2(found.f0))


def test_sound_is_clean(spoken: dict[Emotion, Speech]) -> None:
    for speech in spoken.values():
        sound = speech.audio.samples
        assert speech.audio.rate == 24000
        level = loudness(speech.audio)
        assert level is not None
        # what peaks do not allow is left out
        assert -2.0 < level + 23.0 - speech.details["level_db"] < 0.5
        assert np.abs(sound).max() <= 10 ** (-1 / 20) + 1e-6
        assert np.abs(sound[:20]).max() < 1e-3
        assert np.abs(sound[-20:]).max() < 1e-3
        assert abs(sound.mean()) < 1e-3


def test_phones_cover_the_sound(spoken: dict[Emotion, Speech]) -> None:
    for speech in spoken.values():
        assert speech.phones[0].start == 0.0
        assert speech.phones[-1].end == pytest.approx(speech.audio.duration, abs=1e-3)
        assert all(a.end == pytest.approx(b.start) for a, b in pairwise(speech.phones))


def test_emotions_differ_as_acted_ones_do(spoken: dict[Emotion, Speech]) -> None:
    high = {e: pitch(s) - pitch(spoken[Emotion.NEUTRAL]) for e, s in spoken.items()}
    bright = {e: alpha(s) - alpha(spoken[Emotion.NEUTRAL]) for e, s in spoken.items()}
    long = {e: s.audio.duration / spoken[Emotion.NEUTRAL].audio.duration for e, s in spoken.items()}
    assert 5.0 < high[Emotion.ANGER] < 11.0
    assert 5.0 < high[Emotion.HAPPY] < 10.0
    assert high[Emotion.FEAR] > 5.0
    assert high[Emotion.SURPRISE] > 4.0
    # low in one corpus of acted speech (-2.4), raised in the other (+5.3)
    assert -4.0 < high[Emotion.SAD] < 1.0
    assert high[Emotion.CONTEMPT] < -1.0
    assert high[Emotion.DISGUST] > 1.0
    assert bright[Emotion.ANGER] > 4.0
    assert bright[Emotion.HAPPY] > 2.5
    assert bright[Emotion.SAD] < -1.5
    assert long[Emotion.SAD] > 1.2
    assert long[Emotion.DISGUST] > 1.1
    assert 0.9 < long[Emotion.ANGER] < 1.1


def test_intensity_scales(voice: HibariVoice, spoken: dict[Emotion, Speech]) -> None:
    half = pitch(voice.speak(TEXT, EmotionPrompt(Emotion.ANGER, 0.3), SILENT))
    assert pitch(spoken[Emotion.NEUTRAL]) + 1.5 < half < pitch(spoken[Emotion.ANGER]) - 0.5
    none = voice.speak(TEXT, EmotionPrompt(Emotion.ANGER, 0.0), SILENT)
    assert np.array_equal(none.audio.samples, spoken[Emotion.NEUTRAL].audio.samples)


@pytest.mark.parametrize(("f0", "scale"), [(95.0, 0.83), (125.0, 0.88), (230.0, 1.05)])
def test_the_register_follows_the_reference(f0: float, scale: float) -> None:
    speaker = HibariVoice(pitch=f0, formants=scale, seed=4)
    text = "The north wind and the sun were disputing which was the stronger, when a man came."
    reference = speaker.speak(text, NEUTRAL, SILENT)
    made = HibariVoice().speak(TEXT, NEUTRAL, reference.audio)
    assert abs(pitch(made) - pitch(reference)) < 1.5
    assert made.details["formant_scale"] == pytest.approx(scale, abs=0.06)
    assert made.details["cloned"] is False


def test_a_reference_is_measured_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from emoanim.adapters.voices import hibari

    measured: list[Audio] = []
    measure = hibari.register_of

    def counted(reference: Audio, *rest: object) -> object:
        measured.append(reference)
        return measure(reference, *rest)

    monkeypatch.setattr(hibari, "register_of", counted)
    low = HibariVoice(pitch=110.0).speak(TEXT, NEUTRAL, SILENT).audio
    high = HibariVoice(pitch=230.0).speak(TEXT, NEUTRAL, SILENT).audio
    measured.clear()
    voice = HibariVoice()
    hertz = [
        voice.speak("It is late.", NEUTRAL, r).details["register_hz"] for r in (low, low, high)
    ]
    assert hertz[0] == hertz[1] < 130 < 200 < hertz[2]
    assert [id(r) for r in measured] == [id(low), id(high)]


def test_same_seed_same_bytes(spoken: dict[Emotion, Speech]) -> None:
    prompt = EmotionPrompt(Emotion.FEAR, 1.0)
    again = HibariVoice().speak(TEXT, prompt, SILENT)
    other = HibariVoice(seed=1).speak(TEXT, prompt, SILENT)
    first = spoken[Emotion.FEAR].audio.samples
    assert again.audio.samples.tobytes() == first.tobytes()
    assert again.phones == spoken[Emotion.FEAR].phones
    assert other.audio.samples.tobytes() != first.tobytes()


def test_pauses_between_sentences(voice: HibariVoice) -> None:
    made = voice.speak("We waited... Nobody came. Why?", NEUTRAL, SILENT)
    inner = [p for p in made.phones[1:-1] if p.symbol == "SIL"]
    assert len(inner) >= 2
    for pause in inner:
        middle = int((pause.start + pause.end) / 2 * 24000)
        assert np.abs(made.audio.samples[middle - 200 : middle + 200]).max() < 0.02


def test_rate_is_the_speed(voice: HibariVoice, spoken: dict[Emotion, Speech]) -> None:
    fast = HibariVoice(rate=1.5).speak(TEXT, NEUTRAL, SILENT)
    ratio = spoken[Emotion.NEUTRAL].audio.duration / fast.audio.duration
    assert ratio == pytest.approx(1.5, abs=0.12)


@pytest.mark.parametrize("text", ["", "  ", "...!?", "你好", "Привет мир, hello"])
def test_nothing_to_say(voice: HibariVoice, text: str) -> None:
    with pytest.raises(InputError, match="expected English words"):
        voice.speak(text, NEUTRAL, SILENT)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Guten Morgen. Ich habe heute leider keine Zeit.", "de"),
        ("Guten Morgen. Ich habe heute leider keine Zeit.", "en"),
        ("Ciao a tutti, oggi parliamo di come fare la pasta in casa.", "it"),
        ("Selamat pagi, saya mau bicara tentang rumah ini.", "id"),
    ],
)
def test_another_language_is_not_read_by_english_rules(
    voice: HibariVoice, text: str, language: str
) -> None:
    heard = Recording(SILENT.samples, SILENT.rate, Transcript(text, language))
    with pytest.raises(InputError, match=r"speaks English only.* preset own"):
        voice.speak(text, NEUTRAL, heard)


@pytest.mark.parametrize("language", ["en", "de"])
def test_english_after_a_recording_in_another_language_is_spoken(
    voice: HibariVoice, language: str
) -> None:
    heard = Recording(SILENT.samples, SILENT.rate, Transcript("Guten Morgen.", language))
    assert voice.speak(TEXT, NEUTRAL, heard).audio.duration > 2.0


def test_names_do_not_make_a_text_foreign(voice: HibariVoice) -> None:
    text = "Zelenskyy met Macron and Scholz in Kyiv."
    assert voice.speak(text, NEUTRAL, SILENT).audio.duration > 1.0


def test_the_silence_before_the_first_word_stays(voice: HibariVoice) -> None:
    spoken = recording(5.0)
    assert spoken.transcript is not None
    later_words = tuple(Word(w.text, w.start + 3.0, w.end + 3.0) for w in spoken.transcript.words)
    silence = np.zeros(3 * 16000, np.float32)
    waited = Recording(
        np.concatenate([silence, spoken.samples]), 16000, Transcript(TEXT, "en", later_words)
    )
    first, later = (voice.speak(TEXT, NEUTRAL, heard) for heard in (spoken, waited))
    begins = [next(p.start for p in s.phones if p.symbol != "SIL") for s in (first, later)]
    assert begins[1] - begins[0] == pytest.approx(3.0, abs=0.2)


@pytest.mark.parametrize(
    "options",
    [{"pitch": 20.0}, {"formants": 0.3}, {"rate": 9.0}, {"threads": 0}],
    ids=lambda o: next(iter(o)),
)
def test_options_out_of_range(options: dict[str, float]) -> None:
    with pytest.raises(SettingsError, match=next(iter(options))):
        HibariVoice(**options)


def test_real_reference(voice: HibariVoice, media: Path) -> None:
    reference = read_audio(media / "talking_8s.mp4")
    made = voice.speak(TEXT, NEUTRAL, reference)
    speaker = describe(reference)
    assert speaker is not None
    assert abs(pitch(made) - 12 * np.log2(speaker.f0)) < 1.5
    assert 0.9 < made.details["formant_scale"] < 1.1


def recording(seconds: float, pause: float = 0.5, level: float = 0.05) -> Recording:
    """The text's words at an even pace after half a second, with a pause after "yesterday"."""
    rng = np.random.default_rng(0)
    words = TEXT.split()
    step = (seconds - 1.0 - pause) / len(words)
    at, said = 0.5, []
    for word in words:
        said.append(Word(word, at, at + step))
        at += step + (pause if word == "yesterday" else 0.0)
    samples = rng.normal(0, level, int(seconds * 16000)).astype(np.float32)
    return Recording(samples, 16000, Transcript(TEXT, "en", tuple(said), seconds))


@pytest.mark.parametrize("emotion", [Emotion.NEUTRAL, Emotion.SAD, Emotion.HAPPY])
@pytest.mark.parametrize("seconds", [5.0, 7.0])
def test_it_takes_as_long_as_the_speaker(
    voice: HibariVoice, seconds: float, emotion: Emotion
) -> None:
    made = voice.speak(TEXT, EmotionPrompt(emotion, 1.0), recording(seconds))
    assert made.audio.duration == pytest.approx(seconds, rel=0.15)
    assert "note" not in made.details
    rests = [p for p in made.phones[1:-1] if p.symbol == "SIL" and p.end - p.start > 0.15]
    assert any(0.2 < p.start / made.audio.duration < 0.5 for p in rests)


def test_what_cannot_be_said_in_time_is_noted(voice: HibariVoice) -> None:
    made = voice.speak(f"{TEXT} {TEXT} {TEXT}", NEUTRAL, recording(5.0))
    assert made.audio.duration > 5.0 * 1.15
    assert "not be speakable" in made.details["note"]
    free = HibariVoice(fit=False).speak(f"{TEXT} {TEXT} {TEXT}", NEUTRAL, recording(5.0))
    assert free.audio.duration > made.audio.duration
    assert "note" not in free.details


def test_it_is_as_loud_as_the_reference(voice: HibariVoice) -> None:
    reference = recording(5.0, level=0.02)
    original = loudness(reference)
    assert original is not None
    for emotion in (Emotion.NEUTRAL, Emotion.ANGER, Emotion.SAD):
        made = voice.speak(TEXT, EmotionPrompt(emotion, 1.0), reference)
        assert loudness(made.audio) == pytest.approx(original + made.details["level_db"], abs=0.5)


def test_the_colour_follows_the_reference(voice: HibariVoice) -> None:
    plain = voice.speak(TEXT, NEUTRAL, SILENT)
    sound = plain.audio.samples.copy()
    sound[1:] -= 0.9 * sound[:-1]
    thin = Audio(sound, 24000)
    taken, left = (HibariVoice(colour=c).speak(TEXT, NEUTRAL, thin) for c in (True, False))
    assert alpha(taken) > alpha(left) + 3.0


def test_a_colour_far_over_full_scale_is_brought_back() -> None:
    voice = HibariVoice()
    voice._known = (SILENT, Register(colour=np.full(601, 30.0)))
    speech = voice.speak(TEXT, EmotionPrompt(Emotion.ANGER, 1.0), SILENT)
    assert np.abs(speech.audio.samples).max() <= 10 ** (-1 / 20) + 1e-6


def test_networks_are_let_go_and_loaded_again() -> None:
    voice = HibariVoice()
    before = voice.speak("Good morning.", NEUTRAL, SILENT).audio.samples
    loaded = [weakref.ref(voice._network), weakref.ref(voice._reader)]
    voice.release()
    gc.collect()
    assert [each() for each in loaded] == [None, None]
    assert np.array_equal(voice.speak("Good morning.", NEUTRAL, SILENT).audio.samples, before)
