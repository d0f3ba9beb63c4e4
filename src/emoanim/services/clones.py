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
from typing import TYPE_CHECKING, Any

from emoanim.errors import OutputError
from emoanim.folders import cache_folder
from emoanim.parsing import parse_json, read_text

if TYPE_CHECKING:
    from filelock import BaseFileLock

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

    def __init__(self, record: CloneRecord) -> None:
        self.record = record

    def note(self, voice_id: str, alone: bool) -> None:
        """Write the voice's id down."""
        self.record = replace(self.record, voice_id=voice_id, alone=alone)
        _write(self.record)


@contextmanager
def written_down(service: str, address: str) -> Iterator[_Entry]:
    """Write a clone down before it is made and hold the record; the caller crosses it off.

    Raises:
        OutputError: it cannot be written, so no clone may be made.
    """
    from filelock import FileLock

    now = datetime.now(UTC).isoformat(timespec="seconds")
    name = f"emoanim-{uuid.uuid4().hex}"
    record = CloneRecord(service, address, name, now)
    path = _record_path(record)
    lock = FileLock(_lock_file(path))
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock.acquire()
        _write(record)
    except OSError as error:
        _let_go(lock)
        raise OutputError(
            f"the clone of a voice cannot be written down in {_folder()} "
            f"({error.strerror or error}), so none was made. Name a folder in EMOANIM_CACHE."
        ) from error
    try:
        yield _Entry(record)
    finally:
        _let_go(lock)


def cross_off(record: CloneRecord) -> None:
    """Forget a clone that is gone."""
    _record_path(record).unlink(missing_ok=True)


def leftover_clones(service: str = "") -> tuple[CloneRecord, ...]:
    """Return the clones that ended processes left at a service, or at any."""
    from filelock import FileLock

    records: list[CloneRecord] = []
    for path in sorted(_folder().glob("*.json")):
        lock = FileLock(_lock_file(path), timeout=0)  # held: its process is still at work
        with suppress(OSError, ValueError, TypeError):
            with lock:
                content: Any = parse_json(read_text(path))
            _let_go(lock)
            records.append(CloneRecord(**content))
    return tuple(r for r in records if service in ("", r.service))


def _write(record: CloneRecord) -> None:
    """Write a record, whole or not at all: half a record would lose a clone that costs money."""
    path = _record_path(record)
    partial = path.with_suffix(".part")
    try:
        with partial.open("w", encoding="utf-8") as file:
            json.dump(record.to_dict(), file)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _folder() -> Path:
    return cache_folder() / "clones"


def _record_path(record: CloneRecord) -> Path:
    return _folder() / f"{record.name}.json"


def _lock_file(path: Path) -> Path:
    return path.with_suffix(".lock")


def _let_go(lock: BaseFileLock) -> None:
    """Release a lock and remove its file, which bears the name of this one clone."""
    lock.release()
    with suppress(OSError):
        Path(lock.lock_file).unlink(missing_ok=True)
