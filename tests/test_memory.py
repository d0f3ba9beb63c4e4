from __future__ import annotations

import ctypes
import platform
import subprocess
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


@pytest.mark.skipif(sys.platform != "linux", reason="the C library of Linux")
def test_large_blocks_are_returned_when_they_are_freed() -> None:
    """In a process of its own: the bound holds for good."""
    code = """
import numpy as np
from emoanim.memory import map_large
def resident():
    return int(open("/proc/self/statm").read().split()[1]) * 4096
map_large()
before = resident()
for _ in range(3):
    pictures = [np.ones(20 << 20, np.uint8) for _ in range(6)]
    # What comes after the pictures on a heap holds it up.
    after = np.ones(1 << 16, np.uint8)
    del pictures
print(resident() - before)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 10 << 20


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="glibc alone has these heaps")
@pytest.mark.parametrize(("shared", "most"), [("share_heaps()", 2), ("None", 99)])
def test_threads_share_two_heaps(shared: str, most: int) -> None:
    """In a process of its own: eight threads at once, as the C library tells it."""
    code = f"""
import ctypes, threading
from emoanim.memory import share_heaps
library = ctypes.CDLL(None)
library.malloc.restype = ctypes.c_void_p
{shared}
together = threading.Barrier(8)
def work():
    library.malloc(1 << 14)
    together.wait()
threads = [threading.Thread(target=work) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
library.fopen.restype = ctypes.c_void_p
out = ctypes.c_void_p(library.fopen(b"/dev/stdout", b"w"))
library.malloc_info(0, out)
library.fclose(out)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heaps = done.stdout.count("<heap nr=")
    assert heaps <= most
    assert (heaps > 2) == (most > 2)


@pytest.mark.parametrize(
    ("name", "names"),
    [("darwin", []), ("win32", []), ("linux", ["malloc_trim", "mallopt", "mallopt"])],
)
def test_where_the_library_cannot_nothing_happens(
    monkeypatch: pytest.MonkeyPatch, name: str, names: list[str]
) -> None:
    """Elsewhere no library is opened; a C library without the function is only asked for it."""
    asked: list[str] = []

    class Library:
        def __getattr__(self, name: str) -> None:
            asked.append(name)
            raise AttributeError(name)

    monkeypatch.setattr(ctypes, "CDLL", lambda _: Library())
    monkeypatch.setattr(sys, "platform", name)
    memory.give_back()
    memory.map_large()
    memory.share_heaps()
    assert asked == names
