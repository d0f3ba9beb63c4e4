"""Emotions that change within a clip, through words, voice, face, record and score."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from emoanim import EDAPipeline, EmotionPrompt, provenance
from emoanim.clips import Audio, Image, Recording, Speech
from emoanim.emotions import Emotion, Passage, Timeline
from emoanim.engines.rig.motion.easing import EASE, mixed, prompts_and_shares
from emoanim.engines.rig.motion.performance import perform
from emoanim.errors import EmotionError, SettingsError
from emoanim.media import Video
from emoanim.runs.records import read_record
from emoanim.testing.tiny import TinyClassifier, TinyTranscriber, TinyVoice

HAPPY, SAD = EmotionPrompt.parse("happy"), EmotionPrompt.parse("very sad")


class ListeningVoice(TinyVoice):
    """Remembers what it was asked to say."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[str, EmotionPrompt, Any]] = []

    def speak(self, text: str, prompt: EmotionPrompt, reference: Audio) -> Speech:
        part = reference.part if isinstance(reference, Recording) else None
        self.asked.append((text, prompt, part))
        return super().speak(text, prompt, reference)


@pytest.fixture
def voice() -> ListeningVoice:
    return ListeningVoice()


@pytest.fixture
def pipeline(tiny_parts: dict[str, Any], voice: ListeningVoice) -> EDAPipeline:
    parts = {
        **tiny_parts,
        "voice": voice,
        "transcriber": TinyTranscriber("We met. It was cold."),
        "classifier": TinyClassifier(),
    }
    return EDAPipeline(**parts, stills=1, seed=5)


def test_every_sentence_is_written_and_said_in_its_emotion(
    pipeline: EDAPipeline, voice: ListeningVoice, moving_portrait: Path, tmp_path: Path
) -> None:
    output = tmp_path / "both.mp4"
    result = pipeline(moving_portrait, "sentence: happy, very sad", output=output)
    assert result.text == "Happy: We met. Sad: It was cold."
    assert [(text, prompt) for text, prompt, _ in voice.asked] == [
        ("Happy: We met.", HAPPY),
        ("Sad: It was cold.", SAD),
    ]
    (_, _, first), (_, _, second) = voice.asked
    assert first[0] == 0.0
    assert first[1] == second[0]
    assert second[1] == pytest.approx(Video(moving_portrait).audio().duration)
    assert [p.prompt for p in result.speech.passages] == [HAPPY, SAD]
    assert Video(output).duration == pytest.approx(result.speech.audio.duration, abs=1 / 25)
    assert any("shows one emotion at a time" in note for note in result.notes)


def test_the_clock_says_when_and_the_record_repeats_it(
    pipeline: EDAPipeline, moving_portrait: Path, tmp_path: Path
) -> None:
    middle = Video(moving_portrait).duration * 0.45
    line = Timeline((HAPPY, EmotionPrompt.parse("sad but a little afraid")), (0.0, middle))
    result = pipeline(moving_portrait, line, output=tmp_path / "a.mp4", keep=tmp_path / "keep")
    record = json.loads((tmp_path / "keep" / "run.json").read_text())
    assert [p["emotion"] for p in record["passages"]] == ["happy", "sad"]
    assert record["timeline"]["prompts"][1]["others"] == [{"emotion": "fear", "intensity": 0.3}]
    record["objects"] = []  # the tiny backends have no names; the rest of the record is whole
    (tmp_path / "again.json").write_text(json.dumps(record))
    assert read_record(tmp_path / "again.json").prompt == line
    assert result.timeline == line
    tags = provenance.read(tmp_path / "a.mp4")
    assert tags.emotion == "happy, then sad and fear"


def test_a_blend_is_repeated_from_its_record(
    pipeline: EDAPipeline, moving_portrait: Path, tmp_path: Path
) -> None:
    prompt = EmotionPrompt(Emotion.HAPPY, 0.9, others=((Emotion.FEAR, 0.35),))
    result = pipeline(moving_portrait, prompt, output=tmp_path / "a.mp4")
    (tmp_path / "run.json").write_text(json.dumps({**result.to_dict(), "objects": []}))
    assert read_record(tmp_path / "run.json").prompt == prompt
    noted = [note for note in result.notes if "knows one emotion at a time" in note]
    assert len(noted) == 4
    assert "it takes happy, the strongest" in noted[0]


