"""What the face hears: loudness, pitch, accents and silence of a speech, 100 times a second."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emoanim.clips import Audio
from emoanim.engines.rig.motion.envelopes import Curve, low_pass
from emoanim.sound.signals import runs

__all__ = ["RATE", "Accent", "Prosody", "analyse"]

RATE = 100
"""Analysis frames per second; frame i is centred on i / RATE seconds."""

_FLOOR_DB = -60.0
_SILENCE_DB = -38.0
_SILENCE_MIN = 0.18
_BLOCK = 250


@dataclass(frozen=True, slots=True)
class Accent:
    """A stressed syllable.

    Attributes:
        time: its loudness peak, seconds.
        strength: 0..1.
        pitch: how far the pitch rises above its surroundings there, semitones, 0 if it does not.
    """

    time: float
    strength: float
    pitch: float


@dataclass(frozen=True, slots=True, eq=False)
class Prosody:
    """Prosody of a speech; curves have one value per 1 / RATE seconds.

    Attributes:
        duration: seconds.
        level: loudness in dB below the loud parts (their 95th percentile is 0), at least -60.
        pitch: semitones above the speaker's median, 0 where there is no voice.
        high: share of the energy above 2.5 kHz, 0..1 (hiss of s, f, sh).
        centre: centroid of the spectrum below 4 kHz, Hz.
        silent: bool; longer pauses, shorter ones (the closure of a "p") don't count.
        accents: in order of time.
    """

    duration: float
    level: Curve
    pitch: Curve
    high: Curve
    centre: Curve
    silent: NDArray[np.bool_]
    accents: tuple[Accent, ...]

    def at(self, curve: Curve, times: Curve) -> Curve:
        """Return a curve's values at other times, the ends held."""
        return np.interp(times, np.arange(len(curve)) / RATE, curve)


def analyse(audio: Audio) -> Prosody:
    """Return the prosody of ``audio``; digital silence gives all-silent curves."""
    view, starts, rate = _windows(audio)
    # In blocks, so that the memory stays small for a long speech.
    blocks = [_features(view[starts[i : i + _BLOCK]], rate) for i in range(0, len(starts), _BLOCK)]
    energy, high, centre, tone, clear = (np.concatenate(c) for c in zip(*blocks, strict=True))
    loud = 10.0 * np.log10(energy + 1e-12)
    top = float(np.percentile(loud, 95))
    heard = top > -50.0
    level = np.clip(loud - top, _FLOOR_DB, 6.0) if heard else np.full(len(loud), _FLOOR_DB)
    silent = _silent(level)
    pitch = _pitch(tone, clear, level)
    return Prosody(
        audio.duration, level, pitch, high, centre, silent, _accents(level, pitch, silent)
    )


