"""Importing emoanim stays light, and its public names are what they were."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

import emoanim

HEAVY = (
    "torch",
    "av",
    "sklearn",
    "scipy",
    "transformers",
    "cv2",
    "onnxruntime",
    "faster_whisper",
    "openai",
    "elevenlabs",
    "pydantic",
    "rich",
    "typer",
)


def loaded_after(code: str) -> set[str]:
    report = "print(json.dumps(sorted({m.partition('.')[0] for m in sys.modules})))"
    script = f"import sys, json\n{code}\n{report}"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(json.loads(run.stdout.splitlines()[-1]))


@pytest.mark.parametrize(
    "code",
    [
        "import emoanim",
        "import emoanim.metrics",
        "import emoanim; emoanim.backends(); emoanim.EmotionPrompt.parse('very happy')",
        "from emoanim import Audio, Transcriber, SpeechToSpeech",
    ],
)
def test_nothing_heavy_is_imported(code: str) -> None:
    assert not loaded_after(code) & set(HEAVY)


def test_public_names() -> None:
    assert set(emoanim.__all__) == {
        "EDAPipeline",
        "EDAResult",
        "TARGETS",
        "Animation",
        "Animator",
        "Audio",
        "Clip",
        "Frame",
        "Frames",
        "Image",
        "EmoanimError",
        "Emotion",
        "EmotionPrompt",
        "EmotionScores",
        "FaceAnimation",
        "FaceEmoter",
        "FrameEmotionClassifier",
        "Phone",
        "Portrait",
        "Recording",
        "Speech",
        "SpeechToSpeech",
        "TextEmoter",
        "Transcriber",
        "Transcript",
        "Voice",
        "Word",
        "__version__",
        "backend",
        "backends",
    }
    assert len(emoanim.__all__) <= 30
    assert set(dir(emoanim)) == set(emoanim.__all__)


@pytest.mark.parametrize("name", emoanim.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(emoanim, name) is getattr(emoanim, name)


def test_an_unknown_name() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = emoanim.nothing
