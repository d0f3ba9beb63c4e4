from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from emoanim.adapters.voices.hibari import HibariVoice
from emoanim.clips import Audio, Speech, Transcript, Word
from emoanim.emotions import EmotionPrompt
from emoanim.language.phones import align_words
from emoanim.language.word_times import timed

TEXT = "The new office opens today. We are all going to meet the team there, and Mr. Brown too."
SILENT = Audio(np.zeros(0, np.float32), 16000)


@pytest.fixture(scope="module")
def spoken() -> Speech:
    return HibariVoice().speak(TEXT, EmotionPrompt.parse("neutral"), SILENT)


def ordered(found: tuple, duration: float) -> None:
    assert found[0].start == 0.0
    assert found[-1].end == pytest.approx(duration)
    assert all(a.end == b.start for a, b in pairwise(found))


@pytest.mark.usefixtures("aligner")
def test_words_come_as_written_with_the_sounds_times(spoken: Speech) -> None:
    found = align_words(spoken.audio, TEXT)
    assert found is not None
    words, phones = found
    assert [w.text for w in words] == TEXT.split()
    assert all(a.end <= b.start + 1e-6 for a, b in pairwise(words))
    team = words[TEXT.split().index("team")]
    inside = [p.symbol for p in phones if team.start <= (p.start + p.end) / 2 <= team.end]
    assert inside == ["T", "IY", "M"]
    gap = words[5].start - words[4].end
    assert gap > 0.1  # after the full stop


def test_what_cannot_be_aligned_is_none(spoken: Speech) -> None:
    assert align_words(spoken.audio, TEXT, "de") is None
    assert align_words(spoken.audio, "...") is None
    assert align_words(Audio(spoken.audio.samples[:4000], spoken.audio.rate), TEXT) is None


@pytest.mark.usefixtures("aligner")
def test_the_whole_is_aligned_where_it_can_be(spoken: Speech) -> None:
    words, phones = timed(spoken.audio, Transcript(TEXT))
    assert (words, phones) == align_words(spoken.audio, TEXT)


@pytest.mark.usefixtures("aligner")
def test_one_wrong_end_does_not_cost_the_rest(spoken: Speech) -> None:
    """Words that were not said, after the end, make the whole impossible to align."""
    true, _ = timed(spoken.audio, Transcript(TEXT))
    end = spoken.audio.duration
    extra = [
        "and",
        "then",
        "everybody",
        "left",
        "for",
        "the",
        "station",
        "without",
        "waiting",
        "for",
        "the",
        "others",
    ]
    more = tuple(Word(w, end - 0.02 + 0.001 * k, end) for k, w in enumerate(extra))
    words = (*true, *more)
    transcript = Transcript(" ".join(w.text for w in words), words=words)
    assert align_words(spoken.audio, transcript.text) is None
    found, phones = timed(spoken.audio, transcript)
    ordered(phones, end)
    off = [abs(a.start - b.start) for a, b in zip(found, true, strict=False)]
    assert np.median(off) < 0.03
    assert max(off[:10]) < 0.1


def test_other_languages_take_the_transcripts_times(spoken: Speech) -> None:
    words = (Word("eins", 0.2, 0.6), Word("zwei", 1.0, 1.4))
    found, phones = timed(spoken.audio, Transcript("eins zwei", "de", words))
    assert found == words
    ordered(phones, spoken.audio.duration)
    sounds = [p for p in phones if p.symbol != "SIL"]
    assert sounds[0].start == pytest.approx(0.2)
    assert sounds[-1].end == pytest.approx(1.4)


def test_without_any_times_the_sounds_are_spread(spoken: Speech) -> None:
    found, phones = timed(spoken.audio, Transcript("eins zwei drei", "de"))
    assert found == ()
    ordered(phones, spoken.audio.duration)
