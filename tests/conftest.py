"""Fixtures that several folders share."""

from __future__ import annotations

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"


def _folder(name: str) -> Path:
    folder = SHARED / name
    if not folder.is_dir():
        pytest.skip(f"no ../shared/{name} beside this checkout")
    return folder


@pytest.fixture(scope="session")
def media() -> Path:
    """Folder of real clips beside the checkout."""
    return _folder("media")


@pytest.fixture(scope="session")
def vectors() -> Path:
    """Folder of independent numbers beside the checkout."""
    return _folder("vectors")


@pytest.fixture(scope="session")
def golden() -> Path:
    """Folder of golden network outputs beside the checkout."""
    return _folder("golden")
