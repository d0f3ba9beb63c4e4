"""The preset "paper" from end to end against servers on this machine; its keys show up nowhere."""

from __future__ import annotations

import io
import json
import logging
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from loopback import Fault, Loopback

from emoanim import EDAPipeline
from emoanim.cli import main
from emoanim.clips import Animation, Audio, Image
from emoanim.doctor import examine
from emoanim.emotions import EmotionPrompt
from emoanim.errors import ServiceKeyError
from emoanim.media import write_video
from emoanim.services import leftover_clones

OPENAI_CANARY = "sk-proj-canaryOpenAI0123456789"
ELEVENLABS_CANARY = "canaryElevenLabs0123456789abcdef"


@pytest.fixture(scope="module")
def clip(portrait: Image, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The portrait for two seconds, with words."""
    from emoanim import registry

    silence = Audio(np.zeros(0, np.float32), 16000)
    voice = registry.backend("voice", "hibari")
    speech = voice.speak("We meet the new team on Monday.", EmotionPrompt.parse("calm"), silence)
    count = round(speech.audio.duration * 10)
    frames = (np.roll(portrait, i % 3, axis=1)[::2, ::2] for i in range(count))
    path = tmp_path_factory.mktemp("clips") / "said.mp4"
    write_video(path, Animation(10.0, (256, 256), count, frames), speech.audio, tags={})
    return path


@pytest.fixture
def keys(services: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", OPENAI_CANARY)
    monkeypatch.setenv("ELEVENLABS_API_KEY", ELEVENLABS_CANARY)


def paper(services: Loopback) -> EDAPipeline:
    """Return the paper's preset with both services here and the offline face."""
    return EDAPipeline.from_preset(
        "paper",
        text_emoter={
            "options": {"base_url": f"{services.address}/v1", "key_variable": "OPENAI_API_KEY"}
        },
        voice={
            "options": {
                "base_url": services.address,
                "key_variable": "ELEVENLABS_API_KEY",
                "consent": True,
            }
        },
        face_emoter={"name": "rig"},
        animator={"name": "rig"},
        stills=1,
        budget=1.0,
    )


def traces(*texts: str) -> list[str]:
    return [t for t in texts if "canary" in t.lower()]


def files_with_a_key(folder: Path) -> list[Path]:
    names = (OPENAI_CANARY.encode(), ELEVENLABS_CANARY.encode(), b"canary")
    found = (p for p in folder.rglob("*") if p.is_file())
    return [p for p in found if any(n in p.read_bytes() for n in names)]


@pytest.mark.slow
def test_the_paper_preset_end_to_end(
    services: Loopback, keys: None, clip: Path, tmp_path: Path,
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    caplog.set_level(logging.DEBUG)
    services.seconds_per_character = 0.03
    steps: list[Any] = []
    pipeline = paper(services)
    result = pipeline(
        clip, "very very happy", output=tmp_path / "out.mp4", keep=tmp_path / "kept",
        on_step=steps.append,
    )  # fmt: skip
    assert result.text.startswith("I'm so happy! ")
    assert "monday" in result.text.lower()
    assert result.output.stat().st_size > 10_000
    assert [s.kind for s in services.seen] == ["rewrite", "clone", "speak", "delete"]
    assert services.voices == {}
    assert leftover_clones() == ()
    sent = [s.headers for s in services.seen]
    assert sent[0]["authorization"] == f"Bearer {OPENAI_CANARY}"
    assert all(h["xi-api-key"] == ELEVENLABS_CANARY for h in sent[1:])
    assert result.costs["calls"] == services.calls() == 4
    assert result.costs["characters"] == services.characters
    assert result.costs["tokens_in"] == services.tokens_in
    assert result.costs["tokens_out"] == services.tokens_out
    assert 0 < result.costs["usd"] < 0.1
    parts = (pipeline.speech.text_emoter, pipeline.speech.voice)
    written = capsys.readouterr()
    assert not traces(
        json.dumps(result.to_dict()), repr(result), repr(pipeline.speech), str(steps),
        str([vars(p) for p in parts]), caplog.text, written.out, written.err,
        pipeline.settings.model_dump_json(), str([c.to_dict() for c in examine()]),
    )  # fmt: skip
    assert not files_with_a_key(tmp_path)
    again = paper(services)(clip, "very very happy", output=tmp_path / "again.mp4")
    assert services.calls() == 4
    assert again.costs["calls"] == 0
    assert again.costs["cached"] == 2
    assert np.array_equal(again.speech.audio.samples, result.speech.audio.samples)


def test_errors_and_logs_hold_no_key(
    services: Loopback, keys: None, clip: Path, tmp_path: Path,
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    caplog.set_level(logging.DEBUG)
    services.key = "another"  # answers 401 and says the key that it was given
    pipeline = paper(services)
    with pytest.raises(ServiceKeyError) as caught:
        pipeline.speech.voice.speak("Hi.", EmotionPrompt.parse("sad"), humming())
    handler = logging.StreamHandler(stream := io.StringIO())
    logging.getLogger().addHandler(handler)
    try:
        logging.getLogger().error("it failed", exc_info=caught.value)
    finally:
        logging.getLogger().removeHandler(handler)
    assert "Incorrect API key provided: ***" in str(caught.value)
    assert not traces(str(caught.value), repr(caught.value), stream.getvalue(), caplog.text)
    options = [
        f"text_emoter.base_url={services.address}/v1",
        "text_emoter.key_variable=OPENAI_API_KEY",
        f"voice.base_url={services.address}",
        "voice.key_variable=ELEVENLABS_API_KEY",
        "voice.consent=true",
    ]
    command = ["speak", str(clip), "-e", "happy", "-o", str(tmp_path / "out.wav")]
    command += ["--preset", "paper", *[word for o in options for word in ("--set", o)]]
    with pytest.raises(SystemExit) as status:
        main(command)
    assert status.value.code == 4
    written = capsys.readouterr()
    assert "OPENAI_API_KEY" in written.err
    assert not traces(written.out, written.err, caplog.text)
    assert not files_with_a_key(tmp_path)


@pytest.mark.slow
def test_a_budget_on_the_command_line(
    services: Loopback, clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = [
        "speak", str(clip), "-e", "happy", "-o", str(tmp_path / "out.wav"), "--preset", "paper",
        "--set", f"text_emoter.base_url={services.address}/v1",
        "--set", "text_emoter.price=[30, 60]",
        "--set", f"voice.base_url={services.address}", "--set", "voice.voice_id=anna", "--json",
    ]  # fmt: skip
    with pytest.raises(SystemExit) as status:
        main([*command, "--budget", "0.0001"])
    assert status.value.code == 4
    assert "--budget" in capsys.readouterr().err
    assert services.calls() == 0
    with pytest.raises(SystemExit) as status:
        main([*command, "--budget", "0.5"])
    assert status.value.code == 0
    record = json.loads(capsys.readouterr().out)
    assert record["costs"]["calls"] == services.calls() == 2


@pytest.mark.slow
def test_versions_on_the_command_line(
    services: Loopback, clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = [
        "speak", str(clip), "-e", "happy", "-o", str(tmp_path / "out.wav"), "--voice", "elevenlabs",
        "--set", f"voice.base_url={services.address}", "--set", "voice.voice_id=anna",
        "--set", "voice.versions=3", "--json", "--set",
    ]  # fmt: skip
    for calls in (3, 0):
        with pytest.raises(SystemExit) as status:
            main([*command, "voice.scorer=words"])
        assert status.value.code == 0
        assert json.loads(capsys.readouterr().out)["costs"]["calls"] == calls
    assert [s.json["seed"] for s in services.seen] == [0, 1, 2]
    with pytest.raises(SystemExit) as status:
        main([*command, "voice.scorer=loudest"])
    assert status.value.code == 2
    assert "expected words, speaker, emotion" in capsys.readouterr().err
    assert services.calls() == 3


def test_doctor_lists_what_a_crash_left(
    services: Loopback, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "fcntl", None)  # as on Windows, which has no such module
    services.fail("delete", *[Fault("status", 500)] * 3)
    from emoanim.adapters.voices.elevenlabs import ElevenLabsVoice
    from emoanim.services import Policy

    policy = Policy(sleep=lambda _: None)
    voice = ElevenLabsVoice(consent=True, base_url=services.address, policy=policy)
    voice.speak("Hi.", EmotionPrompt.parse("sad"), humming())
    (left,) = leftover_clones()
    found = {c.name: c for c in examine("voice")}
    assert left.name in found["elevenlabs"].leftovers[0]
    assert found["hibari"].leftovers == ()
    with pytest.raises(SystemExit):
        main(["doctor", "--role", "voice"])
    assert left.name in capsys.readouterr().err
    voice.delete_leftovers()
    assert leftover_clones() == ()


def humming() -> Audio:
    return Audio(0.3 * np.sin(np.arange(16000) / 20), 16000)
