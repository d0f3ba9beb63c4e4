"""Speech to a track of coefficients, one row per frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from emoanim.clips import Audio
from emoanim.engines.sadtalker.coefficients import blink_track, smoothed
from emoanim.engines.sadtalker.hearing import heard
from emoanim.engines.sadtalker.mel import FPS, RATE, mel_spectrogram
from emoanim.engines.sadtalker.options import Options
from emoanim.errors import InputError
from emoanim.sound.signals import resample

if TYPE_CHECKING:
    from torch import Tensor

    from emoanim.engines.sadtalker.networks import Networks

__all__ = ["coefficient_track"]

Array = NDArray[np.float64]

EXPRESSION = 64
POSE = 6


def coefficient_track(
    networks: Networks,
    audio: Audio,
    source: Array,
    options: Options,
    *,
    eyes: Array | None = None,
    pose: Array | None = None,
) -> Array:
    """Return the coefficients of every frame, (t, 70 or 73).

    Args:
        networks: see ``load``.
        audio: any rate; it is filled up with silence to a whole frame.
        source: (73,), the picture's own.
        options: style, blinks, seed, still, scale, mode.
        eyes: (n, 64+) coefficients of a video whose expression (eyelids, and with them the rest of
            the upper face) is the reference instead of the picture's; repeated if it is shorter.
        pose: (n, 70+) coefficients of a video whose head motion is added.

    Raises:
        InputError: no sound at all.
    """
    sound = resample(audio, RATE).samples
    if not len(sound):
        raise InputError("speech of 0 samples given; expected at least one frame (40 ms).")
    step = RATE // FPS
    mel = mel_spectrogram(np.pad(sound, (0, -len(sound) % step)))
    count = -(-len(sound) // step)
    rng = np.random.default_rng(options.seed)
    lids = np.zeros(count)
    if options.blink == "random" and eyes is None:
        lids = blink_track(count, lambda pauses: int(rng.choice(np.asarray(pauses))))
    reference = np.tile(source[:EXPRESSION], (count, 1))
    if eyes is not None:
        reference = np.resize(eyes[:, :EXPRESSION], (count, EXPRESSION))
    start = source[EXPRESSION : EXPRESSION + POSE]
    expression = _expression(networks, mel, reference, lids) * options.expression_scale
    track = np.empty((count, options.coefficients))
    track[:, :EXPRESSION] = expression
    head = track[:, EXPRESSION : EXPRESSION + POSE]
    if options.keeps_head:
        head[:] = start
    else:
        head[:] = smoothed(start + _motion(networks, mel, count, start, options.style, rng))
    if pose is not None:
        motion = pose[:, EXPRESSION : EXPRESSION + POSE] - pose[0, EXPRESSION : EXPRESSION + POSE]
        head += np.resize(motion, (count, POSE))
    track[:, EXPRESSION + POSE :] = source[EXPRESSION + POSE : options.coefficients]
    return track


def _expression(
    networks: Networks, mel: NDArray[np.float32], reference: Array, lids: Array
) -> Array:
    import torch

    def express(mels: Tensor, frames: slice) -> Tensor:
        rows = (r[frames].astype(np.float32) for r in (reference, lids[:, None]))
        given = (torch.from_numpy(r).to(networks.device) for r in rows)
        expression: Tensor = networks.expression(mels, *given)
        return expression

    expression = heard(express, mel, 0, len(lids), networks.device)
    return np.asarray(expression.cpu().numpy(), dtype=np.float64)


def _motion(
    networks: Networks,
    mel: NDArray[np.float32],
    count: int,
    start: Array,
    style: int,
    rng: np.random.Generator,
) -> Array:
    import torch

    from emoanim.engines.sadtalker.audio_networks import LATENT, blocks_of

    noise = rng.standard_normal((max(blocks_of(count), 1), LATENT)).astype(np.float32)

    def hear(mels: Tensor, _frames: slice) -> Tensor:
        sound: Tensor = networks.pose.hear(mels)
        return sound

    sound = heard(hear, mel, 1, count, networks.device) if count > 1 else None
    with torch.inference_mode():
        motion = networks.pose.move(
            sound,
            torch.from_numpy(start.astype(np.float32)).to(networks.device),
            style,
            torch.from_numpy(noise).to(networks.device),
        )
    return np.asarray(motion.cpu().numpy(), dtype=np.float64)
