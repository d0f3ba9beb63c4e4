"""Where a run's files live: a folder, or any place that fsspec can reach.

A file is whole or absent: it is written under a temporary name and renamed. A place with a scheme
("s3://bucket/study", "memory://study") needs the package of that scheme beside fsspec.
"""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

from emoanim.arguments import path_of
from emoanim.errors import OutputError

_PARTIAL = ".partial"

__all__ = ["FolderStore", "FsspecStore", "Store", "open_store"]


class Store(Protocol):
    """Files by relative name, with "/" between its parts."""

    location: str

    def read(self, name: str, most: int | None = None) -> bytes | None:
        """Return a file's bytes, or the first ``most`` of them; None if there is no such file."""

    def write(self, name: str, content: bytes) -> None:
        """Write a file, whole or not at all.

        Raises:
            OutputError: it cannot be written.
        """

    def take(self, name: str, file: Path) -> None:
        """Move a local file here, whole or not at all.

        Raises:
            OutputError: it cannot be written.
        """

    def remove(self, name: str) -> None:
        """Remove a file; no matter if there is none."""

    def names(self, folder: str) -> Iterator[str]:
        """Yield the names of a folder's files, sorted."""

    def local(self, name: str) -> Path | None:
        """Return the path of a file that lies on this machine; None elsewhere."""

    def scratch(self) -> Path | None:
        """Return a folder for files that ``take`` will move here; None for the system's own."""

    def sweep(self) -> None:
        """Remove what a run that was killed left half-made; no other run may be at work."""


def open_store(location: str | Path) -> Store:
    """Open a folder, made if need be, or a place of fsspec's.

    Raises:
        OutputError: the folder cannot be made or written.
        MissingExtraError: fsspec is not installed.
    """
    text = str(path_of(location, "the output", "a folder, or an address of fsspec's"))
    text = location if isinstance(location, str) else text  # Path makes one stroke of "://"
    return FsspecStore(text) if "://" in text else FolderStore(text)


class FolderStore:
    """Files of a folder.

    Raises:
        OutputError: the folder cannot be made.
    """

    def __init__(self, location: str | Path) -> None:
        self._folder = Path(location).absolute()
        self.location = str(self._folder)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(
                f"the folder {self.location!r} cannot be made: {error.strerror}. "
                "Give another folder."
            ) from error

    def read(self, name: str, most: int | None = None) -> bytes | None:
        """Return a file's bytes, or the first ``most`` of them; None if there is no such file."""
        try:
            with (self._folder / name).open("rb") as file:
                return file.read() if most is None else file.read(most)
        except (FileNotFoundError, NotADirectoryError):
            return None

    def write(self, name: str, content: bytes) -> None:
        """Write a file, whole or not at all."""
        target = self._folder / name
        partial = self._folder / _PARTIAL / uuid.uuid4().hex
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            self.scratch()
            partial.write_bytes(content)
            partial.replace(target)
        except OSError as error:
            with suppress(OSError):
                partial.unlink()
            raise OutputError(_no_room(str(target), error)) from error

    def take(self, name: str, file: Path) -> None:
        """Move a local file here, whole or not at all."""
        target = self._folder / name
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            file.replace(target)
        except OSError as error:
            raise OutputError(_no_room(str(target), error)) from error

    def remove(self, name: str) -> None:
        """Remove a file; no matter if there is none."""
        with suppress(OSError):
            (self._folder / name).unlink()

    def names(self, folder: str) -> Iterator[str]:
        """Yield the names of a folder's files, sorted; none of hidden or partial ones."""
        folder_path = self._folder / folder
        entries = os.scandir(folder_path) if folder_path.is_dir() else ()
        yield from sorted(e.name for e in entries if not e.name.startswith(".") and e.is_file())

    def local(self, name: str) -> Path | None:
        """Return the path of a file."""
        return self._folder / name

    def scratch(self) -> Path | None:
        """Return a folder on the same disk, so that moving is renaming."""
        folder = self._folder / _PARTIAL
        folder.mkdir(exist_ok=True)
        return folder

    def sweep(self) -> None:
        """Remove what a run that was killed left half-made."""
        shutil.rmtree(self._folder / _PARTIAL, ignore_errors=True)


class FsspecStore:
    """Files of a place that fsspec reaches by its scheme.

    Raises:
        MissingExtraError: fsspec is not installed.
        OutputError: no such scheme.
    """

    def __init__(self, location: str) -> None:
        from emoanim.extras import require

        core: Any = require("fsspec.core", "ray")
        self.location = location
        try:
            self._files, self._root = core.url_to_fs(location)
        except (ValueError, ImportError) as error:
            raise OutputError(
                f"the place {location!r} cannot be reached ({error}); expected a folder or an "
                "address of a scheme that fsspec knows here. Install what that scheme needs."
            ) from error

    def read(self, name: str, most: int | None = None) -> bytes | None:
        """Return a file's bytes, or the first ``most`` of them; None if there is no such file."""
        try:
            content: bytes = self._files.cat_file(self._path(name), end=most)
        except FileNotFoundError:
            return None
        return content

    def write(self, name: str, content: bytes) -> None:
        """Write a file; object stores show it when it is whole."""
        try:
            self._files.makedirs(self._path(name).rpartition("/")[0], exist_ok=True)
            self._files.pipe_file(self._path(name), content)
        except OSError as error:
            raise OutputError(_no_room(f"{self.location}/{name}", error)) from error

    def take(self, name: str, file: Path) -> None:
        """Copy a local file there and remove it here."""
        self.write(name, file.read_bytes())
        file.unlink()

    def remove(self, name: str) -> None:
        """Remove a file; no matter if there is none."""
        with suppress(OSError):
            self._files.rm_file(self._path(name))

    def names(self, folder: str) -> Iterator[str]:
        """Yield the names of a folder's files, sorted."""
        try:
            entries = self._files.ls(self._path(folder), detail=False)
        except FileNotFoundError:
            return
        yield from sorted(str(path).rpartition("/")[2] for path in entries)

    def local(self, name: str) -> Path | None:
        """Return None: nothing of it lies on this machine."""
        return None

    def scratch(self) -> Path | None:
        """Return None: the system's temporary folder will do."""
        return None

    def sweep(self) -> None:
        """Do nothing: what is half-made was never there."""

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}"


def _no_room(target: str, error: OSError) -> str:
    return (
        f"{target!r} cannot be written: {error.strerror or error}. Make room or give another "
        "place, then give the same command again: what is finished is kept."
    )
