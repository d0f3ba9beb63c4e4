"""What is known of a backend without importing it, and the roles there are."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass

from emoanim.extras import install_command
from emoanim.roles import ROLES as _ROLES

__all__ = ["EVALUATION_ROLES", "ROLES", "BackendInfo"]

ROLES: Mapping[str, str] = {r.name: r.group for r in _ROLES.values() if not r.evaluation}
"""Role -> its folder under ``adapters`` and its entry-point group ``emoanim.<folder>``."""

EVALUATION_ROLES: Mapping[str, str] = {r.name: r.group for r in _ROLES.values() if r.evaluation}
"""The same of the roles that only evaluation knows."""


@dataclass(frozen=True, slots=True)
class BackendInfo:
    """What is known of a backend without importing it.

    Attributes:
        role: one of ``ROLES`` or ``EVALUATION_ROLES``.
        name: what users type.
        target: "module:Class".
        extra: the extra that installs its packages; "" if it comes from elsewhere.
        modules: importable names of those packages.
        licence: of its code and weights.
        abilities: of "intensity", "surprise", "blend" (several emotions at once), "timeline" (an
            animator that goes from one emotion to the next), "source", "film" (an animator that
            shows the source's own frames instead of the still), "phones", "offline".
        weights: names of the weight files it needs (see ``emoanim.weights``).
        key: environment variable that holds its key; "" if it needs none.
        summary: one line.
    """

    role: str
    name: str
    target: str
    extra: str = ""
    modules: tuple[str, ...] = ()
    licence: str = "unknown"
    abilities: tuple[str, ...] = ()
    weights: tuple[str, ...] = ()
    key: str = ""
    summary: str = ""

    def missing(self) -> tuple[str, ...]:
        """Return the modules that cannot be found here."""
        return tuple(m for m in self.modules if importlib.util.find_spec(m) is None)

    @property
    def install(self) -> str:
        """The command that installs its packages."""
        return install_command(self.extra)
