"""Parts that the patterns of a language pack share: "{kin}" stands for one of them."""

from __future__ import annotations

import re
from collections.abc import Mapping

__all__ = ["filled"]

_PART = re.compile(r"\{([a-z_]+)\}")


def filled(pattern: str, parts: Mapping[str, str], file: str) -> str:
    """Return a pattern with the parts that it names put in.

    Args:
        pattern: a regular expression, with names in braces.
        parts: by name.
        file: where it stands, for the message.

    Raises:
        ValueError: it names a part that is none.
    """

    def part(match: re.Match[str]) -> str:
        if match.group(1) not in parts:
            raise ValueError(f"{file} uses {match.group()}, which is no part")
        return str(parts[match.group(1)])

    return _PART.sub(part, pattern)
