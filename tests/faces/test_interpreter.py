"""Loading a network: the runtime's log is kept off stderr, other lines are not."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytest.importorskip("ai_edge_litert")


def test_only_the_log_of_the_runtime_is_hushed() -> None:
    script = """
import os
from emoanim.faces.interpreter import _hushed
with _hushed():
    os.write(2, b"INFO: Created a delegate.\\nERROR: no model\\nwords of another thread\\n")
os.write(2, b"after\\n")
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "words of another thread\nafter\n")


def test_a_process_without_stderr_loads_too() -> None:
    script = """
import os
from emoanim.faces.interpreter import _hushed
os.close(2)
with _hushed():
    print("loaded")
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "loaded\n")
