"""Keys come from the environment and go nowhere but to their service."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field

from emoanim.errors import ServiceKeyError

__all__ = ["Key", "scrubbed"]

_SHAPES = re.compile(r"\b(?:sk|xi|key)[-_][\w-]{8,}|(?<=Bearer )\S+", re.IGNORECASE)
# A server without keys wants none, but the SDKs want some text.
_NO_KEY = "no-key"


@dataclass(frozen=True, slots=True)
class Key:
    """A key that never shows itself.

    Attributes:
        value: what is sent to the service; not in the repr.
        variable: environment variable it came from.
    """

    value: str = field(repr=False)
    variable: str = ""

    @classmethod
    def of(cls, variable: str, own_server: bool) -> Key:
        """Read a key from the environment.

        Args:
            variable: name of the environment variable; "" for none.
            own_server: the address was given by the user, so that no key is fine.

        Raises:
            ServiceKeyError: it is not set and the service needs one.
        """
        value = os.environ.get(variable, "").strip() if variable else ""
        if not value and not own_server:
            raise ServiceKeyError(
                f"the environment variable {variable} is not set; expected the service's key.",
                hint=f"Set it: export {variable}=...",
            )
        return cls(value or _NO_KEY, variable)


def scrubbed(text: str, *keys: str) -> str:
    """Return a text without these keys, or anything shaped like one."""
    for key in keys:
        if key and key != _NO_KEY:
            text = text.replace(key, "***")
    return _SHAPES.sub("***", text)
