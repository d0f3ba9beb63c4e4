"""Weights that are installed as packages: used from there, without a second copy in the cache."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from emoanim.weights.cache import check_digest, intact, locked, target
from emoanim.weights.resolver import check_licence, fetch, known, own_file
from emoanim.weights.sources import installed_files, read
from emoanim.weights.table import Weight

__all__ = ["folder_of", "in_packages"]


def in_packages(name: str | Weight) -> Path | None:
    """Return where a weight, or its first part, is installed if nothing else goes before that.

    None if it is the user's own file, stands in the cache, or is not installed as a package.
    """
    weight = known(name)
    files = installed_files(weight.source)
    if not files or own_file(weight) is not None or target(weight).is_file():
        return None
    return files[0]


@contextmanager
def folder_of(names: Sequence[str]) -> Iterator[Path]:
    """Give a folder that holds these weights under their file names while the block lasts.

    If all are installed as packages and none is in the cache, they are laid out for the moment,
    parts joined and hashes checked, and removed again: they lie on the disk once. Else the
    folder is that of the cache or of the user, and the weights are fetched if need be.

    Raises:
        WeightsError: one cannot be had or differs from its hash.
    """
    weights = [known(name) for name in names]
    if any(in_packages(w) is None for w in weights) or all(intact(w) for w in weights):
        yield [fetch(w) for w in weights][-1].parent
        return
    for weight in weights:
        check_licence(weight, accepted=False)
    with locked(f"laid out {weights[0].name}") as scratch:
        for weight in weights:
            path = scratch / Path(weight.place).name
            with path.open("wb") as file:
                file.writelines(read(weight.source, scratch))
            check_digest(weight, path, f"in {weight.origin}", "Install the package again.")
        yield scratch
