from __future__ import annotations

import importlib.util
import sys
from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from emoanim.adapters.voices.hibari import HibariVoice
from emoanim.clips import Audio, Phone, Speech, Transcript
from emoanim.emotions import EmotionPrompt
from emoanim.errors import MissingExtraError
from emoanim.language import phones as module
from emoanim.language.phones import align, align_words, heard, spread
from emoanim.language.word_times import timed

TEXT = "The quick brown fox jumps over the lazy dog, while five wizards boxed quickly."
SILENT = Audio(np.zeros(16000, np.float32), 16000)


@pytest.fixture(scope="module")
def spoken() -> Speech:
    return HibariVoice().speak(TEXT, EmotionPrompt.parse("neutral"), SILENT)


def covers(found: Sequence[Phone], duration: float) -> None:
    assert found[0].start == 0.0
    assert found[-1].end == pytest.approx(duration)
    for one, other in pairwise(found):
        assert one.end == other.start
        assert one.end > one.start
        assert (one.symbol, other.symbol) != ("SIL", "SIL")


def differences(found: Sequence[Phone], true: Sequence[Phone]) -> list[float]:
    one = [p for p in found if p.symbol != "SIL"]
    other = [p for p in true if p.symbol != "SIL"]
    blocks = SequenceMatcher(
        None, [p.symbol for p in one], [p.symbol for p in other], autojunk=False
    ).get_matching_blocks()
    return [one[b.a + i].start - other[b.b + i].start for b in blocks for i in range(b.size)]


@pytest.mark.usefixtures("aligner")
def test_alignment_finds_the_times_that_the_voice_knows(spoken: Speech) -> None:
    found = align(spoken.audio, TEXT)
    covers(found, spoken.audio.duration)
    away = differences(found, spoken.phones)
    assert len(away) > 45
    assert abs(np.median(away)) < 0.02
    assert np.mean(np.abs(away)) < 0.03
    assert sum(p.symbol == "SIL" and p.end - p.start > 0.1 for p in found) >= 1


@pytest.mark.usefixtures("aligner")
def test_unknown_words_and_numbers_are_aligned_too(spoken: Speech) -> None:
    voice = HibariVoice()
    text = "Zorblax paid 25 dollars to Dr. Quimbleton."
    made = voice.speak(text, EmotionPrompt.parse("neutral"), SILENT)
    found = align(made.audio, text)
    covers(found, made.audio.duration)
    assert np.mean(np.abs(differences(found, made.phones))) < 0.05


@pytest.mark.usefixtures("aligner")
def test_without_the_phonemiser_letters_help(
    spoken: Speech, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr(
        module.importlib.util, "find_spec", lambda n, *a: None if n == "hibari" else real(n, *a)
    )
    found = align(spoken.audio, TEXT)
    assert np.mean(np.abs(differences(found, spoken.phones))) < 0.03


def test_other_languages_are_spread(spoken: Speech) -> None:
    found = align(spoken.audio, "Bonjour tout le monde", "fr")
    covers(found, spoken.audio.duration)
    assert [p.symbol for p in found if p.symbol != "SIL"][:3] == ["B", "AA", "N"]


@pytest.mark.usefixtures("aligner")
def test_nothing_to_align() -> None:
    assert align(SILENT, "Hello there.") == (Phone("SIL", 0.0, 1.0),)
    assert align(SILENT, "...") == (Phone("SIL", 0.0, 1.0),)
    assert align(Audio(np.zeros(0, np.float32), 16000), "Hello") == ()


@pytest.mark.usefixtures("aligner")
def test_a_failed_alignment_is_spread(spoken: Speech, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError("no path")

    monkeypatch.setattr(module, "_decode", fails)
    found = align(spoken.audio, TEXT)
    covers(found, spoken.audio.duration)
    assert np.mean(np.abs(differences(found, spoken.phones))) < 0.12


def test_spread_keeps_pauses_silent() -> None:
    tone = np.sin(np.arange(16000) * 0.3).astype(np.float32)
    audio = Audio(np.concatenate([np.zeros(8000), tone, np.zeros(16000), tone]), 16000)
    found = spread(audio, ["AA", "B", "AA", "B"])
    covers(found, 3.5)
    at = {t: next(p.symbol for p in found if p.start <= t < p.end) for t in (0.2, 1.0, 2.0, 3.0)}
    assert at[0.2] == "SIL"
    assert at[2.0] == "SIL"
    assert "SIL" not in (at[1.0], at[3.0])


def test_a_missing_package_is_named(spoken: Speech, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(module: str, extra: str) -> Any:
        raise MissingExtraError(f"{module} {extra}")

    words = [("hello", ("HH", "AH", "L", "OW"))]
    monkeypatch.setattr(module, "require", missing)
    monkeypatch.setattr(module, "_words", lambda *_: words)
    with pytest.raises(MissingExtraError, match="pocketsphinx hibari"):
        align(spoken.audio, "hello")


@pytest.fixture
def no_aligner(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on Python 3.14, for which pocketsphinx has no wheel."""
    monkeypatch.setitem(sys.modules, "pocketsphinx", None)


@pytest.mark.usefixtures("no_aligner")
def test_without_an_aligner_the_words_sounds_are_spread(spoken: Speech) -> None:
    found = heard(spoken.audio, spoken.text)
    covers(found, spoken.audio.duration)
    said = [p.symbol for p in found if p.symbol != "SIL"]
    wanted = [p.symbol for p in spoken.phones if p.symbol != "SIL"]
    assert SequenceMatcher(None, said, wanted).ratio() > 0.8  # the voice's own reading
    assert align_words(spoken.audio, spoken.text) is None


@pytest.mark.usefixtures("no_aligner")
@pytest.mark.usefixtures("aligner")
def test_without_an_aligner_words_keep_the_transcripts_times(
    spoken: Speech, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as there:
        there.delitem(sys.modules, "pocketsphinx")
        aligned = align_words(spoken.audio, spoken.text)
    assert aligned is not None
    words, phones = timed(spoken.audio, Transcript(spoken.text, words=aligned[0]))
    assert words == aligned[0]
    covers(phones, spoken.audio.duration)
    off = []
    for word in words:
        inside = [p for p in phones if p.start >= word.start - 1e-6 and p.end <= word.end + 1e-6]
        off.append(abs(inside[0].start - word.start))
    assert max(off) < 0.01
