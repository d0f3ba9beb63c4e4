"""Memory: what was freed is given back to the system; how much there was at most."""

from __future__ import annotations

import ctypes
import sys

__all__ = ["give_back", "peak"]


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
