"""Models of the hub: what stands in its cache, and the way from an empty machine to a ready one."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from emoanim import doctor
from emoanim.adapters.transcribers.whisper import WhisperTranscriber
from emoanim.doctor import Checkup, examine, verify
from emoanim.registry import BackendInfo, backends
from emoanim.weights.hub_files import hub_files
from emoanim.weights.hub_models import HUB_MODELS, hub_state, models_of

constants = pytest.importorskip("huggingface_hub.constants")

COMMIT = "0123456789abcdef0123456789abcdef01234567"
XLM = HUB_MODELS["MilaNLProc/xlm-emo-t"]
VOICE = HUB_MODELS["speechbrain/emotion-recognition-wav2vec2-IEMOCAP"]
SMALL = HUB_MODELS["Systran/faster-whisper-small"]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setenv("EMOANIM_CACHE", str(tmp_path / "cache"))
    for name in ("EMOANIM_OFFLINE", "HF_HUB_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "hub"


def put(home: Path, repo: str, name: str, data: bytes, digest: str = "") -> Path:
    """Lay a file down as the hub's client does: a blob by its hash, a link in the snapshot."""
    folder = home / f"models--{repo.replace('/', '--')}"
    blob = folder / "blobs" / (digest or hashlib.sha256(data).hexdigest())
    link = folder / "snapshots" / COMMIT / name
    for path in (blob, link, folder / "refs" / "main"):
        path.parent.mkdir(parents=True, exist_ok=True)
    blob.write_bytes(data)
    (folder / "refs" / "main").write_text(COMMIT)
    link.symlink_to(blob)
    return blob


def row(name: str) -> Checkup:
    return next(c for c in examine() if c.name == name)


def test_every_model_belongs_to_a_backend() -> None:
    known = {b.name for b in backends()}
    assert {m.backend for m in HUB_MODELS.values()} <= known
    alone = {m.backend for m in HUB_MODELS.values() if not m.option}
    assert alone == {"xlm-emo", "speechbrain", "whisper-transformers"}
    from faster_whisper.utils import _MODELS

    for model in models_of("whisper"):
        assert _MODELS[model.option] == model.repo
        assert WhisperTranscriber(model.option).model == model.option


