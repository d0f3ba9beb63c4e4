"""A text as speech: read, phrased, timed like the speaker, sounded sentence by sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emoanim.clips import Phone, Transcript
from emoanim.engines.hibari.delivery import lengths, rested, timed
from emoanim.engines.hibari.fitting import Fit, fitted
from emoanim.engines.hibari.network import FRAME, RATE, Network
from emoanim.engines.hibari.pacing import Pacing, pacing_of
from emoanim.engines.hibari.phrasing import Phrased, phrased
from emoanim.engines.hibari.reading import PAUSES, Reader, Sentence
from emoanim.engines.hibari.register import Register, tract
from emoanim.engines.hibari.synthesis import sounded
from emoanim.sound.emotional_cues import Cues
from emoanim.sound.signals import evened

__all__ = ["Spoken", "articulation", "say", "speaker_pacing"]

_PAD = 0.06
"""Seconds of silence at each end of what the network says."""


@dataclass(frozen=True, slots=True, eq=False)
class Spoken:
    """What was made.

    Attributes:
        samples: float32 (n,) at 24 kHz, at the network's own level.
        phones: with times from 0 to the end.
        pace: over the voice's own speed.
        fit: what brought it to the wanted length; None if none was wanted.
    """

    samples: NDArray[np.float32]
    phones: tuple[Phone, ...]
    pace: float
    fit: Fit | None


def speaker_pacing(
    transcript: Transcript, duration: float, reader: Reader, network: Network
) -> Pacing | None:
    """Return the pacing of a recording of so many seconds; None if its words do not tell."""
    if not transcript.words:
        return None
    text = " ".join(w.text.strip() for w in transcript.words)
    spent = articulation(reader.sentences(text), reader, network)
    return pacing_of(transcript, spent, duration)


def articulation(sentences: Sequence[Sentence], reader: Reader, network: Network) -> float:
    """Return the seconds that the voice takes for sentences at its own pace, without pauses."""
    total = 0.0
    for sentence in sentences:
        raw = network.durations(reader.ids(sentence.symbols))
        letters = [s.letter for s in sentence.symbols]
        total += sum(float(n) for c, n in zip(letters, raw[1:-1], strict=True) if c not in PAUSES)
    return total * FRAME


def say(
    sentences: Sequence[Sentence],
    cues: Cues,
    register: Register,
    reader: Reader,
    network: Network,
    *,
    rate: float = 1.0,
    pacing: Pacing | None = None,
    fit: bool = False,
    seed: int = 0,
) -> Spoken:
    """Say sentences.

    Args:
        sentences: read by the reader.
        cues: how.
        register: in which voice.
        reader: for the network's numbers.
        network: the weights.
        rate: factor on the speed.
        pacing: of the speaker; None keeps the voice's own pace and pauses.
        fit: bring the length near that of the speaker's recording, if there is a pacing.
        seed: of noise and small variations.
    """
    parts = phrased(sentences, cues.breaks, pacing)
    pace = cues.pace * rate * (pacing.pace if pacing else 1.0)
    pause = cues.pause / rate
    edges = (_less(pacing.lead), _less(pacing.trail)) if pacing else (0.0, 0.0)
    ids = [reader.ids(p.sentence.symbols) for p in parts]
    raw = [
        lengths(network.durations(i), p.sentence.symbols, cues)
        for i, p in zip(ids, parts, strict=True)
    ]
    best = None
    if fit and pacing is not None:
        best = _fit(parts, raw, pace, pause, edges, pacing.duration)
        pace, pause = pace * best.pace, pause * best.pause
        edges = (edges[0] * best.pause, edges[1] * best.pause)
    scale = tract(register)
    rng = np.random.default_rng(seed)
    sounds: list[NDArray[np.float32]] = []
    said: list[Phone] = []
    at = 0
    for index, part in enumerate(parts):
        symbols = part.sentence.symbols
        rests = {k: v * pause * scale / FRAME for k, v in part.rests.items()}
        durations = timed(rested(raw[index] * (scale / pace), symbols, rests, pause))
        samples, spoken = sounded(ids[index], symbols, durations, cues, register, network, rng)
        before = int(edges[0] * RATE) if index == 0 else 0
        after = edges[1] if index + 1 == len(parts) else _less(part.gap * pause, 2.0)
        samples = np.pad(samples, (before, int(after * RATE)))
        said += _placed(spoken, (at + before) / RATE, (at + len(samples)) / RATE)
        sounds.append(samples)
        at += len(samples)
    return Spoken(evened(np.concatenate(sounds), RATE), _from_zero(said), pace, best)


def _fit(
    parts: Sequence[Phrased],
    raw: Sequence[NDArray[np.float64]],
    pace: float,
    pause: float,
    edges: tuple[float, float],
    wanted: float,
) -> Fit:
    """Weigh what is spoken against what is silent, and fit both."""
    spoken = paused = 0.0
    for part, length in zip(parts, raw, strict=True):
        for index, symbol in enumerate(part.sentence.symbols, 1):
            if symbol.letter in PAUSES:
                own = part.rests.get(index - 1)
                paused += pause * (own if own is not None else float(length[index]) * FRAME / pace)
            else:
                spoken += float(length[index]) * FRAME / pace
        spoken += float(length[0] + length[-1]) * FRAME / pace
        paused += _less(part.gap * pause, 2.0)
    return fitted(spoken, paused + sum(edges), pace, wanted)


def _less(silence: float, pads: float = 1.0) -> float:
    """Return seconds of silence without what the pads at a sentence's ends bring of it."""
    return max(silence - pads * _PAD, 0.0)


def _placed(spoken: list[Phone], start: float, end: float) -> list[Phone]:
    """Return the sounds moved to ``start``; a pause covers what is left until ``end``."""
    out = [Phone(p.symbol, p.start + start, p.end + start) for p in spoken]
    if out and out[-1].symbol == "SIL":
        out[-1] = Phone("SIL", out[-1].start, end)
    return out


def _from_zero(said: list[Phone]) -> tuple[Phone, ...]:
    """Return the sounds with the silence before them."""
    if said and said[0].start > 0.0:
        first = said[0]
        if first.symbol == "SIL":
            return (Phone("SIL", 0.0, first.end), *said[1:])
        return (Phone("SIL", 0.0, first.start), *said)
    return tuple(said)
