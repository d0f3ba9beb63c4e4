"""A voice's spectrum brought to a speaker's by frames of the speaker's own recording.

Means say little about who speaks; what counts is how the spectrum moves. Every frame of the voice
looks for a frame of the recording that is like it in shape, movement and level, and takes on what
that one has in each band, the more the more alike they are. A Viterbi search prefers stretches
that followed one another in the recording. No words are needed, so that the recording's language
does not matter.

Frame selection after Dutoit et al. 2007 ("Towards a voice conversion system based on frame
selection"), with gains on the voice's own sound in place of the recording's frames.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emoanim.clips import Audio
from emoanim.extras import require
from emoanim.sound.mel_frames import BANDS, HOP, LEAD, RATE, banded, count_of
from emoanim.sound.signals import resample

__all__ = ["Exemplars", "borrowed_gains", "envelope_levels", "exemplars", "frame_path"]

_FLOOR, _CEILING = 65.0, 550.0
_LOUD = 30.0
_LONGEST = 20.0
# 1.6 s of speech: what less holds has too few of the sounds that are to be said.
_LEAST_FRAMES = 150
_ORDER = 16
_MOVEMENT, _LEVEL = 0.7, 0.06
_NEAREST = 25
# What a cut between two frames of the recording costs, and what its spectral step does.
_CUT, _STEP, _UNEVEN = 1.0, 1.0, 0.3
# Part of the difference that is put on; half of it at this squared distance. What has nothing like
# it in the recording keeps its own spectrum, or words are lost.
_SHARE, _FAR = 0.9, 30.0
_CLIP, _LOW, _LOW_CLIP = 20.0, 400.0, 4.0
_STEADY = np.hanning(5)[1:-1] / np.hanning(5).sum()

Floats = NDArray[np.float64]

_PHASES = np.pi * np.outer(np.arange(len(BANDS)) + 0.5, np.arange(1, _ORDER + 1)) / len(BANDS)
_COSINES = np.cos(_PHASES) / np.sqrt(len(BANDS) / 2)


@dataclass(frozen=True, slots=True, eq=False)
class Exemplars:
    """Frames of a speaker, and what the voice's own frames are measured against.

    Attributes:
        levels: dB of the speaker's frames at the voice's loudness, in order, float (n, 32).
        features: what frames are compared by, float (n, 33).
        usable: which of them are speech, bool (n,).
        middle: mean cepstrum of the voice itself, float (16,).
        loudest: dB of the voice's loud frames.
        scale: of the cepstra.
    """

    levels: Floats
    features: Floats
    usable: NDArray[np.bool_]
    middle: Floats
    loudest: float
    scale: float


def envelope_levels(samples: NDArray[np.float32]) -> Floats:
    """Return the spectral envelope (CheapTrick at DIO's pitch) in mel bands, dB, float (t, 32).

    Args:
        samples: at 24 kHz; the frames are those of ``mel_frames.framed``.
    """
    world = require("pyworld", "hibari")
    count = count_of(len(samples))
    sound = np.pad(samples.astype(np.float64), (LEAD, (count + 8) * HOP - len(samples)))
    period = 1000.0 * HOP / RATE
    coarse, times = world.dio(sound, RATE, _FLOOR, _CEILING, frame_period=period, allowed_range=0.2)
    f0 = world.stonemask(sound, coarse, times, RATE)[:count]
    return banded(world.cheaptrick(sound, f0, times[:count], RATE))


def exemplars(target: Audio, source: Audio) -> Exemplars | None:
    """Return what the source can borrow from the target; None where one is too short.

    Args:
        target: some seconds of speech; the first 20 s count.
        source: some seconds of the voice to be changed, at about the same pitch and colour.
    """
    heard = resample(Audio(target.samples[: int(_LONGEST * target.rate)], target.rate), RATE)
    wanted, own = envelope_levels(heard.samples), envelope_levels(resample(source, RATE).samples)
    (usable, high), (spoken, loudest) = (_speech(x) for x in (wanted, own))
    if min(usable.sum(), spoken.sum()) < _LEAST_FRAMES:
        return None
    shapes = _cepstra(wanted)
    scale = float(shapes[usable].std(axis=0).mean())
    features = _features(wanted, shapes[usable].mean(axis=0), high, scale)
    middle = _cepstra(own)[spoken].mean(axis=0)
    return Exemplars(wanted + loudest - high, features, usable, middle, loudest, scale)


def borrowed_gains(plain: NDArray[np.float32], speaker: Exemplars) -> Floats:
    """Return the gain in dB of each band of each frame, float (t, 32); none in pauses.

    Gains are at most 18 dB either way, and less where the frame is less like the voice's; below
    400 Hz at most 4 dB are taken off.

    Args:
        plain: the voice's neutral sound at 24 kHz.
        speaker: whose frames to borrow.
    """
    own = envelope_levels(plain)
    features = _features(own, speaker.middle, speaker.loudest, speaker.scale)
    spoken = np.flatnonzero(own.max(axis=1) > speaker.loudest - _LOUD)
    gains = np.zeros_like(own)
    if not len(spoken):
        return gains
    path = frame_path(features, spoken, speaker)
    change = speaker.levels[path] - own[spoken]
    away = ((features[spoken] - speaker.features[path]) ** 2).sum(axis=1, keepdims=True)
    share = _SHARE / (1.0 + (away / _FAR) ** 2)
    floor = np.where(BANDS < _LOW, -_LOW_CLIP, -_CLIP)
    gains[spoken] = np.maximum(share * np.clip(change, -_CLIP, _CLIP), floor)
    half = len(_STEADY) // 2
    padded = np.pad(gains, ((half, half), (0, 0)), mode="edge")
    return np.asarray(
        np.lib.stride_tricks.sliding_window_view(padded, len(_STEADY), axis=0) @ _STEADY
    )


def frame_path(
    features: Floats, spoken: NDArray[np.int64], speaker: Exemplars
) -> NDArray[np.int64]:
    """Return the speaker's frame for each spoken frame: the cheapest way through the nearest.

    Args:
        features: of the voice's frames, float (t, 33).
        spoken: which of them are speech, rising, int (n,), n at least 1.
        speaker: whose frames to choose from.

    Returns:
        Indices of the speaker's frames, int (n,).
    """
    pool = np.flatnonzero(speaker.usable)
    away = _squares(features[spoken], speaker.features[pool])
    nearest = np.argsort(away, axis=1, kind="stable")[:, :_NEAREST]
    cost = np.take_along_axis(away, nearest, axis=1)
    frames = pool[nearest]
    shapes = speaker.features[:, :_ORDER]
    after = shapes[np.minimum(frames[:-1] + 1, len(shapes) - 1)]
    here = shapes[frames[1:]]
    joins = _CUT + _STEP * (
        (after**2).sum(axis=2)[:, :, None]
        + (here**2).sum(axis=2)[:, None]
        - 2.0 * after @ here.transpose(0, 2, 1)
    )
    moved = frames[1:, None] - frames[:-1, :, None]
    joins = np.where((moved == 0) | (moved == 2), _UNEVEN, np.where(moved == 1, 0.0, joins))
    joins[np.diff(spoken) > 1] = 0.0
    total = cost[0]
    back = np.empty((len(joins), nearest.shape[1]), np.int64)
    for step, join in enumerate(joins):
        ways = total[:, None] + join
        back[step] = ways.argmin(axis=0)
        total = ways.min(axis=0) + cost[step + 1]
    path = np.empty(len(spoken), np.int64)
    path[-1] = total.argmin()
    for step in range(len(joins) - 1, -1, -1):
        path[step] = back[step, path[step + 1]]
    return np.take_along_axis(frames, path[:, None], axis=1)[:, 0]


def _features(levels: Floats, middle: Floats, loudest: float, scale: float) -> Floats:
    """Return cepstra around their mean, their movement over 43 ms, and the level."""
    shapes = (_cepstra(levels) - middle) / scale
    movement = np.zeros_like(shapes)
    movement[2:-2] = shapes[4:] - shapes[:-4]
    level = levels.max(axis=1, keepdims=True) - loudest
    return np.hstack([shapes, _MOVEMENT * movement, _LEVEL * level])


def _cepstra(levels: Floats) -> Floats:
    return np.asarray((levels - levels.mean(axis=1, keepdims=True)) @ _COSINES)


def _speech(levels: Floats) -> tuple[NDArray[np.bool_], float]:
    """Tell which frames are less than 30 dB under the loud ones, and how loud those are."""
    highest = levels.max(axis=1)
    loudest = float(np.percentile(highest, 95))
    return highest > max(loudest - _LOUD, -60.0), loudest


def _squares(these: Floats, those: Floats) -> Floats:
    """Return squared distances, float (n, m)."""
    lengths = (these**2).sum(axis=1)[:, None] + (those**2).sum(axis=1)
    return np.asarray(lengths - 2.0 * these @ those.T)