def test_what_stands_in_the_cache(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert hub_state(XLM) == "fetchable"
    for name in XLM.files:
        put(home, XLM.repo, name, b"{}")
    assert hub_state(XLM) == "fetchable"  # without weights it is none
    monkeypatch.setenv("EMOANIM_OFFLINE", "1")
    assert hub_state(XLM) == "missing"
    put(home, XLM.repo, XLM.one_of[1], b"weights")
    assert hub_state(XLM) == "ready"
    found = hub_files(XLM.repo, XLM.files, one_of=XLM.one_of)
    assert sorted(found) == sorted([*XLM.files, XLM.one_of[1]])


def test_a_branch_is_looked_up_once(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub

    asked: list[str] = []

    def download(repo: str, name: str, *, revision: str, local_files_only: bool) -> str:
        asked.append(revision)
        commit = COMMIT if revision == "main" else revision
        return str(home / "snapshots" / commit / name)

    monkeypatch.setattr(huggingface_hub, "hf_hub_download", download)
    names = ("config.json", "tokenizer.json")
    assert set(hub_files("owner/model", names)) == set(names)
    hub_files("owner/model", names)
    assert asked == ["main", COMMIT, COMMIT, COMMIT]
    other = "f" * 40
    assert other in str(hub_files("owner/model", names, revision=other)["config.json"])
    noted = next((home.parent / "cache" / "revisions").iterdir())
    for damage in (b"", b"\xff", b"main", b"x" * 500):
        noted.write_bytes(damage)
        asked.clear()
        hub_files("owner/model", names)
        assert asked == ["main", COMMIT]


@pytest.mark.parametrize("variable", ["EMOANIM_OFFLINE", "HF_HUB_OFFLINE"])
def test_doctor_says_what_is_needed(
    home: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    # As with its extra installed.
    monkeypatch.setattr(BackendInfo, "missing", lambda about: ())
    monkeypatch.setattr(doctor, "_device", lambda about: "cpu")
    found = row("speechbrain")
    assert (found.weights, found.fix) == ("downloaded on first use", VOICE.command)
    monkeypatch.setenv(variable, "1")
    found = row("speechbrain")
    assert (found.weights, found.ready) == ("missing", False)
    for name in VOICE.files:
        put(home, VOICE.repo, name, name.encode())
    found = row("speechbrain")
    assert (found.weights, found.fix) == ("ready", "")
    assert row("hibari").weights == "none needed"


def test_doctor_lists_larger_whispers(home: Path) -> None:
    (note,) = row("whisper").notes()
    assert "not here: tiny, small, medium, large-v3" in note
    assert note.endswith("emoanim fetch Systran/faster-whisper-tiny")
    assert "in its cache" not in note
    for name in (*SMALL.files, "vocabulary.json"):
        put(home, SMALL.repo, name, name.encode())
    found = row("whisper")
    assert "in its cache: small; not here: tiny, medium," in found.notes()[0]
    assert [m.fix for m in found.others if m.option == "small"] == [""]
    assert found.to_dict()["others"][1]["state"] == "ready"
    assert "openai/whisper-large-v3" in row("whisper-transformers").notes()[0]
    assert row("lexicon").notes() == []


def test_verification_reads_the_files_again(home: Path) -> None:
    pytest.importorskip("transformers")
    (found,) = verify("xlm-emo")
    assert not found.passed
    assert XLM.command in found.detail
    small = b"{}"
    named = hashlib.sha1(b"blob 2\0" + small, usedforsecurity=False).hexdigest()
    put(home, XLM.repo, "config.json", small, named)
    put(home, XLM.repo, "tokenizer.json", b"words")
    blob = put(home, XLM.repo, "model.safetensors", b"weights")
    assert [f.passed for f in verify("xlm-emo")] == [True] * 3
    blob.write_bytes(b"changed")
    (changed,) = [f for f in verify("xlm-emo") if not f.passed]
    assert changed.name == f"{XLM.repo}/model.safetensors"
    assert f"expected {blob.name}" in changed.detail


class Hub(BaseHTTPRequestHandler):
    """Answers as the hub does for a repository with a pickled checkpoint."""

    asked: list[str]

    def do_HEAD(self) -> None:
        name = self.path.rpartition("/")[2]
        data = name.encode()
        there = name in (*VOICE.files, "config.json", "tokenizer.json", "pytorch_model.bin")
        self.asked.append(f"{self.command} {name}")
        self.send_response(200 if there else 404)
        if there:
            self.send_header("ETag", f'"{hashlib.sha256(data).hexdigest()}"')
        else:
            self.send_header("X-Error-Code", "EntryNotFound")
        self.send_header("X-Repo-Commit", COMMIT)
        self.send_header("Content-Length", str(len(data) if there else 0))
        self.end_headers()
        if there and self.command == "GET":
            self.wfile.write(data)

    def do_GET(self) -> None:
        self.do_HEAD()

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    Hub.asked = []
    with ThreadingHTTPServer(("127.0.0.1", 0), Hub) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield running
        running.shutdown()


def test_the_command_of_doctor_brings_it(server: ThreadingHTTPServer, tmp_path: Path) -> None:
    env = {k: v for k, v in os.environ.items() if k not in ("HF_HUB_CACHE", "HF_HUB_OFFLINE")}
    env |= {
        "HF_ENDPOINT": f"http://127.0.0.1:{server.server_address[1]}",
        "HF_HOME": str(tmp_path / "home"),
        "EMOANIM_CACHE": str(tmp_path / "cache"),
    }
    command = [sys.executable, "-m", *XLM.command.split()]
    done = subprocess.run([*command, VOICE.repo], env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    first, second = map(Path, done.stdout.split())
    assert sorted(p.name for p in first.iterdir()) == [
        "config.json",
        "pytorch_model.bin",
        "tokenizer.json",
    ]
    assert (second / "model.ckpt").read_bytes() == b"model.ckpt"
    assert [Hub.asked.count(f"GET {name}") for name in (*VOICE.files, "config.json")] == [
        1,
        1,
        1,
        2,
    ]
    assert "GET model.safetensors" not in Hub.asked
    said = subprocess.run(
        [sys.executable, "-m", "emoanim", "doctor", "--role", "text_classifier", "--json"],
        env={**env, "EMOANIM_OFFLINE": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(said.stdout)[0]["weights"] == "ready"
    env["EMOANIM_CACHE"] = env["HF_HOME"] = str(tmp_path / "other")
    done = subprocess.run(
        command, env={**env, "EMOANIM_OFFLINE": "1"}, capture_output=True, text=True
    )
    assert done.returncode != 0
    assert "cannot be had" in done.stderr
    assert "Traceback" not in done.stderr
