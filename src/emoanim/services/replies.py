"""Replies of services, kept by a hash of everything that shaped them: a second run asks nobody."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from emoanim.clips import Audio
from emoanim.folders import cache_folder
from emoanim.parsing import parse_json, read_text

__all__ = ["ReplyCache", "audio_digest", "content_key"]

_FORMAT = 1
_LARGEST = 100_000_000
"""Bytes of a reply: an hour of speech, as text."""


def content_key(**shaped: Any) -> str:
    """Return the SHA-256 of plain values, independent of their order."""
    text = json.dumps({**shaped, "format": _FORMAT}, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def audio_digest(audio: Audio) -> str:
    """Return the SHA-256 of a sound."""
    return hashlib.sha256(audio.rate.to_bytes(4, "big") + audio.samples.tobytes()).hexdigest()


@dataclass(frozen=True, slots=True)
class ReplyCache:
    """A folder of replies, readable by the user alone; one JSON file each.

    Args:
        folder: where; None is "replies" in emoanim's cache.
        used: False keeps and finds nothing.
    """

    folder: Path | None = None
    used: bool = True

    def get(self, key: str) -> dict[str, Any] | None:
        """Return a reply; None if there is none, or its file is damaged."""
        if not self.used:
            return None
        with suppress(OSError, ValueError):
            reply = parse_json(read_text(self._path(key), _LARGEST))
            if isinstance(reply, dict):
                return reply
        return None

    def put(self, key: str, reply: Mapping[str, Any]) -> None:
        """Keep a reply; a folder that cannot be written keeps none."""
        if not self.used:
            return
        path = self._path(key)
        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".reply-")
            try:
                with os.fdopen(handle, "w", encoding="utf-8") as file:
                    json.dump(dict(reply), file, ensure_ascii=False)
                Path(temporary).replace(path)
            finally:
                Path(temporary).unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        folder = self.folder or cache_folder() / "replies"
        return Path(folder) / key[:2] / f"{key}.json"
