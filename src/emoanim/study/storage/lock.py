"""One run per folder: a second one refuses, and a killed one leaves no lock behind."""

from __future__ import annotations

import json
import os
import platform
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from emoanim.errors import OutputError
from emoanim.study.storage.stores import Store
from emoanim.waiting import wait_for_end

__all__ = ["only_run"]

_NAME = "run.lock"
_HOLDER = "run.holder"
_BEAT = 10.0
_STALE = 60.0


@contextmanager
def only_run(store: Store) -> Iterator[None]:
    """Hold a run's folder while the block lasts.

    On this machine the system's file lock tells; elsewhere a note that is renewed every ten
    seconds, and that counts for a minute.

    Raises:
        OutputError: another run holds it.
    """
    path = store.local(_NAME)
    if path is None:
        with _noted(store):
            yield
        return
    from filelock import FileLock, Timeout

    lock = FileLock(path)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise _taken(store, (store.read(_HOLDER) or b"").decode()) from None
    try:
        store.write(_HOLDER, _who().encode())
        yield
    finally:
        lock.release()


@contextmanager
def _noted(store: Store) -> Iterator[None]:
    note = json.loads(store.read(_NAME) or b"{}")
    if note and _is_live(store, note):
        raise _taken(store, str(note.get("who", "")))
    done = threading.Event()

    def beat() -> None:
        while True:
            note = {"who": _who(), "time": time.time()}
            store.write(_NAME, json.dumps(note).encode())
            if done.wait(_BEAT):
                return

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        wait_for_end(thread)
        store.remove(_NAME)


def _is_live(store: Store, note: Mapping[str, Any]) -> bool:
    """Whether whoever left a note is still at work.

    A note from the future says that clocks differ, or that this one was set back: a live one is
    renewed meanwhile.
    """
    age = time.time() - float(note.get("time", 0.0))
    if age >= 0.0:
        return age < _STALE
    time.sleep(2.0 * _BEAT)
    return json.loads(store.read(_NAME) or b"{}") not in (note, {})


def _who() -> str:
    return f"process {os.getpid()} on {platform.node()}"


def _taken(store: Store, who: str) -> OutputError:
    return OutputError(
        f"another run ({who or 'unknown'}) works in {store.location!r}. Wait until it ends, or "
        "give another folder."
    )
