"""The source distribution holds all that its own tests and pages need."""

from __future__ import annotations

import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def test_the_source_distribution_holds_every_file() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("of a checkout alone: a source distribution has no list of files")
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    include = project["tool"]["hatch"]["build"]["targets"]["sdist"]["include"]
    tops = {name.partition("/")[0] for name in listed} - {"pyproject.toml"}
    assert tops == set(include)
