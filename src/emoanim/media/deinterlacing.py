"""Interlaced film to whole pictures: FFmpeg's bwdif, on what is flagged or seen as interlaced."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

__all__ = ["deinterlaced", "looks_interlaced", "may_be_interlaced"]

_HEIGHTS = (480, 486, 576, 1080)
"""Lines of the interlaced standards: only there an unflagged picture is suspected."""
_BLOCK = 16
_MOVED = 12.0
"""Levels by which a block's pixels change, at the mean, where something moves."""
_COMBED = 1.5
_SHARE = 0.2


def deinterlaced(frames: Iterable[Any], base: Fraction) -> Iterator[Any]:
    """Yield the frames made whole, one for one, with their times; flags are not asked."""
    graph: Any = None
    shape: tuple[Any, ...] = ()
    for frame in frames:
        here = (frame.format.name, frame.width, frame.height)
        if here != shape:
            yield from _flushed(graph)
            graph, shape = _graph(frame, base), here
        graph.push(frame)
        yield from _pulled(graph)
    yield from _flushed(graph)


def looks_interlaced(frames: Sequence[Any]) -> bool:
    """Tell whether unflagged frames, in pairs that follow each other, are woven of two moments.

    Lines of one field look more like each other than like the lines between them, wherever
    something moves.
    """
    if not frames or not may_be_interlaced(frames[0]):
        return False
    moving = combed = 0
    for frame, following in pairwise(frames):
        first, second = _luma(frame), _luma(following)
        if first is None or second is None or first.shape != second.shape:
            return False
        change = _blocks(np.abs(second - first)[2:-2])
        near = _blocks(np.abs(first[2:-2] - (first[1:-3] + first[3:-1]) / 2))
        far = _blocks(np.abs(first[2:-2] - (first[:-4] + first[4:]) / 2))
        moves = change > _MOVED
        moving += int(moves.sum())
        combed += int((moves & (near > _COMBED * far + 2)).sum())
    return moving >= 8 and combed > _SHARE * moving


def may_be_interlaced(frame: Any) -> bool:
    """Tell whether a frame has the lines of an interlaced standard."""
    return frame.height in _HEIGHTS and bool(frame.format.is_planar)


def _luma(frame: Any) -> NDArray[np.float32] | None:
    plane = frame.planes[0]
    if frame.format.components[0].bits != 8:
        return None
    rows = np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)
    return rows[:, : plane.width].astype(np.float32)


def _blocks(values: NDArray[np.float32]) -> NDArray[np.float32]:
    height, width = (side // _BLOCK * _BLOCK for side in values.shape)
    cut = values[:height, :width].reshape(height // _BLOCK, _BLOCK, width // _BLOCK, _BLOCK)
    return np.asarray(cut.mean(axis=(1, 3)), np.float32)


def _graph(frame: Any, base: Fraction) -> Any:
    graph = av.filter.Graph()
    chain = [
        graph.add_buffer(
            width=frame.width, height=frame.height, format=frame.format.name, time_base=base
        ),
        graph.add("bwdif", "mode=send_frame:parity=auto:deint=all"),
        graph.add("buffersink"),
    ]
    for one, following in pairwise(chain):
        one.link_to(following)
    graph.configure()
    return graph


def _pulled(graph: Any) -> Iterator[Any]:
    while True:
        try:
            yield graph.pull()
        except (av.error.BlockingIOError, av.error.EOFError):
            return


def _flushed(graph: Any) -> Iterator[Any]:
    if graph is not None:
        graph.push(None)
        yield from _pulled(graph)
