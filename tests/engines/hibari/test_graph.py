from __future__ import annotations

from pathlib import Path

import hibari.tts
import numpy as np
import onnxruntime
import pytest

from emoanim.engines.hibari import network
from emoanim.engines.hibari.graph import FLOAT, INT64, cut
from emoanim.engines.hibari.network import Network
from emoanim.errors import WeightsError

MODEL = Path(hibari.tts.ASSETS) / "hibari.onnx"
IDS = [0, 50, 156, 86, 54, 31, 16, 65, 156, 87, 123, 54, 46, 4, 0]


def test_the_stages_together_are_the_whole() -> None:
    whole = onnxruntime.InferenceSession(MODEL, providers=["CPUExecutionProvider"])
    ids = np.array([IDS])
    *parts, f0 = whole.run(None, {"ids": ids, "speed": np.ones(1, np.float32)})
    made = Network()
    durations = np.maximum(np.round(made.durations(IDS)), 1).astype(np.int64)
    assert 2 * durations.sum() == f0.shape[1]
    pitch, energy = made.melody(IDS, durations)
    voiced = f0[0] > 40
    assert np.abs(pitch - f0[0])[voiced].max() < 2.0
    assert np.all(pitch[~voiced] == 0)
    spectra = made.spectra(IDS, durations, f0[0], energy)
    # Weights are int8 with scales found at run time: close, not equal.
    loud = np.exp(parts[0][0]) > 0.05
    assert np.abs(spectra.harmonic - parts[0][0])[loud].mean() < 0.1
    assert spectra.harmonic.shape == (601, f0.shape[1])


def test_longer_durations_give_longer_sound() -> None:
    made = Network()
    durations = np.full(len(IDS), 7)
    assert len(made.melody(IDS, durations)[0]) == 2 * 7 * len(IDS)


def test_what_no_output_needs_is_left_out() -> None:
    whole = MODEL.read_bytes()
    first = cut(whole, {"ids": (INT64, 2)}, {"/Sub_output_0": (FLOAT, 1)})
    assert len(first) < 0.3 * len(whole)
    session = onnxruntime.InferenceSession(first, providers=["CPUExecutionProvider"])
    assert [i.name for i in session.get_inputs()] == ["ids"]
    assert [o.name for o in session.get_outputs()] == ["/Sub_output_0"]


def test_fields_of_every_kind_survive() -> None:
    # field 1 varint 300, field 2 fixed64, field 3 bytes, field 4 fixed32; no graph inside
    message = b"\x08\xac\x02" + b"\x11" + b"12345678" + b"\x1a\x02hi" + b"\x25" + b"1234"
    assert cut(message, {}, {}) == message


def test_other_weights_are_refused(tmp_path: Path) -> None:
    other = tmp_path / "hibari.onnx"
    other.write_bytes(b"other")
    with pytest.raises(WeightsError, match=r"hibari-tts==0\.2\.1"):
        network._stages(other)
