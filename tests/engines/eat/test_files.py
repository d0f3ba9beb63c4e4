"""EAT's files: found, fetched, trusted on first use, refused when damaged or of another version."""

from __future__ import annotations

import io
import math
import threading
import zipfile
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from emoanim import doctor
from emoanim.engines.eat.files import (
    find_files,
    read_arrays,
    read_silence,
    trust_files,
)
from emoanim.errors import WeightsError
from emoanim.weights.sources import Url
from emoanim.weights.table import WEIGHTS

pytest.importorskip("torch")

import torch

from emoanim.engines.eat import still
from emoanim.engines.eat.verification import verify

NAMES = (
    "deepprompt_eam3d_all_final_313.pth.tar",
    "pretrain_new_274.pth.tar",
    "U_mead.npy",
    "mean_mead.npy",
)


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("EMOANIM_CACHE", str(tmp_path / "cache"))
    for name in ("EMOANIM_WEIGHTS_EAT", "EMOANIM_ACCEPT_LICENCES", "EMOANIM_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "cache"


@pytest.fixture
def folder(tmp_path):
    inside = tmp_path / "files" / "ckpt"
    inside.mkdir(parents=True)
    for name in NAMES[:2]:
        torch.save({"epoch": 1}, inside / name)
    np.save(inside / NAMES[2], np.eye(45))
    np.save(inside / NAMES[3], np.zeros(45))
    return tmp_path / "files"


def test_the_licence_is_accepted_once_by_flag_or_variable(folder, cache, monkeypatch, capsys):
    with pytest.raises(WeightsError, match=r"CC-BY-NC-4\.0"):
        find_files(folder)
    monkeypatch.setenv("EMOANIM_ACCEPT_LICENCES", "AGPL-3.0, cc-by-nc-4.0")
    assert find_files(folder).checkpoint.name == NAMES[0]
    monkeypatch.delenv("EMOANIM_ACCEPT_LICENCES")
    assert find_files(folder).pad is None  # remembered
    assert capsys.readouterr().err.count("no commercial use") == 1
    (next((cache / "licences").iterdir())).unlink()
    with pytest.raises(WeightsError, match=r"CC-BY-NC-4\.0"):
        find_files(folder)
    assert find_files(folder, accept_licence=True)


def test_files_are_found_by_the_environment_variable(folder, monkeypatch):
    monkeypatch.setenv("EMOANIM_WEIGHTS_EAT", str(folder))
    assert find_files(accept_licence=True).mean.name == "mean_mead.npy"
    states = {c.name: c for c in doctor.examine("face_emoter")}
    assert "own file" in states["eat"].weights


def test_doctor_says_how_the_files_are_had(monkeypatch):
    found = {c.name: c for c in doctor.examine("face_emoter")}["eat"]
    assert not found.ready
    assert "licence not accepted" in found.weights
    assert found.fix == f"emoanim fetch eat/{NAMES[0]} --accept-licence"
    monkeypatch.setenv("EMOANIM_ACCEPT_LICENCES", "CC-BY-NC-4.0")
    found = {c.name: c for c in doctor.examine("face_emoter")}["eat"]
    assert found.ready
    assert "downloaded on first use" in found.weights


def test_a_missing_file_is_named(folder, monkeypatch):
    (folder / "ckpt" / "U_mead.npy").unlink()
    with pytest.raises(WeightsError, match=r"U_mead\.npy was given as path"):
        find_files(folder, accept_licence=True)
    with pytest.raises(WeightsError, match="expected a folder"):
        find_files(folder / "ckpt" / NAMES[0], accept_licence=True)
    with pytest.raises(WeightsError, match=r"a hash of 'U\.npy' given; EAT's files are deepprompt"):
        find_files(folder, accept_licence=True, sha256={"U.npy": "00"})
    monkeypatch.setenv("EMOANIM_OFFLINE", "1")
    with pytest.raises(WeightsError, match="EMOANIM_OFFLINE is set"):
        find_files(accept_licence=True)


def test_the_first_use_is_trusted_and_a_change_is_not(folder, cache, capsys):
    files = find_files(folder, accept_licence=True)
    assert not (cache / "first_use").exists()  # only what could be loaded is trusted
    trust_files(files)
    recorded = {p.name: p.read_text().strip() for p in (cache / "first_use").iterdir()}
    assert len(recorded) == 4
    assert capsys.readouterr().err.count("is published; sha256:") == 4
    assert find_files(folder) == files
    files.basis.write_bytes(b"tampered")
    own = recorded["eat-U-mead.npy.txt"]
    with pytest.raises(WeightsError, match=rf"U_mead.*expected {own}.*when it was first used"):
        find_files(folder)
    with pytest.raises(WeightsError, match="expected sha256:00ff"):
        find_files(folder, sha256={"U_mead.npy": "00FF"})
    named = WEIGHTS["eat/U_mead.npy"].digest_of(files.basis).removeprefix("sha256:")
    assert find_files(folder, sha256={"U_mead.npy": named.upper()}) == files


def test_a_pad_file_is_trusted_like_the_others(folder, cache):
    np.save(folder / "pad.npy", np.zeros(3))
    files = find_files(folder, accept_licence=True)
    assert files.pad == folder / "pad.npy"
    trust_files(files)
    np.save(folder / "pad.npy", np.ones(3))
    with pytest.raises(WeightsError, match=r"eat/pad\.npy at .*when it was first used"):
        find_files(folder)


class Server(ThreadingHTTPServer):
    files: dict[str, bytes]


class Answer(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self):
        body = self.server.files[self.path.partition("?")[0]]
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Say nothing."""


def test_a_download_from_a_server(folder, cache, monkeypatch):
    """Archive and arrays come over HTTP, are kept, and are checked ever after."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as made:
        for name in NAMES[:2]:
            made.write(folder / "ckpt" / name, f"ckpt/{name}")
        made.writestr("ckpt/qvt_img/other.tar", b"not ours")
    with Server(("127.0.0.1", 0), Answer) as server:
        server.files = {"/download": archive.getvalue()}
        address = f"http://127.0.0.1:{server.server_address[1]}"
        monkeypatch.setenv("EMOANIM_DRIVE_ENDPOINT", address)
        for name in NAMES[2:]:
            server.files[f"/{name}"] = (folder / "ckpt" / name).read_bytes()
            weight = replace(WEIGHTS[f"eat/{name}"], source=Url(f"{address}/{name}"))
            monkeypatch.setitem(WEIGHTS, weight.name, weight)
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            with pytest.raises(WeightsError, match="accepted first"):
                find_files()
            files = find_files(accept_licence=True)
        finally:
            server.shutdown()
            thread.join()
    paths = (files.checkpoint, files.pose, files.basis, files.mean)
    assert [p.read_bytes() for p in paths] == [
        (folder / "ckpt" / name).read_bytes() for name in NAMES
    ]
    assert all(cache in p.parents for p in paths)
    assert find_files() == files  # the server is gone, the licence remembered
    other = {NAMES[3]: "ab" * 32}
    with pytest.raises(WeightsError, match="could not be downloaded"):
        find_files(sha256=other)


def test_arrays_that_are_damaged_or_others(folder):
    files = find_files(folder, accept_licence=True)
    assert [a.shape for a in read_arrays(files)] == [(45, 45), (45,)]
    files.basis.write_bytes(files.basis.read_bytes()[:900])
    with pytest.raises(WeightsError, match=r"U_mead\.npy cannot be read as an array"):
        read_arrays(files)
    np.save(files.basis, np.zeros((45, 32)))
    with pytest.raises(WeightsError, match=r"\(45, 32\); expected float \(45, 45\)"):
        read_arrays(files)


def load(files):
    return still.load(files, "cpu")


def test_half_a_checkpoint_and_another_version(folder, golden):
    from golden_cases import fill, load_manifest

    files = find_files(folder, accept_licence=True)
    with pytest.raises(WeightsError, match="has no entry 'generator'; it holds: epoch"):
        load(files)
    arrays = fill(load_manifest(golden / "eat" / "manifest_generator.json"))
    tensors = {n: torch.from_numpy(a) for n, a in arrays.items()}
    kept = dict(tensors)
    kept["first.conv.weight"] = torch.zeros(64, 3, 7, 7)
    torch.save({"generator": kept}, files.checkpoint)
    with pytest.raises(WeightsError, match=r"\(64, 3, 7, 7\), expected float32 \(64, 3, 3, 3\)"):
        load(files)
    kept["another.weight"] = kept.pop("first.conv.weight")
    torch.save({"generator": kept}, files.checkpoint)
    with pytest.raises(WeightsError, match=r"lacks first\.conv\.weight and also has another\.w"):
        load(files)
    files.checkpoint.write_bytes(files.checkpoint.read_bytes()[:1_000_000])
    with pytest.raises(WeightsError, match="damaged, half downloaded"):
        load(files)
    assert not [s.passed for s in verify(weights=folder)][-1]


def test_silence_of_the_official_kind(tmp_path):
    content = np.empty(2, dtype=object)
    content[0] = torch.arange(80.0)
    content[1] = np.ones((16, 29))
    np.save(tmp_path / "pad.npy", content)
    silence = read_silence(tmp_path / "pad.npy")
    assert silence.mel[79] == 79
    assert silence.deep.shape == (16, 29)
    assert read_silence(None).mel[0] == pytest.approx((math.log(1e-5) + 4) / 4)


class Trap:
    def __reduce__(self):
        return (print, ("the file ran code",))


def test_a_pad_file_that_wants_to_run_code_is_refused(tmp_path, capsys):
    content = np.empty(1, dtype=object)
    content[0] = Trap()
    np.save(tmp_path / "pad.npy", content)
    with pytest.raises(WeightsError, match=r"print is no part of an array"):
        read_silence(tmp_path / "pad.npy")
    assert "ran code" not in capsys.readouterr().out
    (tmp_path / "pad.npy").write_bytes(b"nothing")
    with pytest.raises(WeightsError, match="does not hold the two arrays"):
        read_silence(tmp_path / "pad.npy")
