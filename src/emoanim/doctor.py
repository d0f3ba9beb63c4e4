"""What this machine has for every backend, and the command that mends what is missing."""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from emoanim import registry
from emoanim.errors import UnknownBackendError, WeightsError
from emoanim.registry import BackendInfo

__all__ = ["Checkup", "Finding", "examine", "verify"]

_STATES = {
    "ready": "ready",
    "own file": "own file",
    "fetchable": "come on first use",
    "licence": "licence not accepted",
    "missing": "missing",
}


@dataclass(frozen=True, slots=True)
class Checkup:
    """The state of one backend.

    Attributes:
        role: its role.
        name: its name.
        ready: it can be used as it is; weights that come on first use count as had.
        installed: its packages can be imported.
        weights: "none needed", "ready", "come on first use", or what stands in the way.
        key: "none needed", "set" or "missing".
        device: where it would run.
        licence: of its code and weights.
        fix: the command that makes it usable, or brings its weights now; "" if nothing is to do.
        leftovers: voice clones that crashed runs left at its service.
    """

    role: str
    name: str
    ready: bool
    installed: bool
    weights: str
    key: str
    device: str
    licence: str
    fix: str
    leftovers: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        return asdict(self)


def examine(role: str | None = None) -> tuple[Checkup, ...]:
    """Look at every backend, or those of one role, without loading any model."""
    return tuple(_examine(about) for about in registry.backends(role))


def _examine(about: BackendInfo) -> Checkup:
    from emoanim import weights
    from emoanim.paid_calls import leftover_clones

    left = tuple(
        f"{clone.name} {clone.voice_id} ({clone.made})".replace("  ", " ")
        for clone in leftover_clones(about.name)
        if about.role == "voice"
    )
    installed = not about.missing()
    states = [weights.status(name) for name in about.weights]
    lacking = [s for s in states if not s.ready]
    blocked = [s for s in lacking if s.state != "fetchable"]
    key = "none needed"
    if about.key:
        key = "set" if os.environ.get(about.key) else "missing"
    fix = ""
    if not installed:
        fix = about.install
    elif blocked:
        fix = blocked[0].fix
    elif lacking:
        fix = lacking[0].fix
    elif key == "missing":
        fix = f"export {about.key}=..."
    elif left:
        module = about.target.partition(":")[0]
        fix = f"python -m {module}  # deletes {len(left)} voice clones that a crash left"
    return Checkup(
        role=about.role,
        name=about.name,
        ready=installed and not blocked and key != "missing",
        installed=installed,
        weights=", ".join(sorted({_STATES[s.state] for s in states})) or "none needed",
        key=key,
        device=_device(about),
        licence=about.licence,
        fix=fix,
        leftovers=left,
    )


class Finding(NamedTuple):
    """One step of a verification: what was looked at, whether it is well, what was seen."""

    name: str
    passed: bool
    detail: str


def verify(name: str) -> Iterator[Finding]:
    """Check the weights of every backend of that name in earnest; yields as it goes.

    A backend's module may have a function ``verify`` of its own (strict loading, a sanity
    render); otherwise each of its weight files is read again and its hash compared.

    Raises:
        UnknownBackendError: no backend bears the name.
        MissingExtraError: its packages are not installed.
    """
    found = [b for b in registry.backends() if b.name == name]
    if not found:
        known = sorted({b.name for b in registry.backends()})
        raise UnknownBackendError(f"no backend is named {name!r}; there are: {', '.join(known)}.")
    return _verified(found)


def _verified(found: list[BackendInfo]) -> Iterator[Finding]:
    from emoanim import weights

    for about in found:
        registry.load(about)
        own = getattr(importlib.import_module(about.target.partition(":")[0]), "verify", None)
        if own is not None:
            for step in own():
                yield Finding(*step)
            continue
        for file in about.weights:
            try:
                yield Finding(file, True, str(weights.verify(file)))
            except WeightsError as error:
                yield Finding(file, False, str(error))


def _device(about: BackendInfo) -> str:
    """A network on torch runs on its accelerator if it has one; all else runs on the processor."""
    if "torch" not in about.modules or about.missing():
        return "cpu"
    import torch

    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"
