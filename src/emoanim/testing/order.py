"""Whether what a backend gives back for several frames stands in the order of the frames."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from emoanim.clips import EmotionScores, Image, Portrait

__all__ = ["check_images_in_order", "check_rows_in_order"]

# Half precision and kernels for batches round otherwise; less is a tie of equal frames.
_BATCH_TOLERANCE, _TIE = 0.01, 1e-4


def check_rows_in_order(together: EmotionScores, alone: Sequence[EmotionScores]) -> None:
    """Compare the rows of several frames with what each frame gets alone.

    Raises:
        AssertionError: they stand in another order, or depend on the other frames.
    """
    each = np.concatenate([scores.values for scores in alone])
    gaps = np.abs(together.values[:, None] - each[None]).max(axis=2)
    own = gaps.diagonal()
    if (own > gaps.min(axis=1) + _TIE).any():
        raise AssertionError(
            "the rows are in another order than the frames; expected row i to be frame i's"
        )
    if (own >= _BATCH_TOLERANCE).any():
        raise AssertionError(
            f"a frame's row differs by {own.max():.3f} from what the frame gets alone; expected "
            "scores that do not depend on the other frames of a call"
        )


def check_images_in_order(frames: Sequence[Image], stills: Sequence[Portrait]) -> None:
    """Look for each frame's own picture: an emotion changes it less than another frame would.

    Raises:
        AssertionError: a portrait looks like another frame.
    """
    if len({frame.shape for frame in frames}) > 1:
        return
    for number, still in enumerate(stills):
        if still.image.shape != frames[number].shape:
            continue
        gaps = [float(np.abs(still.image.astype(int) - frame).mean()) for frame in frames]
        if gaps[number] > min(gaps):
            raise AssertionError(
                f"portrait {number} looks like another frame than frame {number}; expected the "
                "portraits in the order of the frames"
            )
