"""ElevenLabs through its real SDK against a server on this machine."""

from __future__ import annotations

import json
import math
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from loopback import Fault, Loopback

from emoanim import registry, testing
from emoanim import voice_versions as versions
from emoanim.adapters.voices import elevenlabs as voice
from emoanim.adapters.voices.elevenlabs import ElevenLabsVoice
from emoanim.cli import main
from emoanim.clips import Audio, Speech
from emoanim.emotions import Emotion, EmotionPrompt
from emoanim.errors import (
    BudgetError,
    InputError,
    OutputError,
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
from emoanim.folders import cache_folder
from emoanim.services import Policy, Usage, accounting, leftover_clones
from emoanim.services.elevenlabs import speaking
from emoanim.services.elevenlabs.delivery import delivery
from emoanim.services.elevenlabs.speaking import say
from emoanim.sound.signals import resample

TEXT = "I am so happy! We meet on Monday."
HAPPY = EmotionPrompt.parse("very happy")
Make = Callable[..., ElevenLabsVoice]


@pytest.fixture
def reference() -> Audio:
    t = np.arange(32000) / 16000
    return Audio(0.3 * np.sin(2 * np.pi * 140 * t) * np.sin(2 * np.pi * 2 * t), 16000)


@pytest.fixture
def make(services: Loopback, waits: list[float]) -> Make:
    """Make a voice that asks the server; its waits are noted, not waited for."""

    def made(**options: Any) -> ElevenLabsVoice:
        options.setdefault("policy", Policy(sleep=waits.append))
        if "consent" not in options:
            options.setdefault("voice_id", "anna")
        return ElevenLabsVoice(base_url=services.address, **options)

    return made


def test_contract(make: Make) -> None:
    testing.check_voice(make())


def test_it_speaks_with_a_voice_of_the_account(
    services: Loopback, make: Make, reference: Audio
) -> None:
    speech = make(rate=22050, seed=4).speak(TEXT, HAPPY, reference)
    seen = services.last("speak")
    assert services.calls() == 1
    assert seen.path == "/v1/text-to-speech/anna/with-timestamps?output_format=pcm_22050"
    assert seen.json["text"] == f"[happy] {TEXT}"
    assert seen.json["seed"] == 4
    assert seen.json["voice_settings"]["stability"] == 0.5
    assert speech.audio.rate == 22050
    assert speech.audio.duration == pytest.approx(0.06 * len(f"[happy] {TEXT}"), abs=0.01)
    json.dumps(dict(speech.details))


def test_characters_time_the_lips(make: Make, reference: Audio) -> None:
    speech = make().speak(TEXT, HAPPY, reference)
    phones = [p for p in speech.phones if p.symbol != "SIL"]
    tag = len("[happy] ")
    assert phones[0].start == pytest.approx(0.06 * tag, abs=0.002)
    assert phones[-1].end == pytest.approx(0.06 * (tag + len(TEXT)), abs=0.07)
    meet = next(p for p in phones if p.symbol == "M" and p.start > 1.0)
    assert 0.06 * (tag + TEXT.index("happy")) < meet.start <= 0.06 * (tag + TEXT.index("meet") + 1)


def test_cloning_needs_consent(services: Loopback, reference: Audio) -> None:
    for options in ({}, {"consent": False}, {"consent": "yes"}):
        with pytest.raises(SettingsError, match="consent"):
            ElevenLabsVoice(base_url=services.address, **options)
    assert services.calls() == 0


def test_a_clone_lives_no_longer_than_needed(
    services: Loopback, make: Make, reference: Audio
) -> None:
    with accounting() as ledger:
        make(consent=True).speak(TEXT, HAPPY, reference)
    assert [s.kind for s in services.seen] == ["clone", "speak", "delete"]
    assert services.voices == {}
    assert leftover_clones() == ()
    assert ledger.calls == services.calls()
    assert ledger.usage == Usage(characters=services.characters)
    assert ledger.usd == pytest.approx(services.characters * 0.22 / 1000)


def test_the_second_run_asks_nobody(services: Loopback, make: Make, reference: Audio) -> None:
    first = make(consent=True).speak(TEXT, HAPPY, reference)
    calls = services.calls()
    with accounting() as ledger:
        second = make(consent=True).speak(TEXT, HAPPY, reference)
    assert services.calls() == calls
    assert ledger.calls == 0
    assert np.array_equal(first.audio.samples, second.audio.samples)
    assert first.phones == second.phones
    make(consent=True).speak(TEXT, HAPPY, Audio(reference.samples * 0.5, 16000))
    assert services.calls() == calls + 3


FAULTS: dict[str, tuple[Fault, type[ServiceError], int]] = {
    "429": (Fault("status", 429, {"Retry-After": "2"}), RateLimitError, 3),
    "quota": (
        Fault("status", 401, body={"detail": {"status": "quota_exceeded", "message": "0 left"}}),
        RateLimitError,
        1,
    ),
    "plan": (
        Fault("status", 403, body={"detail": {"status": "output_format_not_allowed"}}),
        ServiceRequestError,
        1,
    ),
    "500": (Fault("status", 500), ServiceUnavailableError, 3),
    "503": (Fault("status", 503), ServiceUnavailableError, 3),
    "refusal": (
        Fault("status", 400, body={"detail": {"status": "content_policy", "message": "no"}}),
        RefusalError,
        1,
    ),
    "401": (Fault("status", 401), ServiceKeyError, 1),
    "422": (Fault("status", 422), ServiceRequestError, 1),
    "malformed": (Fault("malformed"), ServiceReplyError, 3),
    "cut": (Fault("cut"), ServiceReplyError, 3),
    "page": (Fault("page"), ServiceReplyError, 3),
    "short": (Fault("short"), ServiceReplyError, 3),
}


@pytest.mark.parametrize("name", FAULTS)
def test_faults_end_in_their_error(
    services: Loopback, make: Make, reference: Audio, waits: list[float], name: str
) -> None:
    fault, expected, calls = FAULTS[name]
    services.fail("speak", *[fault] * 5)
    with accounting() as ledger, pytest.raises(expected) as caught:
        make(consent=True).speak(TEXT, HAPPY, reference)
    assert type(caught.value) is expected
    assert caught.value.retryable == (calls == 3)
    assert caught.value.hint
    assert services.calls("speak") == calls
    assert ledger.calls == services.calls()
    if name != "page":  # a page from elsewhere: nothing was spoken, but that cannot be known
        assert ledger.usage.characters == services.characters
    assert services.voices == {}  # the clone is gone whatever happened
    assert leftover_clones() == ()
    if name == "429":
        assert all(wait >= 2.0 for wait in waits)


@pytest.mark.parametrize("how", ["hang", "drip"])
def test_slow_answers_end_in_time(
    services: Loopback, make: Make, reference: Audio, how: str
) -> None:
    services.fail("speak", *[Fault(how)] * 5)
    voice = make(policy=Policy(seconds=1.0, try_seconds=0.35, first_wait=0.01))
    begun = time.monotonic()
    with accounting() as ledger, pytest.raises(ServiceTimeoutError):
        voice.speak(TEXT, HAPPY, reference)
    assert time.monotonic() - begun < 15.0  # the server would take 30 s; no claim of speed
    assert 1 <= services.calls() <= ledger.calls <= 3
    assert all(c.outcome == "unsure" for c in ledger.charges)


def test_a_fault_that_passes(services: Loopback, make: Make, reference: Audio) -> None:
    services.fail("speak", Fault("status", 500), Fault("cut"))
    with accounting() as ledger:
        make().speak(TEXT, HAPPY, reference)
    assert services.calls() == ledger.calls == 3
    assert ledger.usage.characters == services.characters
    assert [c.outcome for c in ledger.charges] == ["failed", "unsure", "done"]


def test_a_clone_whose_answer_was_lost_is_deleted_too(
    services: Loopback, make: Make, reference: Audio
) -> None:
    services.fail("clone", Fault("cut"))
    make(consent=True).speak(TEXT, HAPPY, reference)
    assert [s.kind for s in services.seen] == [
        "clone", "clone", "speak", "find", "delete", "delete",
    ]  # fmt: skip
    assert services.voices == {}
    assert leftover_clones() == ()


def test_a_clone_that_cannot_be_made(services: Loopback, make: Make, reference: Audio) -> None:
    services.fail("clone", Fault("status", 401))
    with pytest.raises(ServiceKeyError):
        make(consent=True).speak(TEXT, HAPPY, reference)
    assert services.calls() == 1
    services.fail("clone", *[Fault("malformed")] * 3)
    with pytest.raises(ServiceReplyError):
        make(consent=True).speak(TEXT, HAPPY, reference)
    assert services.voices == {}
    assert leftover_clones() == ()


def test_a_clone_that_cannot_be_deleted_stays_listed(
    services: Loopback, make: Make, reference: Audio, caplog: pytest.LogCaptureFixture
) -> None:
    services.fail("delete", *[Fault("status", 500)] * 3)
    make(consent=True).speak(TEXT, HAPPY, reference)
    (left,) = leftover_clones()
    assert left.voice_id in services.voices
    assert left.name in caplog.text
    make(consent=True, seed=1).speak(TEXT, HAPPY, reference)  # the next run takes it along
    assert services.voices == {}
    assert leftover_clones() == ()


CRASH = """
import os, sys
import numpy as np
from emoanim.clips import Audio
from emoanim.emotions import EmotionPrompt
from emoanim.adapters.voices import elevenlabs as voice
from emoanim.adapters.voices.elevenlabs import ElevenLabsVoice
from emoanim.services.elevenlabs import cloning
where, address = sys.argv[1:]
if where == "while speaking":
    voice.say = lambda *a: os._exit(9)
else:
    cloning._Entry = None
    make = cloning._create
    cloning._create = lambda *a: (make(*a), os._exit(9))
reference = Audio(0.3 * np.sin(np.arange(16000) / 20), 16000)
ElevenLabsVoice(consent=True, base_url=address).speak("Hi.", EmotionPrompt.parse("sad"), reference)
"""


@pytest.mark.parametrize("where", ["while speaking", "before its id is known"])
def test_a_crash_leaves_a_note(services: Loopback, make: Make, where: str, capsys: Any) -> None:
    command = [sys.executable, "-c", CRASH, where, services.address]
    assert subprocess.run(command, check=False).returncode == 9
    assert len(services.voices) == 1
    (left,) = leftover_clones("elevenlabs")
    assert left.name in services.voices.values()
    assert bool(left.voice_id) == (where == "while speaking")
    with pytest.raises(SystemExit) as ended:
        main(["clones"])
    assert left.name in capsys.readouterr().out
    assert not ended.value.code
    with pytest.raises(SystemExit) as ended:
        main(["clones", "--delete"])
    assert not ended.value.code
    assert services.voices == {}
    assert leftover_clones() == ()


def test_no_clone_without_a_note(
    services: Loopback, make: Make, reference: Audio, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("EMOANIM_CACHE", str(tmp_path / "file"))
    with pytest.raises(OutputError, match="none was made"):
        make(consent=True).speak(TEXT, HAPPY, reference)
    assert services.calls() == 0


def test_a_long_text_is_cut_at_sentences(services: Loopback, make: Make, reference: Audio) -> None:
    text = (
        "We are glad to be here. And tomorrow we will be glad again! Will you come along with us?"
    )
    speech = make(model="eleven_multilingual_v2", longest=60).speak(text, HAPPY, reference)
    asked = [s.json for s in services.seen]
    assert [a["text"] for a in asked] == [text[:59], text[60:]]
    assert asked[0]["next_text"] == text[60:]
    assert asked[1]["previous_text"] == text[:59]
    assert "previous_text" not in asked[0]
    assert 0.5 > asked[0]["voice_settings"]["stability"] > 0.2
    assert speech.audio.duration == pytest.approx(0.06 * (len(text) - 1) + 0.15, abs=0.01)
    assert speech.phones[-1].end == pytest.approx(speech.audio.duration)
    services.seen.clear()
    make(longest=60).speak(text, HAPPY, reference)
    assert all("previous_text" not in s.json for s in services.seen)
    assert all(s.json["text"].startswith("[happy] ") for s in services.seen)


def second_is_best(speech: Speech, prompt: EmotionPrompt, reference: Audio) -> float:
    return float(speech.details["version"] == 1)


def no_number(speech: Speech, prompt: EmotionPrompt, reference: Audio) -> float:
    return math.nan


def test_the_best_of_several_takes(services: Loopback, make: Make, reference: Audio) -> None:
    speech = make(versions=3, scorer=second_is_best).speak(TEXT, HAPPY, reference)
    assert speech.details["version"] == 1
    assert speech.details["scores"] == {"second_is_best": [0.0, 1.0, 0.0]}
    assert [s.json["seed"] for s in services.seen] == [0, 1, 2]
    assert "scores" not in make().speak(TEXT, HAPPY, reference).details
    with accounting() as ledger:
        speech = make(versions=3, scorer=no_number).speak(TEXT, HAPPY, reference)
    assert services.calls() == 3
    assert (ledger.calls, len(ledger.charges)) == (0, 3)
    assert speech.details["version"] == 0
    json.dumps(dict(speech.details), allow_nan=False)
    with pytest.raises(SettingsError, match=r"scorer 'nowhere:f' .* expected words, speaker"):
        make(versions=2, scorer="nowhere:f")


def test_a_take_that_a_scorer_cannot_judge_is_not_paid_for(
    services: Loopback, make: Make, reference: Audio, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = SimpleNamespace(labels=("sad",))
    monkeypatch.setitem(versions.SCORERS, "emotion", lambda: versions.EmotionScorer(heard))
    with pytest.raises(SettingsError, match="cannot score happy; it knows sad"):
        make(versions=2, scorer="emotion", consent=True).speak(TEXT, HAPPY, reference)
    assert services.calls() == 0


@pytest.mark.slow
def test_the_take_that_is_understood_is_picked(
    services: Loopback, make: Make, reference: Audio
) -> None:
    """The server speaks: another text, the right one, half of it; Whisper listens."""
    hibari = registry.backend("voice", "hibari")
    calm = EmotionPrompt.parse("neutral")
    texts = ["The cat sat under a green table.", TEXT, "I am so happy!"]
    spoken = [resample(hibari.speak(t, calm, reference).audio, 24000).samples for t in texts]
    services.seconds_per_character = 0.03  # so that the times end before any of these does
    services.sound = lambda asked, _, rate: (
        (spoken[asked["seed"]] * 32767.0).astype("<i2").tobytes()
    )
    speech = make(versions=3, model="eleven_multilingual_v2", scorer=["words", "speaker"]).speak(
        TEXT, HAPPY, reference
    )
    assert speech.details["version"] == 1
    words = speech.details["scores"]["words"]
    assert words[1] == 0.0
    assert max(words[0], words[2]) <= -0.4
    assert len(speech.details["scores"]["speaker"]) == 3
    assert services.calls() == 3


def test_a_budget_refuses_before_the_call(services: Loopback, make: Make, reference: Audio) -> None:
    with accounting(budget=0.001), pytest.raises(BudgetError, match="was not made"):
        make().speak(TEXT, HAPPY, reference)
    assert services.calls() == 0


def test_keys_come_from_the_environment(
    services: Loopback, make: Make, reference: Audio, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ServiceKeyError, match="export ELEVENLABS_API_KEY"):
        ElevenLabsVoice(voice_id="anna")
    monkeypatch.setenv("ELEVENLABS_API_KEY", "xi-canary-0123456789")
    make().speak(TEXT, HAPPY, reference)
    assert "canary" not in str(services.last("speak").headers)
    services.key = "another"
    voice = make(key_variable="ELEVENLABS_API_KEY", cache=False)
    with pytest.raises(ServiceKeyError) as caught:
        voice.speak(TEXT, HAPPY, reference)
    assert services.last("speak").headers["xi-api-key"] == "xi-canary-0123456789"
    assert "canary" not in f"{caught.value} {caught.value!r} {voice!r} {vars(voice)}"


def test_what_cannot_be_said_or_cloned(make: Make, reference: Audio) -> None:
    with pytest.raises(InputError, match="words"):
        make().speak(" ... ", HAPPY, reference)
    with pytest.raises(InputError, match="without sound"):
        make(consent=True).speak(TEXT, HAPPY, Audio(np.zeros(100, np.float32), 16000))


@pytest.mark.parametrize("options", [{"rate": 12345}, {"versions": 0}, {"longest": 5}])
def test_options_out_of_range(make: Make, options: dict[str, Any]) -> None:
    with pytest.raises(SettingsError):
        make(**options)


@pytest.mark.parametrize("emotion", list(Emotion))
@pytest.mark.parametrize("model", ["eleven_v3", "eleven_multilingual_v2"])
def test_settings_stay_in_the_services_ranges(emotion: Emotion, model: str) -> None:
    hows = [delivery(EmotionPrompt(emotion, i / 10), model) for i in range(11)]
    for how in hows:
        assert 0.7 <= how.speed <= 1.2
        assert 0.0 <= how.style <= 1.0
        assert 0.0 <= how.stability <= 1.0
        if model == "eleven_v3":
            assert how.stability in (0.0, 0.5, 1.0)
        assert bool(how.tag) == (model == "eleven_v3")
    assert (hows[0] == hows[10]) == (emotion is Emotion.NEUTRAL and model != "eleven_v3")


def test_it_is_registered(services: Loopback, reference: Audio) -> None:
    voice = registry.backend("voice", "elevenlabs", base_url=services.address, voice_id="anna")
    assert voice.speak(TEXT, HAPPY, reference).phones


def test_an_injected_client(services: Loopback, reference: Audio) -> None:
    package = pytest.importorskip("elevenlabs.client")
    import httpx

    with httpx.Client() as connections:
        client = package.ElevenLabs(
            api_key="ownkey1234567890", base_url=services.address, httpx_client=connections
        )
        voice = ElevenLabsVoice("anna", client=client, policy=Policy(sleep=lambda _: None))
        services.fail("speak", Fault("status", 500))
        assert voice.speak(TEXT, HAPPY, reference).phones
        assert services.calls() == 2  # not the SDK's own tries on top
        services.key = "another"
        with pytest.raises(ServiceKeyError, match=r"provided: \*\*\*"):
            voice.speak("Hello.", HAPPY, reference)


class Answer:
    """What the SDK gives, with parts that are missing or odd."""

    def __init__(self, sound: object, alignment: object = None) -> None:
        self.headers: dict[str, str] = {}
        self.data = self
        self.audio_base_64 = sound
        self.alignment = alignment
        self.text_to_speech = self.with_raw_response = self

    def convert_with_timestamps(self, *_: Any, **__: Any) -> Answer:
        return self


class Odd:
    characters = ("a", "b", " ")
    character_start_times_seconds = (0.0,)
    character_end_times_seconds = (0.1,)


@pytest.mark.parametrize("sound", [None, "", "%%%", "AAA", "AAAA"])
def test_damaged_sound(sound: object) -> None:
    with pytest.raises(ServiceReplyError, match="cut off or damaged"):
        say(Answer(sound), "anna", 24000, {"text": "Hi."}, 1.0)


def test_odd_times_are_left_out() -> None:
    reply = say(Answer("AAAAAAAA", Odd()), "anna", 24000, {"text": "Hi."}, 1.0)
    assert reply.value.words == ()
    assert reply.usage == Usage(characters=3)
    assert len(reply.value.samples) == 3


def test_phones_without_the_services_times(
    services: Loopback, make: Make, reference: Audio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(speaking, "_words", lambda alignment: ())
    speech = make().speak(TEXT, HAPPY, reference)
    assert speech.phones[-1].end == pytest.approx(speech.audio.duration, abs=0.05)
    assert "M" in {p.symbol for p in speech.phones}


def test_a_clone_in_use_is_no_leftover(
    services: Loopback, make: Make, reference: Audio, monkeypatch: pytest.MonkeyPatch
) -> None:
    noted: list[object] = []

    def watched(*given: Any) -> Any:
        noted.append(len(list((cache_folder() / "clones").glob("*.json"))))
        noted.append(leftover_clones())
        return say(*given)

    monkeypatch.setattr(voice, "say", watched)
    make(consent=True).speak(TEXT, HAPPY, reference)
    assert noted == [1, ()]
