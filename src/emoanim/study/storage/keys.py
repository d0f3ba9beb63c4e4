"""Content keys: equal contents, settings and seeds give equal keys, anything else another one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

__all__ = ["digest_of_bytes", "digest_of_file", "key_of"]

_LENGTH = 40


def key_of(stage: str, **parts: Any) -> str:
    """Return the key of a stage's result, 40 hexadecimal digits.

    Args:
        stage: name and version of the stage, as "speak/1".
        parts: plain values that shape the result; mappings are read without regard to order.

    >>> key_of("speak/1", seed=0) == key_of("speak/1", seed=1)
    False
    """
    text = json.dumps([stage, parts], sort_keys=True, separators=(",", ":"), default=_plain)
    return hashlib.sha256(text.encode()).hexdigest()[:_LENGTH]


def digest_of_bytes(content: bytes) -> str:
    """Return the SHA-256 of some bytes, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def digest_of_file(path: str | Path) -> str:
    """Return the SHA-256 of a file's content, in hexadecimal.

    Raises:
        OSError: it cannot be read.
    """
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, tuple | set | frozenset):
        return sorted(value) if isinstance(value, set | frozenset) else list(value)
    return str(value)
