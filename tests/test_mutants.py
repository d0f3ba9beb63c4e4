"""Damaged and hostile files of every kind that is read: one clear error each, and soon.

``EMOANIM_MUTANTS`` sets how many of each kind are tried (``nox -s reliability`` takes 10,000).
"""

from __future__ import annotations

import io
import json
import os
import random
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from time import perf_counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emoanim import weights
from emoanim.cli.options import chosen_settings
from emoanim.engines.eat.deep_features import read_features
from emoanim.engines.eat.square import read_template
from emoanim.errors import EmoanimError, InputError, SettingsError, WeightsError
from emoanim.evaluation.score_files import read_observation
from emoanim.parsing import parse_json, parse_toml, read_array, read_arrays, read_text
from emoanim.runs.records import read_record
from emoanim.services.replies import ReplyCache
from emoanim.settings import Settings, load_settings
from emoanim.study.plan import read_plan
from emoanim.weights import Weight
from emoanim.weights.sources import Joined

COUNT = int(os.environ.get("EMOANIM_MUTANTS", "250"))
LONGEST = 60.0
"""Seconds that one file may take."""


def mutant(data: bytes, rng: random.Random) -> bytes:
    """One to four damages: bits, bytes, cuts, repeats, numbers at their ends, zeros."""
    out = bytearray(data)
    for _ in range(rng.randrange(1, 5)):
        if not out:
            return bytes(out)
        at = rng.randrange(len(out))
        kind = rng.randrange(8)
        if kind == 0:
            out[at] ^= 1 << rng.randrange(8)
        elif kind == 1:
            out[at] = rng.choice([0, 255, 127, 128, rng.randrange(256)])
        elif kind == 2:
            del out[at:]
        elif kind == 3:
            del out[at : at + rng.randrange(1, 40)]
        elif kind == 4:
            out[at:at] = out[at : at + rng.randrange(1, 200)]
        elif kind == 5:
            width = rng.choice([2, 4, 8])
            value = rng.choice([0, 1, (1 << 8 * width) - 1, (1 << 8 * width - 1) - 1])
            out[at : at + width] = value.to_bytes(width, rng.choice(["little", "big"]))
        elif kind == 6:
            out[at : at + rng.randrange(1, 100)] = bytes(rng.randrange(1, 100))
        else:
            other = rng.randrange(len(out))
            out[at : at + 20] = out[other : other + 20]
    return bytes(out)


def _npz(compressed: bool) -> bytes:
    rng = np.random.default_rng(0)
    values = rng.random((40, 8))
    arrays = {
        "labels": np.array([f"emotion{i}" for i in range(8)]),
        "values": values / values.sum(axis=1, keepdims=True),
        "times": np.arange(40) / 25,
    }
    made = io.BytesIO()
    (np.savez_compressed if compressed else np.savez)(made, **arrays)
    return made.getvalue()


def _npy(array: np.ndarray) -> bytes:
    made = io.BytesIO()
    np.save(made, array)
    return made.getvalue()


_SETTINGS = Settings().model_dump(mode="json")
_TOML = b'preset = "local"\nseed = 3\nvoice = { name = "hibari", options = { rate = 0.9 } }\n'


_RECORD = {
    "emoanim": "0.2.0",
    "settings": _SETTINGS,
    "emotion": "happiness",
    "intensity": 0.7,
    "prompt": "happy",
    "source": "in.mp4",
    "source_sha256": "00" * 32,
    "weights": {"w": "sha256:00"},
    "objects": [],
}
_STUDY = b'clips = ["a.mp4"]\nemotions = ["happy"]\nsamples = 3\n[systems.own]\npreset = "own"\n'


def _reply(path: Path) -> None:
    cache = ReplyCache(path.parent)
    place = path.parent / "ke" / "key.json"
    place.parent.mkdir(exist_ok=True)
    place.write_bytes(path.read_bytes())
    cache.get("key")


KINDS: dict[str, tuple[str, bytes, Callable[[Path], object]]] = {
    "score file": ("a.npz", _npz(False), lambda p: read_observation(p, "original")),
    "compressed score file": ("b.npz", _npz(True), lambda p: read_observation(p, "original")),
    "template": ("t.npy", _npy(np.zeros((68, 2))), read_template),
    "features": ("f.npy", _npy(np.zeros((9, 16, 29), np.float32)), read_features),
    "settings in TOML": ("s.toml", _TOML, load_settings),
    "settings in JSON": ("s.json", json.dumps(_SETTINGS).encode(), load_settings),
    "record of a run": ("run.json", json.dumps(_RECORD).encode(), read_record),
    "study": ("study.toml", _STUDY, read_plan),
    "reply": ("r.json", json.dumps({"text": "words", "usage": {"in": 3}}).encode(), _reply),
}


