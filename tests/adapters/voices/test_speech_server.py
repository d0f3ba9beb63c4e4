"""The example's speech server in a process of its own, and the voice that asks it."""

from __future__ import annotations

import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from emoanim.adapters.voices.openai_speech import OpenAISpeechVoice
from emoanim.clips import Audio
from emoanim.emotions import EmotionPrompt

EXAMPLE = Path(__file__).parents[3] / "examples" / "speech_server.py"


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    command = [sys.executable, str(EXAMPLE), "--port", "0", "--engine", "hibari"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        assert server.stdout is not None
        yield server.stdout.readline().strip()
        server.terminate()


@pytest.mark.parametrize("cloning", [False, True])
def test_it_speaks(address: str, cloning: bool) -> None:
    reference = Audio(0.3 * np.sin(np.arange(16000) / 20), 16000)
    fields = {"reference_field": "reference_audio", "intensity_field": "exaggeration"}
    voice = OpenAISpeechVoice(
        base_url=address, model="hibari", cache=False, consent=cloning,
        **(fields if cloning else {}),
    )  # fmt: skip
    speech = voice.speak("We meet on Monday.", EmotionPrompt.parse("very sad"), reference)
    assert 0.8 < speech.audio.duration < 3.0
    assert {"W", "M", "AH", "N", "D"} <= {p.symbol for p in speech.phones}


def test_it_refuses_what_it_does_not_know(address: str) -> None:
    for path, status in (("/audio/speech", 400), ("/models", 404)):
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(f"{address}{path}", data=b"no json", timeout=20)
        with caught.value:
            assert caught.value.code == status
