"""DeepSpeech features, (t, 16, 29): of a graph's network, or the user's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emoanim.errors import InputError, SettingsError
from emoanim.parsing import read_array

__all__ = ["check_length", "deep_features", "read_features", "window_scores"]

_ROWS, _LETTERS = 16, 29
_SLACK = 2
"""Frames by which features may be shorter or longer than the speech."""


def deep_features(network: Any, samples: NDArray[np.float32], frames: int) -> NDArray[np.float32]:
    """Return the features of speech, (frames, 16, 29).

    Args:
        network: see ``acoustic_network``.
        samples: float32 (n,) in [-1, 1] at 16 kHz.
        frames: of the video, 25 per second.
    """
    import torch

    from emoanim.engines.eat.mfcc import normalised_rows

    whole = np.clip(samples * np.float32(32768), -32768, 32767).astype(np.int16)
    rows = torch.from_numpy(normalised_rows(whole).astype(np.float32))
    with torch.inference_mode():
        scores = network(rows).numpy()
    return window_scores(scores, frames)


def window_scores(scores: NDArray[np.float32], frames: int) -> NDArray[np.float32]:
    """Return windows of 16 rows, two rows further per video frame, (frames, 16, 29).

    Rows come 50 times per second, as before; beyond the last its values stay. Eight rows of zeros
    lie before and after.

    Args:
        scores: (n, 29).
        frames: of the video.
    """
    wanted = np.minimum(np.arange(2 * frames), len(scores) - 1)
    padded = np.pad(scores[wanted], ((_ROWS // 2, _ROWS // 2), (0, 0)))
    strips = np.lib.stride_tricks.sliding_window_view(padded, _ROWS, axis=0)[::2][:frames]
    return np.asarray(strips.transpose(0, 2, 1), dtype=np.float32)


def read_features(given: str | Path | NDArray[Any]) -> NDArray[np.float32]:
    """Return features of the user's own, (t, 16, 29).

    Raises:
        SettingsError: no such file, no array, or one of another shape.
    """
    if isinstance(given, str | Path):
        try:
            features = read_array(Path(given).expanduser())
        except (OSError, ValueError) as error:
            raise SettingsError(
                f"the DeepSpeech features {given} cannot be read as an array ({error})."
            ) from error
    else:
        features = np.asarray(given)
    shape = getattr(features, "shape", ())
    if len(shape) != 3 or shape[1:] != (_ROWS, _LETTERS) or features.dtype.kind != "f":
        raise SettingsError(
            f"DeepSpeech features of shape {shape} given; expected floats of shape (t, 16, 29), "
            "one per frame of 40 ms."
        )
    return np.asarray(features, dtype=np.float32)


def check_length(features: NDArray[np.float32], frames: int) -> None:
    """Refuse features that belong to other speech.

    Raises:
        InputError: they are more than two frames shorter or longer.
    """
    if abs(len(features) - frames) > _SLACK:
        raise InputError(
            f"DeepSpeech features of {len(features)} frames given for speech of {frames}; expected "
            f"as many, give or take {_SLACK}. They belong to one sound: give this speech's, or the "
            "graph to have them computed."
        )
