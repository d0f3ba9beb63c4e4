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


@pytest.mark.parametrize("platform", ["darwin", "win32", "linux"])
def test_where_the_library_cannot_nothing_happens(
    monkeypatch: pytest.MonkeyPatch, platform: str
) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda _: SimpleNamespace())
    monkeypatch.setattr(sys, "platform", platform)
    memory.give_back()
