"""The cache of weight files: what is kept there, checked, locked and put in place in one step.

```text
weights/    the files
records/    for each: the hash it was checked for, its size and time
first_use/  for each without a published hash: the one that it had when it was first used
licences/   which licences were shown or accepted
locks/      one per source, held while it is fetched
partial/    what is being fetched now
```
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from emoanim.errors import WeightsError
from emoanim.folders import cache_folder
from emoanim.parsing import parse_json
from emoanim.weights.sources import slug
from emoanim.weights.table import Weight

_DAY = 86_400
_QUICK = 300_000_000
"""Bytes that are hashed in well under a second."""
_CHECKED: set[tuple[Path, int, int]] = set()
"""Path, size and time of what this process has hashed."""

__all__ = [
    "check_digest",
    "damaged",
    "expected",
    "first_use_note",
    "intact",
    "locked",
    "note",
    "put",
    "target",
    "trust",
]


def target(weight: Weight) -> Path:
    """Return the place of a weight in the cache."""
    return cache_folder() / "weights" / weight.place


def put(weight: Weight, pieces: Iterable[bytes], scratch: Path) -> None:
    """Write a file, check it and move it into the cache in one step.

    Args:
        weight: what it has to be.
        pieces: its bytes.
        scratch: the folder that ``locked`` gave.

    Raises:
        WeightsError: it differs from its hash; nothing is kept.
    """
    downloaded = scratch / "file"
    got = 0
    with downloaded.open("wb") as file:
        for piece in pieces:
            got += len(piece)
            if weight.size is not None and got > weight.size:
                raise WeightsError(
                    f"{weight.name} from {weight.origin} has more than the {weight.size} bytes "
                    "expected: another file. Nothing was kept."
                )
            file.write(piece)
    digest = check_digest(
        weight, downloaded, f"from {weight.origin}", "Nothing was kept; try again."
    )
    path = target(weight)
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_dir():
        raise WeightsError(
            f"{path} is a folder; expected the file {weight.name} there. Move it away, and try "
            "again."
        )
    with downloaded.open("r+b") as file:
        os.fsync(file.fileno())  # the name must not last longer than the bytes
    downloaded.replace(path)
    trust(weight, digest)
    with suppress(OSError):  # without a record the file is read and hashed again
        _record(weight, path, digest)


def check_digest(weight: Weight, path: Path, where: str, advice: str) -> str:
    """Read a file, compare its hash with what is expected, if anything is, and return it.

    Raises:
        WeightsError: it differs; ``where`` and ``advice`` are said in the message.
    """
    digest = weight.digest_of(path)
    wanted = expected(weight)
    if digest != (wanted or digest):
        raise WeightsError(
            f"{weight.name} {where} has {digest} ({path.stat().st_size} bytes); expected "
            f"{wanted}{first_use_note(weight)}. {advice}"
        )
    return digest


def expected(weight: Weight) -> str:
    """Return the hash that a file must have: published, or that of its first use, or ""."""
    if weight.digest:
        return weight.digest
    with suppress(OSError, ValueError):
        return _first_use_path(weight).read_text(encoding="utf-8").strip()
    return ""


def first_use_note(weight: Weight) -> str:
    """Return what a message adds to an expected hash that nobody published."""
    if weight.digest:
        return ""
    return (
        f" as when it was first used (none is published; to trust the new file, delete "
        f"{_first_use_path(weight)})"
    )


def trust(weight: Weight, digest: str) -> None:
    """Record the hash of a file at its first use, and say so; does nothing if one is known."""
    if expected(weight):
        return
    path = _first_use_path(weight)
    with suppress(OSError):  # a cache that cannot be written: the next use is the first again
        note(path, f"{digest}\n")
        print(
            f"emoanim: no hash of {weight.name} is published; {digest}, which it has at its first "
            f"use, was recorded and is asked for from now on ({path})",
            file=sys.stderr,
        )


def _first_use_path(weight: Weight) -> Path:
    return cache_folder() / "first_use" / f"{slug(weight.name)}.txt"


def _record_path(weight: Weight) -> Path:
    return cache_folder() / "records" / f"{slug(weight.place)}.json"


def _record(weight: Weight, path: Path, digest: str) -> None:
    status = path.stat()
    record = {
        "digest": digest,
        "size": status.st_size,
        "mtime_ns": status.st_mtime_ns,
        "checked": int(time.time()),
    }
    note(_record_path(weight), json.dumps(record))
    _CHECKED.add((path, status.st_size, status.st_mtime_ns))


def intact(weight: Weight, *, thorough: bool = True) -> bool:
    """Tell if a cached file is the one that was checked.

    A disk that forgets, a copy that went wrong or another program can change bytes and leave size
    and time: so a process reads and hashes a file before it first uses it, large ones at most
    once a day. A file without a fitting record (a cache that was copied, say) always is.

    Args:
        weight: whose file.
        thorough: False believes size, time and record, to say quickly what is there.
    """
    path = target(weight)
    if not path.is_file():
        return False
    status = path.stat()
    record: Any = None
    with suppress(OSError, ValueError):
        record = parse_json(_record_path(weight).read_text(encoding="utf-8"))
    wanted = expected(weight)
    if _fits(record, wanted, status) and not (thorough and _due(path, status, record)):
        return True
    try:
        digest = weight.digest_of(path)
    except OSError:
        return False
    if digest != (wanted or digest):
        return False
    trust(weight, digest)
    _CHECKED.add((path, status.st_size, status.st_mtime_ns))
    with suppress(OSError):  # a cache that cannot be written is still good to read
        _record(weight, path, digest)
    return True


def damaged(weight: Weight) -> bool:
    """Tell if a file stands in the cache that is not what it was: ``intact`` has said no."""
    return target(weight).is_file()


def _fits(record: Any, wanted: str, stat: os.stat_result) -> bool:
    now = {"digest": wanted, "size": stat.st_size, "mtime_ns": stat.st_mtime_ns}
    return isinstance(record, dict) and all(record.get(k) == v for k, v in now.items())


def _due(path: Path, stat: os.stat_result, record: Mapping[str, Any]) -> bool:
    if (path, stat.st_size, stat.st_mtime_ns) in _CHECKED:
        return False
    checked = record.get("checked")
    recent = isinstance(checked, int) and 0 <= time.time() - checked < _DAY
    return stat.st_size <= _QUICK or not recent


def note(path: Path, text: str) -> None:
    """Write a small text file in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    hidden = path.with_name(f"{path.name}.{os.getpid()}")
    with hidden.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    hidden.replace(path)


@contextmanager
def locked(key: str) -> Iterator[Path]:
    """Hold the lock of one source and give an empty folder on the cache's file system.

    The lock goes with the process, so one that was killed blocks nobody; what it had downloaded is
    removed by the next.
    """
    from filelock import FileLock

    cache = cache_folder()
    scratch = cache / "partial" / slug(key)
    try:
        (cache / "locks").mkdir(parents=True, exist_ok=True)
        with FileLock(cache / "locks" / slug(key)):
            try:
                shutil.rmtree(scratch, ignore_errors=True)
                scratch.mkdir(parents=True)
                yield scratch
            finally:
                shutil.rmtree(scratch, ignore_errors=True)
    except OSError as error:
        raise WeightsError(
            f"the weights cannot be written to {cache} ({error.strerror or error}). "
            f"{_advice(error)}, or name another folder in EMOANIM_CACHE."
        ) from error


def _advice(error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "The disk is full: free some space"
    if error.errno in (errno.EISDIR, errno.ENOTDIR, errno.EEXIST):
        return "A folder stands where a file is to be, or a file where a folder is: move it away"
    return "Make the folder writable"
