"""From one voice's spectra to another's, sound by sound, without knowing what was said.

The long-term spectrum is one gain for everything that is said; how two voices differ depends on
the sound, though. The frames of the source fall into a few groups by the shape of their spectrum
(k-means), the target's frames find their group once the difference is taken off them, and
each group has a gain of its own. What few frames have shown stays near the gain of all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emoanim.clips import Audio
from emoanim.sound.signals import resample

__all__ = ["SpectralMap", "mapped", "spectral_map"]

_RATE = 24000
_WINDOW, _HOP = 1024, 256
_BANDS, _LOWEST, _HIGHEST = 32, 100.0, 7600.0
_ORDER = 12
_GROUPS = 4
_ROUNDS, _PASSES = 25, 4
# Frames for which a group's own gain counts as much as the gain of all.
_SHRINK = 40.0
_LOUD = 25.0
# 3.2 s of speech: what less shows is which vowels were said, not whose they are.
_LEAST_FRAMES = 300
# Widening of the groups: a frame between two of them gets a gain between theirs.
_SOFT = 4.0
_CLIP, _LOW, _LOW_CLIP = 15.0, 400.0, 4.0

Floats = NDArray[np.float64]


def _edges() -> Floats:
    low, high = (1127.0 * np.log1p(f / 700.0) for f in (_LOWEST, _HIGHEST))
    mel = np.linspace(low, high, _BANDS + 2)
    return np.asarray(700.0 * np.expm1(mel / 1127.0))


def _filters() -> Floats:
    """Return triangular bands, equally wide in mel, float (bins, bands); each sums to 1."""
    frequency = np.fft.rfftfreq(_WINDOW, 1.0 / _RATE)[:, None]
    low, middle, high = _EDGES[:-2], _EDGES[1:-1], _EDGES[2:]
    rising, falling = (frequency - low) / (middle - low), (high - frequency) / (high - middle)
    out = np.maximum(np.minimum(rising, falling), 0.0)
    return np.asarray(out / out.sum(axis=0))


_EDGES = _edges()
_FILTERS = _filters()
_PHASES = np.pi * np.outer(np.arange(_BANDS) + 0.5, np.arange(1, _ORDER + 1)) / _BANDS
_COSINES = np.cos(_PHASES) / np.sqrt(_BANDS / 2)
_TAPER = np.sqrt(np.hanning(_WINDOW + 1)[:-1])
_STEADY = np.hanning(9)[1:-1] / np.hanning(9).sum()


@dataclass(frozen=True, slots=True, eq=False)
class SpectralMap:
    """A gain for each group of sounds.

    Attributes:
        centres: cepstra of the groups' middles, float (k, 12).
        width: mean square distance from them.
        gains: dB per band, float (k, 32).
    """

    centres: Floats
    width: float
    gains: Floats

    def shares(self, shapes: Floats) -> Floats:
        """Return how much of each group a frame is, float (t, k); rows sum to 1."""
        away = ((shapes @ _COSINES)[:, None] - self.centres) ** 2
        power = -away.sum(axis=2) / (2.0 * _SOFT * self.width)
        weight = np.exp(power - power.max(axis=1, keepdims=True))
        return np.asarray(weight / weight.sum(axis=1, keepdims=True))


def spectral_map(target: Audio, source: Audio) -> SpectralMap | None:
    """Return what brings the source's spectra to the target's; None where one is too short.

    Gains are at most 15 dB either way; below 400 Hz at most 4 dB are taken off.

    Args:
        target: some seconds of speech.
        source: some seconds of the voice to be changed, at about the same pitch.
    """
    wanted, own = (_shapes(_spectra(resample(a, _RATE).samples)) for a in (target, source))
    wanted, own = _loud(wanted), _loud(own)
    if min(len(wanted), len(own)) < _LEAST_FRAMES:
        return None
    wanted, own = (shape - shape.mean(axis=1, keepdims=True) for shape in (wanted, own))
    grouped = _grouped(own)
    shares = grouped.shares(own)
    middles = shares.T @ own / shares.sum(axis=0)[:, None]
    overall = wanted.mean(axis=0) - own.mean(axis=0)
    shares = grouped.shares(wanted - overall)
    for _ in range(_PASSES):
        count = shares.sum(axis=0)[:, None]
        means = shares.T @ wanted / np.maximum(count, 1e-6)
        gains = (count * (means - middles) + _SHRINK * overall) / (count + _SHRINK)
        shares = grouped.shares(wanted - shares @ gains)
    padded = np.pad(gains, ((0, 0), (1, 1)), mode="edge")
    gains = 0.25 * padded[:, :-2] + 0.5 * padded[:, 1:-1] + 0.25 * padded[:, 2:]
    floor = np.where(_EDGES[1:-1] < _LOW, -_LOW_CLIP, -_CLIP)
    return SpectralMap(grouped.centres, grouped.width, np.clip(gains, floor, _CLIP))


def mapped(samples: NDArray[np.float32], change: SpectralMap) -> NDArray[np.float32]:
    """Return samples at 24 kHz with each frame's gain, smooth over some 75 ms; length kept."""
    spectra = _spectra(samples)
    shapes = _shapes(spectra)
    shares = change.shares(shapes - shapes.mean(axis=1, keepdims=True))
    half = len(_STEADY) // 2
    padded = np.pad(shares, ((half, half), (0, 0)), mode="edge")
    steady = np.lib.stride_tricks.sliding_window_view(padded, len(_STEADY), axis=0) @ _STEADY
    frequency = np.fft.rfftfreq(_WINDOW, 1.0 / _RATE)
    curves = [np.interp(frequency, _EDGES[1:-1], gain) for gain in change.gains]
    frames = np.fft.irfft(spectra * 10.0 ** (steady @ np.array(curves) / 20.0), _WINDOW, axis=1)
    frames *= _TAPER
    out = np.zeros((len(frames) + _WINDOW // _HOP - 1) * _HOP)
    for part in range(_WINDOW // _HOP):
        piece = frames[:, part * _HOP : (part + 1) * _HOP].ravel()
        out[part * _HOP : part * _HOP + len(piece)] += piece
    # Squared tapers a quarter of a window apart sum to 2.
    return np.asarray(out[_WINDOW : _WINDOW + len(samples)] / 2.0, np.float32)


def _spectra(samples: NDArray[np.float32]) -> NDArray[np.complex128]:
    padded = np.pad(samples.astype(np.float64), (_WINDOW, _WINDOW + _HOP))
    frames = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::_HOP]
    return np.asarray(np.fft.rfft(frames * _TAPER, axis=1))


def _shapes(spectra: NDArray[np.complex128]) -> Floats:
    return np.asarray(10.0 * np.log10(np.abs(spectra) ** 2 @ _FILTERS + 1e-10))


def _loud(shapes: Floats) -> Floats:
    level = shapes.max(axis=1)
    return np.asarray(shapes[level > max(float(np.percentile(level, 95)) - _LOUD, -60.0)])


def _grouped(shapes: Floats) -> SpectralMap:
    """Return groups without gains: k-means from fixed frames."""
    points = shapes @ _COSINES
    start = np.random.default_rng(0).choice(len(points), _GROUPS, replace=False)
    centres = points[start]
    for _ in range(_ROUNDS):
        nearest = ((points[:, None] - centres) ** 2).sum(axis=2).argmin(axis=1)
        centres = np.array(
            [
                points[nearest == k].mean(axis=0) if k in nearest else centres[k]
                for k in range(_GROUPS)
            ]
        )
    width = ((points[:, None] - centres) ** 2).sum(axis=2).min(axis=1).mean() / _ORDER
    return SpectralMap(centres, float(width), np.zeros((_GROUPS, _BANDS)))
