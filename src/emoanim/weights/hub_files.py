"""Files of a model repository: from a folder of the user's, the hub's cache, or the hub itself.

Only files that are asked for by name are taken, and none is executed.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from emoanim.errors import WeightsError
from emoanim.registry import require

__all__ = ["hub_files"]


def hub_files(
    source: str | Path,
    names: Sequence[str],
    *,
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
        optional: of files that are taken if they are there.
        revision: commit, tag or branch; a commit cannot change later.
        sha256: file name -> hash that it must have.
        extra: the extra that installs the hub's client.

    Raises:
        WeightsError: a file cannot be had or has another hash.
    """
    folder = Path(source)
    if folder.is_dir():
        found = {n: folder / n for n in (*names, *optional) if (folder / n).is_file()}
        absent = [n for n in names if n not in found]
        if absent:
            raise WeightsError(
                f"the folder {str(folder)!r} lacks {', '.join(absent)}; expected the files of the "
                "model's repository. Copy them there."
            )
    else:
        found = _from_hub(str(source), names, optional, revision, extra)
    for name, digest in (sha256 or {}).items():
        if name in found:
            _check(found[name], digest)
    return found


def _from_hub(
    source: str, names: Sequence[str], optional: Sequence[str], revision: str, extra: str
) -> dict[str, Path]:
    hub = require("huggingface_hub", extra)
    offline = os.environ.get("EMOANIM_OFFLINE", "").lower() not in ("", "0", "false", "no")
    found = {}
    for name in (*names, *optional):
        try:
            path = hub.hf_hub_download(source, name, revision=revision, local_files_only=offline)
        except (OSError, ValueError, hub.errors.HfHubHTTPError) as error:
            if name in optional:
                continue
            raise WeightsError(
                f"{name} of {source} at revision {revision!r} cannot be had "
                f"({str(error).splitlines()[0]}). Check the network, or give the folder of a copy."
            ) from error
        found[name] = Path(path)
    return found


def _check(path: Path, expected: str) -> None:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != expected.lower():
        raise WeightsError(
            f"{path} has the SHA-256 {digest}; expected {expected.lower()}. Take the file that the "
            "hash belongs to."
        )
