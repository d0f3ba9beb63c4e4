from __future__ import annotations

import os
import pickle
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from checkpoint_writer import Module, Writer, archive_of, save_checkpoint
from hypothesis import given
from hypothesis import strategies as st

from emoanim.engines.fer8 import checkpoint
from emoanim.engines.fer8.checkpoint import read_checkpoint
from emoanim.errors import WeightsError


def small() -> dict[str, Any]:
    rng = np.random.default_rng(0)
    return {
        "model.0.conv.weight": rng.normal(size=(2, 3, 3, 3)).astype(np.float16),
        "model.0.bn.running_var": rng.normal(size=2).astype(np.float32),
        "model.0.bn.num_batches_tracked": np.array(7, np.int64),
        "model.1.m.0.bias": rng.normal(size=4).astype(np.float16),
    }


def test_tensors_come_back_by_name(tmp_path: Path) -> None:
    tensors = small()
    found = read_checkpoint(save_checkpoint(tmp_path / "model.pt", tensors))
    assert set(found) == set(tensors)
    for name, value in tensors.items():
        assert found[name].dtype == value.dtype
        assert np.array_equal(found[name], value)


def test_strides_parameters_and_empty_places(tmp_path: Path) -> None:
    class Turned(Writer):
        """A transposed parameter, as ``weight.t()`` is stored."""

        def tensor(self, array: Any, strides: tuple[int, ...] | None = None) -> None:
            self.name("torch._utils _rebuild_parameter")
            self.program += b"("
            super().tensor(array, strides=(1, 2) if array.shape == (2, 3) else strides)
            self.value(True)
            self.ordered({})
            self.program += b"tR"

    array = np.arange(6, dtype=np.float32).reshape(2, 3)
    root = Module(
        parameters={"turned": array, "none": None},
        modules={"act": None},
    )
    writer = Turned()
    writer.value({"model": root})
    found = read_checkpoint(writer.save(tmp_path / "model.pt"))
    assert set(found) == {"turned"}
    assert np.array_equal(found["turned"], [[0, 2, 4], [1, 3, 5]])


def test_the_real_network_is_never_imported(tmp_path: Path) -> None:
    before = set(sys.modules)
    read_checkpoint(save_checkpoint(tmp_path / "model.pt", small()))
    assert not {m for m in set(sys.modules) - before if m.startswith(("torch", "ultralytics"))}