def _weight_kinds(folder: Path) -> dict[str, tuple[str, bytes, Callable[[Path], object]]]:
    """Files of networks; they need torch."""
    torch = pytest.importorskip("torch")
    safetensors = pytest.importorskip("safetensors.torch")
    import checkpoint_writer
    import frozen_graphs

    from emoanim.engines.eat.frozen_graph import read_graph
    from emoanim.engines.fer8.checkpoint import read_checkpoint
    from emoanim.weights import checkpoints

    tensors = {f"layer{i}.weight": torch.randn(3, 4) for i in range(6)}
    safetensors.save_file(tensors, folder / "s")
    torch.save(tensors, folder / "n")
    torch.save(tensors, folder / "o", _use_new_zipfile_serialization=False)
    frozen_graphs.write_graph(folder / "g", frozen_graphs.weights())
    arrays = {f"{i}.weight": np.ones((2, 3), np.float32) for i in range(4)}
    checkpoint_writer.save_checkpoint(folder / "f", arrays)

    def read(path: Path) -> None:
        for tensor in checkpoints.read(path).values():
            tensor.double().sum()

    return {
        "safetensors": ("a.safetensors", (folder / "s").read_bytes(), read),
        "torch": ("a.pt", (folder / "n").read_bytes(), read),
        "torch before 1.6": ("b.pt", (folder / "o").read_bytes(), read),
        "frozen graph": ("a.pb", (folder / "g").read_bytes()[:20_000], read_graph),
        "fer8": ("fer8.pt", (folder / "f").read_bytes(), read_checkpoint),
    }


@pytest.mark.torch
@pytest.mark.parametrize(
    "kind", ["safetensors", "torch", "torch before 1.6", "frozen graph", "fer8"]
)
def test_mutants_of_weights(tmp_path: Path, kind: str) -> None:
    (tmp_path / "whole").mkdir()
    name, whole, read = _weight_kinds(tmp_path / "whole")[kind]
    _try(tmp_path / name, whole, read, kind)


@pytest.mark.torch
@pytest.mark.parametrize("width", [2, 3])
def test_a_tuple_that_unfolds_without_end(tmp_path: Path, width: int) -> None:
    """A few hundred bytes whose hash would take longer than the universe has."""
    torch = pytest.importorskip("torch")
    from emoanim.weights import checkpoints

    program = bytearray(b"\x80\x02K\x01q\x00")
    for level in range(100):
        program += b"h" + bytes([level]) + (b"h" + bytes([level])) * (width - 1)
        program += b"\x86" if width == 2 else b"\x87"
        program += b"q" + bytes([level + 1])
    program += b"}h\x64K\x01s."
    torch.save({"a": torch.zeros(1)}, tmp_path / "whole.pt")
    path = tmp_path / "a.pt"
    with zipfile.ZipFile(tmp_path / "whole.pt") as whole, zipfile.ZipFile(path, "w") as made:
        for member in whole.infolist():
            data = bytes(program) if member.filename.endswith("data.pkl") else whole.read(member)
            made.writestr(member.filename, data)
    started = perf_counter()
    with pytest.raises(WeightsError, match="unfolds to more values"):
        checkpoints.read(path)
    assert perf_counter() - started < 60.0  # a hang would be longer; no claim of speed


@pytest.mark.torch
def test_a_header_of_many_megabytes(tmp_path: Path) -> None:
    pytest.importorskip("safetensors")
    from emoanim.weights import checkpoints

    path = tmp_path / "a.safetensors"
    text = b"{" + b" " * 84_000_000 + b"}"
    path.write_bytes(len(text).to_bytes(8, "little") + text)
    started = perf_counter()
    with pytest.raises(WeightsError, match="its header has"):
        checkpoints.read(path)
    assert perf_counter() - started < 60.0  # a hang would be longer; no claim of speed


@pytest.mark.parametrize("kind", KINDS)
def test_mutants_of_files(tmp_path: Path, kind: str) -> None:
    name, whole, read = KINDS[kind]
    _try(tmp_path / name, whole, read, kind)


def _try(path: Path, whole: bytes, read: Callable[[Path], object], kind: str) -> None:
    rng = random.Random(kind)
    refused = 0
    for number in range(COUNT):
        path.write_bytes(mutant(whole, rng))
        started = perf_counter()
        try:
            read(path)
        except EmoanimError:
            refused += 1
        assert perf_counter() - started < LONGEST, number
    assert refused or kind in ("reply", "study")


# what mutants do not find


def _deep(text: str, count: int) -> str:
    return text * count


@pytest.mark.parametrize("count", [500, 5_000, 100_000])
@pytest.mark.parametrize("opening", ["[", '{"a":', "[{"])
def test_values_inside_values(tmp_path: Path, opening: str, count: int) -> None:
    closing = {"[": "]", '{"a":': "}", "[{": ""}[opening]
    text = _deep(opening, count) + "1" + _deep(closing, count)
    path = tmp_path / "a.json"
    path.write_text(text)
    with pytest.raises(SettingsError):
        load_settings(path)
    path.with_suffix(".toml").write_text(f"seed = {_deep('[', count)}{_deep(']', count)}")
    with pytest.raises(SettingsError):
        load_settings(path.with_suffix(".toml"))
    if count > 1000 and opening == "[":
        with pytest.raises(SettingsError, match="nested too deeply"):
            chosen_settings("local", None, {}, [f"voice.rate={text}"], {})
    _reply(path)


