"""A TensorFlow Lite network behind a lock."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emoanim.errors import WeightsError
from emoanim.extras import require

__all__ = ["Network"]

_LOADING = threading.Lock()


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
    """Keep the runtime's greeting off stderr: it is written by C++ and has no switch.

    What goes wrong while a model is loaded comes as an exception, so nothing is lost.
    """
    try:
        stderr = os.dup(2)
    except OSError:  # a process without stderr
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(stderr, 2)
        os.close(nowhere)
        os.close(stderr)