def _windows(audio: Audio) -> tuple[NDArray[np.float64], NDArray[np.int64], float]:
    """Return a view of all windows of 40 ms, which of them are wanted, and their rate in Hz."""
    step = max(1, audio.rate // 8000 if audio.rate < 32000 else audio.rate // 16000)
    # A box of the step's length is a weak anti-alias filter, enough for these features.
    count, before = len(audio.samples) // step + 1, step // 2
    boxes = np.pad(audio.samples, (before, count * step - before - len(audio.samples)))
    samples = boxes.reshape(count, step).mean(axis=1, dtype=np.float64)
    rate = audio.rate / step
    width = int(0.04 * rate)
    count = max(1, int(np.ceil(audio.duration * RATE)) + 1)
    starts = np.round(np.arange(count) / RATE * rate).astype(np.int64)
    padded = np.pad(samples, (width // 2, width + int(rate / RATE)))
    starts = np.minimum(starts, len(padded) - width)
    return np.lib.stride_tricks.sliding_window_view(padded, width), starts, rate


def _features(windows: NDArray[np.float64], rate: float) -> tuple[Curve, ...]:
    """Return energy, share above 2.5 kHz, centroid below 4 kHz, pitch in Hz and its clearness.

    The pitch is the highest peak of the autocorrelation between 75 and 400 Hz.
    """
    width = windows.shape[1]
    shape = np.hanning(width)
    power = np.abs(np.fft.rfft(windows * shape, axis=1)) ** 2
    freqs = np.fft.rfftfreq(width, 1.0 / rate)
    energy = power.sum(axis=1)
    high = power[:, freqs > 2500.0].sum(axis=1) / (energy + 1e-9)
    low = freqs <= 4000.0
    centre = (power[:, low] * freqs[low]).sum(axis=1) / (power[:, low].sum(axis=1) + 1e-9)
    size = 2 ** int(np.ceil(np.log2(2 * width)))
    centred = (windows - windows.mean(axis=1, keepdims=True)) * shape
    auto = np.fft.irfft(np.abs(np.fft.rfft(centred, size, axis=1)) ** 2, axis=1)[:, :width]
    own = np.fft.irfft(np.abs(np.fft.rfft(shape, size)) ** 2)[:width]
    # Dividing by the window's own autocorrelation takes away its fall towards long lags.
    ratio = auto / np.maximum(auto[:, :1], 1e-9) / np.maximum(own / own[0], 0.05)
    first, last = int(rate / 400.0), min(int(rate / 75.0), width - 1)
    lag = first + np.argmax(ratio[:, first : last + 1], axis=1)
    clear = np.take_along_axis(ratio, lag[:, None], axis=1)[:, 0]
    return energy, high, centre, rate / lag, clear


def _silent(level: Curve) -> NDArray[np.bool_]:
    """Mark the stretches of low level that are too long to be the closure of a consonant."""
    quiet = level < _SILENCE_DB
    silent = np.zeros(len(level), dtype=np.bool_)
    for start, end in runs(quiet):
        # The analysis window smears sound over 20 ms to both sides.
        if end - start >= _SILENCE_MIN * RATE or start == 0 or end == len(level):
            silent[start:end] = True
    return silent


def _pitch(tone: Curve, clear: Curve, level: Curve) -> Curve:
    """Return semitones above the median of the voiced frames, bridged between them."""
    voiced = (clear > 0.5) & (level > -30.0)
    if voiced.sum() < 5:
        return np.zeros(len(level))
    tones = 12.0 * np.log2(tone)
    tones -= np.median(tones[voiced])
    # Octave errors lie far from the median; they and unvoiced frames are bridged.
    good = np.flatnonzero(voiced & (np.abs(tones) < 10.0))
    if len(good) < 5:
        return np.zeros(len(level))
    bridged = low_pass(np.interp(np.arange(len(level)), good, tones[good]), 4.0)
    near = low_pass(voiced.astype(np.float64), 6.0)
    return bridged * np.clip(2.0 * near, 0.0, 1.0)


def _accents(level: Curve, pitch: Curve, silent: NDArray[np.bool_]) -> tuple[Accent, ...]:
    """Find syllables that are louder or higher than what surrounds them, at least 0.28 s apart."""
    if silent.all():
        return ()
    loud = low_pass(np.maximum(level, -40.0), 4.0)
    ground = low_pass(np.where(silent, -25.0, loud), 45.0)
    lift = pitch - low_pass(pitch, 45.0)
    score = (loud - ground) / 8.0 + np.clip(lift, -1.0, 5.0) / 5.0
    inner = score[1:-1]
    peaks = 1 + np.flatnonzero((inner >= score[:-2]) & (inner > score[2:]) & (inner > 0.55))
    chosen: list[int] = []
    for peak in peaks[np.argsort(-score[peaks], kind="stable")]:
        if not silent[peak] and all(abs(peak - c) >= 0.28 * RATE for c in chosen):
            chosen.append(int(peak))
    return tuple(
        Accent(
            c / RATE,
            float(np.clip((score[c] - 0.4) / 1.0, 0.15, 1.0)),
            float(max(lift[max(0, c - 8) : c + 9].max(), 0.0)),
        )
        for c in sorted(chosen)
    )
