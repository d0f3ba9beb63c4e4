"""The parts of a run: backends made from settings, and objects that were given in their place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from emoanim import registry
from emoanim.registry.backend_info import BackendInfo
from emoanim.registry.checks import check_backend

if TYPE_CHECKING:
    from emoanim.settings import Settings

__all__ = ["Part", "make_parts", "run_options"]


class Part(NamedTuple):
    """A backend in its role, and what is known of it.

    Attributes:
        backend: the object.
        about: its entry in the registry, or what its class says of itself.
        by_name: made from the settings, so that they can make it again.
    """

    backend: Any
    about: BackendInfo
    by_name: bool


def make_parts(
    settings: Settings, roles: Iterable[str], objects: Mapping[str, object] | None = None
) -> dict[str, Part]:
    """Make the backends of some roles; a role whose setting is None stays out.

    Args:
        settings: names and options.
        roles: which.
        objects: backends that take the place of the settings' ones.

    Raises:
        UnknownBackendError: a name that no backend has.
        MissingExtraError: a backend's packages are not installed.
        SettingsError: an option that it does not have, or an object that cannot fill its role.
    """
    given = objects or {}
    parts = {}
    for role in roles:
        choice = getattr(settings, role)
        if role in given:
            check_backend(role, given[role])
            parts[role] = Part(given[role], registry.describe(role, given[role]), False)
        elif choice is not None:
            about = registry.info(role, choice.name)
            options = run_options(about, choice.options, settings.seed, settings.device)
            backend = registry.backend(role, choice.name, **options)
            check_backend(role, backend)
            parts[role] = Part(backend, about, True)
    return parts


def run_options(
    about: BackendInfo, options: Mapping[str, Any], seed: int, device: str
) -> dict[str, Any]:
    """Return options with the run's seed and device, for a backend that takes them.

    What is given in its own options comes first; the device "auto" leaves each its own default.
    """
    if about.missing():
        return dict(options)
    taken = registry.parameters(registry.load(about)) or ()
    offered = {"seed": seed} if device == "auto" else {"seed": seed, "device": device}
    return {**{name: value for name, value in offered.items() if name in taken}, **options}
