"""Files that are made: checked before any work, written beside their place, then renamed.

What is being written is called ``.emoanim-<owner>-<process>-<chance><suffix>``. A process that is
killed outright cannot remove its own; the next one that writes into the same folder does, if that
process is gone. The owner tells machines and containers apart, whose processes cannot be seen: a
file of another owner is removed when nobody has written to it for a day.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import secrets
import sys
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

from emoanim.arguments import path_of
from emoanim.errors import OutputError

__all__ = [
    "FILM_SUFFIXES",
    "VIDEO_SUFFIXES",
    "check_writable",
    "discard_all",
    "sweep",
    "temporary",
    "together",
    "writing",
]

FILM_SUFFIXES = (".mp4", ".mov", ".mkv", ".webm")
"""Containers that hold pictures and sound."""

VIDEO_SUFFIXES = (*FILM_SUFFIXES, ".gif")
"""Files that a generated video can be written to; a GIF has no sound."""

_NAME = re.compile(r"\.emoanim-([0-9a-f]{8})-(\d+)-[0-9a-f]{8}(\.\w+)?")
_OLD = re.compile(r"\.emoanim-([0-9a-f]{8})-(\d+)-[0-9a-f]{8}-was-(?P<name>.+)")
_ABANDONED = 86_400.0
"""Seconds after which a file of another machine or container is taken for abandoned."""
_BEING_WRITTEN: set[Path] = set()


def check_writable(
    path: str | Path,
    suffixes: Sequence[str] = VIDEO_SUFFIXES,
    *,
    source: str | Path | None = None,
) -> Path:
    """Return the path, links followed, if a file can be made there; call it before any work.

    Raises:
        OutputError: the suffix is none of ``suffixes``, the folder is missing or cannot be
            written, something that is no ordinary file stands there, or it is ``source`` itself.
    """
    given = path_of(path, "the output")
    if given.suffix.lower() not in {suffix.lower() for suffix in suffixes}:
        raise OutputError(
            f"the output {str(path)!r} was given; expected a name that ends in "
            f"{' or '.join(suffixes)}."
        )
    try:
        target = given.resolve()
        if target.is_symlink():  # from Python 3.13 on a loop of links is left as it is
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
        if target.is_dir():
            raise OutputError(f"the output {path} is a folder; give a file name in it.")
        if target.exists() and not (target.is_file() and os.access(target, os.W_OK)):
            raise OutputError(f"the output {path} exists and may not be replaced.")
        if source is not None and target == Path(source).resolve():
            raise OutputError(f"the output {path} is the input; give another name.")
        if not target.parent.is_dir():
            raise OutputError(
                f"the output {path} is in a folder that does not exist. "
                f"Make it first: mkdir -p {str(target.parent)!r}"
            )
        sweep(target.parent)
        # only trying tells: permissions, read-only file systems and quotas all show here
        probe = _beside(target)
        probe.touch(exist_ok=False)
        probe.unlink()
    except OutputError:
        raise
    except (OSError, RuntimeError, ValueError) as error:
        raise _cannot(path, error) from error
    return target


@contextmanager
def temporary(path: str | Path, suffixes: Sequence[str] = VIDEO_SUFFIXES) -> Iterator[Path]:
    """Give a new name beside the target; when the block ends well it becomes the target.

    Whatever goes wrong in the block, the temporary file is removed and a target that was there
    before stays as it was.

    Raises:
        OutputError: as ``check_writable``, or the finished file cannot be kept.
    """
    target = check_writable(path, suffixes)
    hidden = _beside(target)
    _BEING_WRITTEN.add(hidden)
    try:
        yield hidden
        with writing(path):
            with hidden.open("r+b") as file:  # Windows flushes only what may be written
                os.fsync(file.fileno())  # a full disk may show only here
            hidden.replace(target)
    finally:
        hidden.unlink(missing_ok=True)
        _BEING_WRITTEN.discard(hidden)


@contextmanager
def together(
    paths: Sequence[str | Path], suffixes: Sequence[str] = VIDEO_SUFFIXES
) -> Iterator[list[Path]]:
    """Give a new name beside each target; when the block ends well all become the targets.

    Whatever goes wrong, in the block or while they are put in place, no new file stays and every
    target that was there before is there still.

    Raises:
        OutputError: as ``temporary``.
    """
    targets = [check_writable(path, suffixes) for path in paths]
    hidden = [_beside(target) for target in targets]
    _BEING_WRITTEN.update(hidden)
    aside: list[tuple[Path, Path]] = []
    placed: list[Path] = []
    try:
        yield hidden
        for target, new in zip(targets, hidden, strict=True):
            with writing(target):
                with new.open("r+b") as file:
                    os.fsync(file.fileno())
                if target.exists():
                    old = _aside(target)
                    target.replace(old)
                    aside.append((old, target))
                new.replace(target)
                placed.append(target)
    except BaseException:
        for target in placed:
            target.unlink(missing_ok=True)
        for old, target in aside:
            old.replace(target)
        raise
    finally:
        for new in hidden:
            new.unlink(missing_ok=True)
        _BEING_WRITTEN.difference_update(hidden)
    for old, _ in aside:
        old.unlink(missing_ok=True)


def _aside(target: Path) -> Path:
    """A name that says whose old file it is; ``sweep`` gives it back if this process is killed."""
    return target.with_name(f"{_beside(target).stem}-was-{target.name}")


def discard_all() -> None:
    """Remove every file that this process is writing: for a process that has to end now."""
    for path in tuple(_BEING_WRITTEN):
        with suppress(OSError):
            path.unlink(missing_ok=True)


def sweep(folder: Path) -> None:
    """Remove what dead processes left in a folder; what a live one is writing stays."""
    with suppress(OSError):
        for entry in os.scandir(folder):
            match = _NAME.fullmatch(entry.name) or _OLD.fullmatch(entry.name)
            if match is None:
                continue
            with suppress(OSError):
                if _is_left(match[1], int(match[2]), entry.stat(follow_symlinks=False).st_mtime):
                    _put_away(Path(entry.path), match.groupdict().get("name"))


def _put_away(left: Path, name: str | None) -> None:
    """Remove what was half-written; give an old file its name back if no new one took it."""
    if name is not None and not left.with_name(name).exists():
        left.replace(left.with_name(name))
    else:
        left.unlink(missing_ok=True)


def _is_left(owner: str, process: int, written: float) -> bool:
    if owner == _owner() and sys.platform != "win32":
        return not _alive(process)
    return time.time() - written > _ABANDONED


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):  # somebody else's process, or no process number at all
        return True
    return True


@cache
def _owner() -> str:
    """Eight digits for what this process shares with those whose numbers it can see."""
    parts = [str(uuid.getnode())]
    with suppress(OSError):
        parts = [Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii")]
        parts.append(str(Path("/proc/self/ns/pid").readlink()))
    return hashlib.sha256("".join(parts).encode()).hexdigest()[:8]


@contextmanager
def writing(path: str | Path) -> Iterator[None]:
    """Turn what the system refuses in the block into an OutputError about ``path``."""
    try:
        yield
    except OutputError:
        raise
    except OSError as error:
        raise _cannot(path, error) from error


def _beside(target: Path) -> Path:
    name = f".emoanim-{_owner()}-{os.getpid()}-{secrets.token_hex(4)}{target.suffix}"
    return target.with_name(name)


def _cannot(path: str | Path, error: BaseException) -> OutputError:
    why = getattr(error, "strerror", None) or str(error)
    return OutputError(
        f"the output {path} cannot be written ({why}); nothing was left behind. "
        "Give another place or free some space."
    )