@given(st.text())
def test_any_text_is_an_option_or_an_error(text: str) -> None:
    with pytest.raises(EmoanimError) as caught:
        chosen_settings("local", None, {}, [text, "nothing"], {})
    assert isinstance(caught.value, InputError)


@given(st.binary(max_size=200))
def test_any_bytes_are_values_or_an_error(data: bytes) -> None:
    for parse in (parse_json, lambda d: parse_toml(d.decode("latin-1"))):
        with suppress(ValueError):
            parse(data)


@pytest.mark.skipif(os.name == "nt", reason="pipes of POSIX")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "settings.toml"
    os.mkfifo(pipe)
    with pytest.raises(SettingsError, match="no ordinary file"):
        load_settings(pipe)
    with pytest.raises(SettingsError):
        load_settings(tmp_path)


def test_a_large_settings_file_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text("# " + "x" * 2_000_000)
    with pytest.raises(SettingsError, match="more than 1000000"):
        load_settings(path)


def _header(shape: str, descr: str = "'<f8'") -> bytes:
    text = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}".encode()
    text += b" " * (-(len(text) + 11) % 64) + b"\n"
    return b"\x93NUMPY\1\0" + len(text).to_bytes(2, "little") + text


@pytest.mark.parametrize(
    "header",
    [
        _header("(1000000000000,)"),
        _header("(-1, 5)"),
        _header("(4294967296, 4294967296)"),
        _header("((((1,),),),)"),
        _header("(3,)", "'|O'"),
        _header("(3,)", "'|V0'"),
        _header("(99999999999,)", "'<U0'"),
        _header("(3,)", "[('a', '<f8', (1000000, 1000000))]"),
        _header("(3,)", "__import__('os')"),
        b"\x93NUMPY\3\0" + (1 << 31).to_bytes(4, "little"),
        b"\x93NUMPY\1\0",
        b"",
    ],
)
def test_headers_of_arrays_are_not_believed(tmp_path: Path, header: bytes) -> None:
    path = tmp_path / "a.npy"
    path.write_bytes(header + bytes(24))
    with pytest.raises(ValueError):
        read_array(path)
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("values.npy", header + bytes(24))
    with pytest.raises(ValueError):
        read_arrays(tmp_path / "a.npz")


def test_an_archive_that_unpacks_to_gigabytes(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        zeros = bytes(1 << 20)
        with archive.open("values.npy", "w", force_zip64=True) as file:
            file.write(_header(f"({600 << 17},)"))
            for _ in range(600):
                file.write(zeros)
    assert path.stat().st_size < 1_000_000
    started = perf_counter()
    with pytest.raises(InputError, match="unpacks to"):
        read_observation(path, "original")
    assert perf_counter() - started < 60.0  # a hang would be longer; no claim of speed


def test_whole_arrays_are_read_as_numpy_reads_them(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    arrays = {
        "numbers": rng.random((3, 4, 5)),
        "columns": np.asfortranarray(rng.random((6, 7)).astype(np.float32)),
        "words": np.array(["happy", "sad"]),
        "one": np.array(3),
        "none": np.zeros((0, 8)),
    }
    np.savez_compressed(tmp_path / "a.npz", **arrays)
    found = read_arrays(tmp_path / "a.npz")
    assert set(found) == set(arrays)
    for name, array in arrays.items():
        assert found[name].dtype == array.dtype
        assert np.array_equal(found[name], array)
        found[name].flags.writeable = True


@pytest.mark.parametrize("content", [b"\xff\xfe\0\x80", b"", b"accepted", b"accepted: \xff"])
def test_a_licence_mark_of_any_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    monkeypatch.setenv("EMOANIM_CACHE", str(tmp_path))
    monkeypatch.delenv("EMOANIM_ACCEPT_LICENCES", raising=False)
    (tmp_path / "licences").mkdir()
    weight = Weight("w", Joined(()), licence="X", sha256="00" * 32, ask=True)
    from emoanim.weights.resolver import _licence_marker

    _licence_marker(weight).write_bytes(content)
    expected = "licence" if not content.startswith(b"accepted") else "fetchable"
    assert weights.status(weight).state == expected


def test_texts_are_bounded(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(ValueError):
        read_text(path)
    path.write_text("longer")
    with pytest.raises(ValueError, match="more than 3"):
        read_text(path, 3)
    assert read_text(path) == "longer"


def test_a_long_value_is_shown_short() -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.of({"seed": "x" * 100_000})
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize("value", ["{}", "[]", "3", "true", '""', '"other"'])
def test_a_preset_of_any_kind(tmp_path: Path, value: str) -> None:
    path = tmp_path / "a.toml"
    path.write_text(f"preset = {value}")
    with pytest.raises(SettingsError, match="no preset is named"):
        load_settings(path)