class Evil:
    """Unpickling it would make a folder."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.target),)


@pytest.mark.parametrize("protocol", range(6))
def test_a_pickle_that_would_run_code_is_refused(tmp_path: Path, protocol: int) -> None:
    target = tmp_path / "made"
    program = pickle.dumps({"model": Evil(target)}, protocol)
    file = tmp_path / "evil.pt"
    file.write_bytes(archive_of(program).getvalue())
    with pytest.raises(WeightsError, match="is refused as a checkpoint"):
        read_checkpoint(file)
    assert not target.exists()
    pickle.loads(program)
    assert target.exists()  # the test is worth something


@pytest.mark.parametrize(
    "name",
    [
        "os system",
        "builtins eval",
        "__builtin__ getattr",
        "torch load",
        "torch.hub load",
        "torch.nn.modules_evil.container Sequential",
        "ultralytics.nn.tasks attempt_load_weights",
        "collections deque",
    ],
)
def test_other_names_are_refused(tmp_path: Path, name: str) -> None:
    root = Module("ultralytics.nn.tasks DetectionModel", modules={"0": Module(name)})
    writer = Writer()
    writer.value({"model": root})
    with pytest.raises(WeightsError, match=f"names {name.replace(' ', '.')}, which is not allowed"):
        read_checkpoint(writer.save(tmp_path / "model.pt"))


def test_an_allowed_call_makes_nothing(tmp_path: Path) -> None:
    """A set is recorded, not built; only tensors come out."""
    writer = Writer()
    root = Module(parameters={"weight": np.ones(2, np.float32)})
    writer.program += b"}("
    writer.text("model")
    writer.module(root)
    writer.text("names")
    writer.name("__builtin__ set")
    writer.program += b"(](K\x01K\x02etRu"
    assert list(read_checkpoint(writer.save(tmp_path / "model.pt"))) == ["weight"]


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        (b"\x80\x02}.", "damaged"),
        (b"\x80\x02](.", "damaged: unexpected MARK"),
        (b"\x80\x02U\x01a.", "SHORT_BINSTRING, which is not allowed"),
        (b"\x80\x02(i os\nsystem\n.", "INST, which is not allowed"),
        (b"\x80\x04\x8c\x02os\x8c\x06system\x93.", "STACK_GLOBAL, which is not allowed"),
        (b"\x80\x02\x82\x01.", "EXT1, which is not allowed"),
        (b"\x80\x02]R.", "damaged"),
        (b"\x80\x02N)R.", "damaged: 'NoneType' object is not callable"),
        (b"\x80\x02N\x87.", "damaged"),
        (b"\x80\x02h\x07.", "damaged"),
        (b"\x80\x02X\xff\xff\xff\x7fa.", "2147483647 bytes"),
        (b"\x80\x02Nr\xff\xff\xff\x7f.", "keeps a value under the number 2147483647"),
        (b"\x80\x02ctorch\nSize\n}b.", "damaged"),
        (
            b"\x80\x02(X\x07\x00\x00\x00storagectorch\nHalfStorage\nX\x01\x00\x00\x000NK\x01tQ}b.",
            "damaged",
        ),
        (b"", "exhausted"),
        (b"\x80\x02}X\x05\x00\x00\x00modelK\x01s.", "its 'model' is no module"),
        (b"\x80\x02(X\x01\x00\x00\x00xctorch\nHalfStorage\nX\x01\x00\x00\x000NK\x01tQ.", "storage"),
    ],
)
def test_damaged_pickles(tmp_path: Path, program: bytes, reason: str) -> None:
    file = tmp_path / "model.pt"
    file.write_bytes(archive_of(program).getvalue())
    with pytest.raises(WeightsError, match=reason):
        read_checkpoint(file)


def test_storages_outside_the_archives_folder(tmp_path: Path) -> None:
    writer = Writer()
    writer.value({"model": Module(parameters={"weight": np.ones(2, np.float32)})})
    writer.program = bytearray(
        bytes(writer.program).replace(b"X\x01\x00\x00\x000", b"X\x04\x00\x00\x00../0")
    )
    with pytest.raises(WeightsError, match=r"names the storage 'storage' '\.\./0'"):
        read_checkpoint(writer.save(tmp_path / "model.pt"))


def test_tensors_larger_than_their_storage(tmp_path: Path) -> None:
    writer = Writer()
    writer.value({"model": Module(parameters={"weight": np.ones(64, np.float32)})})
    writer.storages[0] = writer.storages[0][:100]
    with pytest.raises(WeightsError, match=r"shape \(64,\) does not fit its 25 numbers"):
        read_checkpoint(writer.save(tmp_path / "model.pt"))


def test_a_module_inside_itself(tmp_path: Path) -> None:
    writer = Writer()
    writer.program += b"}("
    writer.text("model")
    writer.program += b"ctorch.nn.modules.container\nSequential\n)\x81q\x00}("
    for table in ("_parameters", "_buffers"):
        writer.text(table)
        writer.value({})
    writer.text("_modules")
    writer.program += b"}"
    writer.text("again")
    writer.program += b"h\x00subu"
    with pytest.raises(WeightsError, match="more than 10000 modules"):
        read_checkpoint(writer.save(tmp_path / "model.pt"))


def test_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = save_checkpoint(tmp_path / "model.pt", small())
    monkeypatch.setattr(checkpoint, "MAX_BYTES", 1 << 10)
    with pytest.raises(WeightsError, match="unpacked"):
        read_checkpoint(path)


def test_files_of_other_kinds(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="is refused"):
        read_checkpoint(tmp_path / "absent.pt")
    text = tmp_path / "text.pt"
    text.write_text("no archive")
    with pytest.raises(WeightsError, match="not a zip file"):
        read_checkpoint(text)
    with zipfile.ZipFile(tmp_path / "other.pt", "w") as archive:
        archive.writestr("readme.txt", "nothing")
    with pytest.raises(WeightsError, match=r"0 files named data\.pkl"):
        read_checkpoint(tmp_path / "other.pt")


@given(st.data())
def test_a_flipped_byte_never_does_more_than_refuse(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """Whatever a damaged pickle says, it gives tensors or WeightsError."""
    writer = Writer()
    writer.value({"model": Module(parameters={"weight": np.ones(4, np.float32)})})
    at = data.draw(st.integers(0, len(writer.program) - 1))
    writer.program[at] = data.draw(st.integers(0, 255))
    path = writer.save(tmp_path_factory.mktemp("flip") / "model.pt")
    try:
        found = read_checkpoint(path)
    except WeightsError:
        return
    assert all(isinstance(value, np.ndarray) for value in found.values())
