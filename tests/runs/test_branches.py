"""Branches that run side by side: their results, their errors, and Ctrl-C among them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import Future
from contextvars import ContextVar
from pathlib import Path

import pytest

from emoanim.clips import Image
from emoanim.media import write_image
from emoanim.runs.branches import AbandonedError, branches
from emoanim.steps import Step, StepHook, ignore

posix = pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")

_NUMBER = ContextVar("_NUMBER", default=0)


def test_both_run_at_once_and_take_the_context_along() -> None:
    both = threading.Barrier(2, timeout=10)

    def work() -> int:
        both.wait()
        return _NUMBER.get()

    token = _NUMBER.set(7)
    with branches(ignore) as (start, _):
        one, two = start(work), start(work)
        assert (one.result(), two.result()) == (7, 7)
    _NUMBER.reset(token)


def test_an_error_is_the_callers_and_the_other_branch_is_waited_for() -> None:
    ended = threading.Event()

    def fail() -> None:
        raise ValueError("no face")

    def work() -> None:
        time.sleep(0.2)
        ended.set()

    def both() -> None:
        with branches(ignore) as (start, _):
            start(work)
            start(fail).result()

    with pytest.raises(ValueError, match="no face"):
        both()
    assert ended.is_set()


def test_after_an_error_the_other_branch_ends_at_its_next_step() -> None:
    seen: list[str] = []
    futures: list[Future[None]] = []

    def work(reported: StepHook) -> None:
        time.sleep(0.2)
        reported(Step("emote", None, 0, 1))
        seen.append("went on")

    def refused() -> None:
        with branches(lambda step: seen.append(step.name)) as (start, reported):
            futures.append(start(work, reported))
            raise ValueError("a language that the voice does not speak")

    with pytest.raises(ValueError, match="a language"):
        refused()
    assert isinstance(futures[0].exception(0), AbandonedError)
    assert seen == []


def test_a_branch_that_was_left_reports_nothing_more() -> None:
    """What it would have kept, or paid for, after the interruption does not happen."""
    seen: list[str] = []
    go = threading.Event()
    futures: list[Future[None]] = []

    def work(reported: StepHook) -> None:
        go.wait(10)
        reported(Step("rewrite", "words", 1, 1))
        seen.append("went on")

    def interrupted() -> None:
        with branches(lambda step: seen.append(step.name)) as (start, reported):
            futures.append(start(work, reported))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    go.set()
    assert isinstance(futures[0].exception(10), AbandonedError)
    assert seen == []


def test_ctrl_c_that_a_lock_turns_into_an_error_is_still_a_ctrl_c() -> None:
    """One in the middle of a condition's wait, as in ``Thread.start``, finds its lock released."""
    go = threading.Event()
    lock = threading.Condition()

    def interrupted() -> None:
        with branches(ignore) as (start, _):
            start(go.wait, 30)
            with lock:
                lock.release()
                raise KeyboardInterrupt

    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt) as caught:
        interrupted()
    go.set()
    assert isinstance(caught.value.__cause__, RuntimeError)
    assert time.monotonic() - began < 20  # the branch would take 30


def test_an_error_after_an_earlier_ctrl_c_is_an_error() -> None:
    """A program that handles a Ctrl-C by a run of another clip is told what is wrong with that."""

    def fail() -> None:
        raise ValueError("no face")

    def both() -> None:
        with branches(ignore) as (start, _):
            start(fail).result()

    def again() -> None:
        try:
            raise KeyboardInterrupt
        except KeyboardInterrupt:
            both()

    with pytest.raises(ValueError, match="no face"):
        again()


_ELSEWHERE = """
import signal, threading, time
from emoanim.runs.branches import branches

def work():
    time.sleep(0.5)
    signal.pthread_kill(threading.get_ident(), signal.SIGINT)
    time.sleep(30)

try:
    with branches(lambda step: None) as (start, _):
        start(work).result()
except KeyboardInterrupt:
    print("caught")
"""


@posix
def test_ctrl_c_that_another_thread_receives_ends_the_wait() -> None:
    """Nor does one wake a lock that comes just before the lock is waited for."""
    done = subprocess.run(
        [sys.executable, "-c", _ELSEWHERE], capture_output=True, text=True, timeout=20, check=False
    )
    assert (done.stdout, done.returncode) == ("caught\n", 0)


_SCRIPT = """
import ctypes, sys, time
from emoanim import EDAPipeline
from emoanim.testing import tiny

class Deep(tiny.TinyTranscriber):
    def transcribe(self, audio):
        print("ready", flush=True)
        ctypes.CDLL(None).sleep(30)

class Says(tiny.TinyVoice):
    def speak(self, text, prompt, reference):
        print("ready", flush=True)
        ctypes.CDLL(None).sleep(30)

pipeline = EDAPipeline(
    transcriber=Deep(), text_emoter=tiny.TinyTextEmoter(), voice=Says(),
    face_emoter=tiny.TinyFaceEmoter(), animator=tiny.TinyAnimator(), stills=1,
)
clip, picture, out, kind, caught = sys.argv[1:]
try:
    if kind == "clip":
        pipeline(clip, "happy", output=out)
    else:
        pipeline.say(picture, "hello", "happy", output=out)
except KeyboardInterrupt:
    if caught == "no":
        raise
    print("caught")
"""


@posix
@pytest.mark.parametrize("caught", ["yes", "no"])
@pytest.mark.parametrize("kind", ["clip", "picture"])
def test_ctrl_c_in_a_script_does_not_wait_for_native_code(
    tmp_path: Path, moving_portrait: Path, portrait: Image, kind: str, caught: str
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    target = out / "x.mp4"
    picture = tmp_path / "portrait.png"
    write_image(picture, portrait)
    with subprocess.Popen(
        [sys.executable, "-c", _SCRIPT, str(moving_portrait), str(picture), str(target),
         kind, caught],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as process:  # fmt: skip
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            process.send_signal(signal.SIGINT)
            said, err = process.communicate(timeout=20)  # the native call would take 30
        finally:
            process.kill()
    assert said == ("caught\n" if caught == "yes" else "")
    assert process.returncode == (0 if caught == "yes" else -signal.SIGINT)
    assert "terminate called" not in err
    assert list(out.iterdir()) == []


_IMPORTING = """
import sys, threading
from emoanim.runs.branches import branches

going = threading.Event()

def work():
    going.wait()
    exec("2 + 2")  # as an import of a named tuple does
    print("done")

def run():
    with branches(lambda step: None) as (start, report):
        start(work)
        try:
            raise KeyboardInterrupt
        finally:
            threading.Timer(0.2, going.set).start()

if sys.argv[1] == "uncaught":
    run()
try:
    run()
except KeyboardInterrupt:
    if sys.argv[1] == "shown":
        sys.excepthook(*sys.exc_info())
        sys.last_type, sys.last_value, sys.last_traceback = sys.exc_info()
        sys.last_traceback = sys.last_traceback.tb_next
"""


@posix
@pytest.mark.parametrize("kind", ["uncaught", "caught", "shown"])
def test_what_a_left_branch_still_does_leaves_the_status(kind: str) -> None:
    """A prompt or a window that shows a Ctrl-C, and goes on, ends as it likes."""
    done = subprocess.run(
        [sys.executable, "-c", _IMPORTING, kind], capture_output=True, text=True, check=False
    )
    assert done.stdout == "done\n"
    assert done.returncode == (-signal.SIGINT if kind == "uncaught" else 0)
