"""The stage cache: what a stage made, by a key of its content, settings and seed.

An entry is one file, so that it is whole or absent: a line (the SHA-256 of what follows in it, then
JSON: size and SHA-256 of the payload, and the facts of its making), then the payload. An entry that
does not match these is as good as none: it is removed and made again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from emoanim.study.storage.keys import digest_of_bytes
from emoanim.study.storage.stores import Store

__all__ = ["Entry", "StageCache"]

_HEAD = 1 << 16


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known of a result without reading it.

    Attributes:
        key: its key.
        digest: SHA-256 of the payload.
        facts: what its stage says of it, plain values.
    """

    key: str
    digest: str
    facts: Mapping[str, Any] = field(default_factory=dict)


class StageCache:
    """Results of stages.

    Args:
        store: where they live; several runs and machines may share it.
    """

    def __init__(self, store: Store) -> None:
        self.store = store

    def find(self, stage: str, key: str) -> Entry | None:
        """Return what is known of a result; None if there is none or its head cannot be read."""
        start = self.store.read(self.name(stage, key), _HEAD)
        if start is not None and len(start) == _HEAD and b"\n" not in start:
            start = self.store.read(self.name(stage, key))  # the words of a long talk
        return None if start is None else _head(key, start)[0]

    def read(self, stage: str, key: str) -> tuple[Entry, bytes] | None:
        """Return a result with its payload; None, and no entry any more, if it is damaged."""
        content = self.store.read(self.name(stage, key))
        if content is None:
            return None
        entry, at = _head(key, content)
        payload = content[at:]
        if entry is None or digest_of_bytes(payload) != entry.digest:
            self.drop(stage, key)
            return None
        return entry, payload

    def put(self, stage: str, key: str, payload: bytes, facts: Mapping[str, Any]) -> Entry:
        """Keep a result.

        Raises:
            OutputError: it cannot be written.
        """
        entry = Entry(key, digest_of_bytes(payload), dict(facts))
        head = {"sha256": entry.digest, "size": len(payload), "facts": entry.facts}
        text = json.dumps(head, ensure_ascii=False, separators=(",", ":")).encode()
        line = digest_of_bytes(text).encode() + b" " + text + b"\n"
        self.store.write(self.name(stage, key), line + payload)
        return entry

    def drop(self, stage: str, key: str) -> None:
        """Forget a result."""
        self.store.remove(self.name(stage, key))

    @staticmethod
    def name(stage: str, key: str) -> str:
        """Return the name of a result's file in the store."""
        return f"{stage}/{key[:2]}/{key}"


def _head(key: str, content: bytes) -> tuple[Entry | None, int]:
    """Read the head of an entry, and where its payload begins."""
    line, newline, _ = content.partition(b"\n")
    digest, _, text = line.partition(b" ")
    if not newline or digest != digest_of_bytes(text).encode():
        return None, 0
    try:
        head = json.loads(text)
        entry = Entry(key, str(head["sha256"]), dict(head["facts"]))
    except (ValueError, KeyError, TypeError):
        return None, 0
    return entry, len(line) + 1
