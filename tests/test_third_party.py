"""A backend in a package of its own is installed and found by its entry point."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent / "third_party"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Environment variables under which the package is installed."""
    folder = tmp_path_factory.mktemp("site")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target"]
    subprocess.run([*pip, str(folder), str(PACKAGE)], check=True, capture_output=True)
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), *map(str, sys.path[1:])])}


def python(code: str, environment: dict[str, str]) -> str:
    run = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    return run.stdout


def test_it_is_listed(installed: dict[str, str]) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "emoanim", "backends", "--role", "voice", "--json"],
        env=installed,
        capture_output=True,
        text=True,
        check=True,
    )
    names = {row["name"]: row for row in json.loads(run.stdout)}
    assert "emoanim-shouting-voice" in names["shouting"]["summary"]
    assert "hibari" in names


def test_it_is_made_by_name_and_keeps_the_contract(installed: dict[str, str]) -> None:
    out = python(
        "import emoanim; from emoanim.testing import check_voice;"
        "voice = emoanim.backend('voice', 'shouting', gain=2.0);"
        "check_voice(voice); print(type(voice).__name__, voice.gain)",
        installed,
    )
    assert out.split() == ["ShoutingVoice", "2.0"]


def test_its_options_are_checked_too(installed: dict[str, str]) -> None:
    out = python(
        "import emoanim\n"
        "try:\n    emoanim.backend('voice', 'shouting', volume=2.0)\n"
        "except emoanim.EmoanimError as error:\n    print(error)",
        installed,
    )
    assert "no option 'volume'; it has: gain" in out


def test_without_the_package_the_name_is_unknown() -> None:
    import emoanim

    with pytest.raises(LookupError, match="no voice is named 'shouting'"):
        emoanim.backend("voice", "shouting")
