"""A made-up speaker: two phrases of vowels and hisses over a room's noise, with their sounds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
from scipy.signal import lfilter

from emoanim.clips import Audio, Phone, Word
from emoanim.engines.own_voice import Take

RATE = 16000
NOISE = 10 ** (-60 / 20)
SOUNDS = (
    ("SIL", 0.4), ("S", 0.1), ("AA", 0.2), ("T", 0.06), ("IY", 0.15), ("M", 0.08), ("AE", 0.2),
    ("N", 0.1), ("AO", 0.2), ("SIL", 0.5), ("S", 0.1), ("EH", 0.2), ("P", 0.06), ("OW", 0.25),
    ("SIL", 0.4),
)  # fmt: skip
FORMANTS = {
    "AA": (730, 1090), "IY": (270, 2290), "AE": (660, 1720), "AO": (570, 840), "EH": (530, 1840),
    "OW": (450, 900), "M": (250, 1000), "N": (250, 1400),
}  # fmt: skip


@dataclass(frozen=True)
class Talk:
    """A recording with what is said in it."""

    audio: Audio
    phones: tuple[Phone, ...]
    words: tuple[Word, ...]


def made_up(rate: int = RATE, noise: float = NOISE) -> Talk:
    rng = np.random.default_rng(1)
    pieces, phones, at = [], [], 0.0
    for symbol, seconds in SOUNDS:
        count = round(seconds * rate)
        if symbol in FORMANTS:
            phase = np.cumsum(120.0 * (1.0 + 0.1 * np.sin(np.arange(count) / rate * 12.0))) / rate
            sound = np.diff(np.floor(phase), prepend=0.0)
            for formant in (*FORMANTS[symbol], 2600, 3400):
                r = np.exp(-np.pi * 90.0 / rate)
                poles = [1.0, -2 * r * np.cos(2 * np.pi * formant / rate), r * r]
                sound = lfilter([1.0], poles, sound)
            sound *= 0.2 / np.std(sound)
        elif symbol == "S":
            sound = np.diff(rng.standard_normal(count), prepend=0.0) * 0.03
        else:
            sound = np.zeros(count)
        edge = min(count // 2, rate // 100)
        fade = np.ones(count)
        fade[:edge], fade[count - edge :] = np.linspace(0, 1, edge), np.linspace(1, 0, edge)
        pieces.append(sound * fade)
        phones.append(Phone(symbol, at, at + count / rate))
        at += count / rate
    sound = np.concatenate(pieces) + noise * rng.standard_normal(sum(map(len, pieces)))
    edges = ((1, 5, "Sat,"), (5, 7, "man"), (7, 9, "or"), (10, 14, "sepoy."))
    words = tuple(Word(w, phones[a].start, phones[b - 1].end) for a, b, w in edges)
    return Talk(Audio((sound * 0.5).astype(np.float32), rate), tuple(phones), words)


@pytest.fixture(scope="session")
def talked() -> Talk:
    return made_up()


@pytest.fixture(scope="session")
def take(talked: Talk) -> Take:
    return Take.of(talked.audio)


@pytest.fixture(scope="session")
def talk() -> Callable[..., Talk]:
    """The speaker at another rate, or in another room."""
    return made_up
