"""Waits that a Ctrl-C ends, whichever thread receives it and whenever it comes."""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import threading
import time

import pytest

from emoanim.waiting import hidden_interrupt, next_of, wait_until

posix = pytest.mark.skipif(os.name == "nt", reason="signals of one thread are POSIX's")


def test_an_item_that_does_not_come() -> None:
    begun = time.monotonic()
    with pytest.raises(queue.Empty):
        next_of(queue.SimpleQueue(), 0.25)
    assert 0.25 <= time.monotonic() - begun < 5.0
    line: queue.Queue[str] = queue.Queue()
    threading.Timer(0.25, line.put, ["late"]).start()
    assert next_of(line) == "late"


def test_a_condition() -> None:
    changed = threading.Condition()
    with changed:
        assert wait_until(changed, lambda: True, 0.0)
        assert not wait_until(changed, lambda: False, time.monotonic() + 0.15)


def test_an_interrupt_behind_another_error() -> None:
    def hides(interrupt: BaseException) -> RuntimeError:
        error = RuntimeError("release of an unacquired lock")
        error.__context__ = interrupt
        return error

    interrupt = KeyboardInterrupt()
    assert hidden_interrupt(interrupt) is interrupt
    assert hidden_interrupt(hides(interrupt)) is interrupt
    assert hidden_interrupt(hides(interrupt), interrupt) is None
    assert hidden_interrupt(ValueError()) is None
    assert hidden_interrupt(hides(GeneratorExit())) is None


_PREFACE = """
import signal, threading, time

def interrupt():
    time.sleep(0.5)
    signal.pthread_kill(threading.get_ident(), signal.SIGINT)

other = threading.Thread(target=interrupt, daemon=True)
"""
_WAITS = {
    "a flow": """
from emoanim.study.workers.flow import Flow
other.start()
list(Flow([lambda value: time.sleep(30)]).run([1]))
""",
    "what a flow has begun when a step fails": """
from emoanim.study.workers.flow import Flow
def fails(value):
    raise ValueError
def values():
    yield 1
    time.sleep(30)
other.start()
list(Flow([fails]).run(values()))
""",
    "a call of a service": """
from emoanim.services.policy import _bounded
other.start()
_bounded(lambda seconds: time.sleep(30), 60.0)
""",
    "a channel": """
from emoanim.avatar.channel import Channel
other.start()
Channel(1).get()
""",
}


@posix
@pytest.mark.parametrize("wait", _WAITS)
def test_ctrl_c_that_another_thread_receives(wait: str) -> None:
    body = "".join(f"    {line}\n" for line in _WAITS[wait].strip().splitlines())
    code = f"{_PREFACE}try:\n{body}except KeyboardInterrupt:\n    print('caught')\n"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=15, check=False
    )
    assert (done.stdout, done.returncode) == ("caught\n", 0), done.stderr
