"""What backends learnt of clips, kept in the stage cache for other workers and later runs.

An entry is bound to the clip's content, the settings and the version, and holds its own hash: a
damaged one is removed and learnt again. On a disk of this machine one process learns and the others
wait for it, and what was used longest ago goes when there is too much; on an address of fsspec's
two may learn the same, and nothing goes.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from emoanim import __version__
from emoanim.clips import Clip, FileClip
from emoanim.study.storage.cache import StageCache
from emoanim.study.storage.encoding import decode_record, encode_record
from emoanim.study.storage.keys import digest_of_file, key_of

__all__ = ["KeptAnalyses"]

T = TypeVar("T")

_STAGE = "analysis"
_LOCKS = "locks"
_MOST = 1 << 30
"""Bytes that all entries may take; the film of a clip of 12 s takes 3 MB."""
_MOST_DIGESTS = 256


class KeptAnalyses:
    """Analyses of clips by their content, settings and version.

    Args:
        cache: of the stages.
        most: bytes that they may take on a disk of this machine.
    """

    def __init__(self, cache: StageCache, most: int = _MOST) -> None:
        self._cache, self._most = cache, most

    def recall(
        self,
        name: str,
        clip: Clip,
        learn: Callable[[], T],
        write: Callable[[T], Any],
        read: Callable[[Any], T],
        **settings: Any,
    ) -> T:
        """Return what is known of a clip, or learn and keep it; of no file it is only learnt.

        See ``emoanim.protocols.ClipAnalyses``.
        """
        if not isinstance(clip, FileClip):
            return learn()
        key = key_of(name, version=__version__, clip=_digest(clip.path), settings=settings)
        with self._alone(key):
            cached = self._cache.read(_STAGE, key)
            if cached is not None:
                self._used(key)
                with suppress(KeyError, TypeError, ValueError):  # of another form: learnt again
                    return read(decode_record(cached[1]))
            learnt = learn()
            self._cache.put(_STAGE, key, encode_record(write(learnt)), {"what": name})
        self._trim()
        return learnt

    @contextmanager
    def _alone(self, key: str) -> Iterator[None]:
        """Let one process at a time learn; one of 256 locks, so that their files stay few."""
        path = self._cache.store.local(f"{_STAGE}/{_LOCKS}/{key[:2]}")
        if path is None:
            yield
            return
        from filelock import FileLock

        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path):
            yield

    def _used(self, key: str) -> None:
        path = self._cache.store.local(self._cache.name(_STAGE, key))
        if path is not None:
            with suppress(OSError):
                os.utime(path)

    def _trim(self) -> None:
        """Remove what was used longest ago until a quarter of the room is free again."""
        folder = self._cache.store.local(_STAGE)
        if folder is None:
            return
        entries: list[tuple[float, int, Path]] = []
        for path in folder.glob("??/*"):
            with suppress(OSError):  # another process may trim too
                state = path.stat()
                entries.append((state.st_mtime, state.st_size, path))
        size = sum(entry[1] for entry in entries)
        if size <= self._most:
            return
        for _, bytes_, path in sorted(entries):
            path.unlink(missing_ok=True)
            size -= bytes_
            if size <= 0.75 * self._most:
                return


def _digest(path: Path) -> str:
    state = path.stat()
    return _digest_as_of(path, state.st_size, state.st_mtime_ns)


@lru_cache(_MOST_DIGESTS)
def _digest_as_of(path: Path, size: int, time: int) -> str:
    """Return a file's hash; its size and time tell when it must be read again."""
    return digest_of_file(path)
