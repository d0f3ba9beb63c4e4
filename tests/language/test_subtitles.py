"""Words of a speech with their times, in cues that can be read."""

from __future__ import annotations

import re

import numpy as np
import pytest

from emoanim.clips import Audio, Phone, Speech, Word
from emoanim.errors import OutputError
from emoanim.language.letters import sounds_of
from emoanim.language.spoken_words import spoken_words
from emoanim.language.subtitles import (
    check_beside,
    cues,
    subtitles,
    write_beside,
    write_subtitles,
)

TEXT = (
    "We won't be raising taxes this year, and we aren't cutting schools. Call me at 555, please! "
    "I mean it."
)


def speech(text: str = TEXT, pause: float = 0.3) -> Speech:
    """Speech whose words take 0.1 s a sound, with a pause behind every mark."""
    phones, at = [Phone("SIL", 0.0, 0.2)], 0.2
    for token in text.split():
        for sound in sounds_of(token):
            phones.append(Phone(sound, at, at + 0.1))
            at += 0.1
        if token[-1] in ".,!":
            phones.append(Phone("SIL", at, at + pause))
            at += pause
    return Speech(Audio(np.zeros(int(at * 8000), np.float32), 8000), text, tuple(phones))


def test_words_have_their_times():
    made = speech()
    words = spoken_words(made)
    assert [w.text for w in words] == TEXT.split()
    at = 0.2
    for word in words:
        assert word.start == pytest.approx(at)
        assert word.end == pytest.approx(at + 0.1 * len(sounds_of(word.text)))
        at = word.end + (0.3 if word.text[-1] in ".,!" else 0.0)


def test_words_survive_other_sounds_than_expected():
    made = speech()
    rng = np.random.default_rng(3)
    phones = [
        p if p.symbol == "SIL" or rng.random() > 0.25 else p._replace(symbol=other)
        for p, other in zip(
            made.phones, rng.choice(["AH", "T", "S"], len(made.phones)), strict=True
        )
    ]
    kept = [p for p in phones if p.symbol == "SIL" or rng.random() > 0.1]
    off = [
        abs(a.start - b.start)
        for a, b in zip(
            spoken_words(Speech(made.audio, made.text, tuple(kept))),
            spoken_words(made),
            strict=True,
        )
    ]
    assert np.median(off) < 0.05
    assert max(off) < 0.35


def test_a_speech_without_sounds_is_heard():
    rate = 8000
    loud = np.sin(np.arange(2 * rate) * 0.3).astype(np.float32)
    samples = np.concatenate([np.zeros(rate, np.float32), loud, np.zeros(rate, np.float32)])
    words = spoken_words(Speech(Audio(samples, rate), "We are here now."))
    assert len(words) == 4
    assert words[0].start == pytest.approx(1.0, abs=0.05)
    assert words[-1].end == pytest.approx(3.0, abs=0.05)
    assert spoken_words(Speech(Audio(samples, rate), "...")) == ()


def test_cues_can_be_read():
    words = [
        Word(f"word{i}" + ("," if i % 9 == 8 else ""), i * 0.3, i * 0.3 + 0.3) for i in range(90)
    ]
    made = cues(words, 28.0)
    assert " ".join(c.text.replace("\n", " ") for c in made) == " ".join(w.text for w in words)
    for cue, following in zip(made, [*made[1:], None], strict=True):
        assert max(map(len, cue.text.split("\n"))) <= 46
        assert cue.text.count("\n") <= 1
        assert cue.start < cue.end <= cue.start + 6.5
        assert following is None or cue.end <= following.start + 1e-9
    assert sum(c.text.endswith(",") for c in made) > len(made) / 2


def test_a_cue_ends_with_a_sentence_and_before_a_pause():
    found = [c.text for c in cues(spoken_words(speech()), 20.0)]
    assert found[-2:] == ["Call me at 555, please!", "I mean it."]
    words = [
        Word(w, i * 0.3, i * 0.3 + 0.3)
        for i, w in enumerate(["I", "was", "in", "D.C.", "for", "it"])
    ]
    assert len(cues(words, 3.0)) == 1
    words = [Word("yes", 0.0, 0.3), Word("no", 2.0, 2.3)]
    assert [c.text for c in cues(words, 3.0)] == ["yes", "no"]


def test_no_word_of_a_long_sentence_stands_alone():
    text = (
        "Congressional District, and I'm currently in DC for my second week of new member "
        "orientation. And so on."
    )
    starts = [i * 0.3 + 0.2 * (i > 14) for i in range(18)]
    words = [Word(w, t, t + 0.3) for w, t in zip(text.split(), starts, strict=True)]
    assert [c.text.replace("\n", " ") for c in cues(words, 8.0)] == [
        "Congressional District, and I'm currently in DC",
        "for my second week of new member orientation.",
        "And so on.",
    ]


def test_srt_and_vtt(tmp_path):
    made = speech("A < B & so on. I mean it.")
    srt, vtt = subtitles(made), subtitles(made, "vtt")
    assert re.match(r"1\n00:00:00,200 --> 00:00:\d\d,\d{3}\nA < B & so on\.", srt)
    assert vtt.startswith("WEBVTT\n\n00:00:00.200 --> ")
    assert "A &lt; B &amp; so on." in vtt
    with pytest.raises(ValueError, match="srt or vtt"):
        subtitles(made, "ass")
    path = write_subtitles(tmp_path / "a.vtt", made)
    assert path.read_text(encoding="utf-8") == vtt
    with pytest.raises(OutputError, match=r"\.srt"):
        write_subtitles(tmp_path / "a.txt", made)
    written = write_beside(tmp_path / "talk.mp4", made)
    assert [p.name for p in written] == ["talk.srt", "talk.vtt"]
    assert written[0].read_text(encoding="utf-8") == srt
    with pytest.raises(OutputError):
        check_beside(tmp_path / "none" / "talk.mp4")


def test_hours():
    words = [Word("late", 3725.5, 3726.25)]
    (cue,) = cues(words, 4000.0)
    assert cue.end == pytest.approx(3726.65)


def test_a_word_begun_twice_stays_in_one_cue():
    texts = ["Well", "then,", "yesterday", "evening,", "I...", "I", "asked", "them", "about", "it."]
    words = [Word(text, i * 0.5, i * 0.5 + 0.3) for i, text in enumerate(texts)]
    assert [c.text.replace("\n", " ") for c in cues(words, 8.0)] == [" ".join(texts)]


def test_webvtt_has_no_tag_and_no_arrow_in_its_text():
    text = subtitles(speech("We <i> went --> home & slept."), "vtt").split("\n", 3)[-1]
    assert "&lt;i&gt;" in text
    assert "--&gt;" in text
    assert "&amp;" in text
