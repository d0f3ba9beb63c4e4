"""A key is searched for in all that a call leaves behind, whatever becomes of the call."""

from __future__ import annotations

import json
import logging
import pickle
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from loopback import Fault, Loopback

from emoanim import registry
from emoanim.clips import Audio, Transcript
from emoanim.emotions import EmotionPrompt
from emoanim.errors import ServiceError
from emoanim.services import Policy, accounting

CANARY = "sk-canary-0123456789abcdef"
HAPPY = EmotionPrompt.parse("happy")
HUM = Audio(0.3 * np.sin(np.arange(16000) / 20), 16000)
PATIENT = Policy(sleep=lambda _: None)
QUICK = Policy(sleep=lambda _: None, try_seconds=0.5, seconds=2.0)


def gpt4(address: str, **options: Any) -> tuple[Any, Callable[[], object]]:
    emoter = registry.backend("text_emoter", "gpt4", base_url=f"{address}/v1", **options)
    return emoter, lambda: emoter.rewrite(Transcript("We meet on Monday.", "en"), HAPPY)


def elevenlabs(address: str, **options: Any) -> tuple[Any, Callable[[], object]]:
    voice = registry.backend("voice", "elevenlabs", base_url=address, consent=True, **options)
    return voice, lambda: voice.speak("We meet on Monday.", HAPPY, HUM)


def openai_speech(address: str, **options: Any) -> tuple[Any, Callable[[], object]]:
    voice = registry.backend("voice", "openai-speech", base_url=f"{address}/v1", **options)
    return voice, lambda: voice.speak("We meet on Monday.", HAPPY, HUM)


FAULTS = {
    "well": None,
    "429": Fault("status", 429, {"Retry-After": "1"}),
    "500": Fault("status", 500, body={"error": {"message": f"bad header: {CANARY}"}}),
    "400": Fault("status", 400, body={"detail": {"message": f"Bearer {CANARY} is odd"}}),
    "refused key": None,  # the server says the key that it was given
    "malformed": Fault("malformed"),
    "cut": Fault("cut"),
    "drip": Fault("drip"),
}


@pytest.mark.parametrize("name", FAULTS)
@pytest.mark.parametrize("adapter", [gpt4, elevenlabs, openai_speech])
def test_no_trace_of_a_key(
    services: Loopback, monkeypatch: pytest.MonkeyPatch, tmp_path: Path,
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str],
    adapter: Callable[..., tuple[Any, Callable[[], object]]], name: str,
) -> None:  # fmt: skip
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("THE_KEY", CANARY)
    fault = FAULTS[name]
    for kind in ("rewrite", "speak"):
        services.fail(kind, *[fault] * 3 if fault else [])
    policy = QUICK if name == "drip" else PATIENT
    services.key = "another" if name == "refused key" else CANARY
    backend, call = adapter(services.address, key_variable="THE_KEY", policy=policy)
    left: list[str] = []
    with accounting() as ledger:
        if name == "well":
            left.append(repr(call()))
        else:
            with pytest.raises(ServiceError) as caught:
                call()
            error = caught.value
            left += [str(error), repr(error), str(vars(error)), error.hint]
            left.append("".join(traceback.format_exception(error)))
            left.append(pickle.dumps(error).decode("latin-1"))
    assert any(CANARY in str(s.headers) for s in services.seen)  # it did get it
    written = capfd.readouterr()
    left += [repr(backend), str(vars(backend)), json.dumps(ledger.to_dict()), repr(ledger)]
    left += [caplog.text, written.out, written.err]
    part = CANARY[-12:]  # a cut key is a key that is shown
    assert [text for text in left if part in text] == []
    assert [p for p in tmp_path.rglob("*") if p.is_file() and part.encode() in p.read_bytes()] == []
