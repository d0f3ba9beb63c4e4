"""What this machine has for every backend, and the command that mends what is missing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from emoanim import registry
from emoanim.errors import UnknownBackendError, WeightsError
from emoanim.protocols import Verifiable
from emoanim.registry import BackendInfo

if TYPE_CHECKING:
    from emoanim.settings import Settings
    from emoanim.weights.hub_models import HubModel

__all__ = ["Checkup", "Finding", "OtherModel", "examine", "lacking", "verify"]

_STATES = {
    "ready": "ready",
    "own file": "own file",
    "fetchable": "downloaded on first use",
    "licence": "licence not accepted",
    "missing": "missing",
}
_NONE = "none needed"


@dataclass(frozen=True, slots=True)
class OtherModel:
    """A model that a backend can take instead of the one it comes with.

    Attributes:
        option: what its option ``model`` is given.
        repo: where it comes from on the hub.
        state: "ready" (in the hub's cache), "downloaded on first use" or, offline, "missing".
        fix: the command that brings it now; "" if it is there.
    """

    option: str
    repo: str
    state: str
    fix: str


@dataclass(frozen=True, slots=True)
class Checkup:
    """The state of one backend.

    Attributes:
        role: its role.
        name: its name.
        ready: it can be used as it is; weights that are downloaded on first use count as present.
        installed: its packages can be imported.
        weights: "none needed" (it has none, or they are in its package), "ready", "downloaded on
            first use", or what prevents its use.
        key: "none needed", "set" or "missing".
        device: where it would run.
        licence: of its code and weights.
        fix: the command that makes it usable, or brings its weights now; "" if nothing is to do.
        leftovers: voice clones that crashed runs left at its service.
        others: the usual ones of the models that it can take instead, from the hub.
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
    others: tuple[OtherModel, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        return asdict(self)

    def notes(self) -> list[str]:
        """Return what a row of a table has no room for: other models, leftover clones."""
        said = [f"a crash left the voice clone {left}" for left in self.leftovers]
        here = [m.option for m in self.others if not m.fix]
        rest = [m for m in self.others if m.fix]
        if self.others:
            parts = [f"{self.name}: other models, by --set {self.role}.model=NAME, are on the hub"]
            if here:
                parts.append(f"in its cache: {', '.join(here)}")
            if rest:
                names = ", ".join(m.option for m in rest)
                parts.append(f"not here: {names}; to bring one: {rest[0].fix}")
            said.append("; ".join(parts))
        return said


def examine(role: str | None = None) -> tuple[Checkup, ...]:
    """Look at every backend, or those of one role, without loading any model."""
    return tuple(_examine(about) for about in registry.backends(role))


def lacking(settings: Settings, role: str | None = None) -> tuple[Checkup, ...]:
    """Return the backends that some settings name and that cannot be used as they are.

    Args:
        settings: names and options.
        role: look at this one alone.
    """
    checkups = []
    for each in registry.ROLES:
        choice = getattr(settings, each)
        if choice is not None and role in (None, each):
            checkup = _examine(registry.info(each, choice.name))
            if not checkup.ready:
                checkups.append(checkup)
    return tuple(checkups)


def _examine(about: BackendInfo) -> Checkup:
    from emoanim import weights
    from emoanim.services import leftover_clones
    from emoanim.weights.hub_models import hub_state, models_of

    left = tuple(
        f"{clone.name} {clone.voice_id} ({clone.made})".replace("  ", " ")
        for clone in leftover_clones(about.name)
        if about.role == "voice"
    )
    installed = not about.missing()
    files = [weights.status(name) for name in about.weights]
    states = [(s.state, s.fix) for s in files]
    on_hub = [(m, hub_state(m)) for m in models_of(about.name)]
    states += [(state, _fix(m, state)) for m, state in on_hub if not m.option]
    lacking = [fix for state, fix in states if state not in ("ready", "own file")]
    blocked = [fix for state, fix in states if state in ("licence", "missing")]
    key = "none needed"
    if about.key:
        key = "set" if os.environ.get(about.key) else "missing"
    fix = ""
    if not installed:
        fix = about.install
    elif blocked:
        fix = blocked[0]
    elif lacking:
        fix = lacking[0]
    elif key == "missing":
        fix = f"export {about.key}=..."
    elif left:
        fix = f"emoanim clones --delete  # {len(left)} voice clones that a crash left"
    return Checkup(
        role=about.role,
        name=about.name,
        ready=installed and not blocked and key != "missing",
        installed=installed,
        weights=", ".join(sorted({_STATES[state] for state, _ in states})) or _NONE,
        key=key,
        device=_device(about),
        licence=about.licence,
        fix=fix,
        leftovers=left,
        others=tuple(
            OtherModel(m.option, m.repo, _STATES[state], _fix(m, state))
            for m, state in on_hub
            if m.option
        ),
    )


def _fix(model: HubModel, state: str) -> str:
    """Return the command that brings a model of the hub, offline or not."""
    if state == "ready":
        return ""
    return f"EMOANIM_OFFLINE=0 {model.command}" if state == "missing" else model.command


class Finding(NamedTuple):
    """One step of a verification: what was looked at, whether it is well, what was seen."""

    name: str
    passed: bool
    detail: str


def verify(name: str) -> Iterator[Finding]:
    """Check the weights of every backend of that name in earnest; yields as it goes.

    A backend may be ``emoanim.protocols.Verifiable`` (strict loading, a sanity render); of any
    other each weight file is read again and its hash compared.

    Raises:
        UnknownBackendError: no backend bears the name.
        MissingExtraError: its packages are not installed.
    """
    matching = [b for b in registry.backends() if b.name == name]
    if not matching:
        known = sorted({b.name for b in registry.backends()})
        raise UnknownBackendError(f"no backend is named {name!r}; there are: {', '.join(known)}.")
    return _verified(matching)


def _verified(infos: list[BackendInfo]) -> Iterator[Finding]:
    from emoanim import weights
    from emoanim.weights.hub_models import hub_state, models_of, verify_hub_model

    for about in infos:
        backend = registry.load(about)
        if isinstance(backend, Verifiable):
            for step in backend.verify():
                yield Finding(*step)
            continue
        for file in about.weights:
            try:
                yield Finding(file, True, str(weights.verify(file)))
            except WeightsError as error:
                yield Finding(file, False, str(error))
        for model in models_of(about.name):
            if not model.option or hub_state(model) == "ready":
                for step in verify_hub_model(model):
                    yield Finding(*step)


def _device(about: BackendInfo) -> str:
    """A network on torch runs on its accelerator if it has one; all else runs on the processor."""
    if "torch" not in about.modules or about.missing():
        return "cpu"
    import torch

    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"
