"""Keys go to their own service and show up nowhere; nothing is paid for a clip that cannot do."""

from __future__ import annotations

import string
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from loopback import Loopback

from emoanim import EDAPipeline, registry
from emoanim.clips import Animation
from emoanim.errors import FaceError, ServiceError, SettingsError
from emoanim.media import write_video
from emoanim.services.keys import Key, scrubbed, without_password
from emoanim.services.openai_server import OpenAIServer
from emoanim.testing.clips import make_tone

CANARY = "sk-proj-canaryOpenAI0123456789"


def test_the_key_does_not_go_to_a_server_of_the_environment(
    services: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", CANARY)
    monkeypatch.setenv("OPENAI_BASE_URL", f"{services.address}/v1")
    assert CANARY not in OpenAIServer("openai")._key.value
    named = OpenAIServer("openai", key_variable="OPENAI_API_KEY")
    assert named._key.value == CANARY


@pytest.mark.parametrize(
    "address", [None, "https://api.openai.com/v1", "https://api.openai.com/v1/"]
)
def test_it_goes_to_openai(monkeypatch: pytest.MonkeyPatch, address: str | None) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", CANARY)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    if address:
        monkeypatch.setenv("OPENAI_BASE_URL", address)
    assert OpenAIServer("openai")._key.value == CANARY


@pytest.mark.parametrize(
    "typed",
    [
        CANARY,
        "sk_0123456789abcdef0123456789abcdef",
        "0123456789abcdef0123456789abcdef",
        "AKIAIOSFODNN7EXAMPLEAKIAIOSFODNN7EXAMPLE",
        "xi-0123456789",
        "my secret words",
    ],
)
def test_a_key_typed_as_its_variable_is_not_printed(typed: str) -> None:
    for own in (False, True):
        with pytest.raises(SettingsError) as caught:
            Key.of(typed, own)
        assert typed not in str(caught.value)


@given(st.text(string.ascii_letters + string.digits + "-_.", min_size=20, max_size=80))
def test_nothing_that_may_be_a_key_is_printed(typed: str) -> None:
    if typed.isupper() and typed.replace("_", "").isalnum():
        return  # a name of a variable, as they are written
    try:
        Key.of(typed, own_server=False)
    except SettingsError as error:
        message = str(error)
    assert typed not in message


@pytest.mark.parametrize("name", ["OPENAI_API_KEY", "MY_KEY_2", "KEY"])
def test_names_of_variables_are_taken(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "value")
    assert Key.of(name, own_server=False).value == "value"


def test_a_variable_of_any_name_that_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("my-odd.name", "value")
    assert Key.of("my-odd.name", own_server=False).value == "value"


@pytest.mark.parametrize("role", [("text_emoter", "gpt4"), ("voice", "openai-speech")])
def test_a_password_in_an_address_does_not_show(role: tuple[str, str]) -> None:
    address = "http://user:hunter2secret@127.0.0.1:9/v1?token=hunter3secret"
    options: dict[str, Any] = {"base_url": address}
    part = registry.backend(*role, **options)
    assert "hunter2" not in repr(part)
    assert "hunter3" not in repr(part)
    assert "127.0.0.1" in repr(part)
    assert without_password(address) == "http://***@127.0.0.1:9/v1"
    assert "hunter2" not in scrubbed(f"no answer from {address}")


@pytest.mark.parametrize("kind", ["blank", "noise"])
def test_a_clip_without_a_face_costs_nothing(
    services: Loopback, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kind: str
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", CANARY)
    rng = np.random.default_rng(3)
    frames = (
        np.full((96, 128, 3), 90, np.uint8)
        if kind == "blank"
        else rng.integers(0, 255, (96, 128, 3), np.uint8)
        for _ in range(25)
    )
    clip = tmp_path / f"{kind}.mp4"
    write_video(clip, Animation(25.0, (128, 96), 25, frames), make_tone(1.0))
    where = {"base_url": f"{services.address}/v1", "key_variable": "OPENAI_API_KEY"}
    pipeline = EDAPipeline.from_preset("local", text_emoter={"name": "gpt4", "options": where})
    with pytest.raises(FaceError):
        pipeline(clip, "sad", output=tmp_path / "out.mp4")
    assert services.seen == []


def test_server_faults_show_no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    from emoanim.clips import Transcript
    from emoanim.emotions import EmotionPrompt
    from emoanim.services import Policy

    address = "http://user:hunter2secret@127.0.0.1:9/v1"
    part = registry.backend("text_emoter", "gpt4", base_url=address, policy=Policy(tries=1))
    with pytest.raises(ServiceError) as caught:
        part.rewrite(Transcript("we meet on Monday"), EmotionPrompt.parse("sad"))
    assert "hunter2" not in str(caught.value)
