"""Whisper through transformers, on the packaged weights."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest

from emoanim import registry
from emoanim.adapters.transcribers.transformers_whisper import TransformersWhisperTranscriber
from emoanim.clips import Audio
from emoanim.emotions import EmotionPrompt
from emoanim.errors import NoSpeechError, SettingsError, WeightsError
from emoanim.weights.ctranslate2_whisper import read_ctranslate2

pytestmark = pytest.mark.torch


def word(text: str) -> bytes:
    return struct.pack("<H", len(text) + 1) + text.encode() + b"\0"


def test_reading_a_ctranslate2_file(tmp_path: Path) -> None:
    values = np.arange(6, dtype="<f2").reshape(2, 3)
    path = tmp_path / "model.bin"
    start = struct.pack("<I", 6) + word("Spec") + struct.pack("<II", 3, 1)
    one = word("a/weight") + struct.pack("<BIIBI", 2, 2, 3, 4, 12) + values.tobytes()
    path.write_bytes(start + one + struct.pack("<I", 1) + word("b/weight") + word("a/weight"))
    found = read_ctranslate2(path)
    assert found["b/weight"] is found["a/weight"]
    assert np.array_equal(found["a/weight"], values)
    path.write_bytes(struct.pack("<I", 5))
    with pytest.raises(WeightsError, match="version 5; expected 6"):
        read_ctranslate2(path)
    odd = word("a") + struct.pack("<BIBI", 1, 1, 9, 1) + b"\0"
    path.write_bytes(start + odd)
    with pytest.raises(WeightsError, match="type 9"):
        read_ctranslate2(path)


@pytest.mark.slow
def test_it_hears_words_with_times() -> None:
    pytest.importorskip("torch")
    pytest.importorskip("transformers")
    voice = registry.backend("voice", "hibari")
    said = voice.speak(
        "We are going to meet the new team.",
        EmotionPrompt.parse("calm"),
        Audio(np.zeros(0, np.float32), 16000),
    )
    heard = TransformersWhisperTranscriber(device="cpu").transcribe(said.audio)
    assert "meet the new team" in heard.text.lower()
    assert heard.language == "en"
    assert len(heard.words) == len(heard.text.split())
    ends = [w.end for w in heard.words]
    assert ends == sorted(ends)
    assert heard.words[-1].end <= said.audio.duration + 1e-6
    meet = next(w for w in heard.words if w.text == "meet")
    sound = next(p for p in said.phones if p.symbol == "M")
    assert meet.start == pytest.approx(sound.start, abs=0.35)


def test_no_speech() -> None:
    with pytest.raises(NoSpeechError):
        TransformersWhisperTranscriber().transcribe(Audio(np.zeros(16000, np.float32), 16000))


def test_options_out_of_range() -> None:
    with pytest.raises(SettingsError):
        TransformersWhisperTranscriber(beam_size=0)
    pytest.importorskip("transformers")
    hum = Audio(0.3 * np.sin(np.arange(16000) / 20), 16000)
    with pytest.raises(SettingsError, match="device 'abacus' given; this machine has"):
        TransformersWhisperTranscriber(device="abacus").transcribe(hum)


def test_no_such_model(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    pytest.importorskip("transformers")
    audio = Audio(0.3 * np.sin(np.arange(16000) / 20), 16000)
    with pytest.raises(WeightsError, match="cannot be loaded"):
        TransformersWhisperTranscriber(str(tmp_path)).transcribe(audio)
