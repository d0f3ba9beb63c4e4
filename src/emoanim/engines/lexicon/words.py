"""The word lists by which sentences are recognised, read from ``words.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

__all__ = ["words"]


@cache
def _lists() -> Mapping[str, frozenset[str]]:
    text = files(__package__).joinpath("words.toml").read_text(encoding="utf-8")
    return MappingProxyType(
        {
            name: frozenset(value.split() if isinstance(value, str) else value)
            for name, value in tomllib.loads(text).items()
        }
    )


def words(name: str) -> frozenset[str]:
    """Return one list of lower-case words or phrases, for instance ``words("negators")``."""
    return _lists()[name]
