"""Voice clones that stand at a service: written down before they are made, crossed off when gone.

The process holds a lock on the record while it uses the clone. A record that nobody holds is what
a crash left behind.
"""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from emoanim.errors import OutputError
from emoanim.folders import cache_folder

__all__ = ["CloneRecord", "cross_off", "leftover_clones", "written_down"]


@dataclass(frozen=True, slots=True)
class CloneRecord:
    """A clone at a service.

    Attributes:
        service: such as "elevenlabs".
        address: of the service; "" for its usual one.
        name: of the voice there; ours, and no other's.
        made: when, ISO 8601, UTC.
        voice_id: "" if the process ended before the service had told it.
        alone: the service told the id at the first try, so no other voice bears the name.
    """

    service: str
    address: str
    name: str
    made: str
    voice_id: str = ""
    alone: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        return asdict(self)


class _Entry:
    """A record that this process holds."""

    def __init__(self, record: CloneRecord, file: IO[str]) -> None:
        self.record = record
        self._file = file

    def note(self, voice_id: str, alone: bool) -> None:
        """Write the voice's id down."""
        self.record = replace(self.record, voice_id=voice_id, alone=alone)
        _write(self._file, self.record)


@contextmanager
def written_down(service: str, address: str) -> Iterator[_Entry]:
    """Write a clone down before it is made and hold the record; the caller crosses it off.

    Raises:
        OutputError: it cannot be written, so no clone may be made.
    """
    import fcntl

    now = datetime.now(UTC).isoformat(timespec="seconds")
    name = f"emoanim-{uuid.uuid4().hex}"
    record = CloneRecord(service, address, name, now)
    try:
        place = _place(record)
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = place.open("w+", encoding="utf-8")
    except OSError as error:
        raise OutputError(
            f"the clone of a voice cannot be written down in {_folder()} "
            f"({error.strerror or error}), so none was made. Name a folder in EMOANIM_CACHE."
        ) from error
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)
        _write(file, record)
        yield _Entry(record, file)


def cross_off(record: CloneRecord) -> None:
    """Forget a clone that is gone."""
    _place(record).unlink(missing_ok=True)


def leftover_clones(service: str = "") -> tuple[CloneRecord, ...]:
    """Return the clones that ended processes left at a service, or at any."""
    import fcntl

    found: list[CloneRecord] = []
    for path in sorted(_folder().glob("*.json")):
        with suppress(OSError, ValueError, TypeError), path.open(encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            content: Any = json.load(file)
            found.append(CloneRecord(**content))
    return tuple(r for r in found if service in ("", r.service))


def _write(file: IO[str], record: CloneRecord) -> None:
    file.seek(0)
    file.truncate()
    json.dump(record.to_dict(), file)
    file.flush()
    os.fsync(file.fileno())


def _folder() -> Path:
    return cache_folder() / "clones"


def _place(record: CloneRecord) -> Path:
    return _folder() / f"{record.name}.json"
