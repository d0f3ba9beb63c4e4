"""``emoanim backends``."""

from __future__ import annotations

from emoanim import registry
from emoanim.cli.options import (
    JsonOption,
    RoleOption,
)
from emoanim.cli.printing import print_json
from emoanim.cli.tables import print_table

__all__ = ["backends"]


def backends(role: RoleOption = None, as_json: JsonOption = False) -> None:
    """List every backend by role."""
    listed = registry.backends(role)
    if as_json:
        rows = [
            {
                "role": b.role,
                "name": b.name,
                "extra": b.extra,
                "licence": b.licence,
                "abilities": list(b.abilities),
                "summary": b.summary,
            }
            for b in listed
        ]
        print_json(rows)
        return
    print_table(
        ("role", "name", "abilities", "licence", "what it is"),
        [(b.role, b.name, " ".join(b.abilities), b.licence, b.summary) for b in listed],
    )
