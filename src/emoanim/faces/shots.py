"""What a clip shows besides its person's face: cuts between shots, and a picture that is turned."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from emoanim.clips import Frame, Image
from emoanim.errors import FaceError
from emoanim.faces.finder import Face

__all__ = ["check_upright", "cuts_between", "glimpse"]

FramesAt = Callable[[Sequence[float]], Iterator[Frame]]
Find = Callable[[Image], list[Face]]
Seen = tuple[Image, Sequence[Face]]

_SMALL = 24
"""Pixels a side of the pictures that are compared."""
_OTHER = 25.0
"""Levels by which pictures of two shots differ, at the mean."""
_JUMP = 0.05
"""Seconds within which a cut happens; what takes longer is a movement of the camera."""
_UPRIGHT = 45.0
"""Degrees that a head may lean in a picture that stands upright."""
_SURE = 0.85
"""Score of the detector from which, with a head upright, nobody asks for other turns."""
_CLEARER = 0.05
_UNSEEN = 0.3
"""Score up to which nobody is seen upright. A person in a mask is seen weakly that way and upside
down; only a sure find then says that the picture is turned."""


def cuts_between(frames: Sequence[Frame], frames_at: FramesAt) -> list[float]:
    """Return the seconds at which the picture jumps between frames of a clip.

    Args:
        frames: in order of time, from all over the clip.
        frames_at: gives the frames that are shown at rising times.
    """
    cuts = []
    small = [_shrunk(frame.image) for frame in frames]
    for (before, one), (after, other) in pairwise(zip(frames, small, strict=True)):
        if _difference(one, other) > _OTHER:
            cut = _narrowed(before.time, after.time, one, other, frames_at)
            if cut is not None:
                cuts.append(cut)
    return cuts


def glimpse(frame: Frame) -> Frame:
    """Return a frame with a tiny picture, which is all that ``cuts_between`` needs."""
    return frame._replace(image=np.round(_shrunk(frame.image)).astype(np.uint8))


def check_upright(seen: Sequence[Seen], find: Find, name: str = "IN.mp4") -> None:
    """Refuse pictures in which the person lies on a side or stands on the head.

    Args:
        seen: pictures, uint8 (h, w, 3) RGB, each with the faces that were found in it.
        find: every face of a picture, to look at turned ones.
        name: of the file, for the command that turns it.

    Raises:
        FaceError: the person does.
    """
    turns = _quarter_turns(seen, find)
    if turns:
        how = {1: "transpose=clock", 2: "hflip,vflip", 3: "transpose=cclock"}[turns]
        turned = f"OUT{name[name.rindex('.') :]}"
        raise FaceError(
            f"the person stands {90 * turns} degrees from upright; expected an upright picture (is "
            f"the file's rotation flag wrong?). Turn it first: ffmpeg -i {name} -vf {how} {turned}"
        )


def _quarter_turns(seen: Sequence[Seen], find: Find) -> int:
    """Return how many quarters clockwise the pictures have to be turned to stand upright.

    A detector sees an upside-down face now and then, weakly, and takes its chin for its forehead:
    each way of turning is tried, unless a face stands upright beyond doubt.
    """
    upright = [_score(faces) for _, faces in seen]
    if any(score >= _SURE for score in upright):
        return 0
    scores = [float(np.mean(upright))]
    for turn in (1, 2, 3):
        turned = (np.ascontiguousarray(np.rot90(image, -turn)) for image, _ in seen)
        scores.append(float(np.mean([_score(find(image)) for image in turned])))
    best = int(np.argmax(scores))
    sure = _SURE if scores[0] > _UNSEEN else 0.5
    return best if scores[best] > scores[0] + _CLEARER and scores[best] >= sure else 0


def _score(faces: Sequence[Face]) -> float:
    """The detector's belief in the largest face, if that stands upright."""
    return faces[0].score if faces and abs(faces[0].roll) <= _UPRIGHT else 0.0


def _narrowed(
    start: float,
    end: float,
    first: NDArray[np.float32],
    last: NDArray[np.float32],
    frames_at: FramesAt,
) -> float | None:
    """Halve the time between two unlike pictures down to a jump; None if there is none."""
    while end - start > _JUMP:
        middle = (start + end) / 2
        frame = next(frames_at([middle]), None)
        if frame is None or not start < frame.time < end:
            break  # no picture between them
        small = _shrunk(frame.image)
        if _difference(first, small) > _difference(small, last):
            end, last = frame.time, small
        else:
            start, first = frame.time, small
    return end if _difference(first, last) > _OTHER else None


def _shrunk(image: Image) -> NDArray[np.float32]:
    """Means over a coarse grid, shape (24, 24, 3)."""
    height, width = (max(side // _SMALL, 1) for side in image.shape[:2])
    cut = image[: height * _SMALL, : width * _SMALL]
    rows, columns = cut.shape[0] // height, cut.shape[1] // width
    blocks = cut.reshape(rows, height, columns, width, 3)
    return np.asarray(blocks.mean(axis=(1, 3)), np.float32)


def _difference(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    return float(np.abs(one - other).mean())
