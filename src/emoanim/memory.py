"""Memory: what was freed is given back to the system; how much there was at most."""

from __future__ import annotations

import ctypes
import sys

__all__ = ["HD_PICTURE", "LARGE_PICTURE", "give_back", "map_large", "peak", "share_heaps"]

HD_PICTURE = 1280 * 720
"""Pixels of a picture beyond which memory is saved where that costs nothing that is seen."""
LARGE_PICTURE = 1920 * 1088
"""Pixels of a picture beyond which memory is saved at the cost of some time or size."""

_MMAP_THRESHOLD, _ARENA_MAX = -3, -8
"""M_MMAP_THRESHOLD and M_ARENA_MAX of malloc.h."""
_LARGE = 16 << 20
"""Bytes from which a block is mapped: pictures of more than 5.6 million pixels, RGB."""


def map_large() -> None:
    """Have every block of 16 MiB and more mapped alone, so that it is returned when it is freed.

    For the whole process and for good, where the C library can do it (glibc). Without it the first
    large block that is freed raises the bound to its size; large pictures then lie on the heaps,
    in whose gaps the next ones do not fit. Smaller blocks come from the heaps as before.
    """
    _set_option(_MMAP_THRESHOLD, _LARGE)


def share_heaps() -> None:
    """Have the threads that are yet to come share two heaps.

    For the whole process and for good, where the C library can do it (glibc). Without it a thread
    takes any of up to eight heaps per core that is free. Where threads come and go all day, each
    heap then grows, bit by bit, to what the largest work needs that any thread does.
    """
    _set_option(_ARENA_MAX, 2)


def _set_option(name: int, value: int) -> None:
    if sys.platform != "linux":
        return
    set_option = getattr(ctypes.CDLL(None), "mallopt", None)
    if set_option is not None:
        set_option(name, value)


def give_back() -> None:
    """Return freed memory to the system, where the C library keeps it (glibc).

    After a step that worked on a long sound, what it freed lies scattered over the heaps of its
    threads; the next step would take more instead of using it. A few milliseconds.
    """
    if sys.platform != "linux":
        return
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def peak() -> int:
    """Return the most bytes of memory that this process has had; 0 where that is not known."""
    try:
        import resource
    except ImportError:  # Windows
        return 0
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
