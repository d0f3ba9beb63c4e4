"""Keys come from the environment and go nowhere but to their service."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field

from emoanim.errors import ServiceKeyError, SettingsError

__all__ = ["Key", "scrubbed", "without_password"]

_SHAPES = re.compile(r"\b(?:sk|xi|key)[-_][\w-]{8,}|(?<=Bearer )\S+", re.IGNORECASE)
# A server without keys wants none, but the SDKs want some text.
_NAME = re.compile(r"[A-Z][A-Z0-9]{0,24}(?:_[A-Z0-9]{1,24}){0,5}")
_USER = re.compile(r"(?<=://)[^/\s@]+@")
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
            SettingsError: it is no name of a variable; what was given may be a key.
            ServiceKeyError: it is not set and the service needs one.
        """
        if variable and not _is_name(variable):
            raise SettingsError(
                "key_variable was given something that is no name of an environment variable (it "
                "is not shown, as it may be a key). Expected a name such as OPENAI_API_KEY: export "
                "NAME=... and give NAME."
            )
        value = os.environ.get(variable, "").strip() if variable else ""
        if not value and not own_server:
            raise ServiceKeyError(
                f"the environment variable {variable} is not set; expected the service's key.",
                hint=f"Set it: export {variable}=...",
            )
        return cls(value or _NO_KEY, variable)


def without_password(address: str) -> str:
    """Return an address without the user, password and query that may stand in it."""
    plain = address.partition("?")[0].partition("#")[0]
    return _USER.sub("***@", plain)


def _is_name(variable: str) -> bool:
    """Whether it looks like the name of a variable, and not like a key."""
    if variable in os.environ:
        return True
    return bool(_NAME.fullmatch(variable)) and scrubbed(variable) == variable


def scrubbed(text: str, *keys: str) -> str:
    """Return a text without these keys, or anything shaped like one."""
    for key in keys:
        if key and key != _NO_KEY:
            text = text.replace(key, "***")
    return _SHAPES.sub("***", _USER.sub("***@", text))
