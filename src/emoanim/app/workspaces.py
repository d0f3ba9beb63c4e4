"""A folder for each visitor, deleted when they leave, after a while, and when the server ends."""

from __future__ import annotations

import secrets
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

__all__ = ["Workspace", "Workspaces"]

_PREFIX = "emoanim-app-"
_LOCK = "server.lock"
_STARTING = 60.0
"""Seconds in which a server that starts surely takes its lock."""


@dataclass(slots=True, eq=False)
class Workspace:
    """What is known of one visitor.

    Attributes:
        folder: of their files.
        token: nobody can guess it; it stands in the addresses of the files.
        touched: when they last did something, seconds of the clock.
        jobs: of theirs that run.
        gone: they left; what runs for them is to end.
        stopped: they want what runs for them to end.
        content: what the page keeps of them, by name.
    """

    folder: Path
    token: str
    touched: float
    jobs: int = 0
    gone: bool = False
    stopped: bool = False
    content: dict[str, Any] = field(default_factory=dict)


class Workspaces:
    """The folders of all visitors, under one that goes with the server.

    Args:
        minutes: after which a folder is deleted that nobody touched.
        parent: where the server's folder is made; the system's place for temporary files if None.
        clock: seconds that only grow.

    Attributes:
        root: the server's folder.
    """

    def __init__(
        self,
        minutes: float,
        parent: str | Path | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        where = Path(parent or tempfile.gettempdir())
        _sweep_abandoned(where)
        self.root = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=where))
        self.uploads = self.root / "uploads"
        self.uploads.mkdir()
        self._server_lock = FileLock(self.root / _LOCK)
        self._server_lock.acquire()
        self._seconds = minutes * 60.0
        self._clock = clock
        self._lock = threading.Lock()
        self._of: dict[str, Workspace] = {}

    def of(self, session: str) -> Workspace:
        """Return a visitor's workspace, made at the first call."""
        with self._lock:
            space = self._of.get(session)
            if space is None:
                token = secrets.token_urlsafe(24)
                space = Workspace(self.root / token, token, self._clock())
                space.folder.mkdir(mode=0o700)
                self._of[session] = space
            space.touched = self._clock()
            return space

    @contextmanager
    def working(self, space: Workspace) -> Iterator[None]:
        """Keep a folder while a job runs in it; one whose visitor left is deleted afterwards."""
        with self._lock:
            space.jobs += 1
        try:
            yield
        finally:
            with self._lock:
                space.jobs -= 1
                space.touched = self._clock()
                left = space.gone and not space.jobs
            if left:
                shutil.rmtree(space.folder, ignore_errors=True)

    def remove(self, session: str) -> None:
        """Forget a visitor and delete their files; a job of theirs is told to end."""
        with self._lock:
            space = self._of.pop(session, None)
            if space is None:
                return
            space.gone = True
            busy = space.jobs > 0
        if not busy:
            shutil.rmtree(space.folder, ignore_errors=True)

    def sweep(self) -> None:
        """Delete what has not been touched for a while, uploads that nobody took too."""
        now = self._clock()
        with self._lock:
            old = [
                session
                for session, space in self._of.items()
                if not space.jobs and now - space.touched > self._seconds
            ]
        for session in old:
            self.remove(session)
        self._sweep_uploads()

    def file(self, token: str, name: str) -> Path | None:
        """Return a visitor's file by the token in its address, or None."""
        with self._lock:
            asked = token.encode()
            folders = [
                space.folder
                for space in self._of.values()
                if secrets.compare_digest(space.token.encode(), asked)
            ]
        if not folders or Path(name).name != name:
            return None
        path = folders[0] / name
        return path if path.is_file() and not path.is_symlink() else None

    def megabytes(self) -> float:
        """Return the size of all that lies in the server's folder."""
        total = 0
        for path in self.root.rglob("*"):
            with suppress(OSError):
                total += path.lstat().st_size
        return total / 1e6

    def close(self) -> None:
        """Delete everything."""
        with self._lock:
            for space in self._of.values():
                space.gone = True
            self._of.clear()
        self._server_lock.release()
        shutil.rmtree(self.root, ignore_errors=True)

    def _sweep_uploads(self) -> None:
        oldest = time.time() - self._seconds
        for path in self.uploads.rglob("*"):
            with suppress(OSError):
                if path.is_file() and path.stat().st_mtime < oldest:
                    path.unlink()


def _sweep_abandoned(where: Path) -> None:
    """Delete the folders of servers that were killed; a living one holds its lock."""
    for folder in where.glob(f"{_PREFIX}*"):
        try:
            if time.time() - folder.stat().st_mtime < _STARTING:
                continue
            with FileLock(folder / _LOCK, timeout=0):
                shutil.rmtree(folder, ignore_errors=True)
        except (Timeout, OSError):
            continue