def test_each_passage_has_its_edd_and_the_whole_has_none(
    pipeline: EDAPipeline, moving_portrait: Path, tmp_path: Path
) -> None:
    result = pipeline(moving_portrait, "sentence: happy, sad", output=tmp_path / "a.mp4")
    edds = result.passage_edds()
    assert len(edds) == 2
    with pytest.raises(SettingsError, match=r"several emotions .*passage_edds\(\)"):
        result.edd()


def test_what_does_not_fit_the_clip_is_refused(
    pipeline: EDAPipeline, moving_portrait: Path
) -> None:
    with pytest.raises(EmotionError, match="3 emotions given for 2 sentences"):
        pipeline(moving_portrait, "sentence: happy, sad, calm")
    with pytest.raises(EmotionError, match=r"from 99 s on given"):
        pipeline(moving_portrait, "happy@0 sad@99")


def test_a_picture_says_each_sentence_in_its_emotion(
    pipeline: EDAPipeline, voice: ListeningVoice, portrait: Image
) -> None:
    result = pipeline.say(portrait, "We met. It was cold.", "sentence: happy, very sad")
    assert [prompt for _, prompt, _ in voice.asked] == [HAPPY, SAD]
    assert [p.prompt for p in result.speech.passages] == [HAPPY, SAD]
    with pytest.raises(EmotionError, match="a text, which has none yet; expected an emotion for"):
        pipeline.say(portrait, "We met.", "happy@0 sad@1")


def test_a_recording_keeps_its_sound_and_the_face_changes(
    pipeline: EDAPipeline, voice: ListeningVoice, portrait: Image
) -> None:
    sound = Audio(np.sin(np.arange(32000) / 20.0).astype(np.float32) / 4, 16000)
    result = pipeline.say(portrait, "", "happy@0 sad@1.25", speech=sound)
    assert voice.asked == []
    assert [p.start for p in result.speech.passages] == [0.0, 1.25]
    assert (result.speech.audio.samples == sound.samples).all()
    with pytest.raises(EmotionError, match=r"from 3 s on given for 2\.0 s"):
        pipeline.say(portrait, "", "happy@0 sad@3", speech=sound)


def test_one_emotion_gives_way_to_the_next_within_the_onset() -> None:
    times = np.arange(0.0, 4.0, 0.01)
    passages = (Passage(0.0, HAPPY), Passage(1.0, SAD), Passage(3.0, HAPPY))
    prompts, shares = prompts_and_shares(HAPPY, passages, times)
    assert prompts == [HAPPY, SAD]
    np.testing.assert_allclose(shares.sum(axis=1), 1.0)
    happy = np.interp((0.0, 1.0 - EASE, 1.0, 1.0 + EASE, 3.0, 3.9), times, shares[:, 0])
    np.testing.assert_allclose(happy, (1.0, 1.0, 0.5, 0.0, 0.5, 1.0), atol=0.01)
    assert np.abs(np.diff(shares, axis=0)).max() < 0.05


def test_a_speech_without_passages_has_one_emotion_wholly() -> None:
    prompts, shares = prompts_and_shares(SAD, (), np.arange(3.0))
    assert prompts == [SAD]
    assert (shares == 1.0).all()


def test_the_face_moves_on_without_a_jump() -> None:
    sound = Audio((0.2 * np.sin(np.arange(48000) / 15.0)).astype(np.float32), 16000)
    speech = Speech(sound, "", passages=(Passage(0.0, HAPPY), Passage(1.5, SAD)))
    scores = [perform(speech, prompt, seed=3, movement=0.0) for prompt in (HAPPY, SAD)]
    times = (np.arange(len(scores[0]), dtype=np.float64) + 0.5) / 25.0
    _, shares = prompts_and_shares(HAPPY, speech.passages, times)
    both = mixed(scores, shares)
    np.testing.assert_allclose(both.of("6")[:25], scores[0].of("6")[:25], atol=1e-6)
    np.testing.assert_allclose(both.of("1")[50:], scores[1].of("1")[50:], atol=1e-6)
    for name in ("1", "6", "15"):
        curve = both.of(name)
        assert max(abs(b - a) for a, b in pairwise(curve.tolist())) < 0.25 * np.ptp(curve) + 0.05
    assert mixed(scores[:1], shares[:, :1]) is scores[0]
