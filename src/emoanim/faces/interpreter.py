"""A TensorFlow Lite network behind a lock."""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emoanim.errors import WeightsError
from emoanim.extras import require

__all__ = ["Network"]

_LOADING = threading.Lock()
_LOG = (b"INFO: ", b"WARNING: ", b"ERROR: ")
"""How lines of the runtime's own log begin."""


class Network:
    """One input, several outputs; an interpreter keeps state, so one thread runs at a time.

    Args:
        model: the .tflite file, or the bytes of one.
        extra: the extra that installs the interpreter.

    Raises:
        WeightsError: the file cannot be read as a model.
    """

    def __init__(self, model: Path | bytes, extra: str = "rig") -> None:
        module = require("ai_edge_litert.interpreter", extra)
        given: dict[str, object] = {"model_content": model}
        name = "the part of a file"
        if isinstance(model, Path):
            given, name = {"model_path": str(model)}, str(model)
        try:
            with _LOADING, _hushed():
                # These networks take 2-20 ms: a second thread gains nothing and costs a core.
                self._interpreter: Any = module.Interpreter(**given, num_threads=1)
                self._interpreter.allocate_tensors()
        except (ValueError, RuntimeError) as error:
            if "Mmap of" in str(error):
                raise WeightsError(
                    f"{name} does not fit into memory ({error}). Free memory, or raise the limit "
                    "of this process (ulimit -v)."
                ) from error
            raise WeightsError(
                f"{name} cannot be read as a TensorFlow Lite model ({error}). "
                "Delete it and fetch it again."
            ) from error
        about = self._interpreter.get_input_details()[0]
        self._input = int(about["index"])
        self._outputs = [int(o["index"]) for o in self._interpreter.get_output_details()]
        self.input_shape = tuple(int(n) for n in about["shape"])
        self._lock = threading.Lock()

    def __call__(self, array: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        """Return copies of the outputs, in the model's order."""
        with self._lock:
            self._interpreter.set_tensor(self._input, array)
            self._interpreter.invoke()
            return [np.array(self._interpreter.get_tensor(o)) for o in self._outputs]


@contextmanager
def _hushed() -> Iterator[None]:
    """Keep what the runtime logs off stderr: it is written by C++ and has no switch.

    What goes wrong while a model is loaded comes as an exception, so nothing is lost. What another
    thread prints meanwhile is printed when the model is loaded.
    """
    with ExitStack() as closing:
        try:
            out = closing.enter_context(os.fdopen(os.dup(2), "wb"))
            printed = closing.enter_context(tempfile.TemporaryFile())
        except OSError:  # no stderr, or no room for what is printed
            yield
            return
        os.dup2(printed.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(out.fileno(), 2)
            printed.seek(0)
            out.writelines(line for line in printed if not line.startswith(_LOG))
