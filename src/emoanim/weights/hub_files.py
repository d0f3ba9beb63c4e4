"""Files of a model repository: from a folder of the user's, the hub's cache, or the hub itself.

Only files that are asked for by name are taken, and none is executed.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from emoanim.errors import WeightsError
from emoanim.extras import require
from emoanim.folders import cache_folder
from emoanim.parsing import read_text
from emoanim.weights.cache import note
from emoanim.weights.sources import slug

__all__ = ["hub_files", "offline"]


_COMMIT = re.compile("[0-9a-f]{40}")


def hub_files(
    source: str | Path,
    names: Sequence[str],
    *,
    one_of: Sequence[str] = (),
    optional: Sequence[str] = (),
    revision: str = "main",
    sha256: Mapping[str, str] | None = None,
    extra: str = "transformers",
) -> dict[str, Path]:
    """Return the paths of files by name.

    Args:
        source: a folder that holds them, or a repository such as "owner/model". The hub's own
            settings hold (HF_HOME, HF_ENDPOINT); EMOANIM_OFFLINE=1 keeps to its cache.
        names: of the files that must be there.
        one_of: of these the first that is there is taken; without any it is an error.
        optional: of files that are taken if they are there.
        revision: commit, tag or branch. A branch is looked up once: the commit that it stood at is
            noted in emoanim's cache (``revisions/``) and taken from then on, so that a model does
            not change under a run; delete the note, or name a commit, for another.
        sha256: file name -> hash that it must have.
        extra: the extra that installs the hub's client.

    Raises:
        WeightsError: a file cannot be had or has another hash.
    """
    folder = Path(source)
    if folder.is_dir():
        first = [n for n in one_of if (folder / n).is_file()][:1]
        present = {n: folder / n for n in (*names, *first, *optional) if (folder / n).is_file()}
        absent = [n for n in (*names, *(() if first else one_of[-1:])) if n not in present]
        if absent:
            raise WeightsError(
                f"the folder {str(folder)!r} lacks {', '.join(absent)}; expected the files of the "
                "model's repository. Copy them there."
            )
    else:
        take = _Hub(str(source), revision, extra)
        present = {name: take.file(name) for name in names}
        if one_of:
            chosen = next((n for n in one_of[:-1] if take.has(n)), one_of[-1])
            present[chosen] = take.file(chosen)
        present |= {name: take.file(name) for name in optional if take.has(name)}
    for name, digest in (sha256 or {}).items():
        if name in present:
            _check(present[name], digest)
    return present


def offline() -> bool:
    """Tell whether the network is not to be used: EMOANIM_OFFLINE, or the hub's HF_HUB_OFFLINE."""
    said = (os.environ.get(v, "") for v in ("EMOANIM_OFFLINE", "HF_HUB_OFFLINE"))
    return any(value.lower() not in ("", "0", "false", "no") for value in said)


class _Hub:
    """A repository at a revision."""

    def __init__(self, repo: str, revision: str, extra: str) -> None:
        self._client = require("huggingface_hub", extra)
        self._repo = repo
        self._asked = revision
        self._revision = self._noted() or revision

    def has(self, name: str) -> bool:
        try:
            self._path(name)
        except (OSError, ValueError, self._client.errors.HfHubHTTPError):
            return False
        return True

    def file(self, name: str) -> Path:
        try:
            return self._path(name)
        except (OSError, ValueError, self._client.errors.HfHubHTTPError) as error:
            if getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT):
                raise WeightsError(
                    f"the disk of the hub's cache is full: {name} of {self._repo} cannot be kept. "
                    "Free some space, or name another folder in HF_HOME."
                ) from error
            raise WeightsError(
                f"{name} of {self._repo} at revision {self._revision!r} cannot be had "
                f"({str(error).splitlines()[0]}). Check the network, or give the folder of a copy."
            ) from error

    def _path(self, name: str) -> Path:
        path = Path(
            self._client.hf_hub_download(
                self._repo, name, revision=self._revision, local_files_only=offline()
            )
        )
        self._note(path)
        return path

    @property
    def _commit_file(self) -> Path:
        return cache_folder() / "revisions" / f"{slug(f'{self._repo}-{self._asked}')}.txt"

    def _noted(self) -> str:
        """The commit that a branch stood at when it was first used; "" if it never was."""
        if _COMMIT.fullmatch(self._asked):
            return ""
        with suppress(OSError, ValueError):
            said = read_text(self._commit_file, 100).strip()
            return said if _COMMIT.fullmatch(said) else ""
        return ""

    def _note(self, path: Path) -> None:
        """Write down the commit of a file that lies in the hub's cache, in its own snapshot."""
        if _COMMIT.fullmatch(self._revision):
            return
        commit = next((part for part in path.parts if _COMMIT.fullmatch(part)), "")
        if commit:
            self._revision = commit
            with suppress(OSError):  # a cache that cannot be written: looked up again next time
                note(self._commit_file, f"{commit}\n")


def _check(path: Path, expected: str) -> None:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != expected.lower():
        raise WeightsError(
            f"{path} has the SHA-256 {digest}; expected {expected.lower()}. Take the file that the "
            "hash belongs to."
        )
