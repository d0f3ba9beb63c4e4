"""Speech with known phones, made of buzz, hiss and silence."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from emoanim.clips import Audio, Phone, Speech

HISSES = frozenset(["S", "Z", "F", "SH", "CH", "TH", "T", "K"])
CLOSED = frozenset(["P", "B"])
RATE = 16000

MakeSpeech = Callable[..., Speech]


def _speech(
    script: str | Sequence[tuple[str, float]],
    *,
    gains: Sequence[float] | None = None,
    pitch: float = 120.0,
    phones: bool = True,
) -> Speech:
    """Return a speech from "SIL 0.3 M 0.08 AA 0.2" or pairs; gains scale the phones' loudness."""
    if isinstance(script, str):
        words = script.split()
        script = [(s, float(d)) for s, d in zip(words[::2], words[1::2], strict=True)]
    rng = np.random.default_rng(7)
    pieces, said, clock = [], [], 0.0
    for i, (symbol, duration) in enumerate(script):
        count = round(duration * RATE)
        t = clock + np.arange(count) / RATE
        gain = 1.0 if gains is None else gains[i]
        if symbol == "SIL" or symbol in CLOSED:
            sound = np.zeros(count)
        elif symbol in HISSES:
            sound = 0.03 * np.diff(rng.standard_normal(count + 1))
        else:
            strength = 0.05 if symbol in {"M", "N"} else 0.25
            harmonics = (np.sin(2 * np.pi * pitch * k * t) / k for k in range(1, 12))
            sound = strength * sum(harmonics)
        pieces.append(gain * sound)
        said.append(Phone(symbol, clock, clock + duration))
        clock += duration
    audio = Audio(np.concatenate(pieces).astype(np.float32), RATE)
    return Speech(audio, "made for a test", tuple(said) if phones else ())


@pytest.fixture(scope="session")
def make_speech() -> MakeSpeech:
    """Maker of speech with known phones."""
    return _speech
