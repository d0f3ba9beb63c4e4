"""Ctrl-C, SIGTERM and a closed terminal: one line, nothing half-written, within two seconds.

The signal is raised as an exception where Python code runs, so that what is open is closed in
order. A step that is deep in native code (a network, an encoder) would answer only when it is done,
and a second thread may be in one too: a watcher removes what is being written and ends the
process when the grace time is over, or at once at a second signal.

When a command has done its work its status is settled: a signal that comes while Python and the
libraries close down ends the process at once, with that status.
"""

from __future__ import annotations

import atexit
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import NoReturn

from emoanim.outputs import discard_all

__all__ = ["Interrupted", "interruptible", "run_command"]

_SIGNALS = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)
_GRACE = 1.0
"""Seconds that a run gets to end in order."""
_SHOW_CURSOR = "\x1b[?25h"
_SETTLED: list[int] = []
"""The status of a command that has done its work; empty before."""
_STDERR: list[int] = []
"""A copy of standard error's descriptor while a block is interruptible: a second thread may have
turned the descriptor itself elsewhere, to hush a library, when the last line is written."""


class Interrupted(BaseException):
    """A signal asked the run to end.

    Attributes:
        number: of the signal.
    """

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


@contextmanager
def interruptible() -> Iterator[None]:
    """End the process in order when SIGINT, SIGTERM or SIGHUP comes inside the block.

    What is ignored stays so: SIGINT in a shell's background job, SIGHUP under nohup.

    Does nothing where signals cannot be heard (another thread than the main one) or watched for
    (Windows, where Ctrl-C is Python's own).
    """
    if threading.current_thread() is not threading.main_thread() or os.name == "nt":
        yield
        return
    before = {number: signal.getsignal(number) for number in _SIGNALS}
    numbers = [number for number in _SIGNALS if before[number] != signal.SIG_IGN]
    with suppress(OSError):  # a process without standard error
        _STDERR.append(os.dup(2))
    reading, written = os.pipe()
    os.set_blocking(written, False)
    heard = signal.set_wakeup_fd(written, warn_on_full_buffer=False)
    watcher = threading.Thread(target=_watch, args=(reading,), daemon=True, name="interrupts")
    watcher.start()
    hook, sys.unraisablehook = sys.unraisablehook, _swallowed(sys.unraisablehook)
    try:
        for number in numbers:
            signal.signal(number, _raise)
        yield
    except Interrupted as caught:
        _end(caught.number)
    finally:
        sys.unraisablehook = hook
        signal.set_wakeup_fd(heard)
        for number in numbers:
            signal.signal(number, before[number])
        os.close(written)
        watcher.join(1.0)
        os.close(reading)
        while _STDERR:
            os.close(_STDERR.pop())


def run_command(run: Callable[[], None]) -> None:
    """Run a command line and end the process with its status.

    Args:
        run: does the command's work; ``SystemExit`` tells its status, as everywhere.
    """
    with interruptible():
        try:
            run()
            status = 0
        except SystemExit as end:
            if isinstance(end.code, str):
                print(end.code, file=sys.stderr)
            status = end.code if isinstance(end.code, int) else int(end.code is not None)
        _settle(status)
        _close_down(status)


def _settle(status: int) -> None:
    """From now on a signal ends the process with the status of the work that is done."""
    _SETTLED.append(status)
    for number in _SIGNALS:
        with suppress(ValueError):  # signals are the main thread's
            if signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, _leave_settled)


def _leave_settled(number: int, frame: FrameType | None) -> NoReturn:
    os._exit(_SETTLED[0])


def _close_down(status: int) -> NoReturn:
    """Flush what was printed, run what is registered for the end, and leave."""
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except BrokenPipeError:  # whoever read it has enough
            status = status or 1
        except (OSError, ValueError) as error:
            if status == 0:
                why = getattr(error, "strerror", None) or error
                with suppress(OSError):
                    os.write(2, f"emoanim: error: the output cannot be printed ({why})\n".encode())
            status = status or 1
    atexit._run_exitfuncs()
    os._exit(status)


def _raise(number: int, frame: FrameType | None) -> None:
    for each in _SIGNALS:
        if signal.getsignal(each) != signal.SIG_IGN:
            # One exception is enough; the watcher hears the next.
            signal.signal(each, _take_no_notice)
    raise Interrupted(number)


def _swallowed(
    before: Callable[[sys.UnraisableHookArgs], object],
) -> Callable[[sys.UnraisableHookArgs], None]:
    """End the process where Python drops the exception: in a finaliser or a weak reference's call.

    There is nobody left to catch it, and the run would go on until the watcher ends it.
    """

    def hook(unraisable: sys.UnraisableHookArgs) -> None:
        if isinstance(unraisable.exc_value, Interrupted):
            _end(unraisable.exc_value.number)
        before(unraisable)

    return hook


def _take_no_notice(number: int, frame: FrameType | None) -> None:
    """Keep the signal from ending the process while it ends in order."""


def _watch(reading: int) -> None:
    """Wait for a signal's byte, then for the end of the grace time or another signal."""
    import select

    with suppress(OSError):
        first = os.read(reading, 1)
        if not first or first[0] not in _SIGNALS:
            return
        deadline = time.monotonic() + _GRACE
        while (left := deadline - time.monotonic()) > 0:
            if not select.select([reading], [], [], left)[0]:
                break
            byte = os.read(reading, 1)
            if not byte:  # the block has ended
                return
            if byte[0] in _SIGNALS:
                break
        _end(first[0])


def _end(number: int) -> None:
    """Leave now: threads in native code and destructors of libraries are not waited for."""
    if _SETTLED:
        os._exit(_SETTLED[0])
    discard_all()
    word = "interrupted" if number == signal.SIGINT else "terminated"
    stderr = _STDERR[-1] if _STDERR else 2
    with suppress(OSError):
        cursor = _SHOW_CURSOR if os.isatty(stderr) else ""
        os.write(stderr, f"{cursor}emoanim: {word}\n".encode())
    os._exit(128 + number)
