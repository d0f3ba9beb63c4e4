from __future__ import annotations

import ctypes
import sys
from types import SimpleNamespace

import pytest

from emoanim import memory


def test_freed_memory_is_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    library = SimpleNamespace(malloc_trim=asked.append)
    monkeypatch.setattr(ctypes, "CDLL", lambda _: library)
    monkeypatch.setattr(sys, "platform", "linux")
    memory.give_back()
    assert asked == [0]


@pytest.mark.parametrize(
    ("platform", "names"), [("darwin", []), ("win32", []), ("linux", ["malloc_trim"])]
)
def test_where_the_library_cannot_nothing_happens(
    monkeypatch: pytest.MonkeyPatch, platform: str, names: list[str]
) -> None:
    """Elsewhere no library is opened; a C library without the function is only asked for it."""
    asked: list[str] = []

    class Library:
        def __getattr__(self, name: str) -> None:
            asked.append(name)
            raise AttributeError(name)

    monkeypatch.setattr(ctypes, "CDLL", lambda _: Library())
    monkeypatch.setattr(sys, "platform", platform)
    memory.give_back()
    assert asked == names
