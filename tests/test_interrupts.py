"""Ctrl-C and SIGTERM on the command line: heard at any time, one line, nothing left."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")

_LINES = {signal.SIGINT: "emoanim: interrupted\n", signal.SIGTERM: "emoanim: terminated\n"}
if hasattr(signal, "SIGHUP"):
    _LINES[signal.SIGHUP] = "emoanim: terminated\n"

_RUN = """
import sys, threading, time, zlib
from emoanim.interrupts import interruptible
from emoanim.outputs import temporary
kind, path = sys.argv[1:]

def deep() -> None:
    data = bytes(1 << 20)
    end = time.monotonic() + 30
    while time.monotonic() < end:
        zlib.crc32(data)

with interruptible():
    with temporary(path) as made:
        made.write_bytes(b"half")
        print("ready", flush=True)
        if kind == "python":
            while True:
                sum(range(1000))
        elif kind == "native":
            import ctypes
            ctypes.CDLL(None).sleep(30)
            while True:
                pass
        elif kind == "thread":
            from concurrent.futures import ThreadPoolExecutor
            with ThreadPoolExecutor(2) as pool:
                pool.submit(deep).result()
        elif kind == "stubborn":
            while True:
                try:
                    time.sleep(30)
                except BaseException:
                    pass
        elif kind == "done":
            pass
print("after")
"""


def _start(kind: str, path: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", _RUN, kind, str(path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


@pytest.mark.parametrize("number", list(_LINES))
@pytest.mark.parametrize("kind", ["python", "native", "thread", "stubborn"])
def test_one_line_within_two_seconds(tmp_path: Path, kind: str, number: signal.Signals) -> None:
    process = _start(kind, tmp_path / "a.mp4")
    time.sleep(0.2)
    process.send_signal(number)
    out, err = process.communicate(timeout=10)
    assert (out, err) == ("", _LINES[number])
    assert process.returncode == 128 + number
    assert list(tmp_path.iterdir()) == []


def test_a_second_signal_ends_at_once(tmp_path: Path) -> None:
    process = _start("stubborn", tmp_path / "a.mp4")
    process.send_signal(signal.SIGINT)
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=10)
    assert err == _LINES[signal.SIGINT]
    assert process.returncode == 130
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_is_done_is_left_alone(tmp_path: Path) -> None:
    process = _start("done", tmp_path / "a.mp4")
    out, err = process.communicate(timeout=10)
    assert (out, err, process.returncode) == ("after\n", "", 0)


_COMMAND = """
import atexit, sys, threading, time
from emoanim.interrupts import run_command

def slow_goodbye() -> None:
    print("closing", flush=True)
    end = time.monotonic() + 30
    while time.monotonic() < end:
        if sys.argv[1] == "python":
            time.sleep(0.01)
        else:
            import ctypes
            ctypes.CDLL(None).sleep(30)

def run() -> None:
    atexit.register(slow_goodbye)
    sys.exit(int(sys.argv[2]))

run_command(run)
"""


@pytest.mark.parametrize("number", list(_LINES))
@pytest.mark.parametrize(("kind", "status"), [("python", 0), ("python", 3), ("native", 0)])
def test_a_signal_after_the_work_leaves_its_status(
    kind: str, status: int, number: signal.Signals
) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", _COMMAND, kind, str(status)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "closing\n"
    time.sleep(0.1)
    process.send_signal(number)
    _, err = process.communicate(timeout=10)
    assert (process.returncode, err) == (status, "")


@pytest.mark.parametrize("number", list(_LINES))
def test_a_signal_is_heard_before_the_first_import(number: signal.Signals) -> None:
    code = (
        "import os, sys\nfrom emoanim.__main__ import _listen\n_listen()\n"
        "assert 'emoanim.interrupts' not in sys.modules\n"
        f"os.kill(os.getpid(), {int(number)})\nprint('on')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (128 + number, "", _LINES[number])


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
def test_a_full_disk_under_standard_output_is_said() -> None:
    code = "from emoanim.interrupts import run_command\nrun_command(lambda: print('words'))"
    buffered = {k: v for k, v in os.environ.items() if k != "PYTHONUNBUFFERED"}
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-c", code], stdout=full, stderr=subprocess.PIPE, env=buffered
        )
    assert done.returncode == 1
    assert done.stderr == (
        b"emoanim: error: the output cannot be printed (No space left on device)\n"
    )


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_the_commands_at_random_moments(
    tmp_path: Path, moving_portrait: Path, number: signal.Signals
) -> None:
    """The whole command line, from its imports to its last frame, with tiny parts."""
    rng = random.Random(number)
    target = tmp_path / "out.wav"
    arguments = [str(moving_portrait), "-e", "sad", "-o", str(target), "--json"]
    for _ in range(6):
        process = subprocess.Popen(
            [sys.executable, "-m", "emoanim", "speak", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "EMOANIM_OFFLINE": "1"},
        )
        time.sleep(rng.uniform(0.3, 2.5))
        process.send_signal(number)
        _, err = process.communicate(timeout=20)
        assert "Traceback" not in err
        if number != signal.SIGKILL and process.returncode == 128 + number:
            assert err.endswith(_LINES[number])
        assert not target.exists()
    if number != signal.SIGKILL:
        assert list(tmp_path.iterdir()) == []


def test_a_signal_that_falls_into_a_call_that_drops_exceptions() -> None:
    """As in the import machinery's weak references: it ends with its line, not with a trace."""
    script = """
import os, signal, sys, time, weakref
from emoanim.interrupts import interruptible

class Thing:
    pass

def gone(reference):
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(0.01)

with interruptible():
    thing = Thing()
    reference = weakref.ref(thing, gone)
    del thing
    print("went on")
"""
    ended = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (143, "", "emoanim: terminated\n")


def test_the_line_is_seen_while_a_model_is_loaded_in_another_thread() -> None:
    """A library is hushed by turning the descriptor of standard error elsewhere."""
    script = """
import sys, threading, time
from emoanim.faces.interpreter import _hushed
from emoanim.interrupts import interruptible

def load():
    with _hushed():
        print("ready", flush=True)
        time.sleep(30)

with interruptible():
    threading.Thread(target=load, daemon=True).start()
    while True:
        time.sleep(0.01)
"""
    process = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (143, "emoanim: terminated\n")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_what_is_ignored_stays_so(number: signal.Signals) -> None:
    """As in a shell's background job, and under nohup."""
    script = f"""
import os, signal
signal.signal({int(number)}, signal.SIG_IGN)
from emoanim.__main__ import _listen
_listen()
from emoanim.interrupts import run_command
def run():
    os.kill(os.getpid(), {int(number)})
    print("went on", flush=True)
run_command(run)
"""
    ended = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "went on\n", "")
