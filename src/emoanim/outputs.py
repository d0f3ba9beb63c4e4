"""Files that are made: checked before any work, written beside their place, then renamed."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from emoanim.errors import OutputError

__all__ = ["VIDEO_SUFFIXES", "check_writable", "temporary", "writing"]

VIDEO_SUFFIXES = (".mp4", ".mov", ".mkv")
"""Containers that a generated video can be written to."""


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
    given = Path(path)
    if given.suffix.lower() not in suffixes:
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
    made = _beside(target)
    try:
        yield made
        with writing(path):
            with made.open("r+b") as file:  # Windows flushes only what may be written
                os.fsync(file.fileno())  # a full disk may show only here
            made.replace(target)
    finally:
        made.unlink(missing_ok=True)


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
    return target.with_name(f".emoanim-{secrets.token_hex(4)}{target.suffix}")


def _cannot(path: str | Path, error: BaseException) -> OutputError:
    why = getattr(error, "strerror", None) or str(error)
    return OutputError(
        f"the output {path} cannot be written ({why}); nothing was left behind. "
        "Give another place or free some space."
    )
