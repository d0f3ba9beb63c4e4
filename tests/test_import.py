"""Importing emoanim stays light, and its public names are what they were."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import emoanim

ROOT = Path(__file__).parents[1]


def imported_for_types() -> dict[str, str]:
    """Name -> module, of the imports under ``if TYPE_CHECKING``."""
    tree = ast.parse(Path(emoanim.__file__).read_text())
    guarded = [n for n in tree.body if isinstance(n, ast.If)]
    found = [n for block in guarded for n in block.body if isinstance(n, ast.ImportFrom)]
    return {a.name: str(n.module).removeprefix("emoanim.") for n in found for a in n.names}


HOMES = imported_for_types()

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
    """It is what the module that the type checkers are pointed to has under that name."""
    found = getattr(emoanim, name)
    if name != "__version__":
        home = import_module(f"emoanim.{HOMES[name]}")
        assert found is getattr(home, name)
    assert name in vars(emoanim)  # kept: the second time nothing is looked up


def test_an_unknown_name() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = emoanim.nothing
