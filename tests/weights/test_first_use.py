"""Files without a published hash, in an archive behind a page, from a real server."""

from __future__ import annotations

import hashlib
import io
import os
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from emoanim import weights
from emoanim.errors import WeightsError
from emoanim.weights.sources import Archived, ByHand, DriveFile, Joined, Url, read
from emoanim.weights.table import WEIGHTS, Weight

DATA = bytes(range(256)) * 3000
OTHER = b"other" * 700
PAGE = b"""<html><head><title>Virus scan warning</title></head><body>too large to be scanned
<form id="download-form" action="https://drive.usercontent.google.com/download" method="get">
<input type="submit" value="Download anyway"/><input type="hidden" name="id" value="THE-ID">
<input type="hidden" name="confirm" value="t"><input type="hidden" name="uuid" value="1-2-3">
</form></body></html>"""


def zipped(members: dict[str, bytes], flags: int = 0, method: int | None = None) -> bytes:
    """An archive; as if each member had these flags and was of this compression."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
        for entry in archive.filelist:
            entry.flag_bits |= flags
            entry.compress_type = method or entry.compress_type
    return file.getvalue()


class Drive(ThreadingHTTPServer):
    """Answers a download with a warning page until its form is sent back."""

    archive: bytes
    warns: bool = True
    refuses: bool = False
    cut: int | None = None
    asked: list[str]


class Answer(BaseHTTPRequestHandler):
    server: Drive

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        fields = parse_qs(urlsplit(self.path).query)
        page = self.server.refuses or (self.server.warns and "uuid" not in fields)
        body = PAGE if page else self.server.archive
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8" if page else "application/zip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body if page else body[: self.server.cut])

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in list(os.environ):
        if name.startswith("EMOANIM_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("EMOANIM_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def drive(monkeypatch: pytest.MonkeyPatch) -> Iterator[Drive]:
    with Drive(("127.0.0.1", 0), Answer) as made:
        made.asked = []
        made.archive = zipped({"ckpt/a.tar": DATA, "ckpt/deep/b.npy": OTHER})
        monkeypatch.setenv("EMOANIM_DRIVE_ENDPOINT", f"http://127.0.0.1:{made.server_address[1]}")
        thread = threading.Thread(target=made.serve_forever, args=(0.02,))
        thread.start()
        yield made
        made.shutdown()
        thread.join()


def model(file: str = "a.tar", **changes: object) -> Weight:
    made = Weight(
        name=f"model/{file}",
        source=Archived(DriveFile("THE-ID"), file),
        licence="CC-BY-NC-4.0",
        notice="a model",
        licence_url="https://example.org/nc",
        ask=True,
        ask_always=True,
        first_use=True,
    )
    return replace(made, **changes)


def fetch(weight: Weight) -> Path:
    return weights.fetch(weight, accept_licence=True)


def digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def kept(cache: Path) -> list[str]:
    return sorted(p.name for f in ("weights", "first_use") for p in (cache / f).rglob("*.*"))


def test_an_archive_is_downloaded_once_for_all_its_files(
    drive: Drive, cache: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for file in ("a.tar", "b.npy"):
        monkeypatch.setitem(WEIGHTS, f"model/{file}", model(file))
    path = weights.fetch("model/a.tar", accept_licence=True)
    assert path == cache / "weights" / "model" / "a.tar"
    assert path.read_bytes() == DATA
    assert weights.fetch("model/b.npy").read_bytes() == OTHER
    assert [parse_qs(urlsplit(p).query).get("uuid") for p in drive.asked] == [None, ["1-2-3"]]
    assert drive.asked[1].startswith("/download?id=THE-ID&export=download&confirm=t&uuid=")
    said = capsys.readouterr().err
    assert "size not known, from https://drive.google.com/file/d/THE-ID" in said
    assert f"no hash of model/a.tar is published; {digest(DATA)}" in said
    assert said.count("CC-BY-NC-4.0") == 1  # once for the model, not for each file


def test_a_file_that_comes_without_a_page(drive: Drive) -> None:
    drive.warns = False
    assert fetch(model()).read_bytes() == DATA
    assert len(drive.asked) == 1


def test_the_first_use_is_trusted_and_a_change_is_not(drive: Drive, cache: Path) -> None:
    path = fetch(model())
    assert (cache / "first_use" / "model-a.tar.txt").read_text().strip() == digest(DATA)
    assert weights.verify(model()) == path
    path.write_bytes(b"tampered")
    with pytest.raises(WeightsError, match=f"expected {digest(DATA)} as when it was first used"):
        weights.verify(model())
    assert weights.status(model()).state == "fetchable"
    assert fetch(model()).read_bytes() == DATA  # fetched anew, the same as before
    path.unlink()
    drive.archive = zipped({"a.tar": OTHER})
    with pytest.raises(WeightsError, match=r"to trust the new file, delete .*model-a\.tar\.txt"):
        fetch(model())
    assert kept(cache) == ["model-a.tar.txt"]
    (cache / "first_use" / "model-a.tar.txt").unlink()
    assert fetch(model()).read_bytes() == OTHER


def test_a_hash_that_the_user_names_is_asked_for(drive: Drive, cache: Path) -> None:
    wrong = model(sha256=hashlib.sha256(OTHER).hexdigest(), first_use=False)
    with pytest.raises(WeightsError, match=f"has {digest(DATA)}.*expected {digest(OTHER)}"):
        fetch(wrong)
    assert kept(cache) == []
    right = model(sha256=hashlib.sha256(DATA).hexdigest(), first_use=False)
    assert fetch(right).read_bytes() == DATA


def test_half_a_download_is_not_trusted(drive: Drive, cache: Path) -> None:
    drive.cut = 500
    with pytest.raises(WeightsError, match=rf"broke off after 500 of {len(drive.archive)} bytes"):
        fetch(model())
    address = f"{os.environ['EMOANIM_DRIVE_ENDPOINT']}/plain?uuid=1"
    with pytest.raises(WeightsError, match="broke off"):
        fetch(model("p.npy", source=Url(address)))
    assert kept(cache) == []
    drive.cut = None
    assert fetch(model()).read_bytes() == DATA


@pytest.mark.parametrize(
    ("archive", "words"),
    [
        (zipped({"a.tar": DATA})[:-30], "no whole zip archive"),
        (b"PK" + bytes(100), "no whole zip archive"),
        (zipped({"a.tar": DATA}, flags=1), "no whole zip archive .*encrypted"),
        (zipped({"a.tar": DATA}, method=95), "no whole zip archive .*compression"),
        (zipped({"c.tar": DATA}), r"holds no a\.tar"),
    ],
)
def test_a_damaged_or_changed_archive(
    drive: Drive, cache: Path, archive: bytes, words: str
) -> None:
    drive.archive = archive
    with pytest.raises(WeightsError, match=words):
        fetch(model())
    assert kept(cache) == []


def test_a_flipped_bit_in_the_archive(drive: Drive, cache: Path) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("a.tar", DATA)
    content = bytearray(file.getvalue())
    content[1000] ^= 1
    drive.archive = bytes(content)
    with pytest.raises(WeightsError, match="no whole zip archive"):
        fetch(model())
    assert kept(cache) == []


def test_a_web_page_is_no_file(drive: Drive, cache: Path) -> None:
    drive.refuses = True
    with pytest.raises(WeightsError, match="answers with a web page"):
        fetch(model())
    with pytest.raises(WeightsError, match="answers with a web page"):
        fetch(model("p.npy", source=Url(os.environ["EMOANIM_DRIVE_ENDPOINT"])))
    assert kept(cache) == []


def test_the_licence_comes_first_also_for_own_files(
    drive: Drive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(WeightsError, match=r"CC-BY-NC-4\.0.*accepted first"):
        weights.fetch(model())
    (tmp_path / "deep").mkdir()
    own = tmp_path / "deep" / "a.tar"
    own.write_bytes(b"mine")
    monkeypatch.setenv("EMOANIM_WEIGHTS_MODEL", str(tmp_path))
    assert weights.status(model()).state == "licence"
    with pytest.raises(WeightsError, match="accepted first"):
        weights.fetch(model())
    assert weights.fetch(model(), accept_licence=True) == own
    assert weights.status(model()).state == "own file"
    assert drive.asked == []
    with pytest.raises(WeightsError, match="given in EMOANIM_WEIGHTS_MODEL"):
        weights.fetch(model("z.tar"))
    monkeypatch.setenv("EMOANIM_WEIGHTS_MODEL", str(tmp_path / "none"))
    assert weights.status(model()).fix == "unset EMOANIM_WEIGHTS_MODEL"


def test_the_official_places_of_eat() -> None:
    found = [w for w in WEIGHTS.values() if w.group == "eat"]
    assert all(w.ask and w.first_use and w.folder_variable == "EMOANIM_WEIGHTS_EAT" for w in found)
    archived = {w.name for w in found if isinstance(w.source, Archived)}
    assert archived == {
        "eat/deepprompt_eam3d_all_final_313.pth.tar",
        "eat/pretrain_new_274.pth.tar",
    }
    assert all(w.source.address.startswith("https://") for w in found if isinstance(w.source, Url))
    assert DriveFile("X").address.startswith("https://drive.usercontent.google.com/download?id=X&")


def test_a_file_that_only_the_user_can_get(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sha1 = hashlib.sha1(DATA, usedforsecurity=False).hexdigest()
    weight = Weight("g.pb", ByHand("a place"), "MIT", sha1=sha1, notice="a graph")
    found = weights.status(weight)
    assert (found.state, found.fix) == ("missing", "export EMOANIM_WEIGHTS_G_PB=... (a place)")
    with pytest.raises(WeightsError, match="Get it from a place, and point EMOANIM_WEIGHTS_G_PB"):
        weights.fetch(weight)
    (tmp_path / "mine.pb").write_bytes(DATA)
    monkeypatch.setenv("EMOANIM_WEIGHTS_G_PB", str(tmp_path / "mine.pb"))
    assert weights.verify(weight) == tmp_path / "mine.pb"
    (tmp_path / "mine.pb").write_bytes(OTHER)
    with pytest.raises(WeightsError, match=f"expected sha1:{sha1}"):
        weights.verify(weight)
    part = Joined((ByHand("a place"),))
    with pytest.raises(WeightsError, match="by hand from a place"):
        list(read(part, cache))
