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
from emoanim.sound.mel_frames import BANDS, band_levels, framed, loud_levels, with_gains

__all__ = ["SpectralMap", "mapped", "spectral_map"]

_ORDER = 12
_GROUPS = 4
_ROUNDS, _PASSES = 25, 4
# Frames for which a group's own gain counts as much as the gain of all.
_SHRINK = 40.0
# 3.2 s of speech: what less shows is which vowels were said, not whose they are.
_LEAST_FRAMES = 300
# Widening of the groups: a frame between two of them gets a gain between theirs.
_SOFT = 4.0
_CLIP, _LOW, _LOW_CLIP = 15.0, 400.0, 4.0

Floats = NDArray[np.float64]

_PHASES = np.pi * np.outer(np.arange(len(BANDS)) + 0.5, np.arange(1, _ORDER + 1)) / len(BANDS)
_COSINES = np.cos(_PHASES) / np.sqrt(len(BANDS) / 2)
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
    wanted, own = loud_levels(target), loud_levels(source)
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
    floor = np.where(BANDS < _LOW, -_LOW_CLIP, -_CLIP)
    return SpectralMap(grouped.centres, grouped.width, np.clip(gains, floor, _CLIP))


def mapped(samples: NDArray[np.float32], change: SpectralMap) -> NDArray[np.float32]:
    """Return samples at 24 kHz with each frame's gain, smooth over some 75 ms; length kept."""
    spectra = framed(samples)
    shapes = band_levels(spectra)
    shares = change.shares(shapes - shapes.mean(axis=1, keepdims=True))
    half = len(_STEADY) // 2
    padded = np.pad(shares, ((half, half), (0, 0)), mode="edge")
    steady = np.lib.stride_tricks.sliding_window_view(padded, len(_STEADY), axis=0) @ _STEADY
    return with_gains(spectra, steady @ change.gains, len(samples))


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
    return SpectralMap(centres, float(width), np.zeros((_GROUPS, len(BANDS))))
