"""An avatar that talks all day holds no more than one that has just begun."""

from __future__ import annotations

import gc
import threading
import time
from collections import Counter
from itertools import islice

from emoanim.avatar import Avatar

# A tool that measures coverage keeps some of these for every thread that there ever was.
TRACERS = ("ReferenceType", "builtin_function_or_method", "method")


def _talk(avatar: Avatar, turns: int) -> None:
    for turn in range(turns):
        for number, _ in enumerate(avatar.say(f"[happy] Number {turn} is here. And it is gone.")):
            if number == 3 and turn % 3 == 0:
                avatar.interrupt()
            if number == 5 and turn % 3 == 1:
                avatar.change("neutral")
        for _ in islice(avatar.idle(), 5):
            pass
    avatar.interrupt()


def _objects() -> Counter[str]:
    """Count what there is when no thread of an avatar is left."""
    until = time.monotonic() + 10.0
    while time.monotonic() < until and any(
        thread.name.startswith("emoanim-") for thread in threading.enumerate()
    ):
        time.sleep(0.01)
    gc.collect()
    return Counter(type(each).__qualname__ for each in gc.get_objects())


def test_nothing_is_kept_of_what_was_said(tiny: Avatar) -> None:
    _talk(tiny, 6)
    before = _objects()
    _talk(tiny, 90)
    more = {name: count - before[name] for name, count in _objects().items() if name not in TRACERS}
    # One object for every turn of a kind would be thirty; the last turn is there still.
    assert {name: count for name, count in more.items() if count >= 30} == {}
