"""A frame between two: a film that runs slower or faster neither freezes nor jumps."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emoanim.clips import Image
from emoanim.engines.film.following import Seen
from emoanim.extras import require

__all__ = ["between"]

Array = NDArray[np.float32]

WIDEST = 400
"""Motion is looked for in pictures of at most that size, pixels."""
UNALIKE = 24.0
"""Where the two frames, moved onto each other, differ by that many grey levels, the motion was not
understood and the nearer frame is shown alone."""


def between(first: Seen, second: Seen, share: float) -> Seen:
    """Return what was to be seen between two frames.

    Args:
        first: the earlier frame.
        second: the next one, as large.
        share: of the way from the first to the second, in [0, 1].
    """
    if first.shot != second.shot:
        return first if share < 0.5 else second
    image = _moved(first.image, second.image, share)
    time = first.time + share * (second.time - first.time)
    strength = (1 - share) * first.strength + share * second.strength
    fast = _mixed(first.fast, second.fast, share)
    lasting = _mixed(first.lasting, second.lasting, share)
    anchors = _mixed(first.anchors, second.anchors, share)
    if first.points is None or second.points is None:
        nearer = first if share < 0.5 else second
        return replace(nearer, time=time, image=image, strength=strength, shot=first.shot)
    irises = None
    if first.irises is not None and second.irises is not None:
        irises = _mixed(first.irises, second.irises, share)
    points = _mixed(first.points, second.points, share)
    return Seen(time, image, points, irises, fast, lasting, anchors, strength, first.shot)


def _mixed(a: Array, b: Array, share: float) -> Array:
    return np.asarray(a + np.float32(share) * (b - a), np.float32)


def _moved(first: Image, second: Image, share: float) -> Image:
    """Move both frames along the optical flow to the moment between them, and mix them."""
    cv2 = require("cv2", "rig")
    height, width = first.shape[:2]
    less = min(1.0, WIDEST / max(height, width))
    size = max(round(width * less), 16), max(round(height * less), 16)
    grey = [
        cv2.resize(cv2.cvtColor(i, cv2.COLOR_RGB2GRAY), size, interpolation=cv2.INTER_AREA)
        for i in (first, second)
    ]
    search = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
    flow = search.calc(*grey, None)
    # The flow is known where things were in the first frame; it is wanted where they are now.
    then = -np.float32(share) * flow
    flow = _relative(flow, then, cv2.INTER_LINEAR)
    flow = cv2.resize(flow, (width, height), interpolation=cv2.INTER_LINEAR)
    cv2.multiply(flow, (width / size[0], height / size[1], 0, 0), dst=flow)
    early = _relative(first, cv2.multiply(flow, (-share, -share, 0, 0)), cv2.INTER_CUBIC)
    late = _relative(second, cv2.multiply(flow, (1 - share, 1 - share, 0, 0)), cv2.INTER_CUBIC)
    unlike = cv2.resize(cv2.absdiff(early, late), size, interpolation=cv2.INTER_AREA).max(2)
    doubt = cv2.GaussianBlur(unlike.astype(np.float32), (0, 0), 1.2) / UNALIKE - 0.5
    weight = share + np.clip(doubt, 0, 1) * (float(share >= 0.5) - share)
    weight = cv2.resize(weight.astype(np.float32), (width, height))
    return np.asarray(cv2.blendLinear(early, late, 1 - weight, weight), np.uint8)


def _relative(image: NDArray[Any], by: Array, how: int) -> NDArray[Any]:
    """Return a picture (or values) whose every place shows what is ``by`` pixels away."""
    cv2 = require("cv2", "rig")
    sampled: NDArray[Any] = cv2.remap(
        image, by, None, how | cv2.WARP_RELATIVE_MAP, borderMode=cv2.BORDER_REPLICATE
    )
    return sampled
