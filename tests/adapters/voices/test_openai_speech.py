"""Servers with OpenAI's audio.speech, through the real SDK against one on this machine."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from loopback import Fault, Loopback

from emoanim import registry, testing
from emoanim.adapters.voices.openai_speech import OpenAISpeechVoice
from emoanim.clips import Audio
from emoanim.emotions import EmotionPrompt
from emoanim.errors import (
    BudgetError,
    InputError,
    RateLimitError,
    RefusalError,
    ServiceError,
    ServiceKeyError,
    ServiceReplyError,
    ServiceRequestError,
    ServiceTimeoutError,
    ServiceUnavailableError,
    SettingsError,
)
from emoanim.services import Policy, Usage, accounting
from emoanim.sound.wav import decoded_wav

TEXT = "I am so happy! We meet on Monday."
HAPPY = EmotionPrompt.parse("very happy")
SILENCE = Audio(np.zeros(0, np.float32), 16000)
Make = Callable[..., OpenAISpeechVoice]


@pytest.fixture
def make(services: Loopback, waits: list[float]) -> Make:
    """Make a voice that asks the server; its waits are noted, not waited for."""

    def made(**options: Any) -> OpenAISpeechVoice:
        options.setdefault("policy", Policy(sleep=waits.append))
        return OpenAISpeechVoice(base_url=f"{services.address}/v1", **options)

    return made


def test_contract(make: Make) -> None:
    testing.check_voice(make())


@pytest.mark.parametrize("kind", ["pcm", "wav"])
def test_it_speaks(services: Loopback, make: Make, kind: str) -> None:
    with accounting() as ledger:
        speech = make(response_format=kind, model="tts-1", price=0.015).speak(TEXT, HAPPY, SILENCE)
    asked = services.last("speak").json
    assert asked["input"] == TEXT
    assert asked["voice"] == "alloy"
    assert asked["instructions"].startswith("Speak very happy")
    assert speech.audio.rate == 24000
    assert speech.audio.duration == pytest.approx(0.06 * len(TEXT), abs=0.01)
    assert speech.phones
    assert ledger.usage == Usage(characters=services.characters)
    assert ledger.usd == pytest.approx(services.characters * 0.015 / 1000)
    with accounting() as second:
        make(response_format=kind, model="tts-1").speak(TEXT, HAPPY, SILENCE)
    assert services.calls() == 1
    assert second.calls == 0


def test_the_reference_is_sent_with_consent_only(services: Loopback, make: Make) -> None:
    with pytest.raises(SettingsError, match="consent"):
        make(reference_field="reference_audio")
    reference = Audio(0.3 * np.sin(np.arange(16000) / 20), 16000)
    voice = make(reference_field="reference_audio", intensity_field="exaggeration", consent=True)
    voice.speak(TEXT, HAPPY, reference)
    asked = services.last("speak").json
    assert asked["exaggeration"] == round(HAPPY.intensity, 3)
    sent = decoded_wav(base64.b64decode(asked["reference_audio"]))
    assert sent is not None
    assert sent.samples == pytest.approx(reference.samples, abs=1e-4)
    make().speak(TEXT, HAPPY, reference)
    assert "reference_audio" not in services.last("speak").json
    voice.speak(TEXT, HAPPY, Audio(reference.samples * 0.5, 16000))
    assert services.calls() == 3


QUOTA = {"error": {"code": "insufficient_quota", "message": "pay"}}
DECLINED = {"error": {"code": "content_policy_violation", "message": "no"}}
FAULTS: dict[str, tuple[Fault, type[ServiceError], int]] = {
    "429": (Fault("status", 429, {"Retry-After": "2"}), RateLimitError, 3),
    "quota": (Fault("status", 429, body=QUOTA), RateLimitError, 1),
    "500": (Fault("status", 500), ServiceUnavailableError, 3),
    "503": (Fault("status", 503), ServiceUnavailableError, 3),
    "401": (Fault("status", 401), ServiceKeyError, 1),
    "404": (Fault("status", 404), ServiceRequestError, 1),
    "refusal": (Fault("status", 400, body=DECLINED), RefusalError, 1),
    "cut": (Fault("cut"), ServiceReplyError, 3),
    "short": (Fault("short"), ServiceReplyError, 3),
    "malformed": (Fault("malformed"), ServiceReplyError, 3),
    "page": (Fault("page"), ServiceReplyError, 3),
}


@pytest.mark.parametrize("name", FAULTS)
def test_faults_end_in_their_error(
    services: Loopback, make: Make, waits: list[float], name: str
) -> None:
    fault, expected, calls = FAULTS[name]
    services.fail("speak", *[fault] * 5)
    if name == "short":
        services.seconds_per_character = 0.03
    with accounting() as ledger, pytest.raises(expected) as caught:
        make().speak(TEXT, HAPPY, SILENCE)
    assert type(caught.value) is expected
    assert caught.value.retryable == (calls == 3)
    assert caught.value.hint
    assert services.calls() == ledger.calls == calls
    assert len(waits) == calls - 1
    if name == "429":
        assert all(wait >= 2.0 for wait in waits)
    if name != "page":  # a page from elsewhere: nothing was spoken, but that cannot be known
        assert ledger.usage.characters == services.characters


def test_a_fault_that_passes(services: Loopback, make: Make) -> None:
    services.fail("speak", Fault("status", 500), Fault("cut"))
    with accounting() as ledger:
        make().speak(TEXT, HAPPY, SILENCE)
    assert services.calls() == ledger.calls == 3
    assert [c.outcome for c in ledger.charges] == ["failed", "unsure", "done"]
    assert ledger.usage.characters == services.characters


@pytest.mark.parametrize("how", ["hang", "drip"])
def test_slow_answers_end_in_time(services: Loopback, make: Make, how: str) -> None:
    services.fail("speak", *[Fault(how)] * 5)
    voice = make(policy=Policy(seconds=1.0, try_seconds=0.35, first_wait=0.01))
    begun = time.monotonic()
    with accounting() as ledger, pytest.raises(ServiceTimeoutError):
        voice.speak(TEXT, HAPPY, SILENCE)
    assert time.monotonic() - begun < 15.0  # the server would take 30 s; no claim of speed
    assert 1 <= services.calls() <= ledger.calls <= 3
    assert all(c.outcome == "unsure" for c in ledger.charges)


def test_sound_too_short_for_its_text(services: Loopback, make: Make) -> None:
    services.seconds_per_character = 0.01
    with pytest.raises(ServiceReplyError, match="characters"):
        make().speak(TEXT, HAPPY, SILENCE)


def test_a_long_text_and_a_budget(services: Loopback, make: Make) -> None:
    text = (
        "We are glad to be here. And tomorrow we will be glad again! Will you come along with us?"
    )
    speech = make(longest=60).speak(text, HAPPY, SILENCE)
    assert services.calls() == 2
    assert speech.audio.duration == pytest.approx(0.06 * (len(text) - 1) + 0.15, abs=0.01)
    with accounting(budget=0.0), pytest.raises(BudgetError):
        make(cache=False, price=0.2).speak(text, HAPPY, SILENCE)


def test_what_cannot_be_said(make: Make) -> None:
    with pytest.raises(InputError):
        make().speak("...", HAPPY, SILENCE)
    with pytest.raises(SettingsError):
        make(response_format="mp3")
    with pytest.raises(SettingsError):
        make(longest=3)


def test_it_is_registered(services: Loopback) -> None:
    with pytest.raises(ServiceKeyError):
        registry.backend("voice", "openai-speech")
    voice = registry.backend("voice", "openai-speech", base_url=f"{services.address}/v1")
    assert voice.speak(TEXT, HAPPY, SILENCE).phones
