"""A face that goes on moving: each performance begins where the last frame was."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from emoanim.clips import Image, Speech
from emoanim.emotions import EmotionPrompt
from emoanim.engines.rig.motion.envelopes import smoothstep
from emoanim.engines.rig.motion.performance import Performance, perform
from emoanim.engines.rig.renderer import FaceRenderer

__all__ = ["LiveRig", "RigFace", "joined", "rendered"]

_AHEAD = 2

FACE_SECONDS, HEAD_SECONDS = 0.3, 0.8
"""In which a difference to the last frame goes to nothing: a face changes faster than a head."""
DISSOLVE = 6
"""Frames in which one still passes into another picture of the person."""


@dataclass(frozen=True, slots=True, eq=False)
class RigFace:
    """A still that the rig moves.

    Attributes:
        renderer: of its picture.
        expression: action units of the emotion; None for those of the preset, empty where the
            pixels show it already.
        keep_mouth: in pauses the mouth is as the still has it.
        room: factor on head motion that its background takes.
    """

    renderer: FaceRenderer
    expression: Mapping[str, float] | None
    keep_mouth: bool
    room: float = 1.0


@dataclass(slots=True, eq=False)
class _Shown:
    """What the last frame showed."""

    renderer: FaceRenderer
    image: Image
    units: Mapping[str, float]
    head: NDArray[np.float32]


class LiveRig:
    """The stills of one person, moved on and on.

    Args:
        faces: the stills, of one size.
        fps: frames per second.
        size: width and height in pixels.
        seed: of blinks, head motion and the life of the expression; each move has its own share.
        movement: factor on head motion.
        threads: frames that are rendered at the same time.
        prepared: gives a speech its phones.
    """

    def __init__(
        self,
        faces: Sequence[RigFace],
        fps: float,
        size: tuple[int, int],
        seed: int,
        movement: float,
        threads: int,
        prepared: Callable[[Speech], Speech],
    ) -> None:
        self.fps = fps
        self.size = size
        self._faces = tuple(faces)
        self._seed = seed
        self._movement = movement
        self._threads = threads
        self._prepared = prepared
        self._moves = 0
        self._shown: _Shown | None = None

    def plan(
        self, still: int, speech: Speech, prompt: EmotionPrompt
    ) -> tuple[RigFace, Performance]:
        """Return the motion of a speech, whatever is shown before it."""
        face = self._faces[still]
        share = np.random.SeedSequence([self._seed, self._moves])
        self._moves += 1
        performance = perform(
            self._prepared(speech),
            prompt,
            fps=self.fps,
            seed=int(share.generate_state(1)[0]),
            expression=face.expression,
            keep_mouth=face.keep_mouth,
            movement=self._movement * face.room,
        )
        return face, performance

    def move(self, plan: tuple[RigFace, Performance]) -> Iterator[Image]:
        """Yield the frames of a plan, from what the last frame showed on."""
        face, performance = plan
        before = self._shown
        same = before is not None and before.renderer is face.renderer
        if before is not None:
            performance = joined(performance, before.units if same else None, before.head)
        frames = rendered(face.renderer.render, performance, self._threads)
        try:
            for index, image in enumerate(frames):
                if before is not None and not same and index < DISSOLVE:
                    image = _mixed(before.image, image, (index + 1) / (DISSOLVE + 1))
                units = performance.units(index)
                self._shown = _Shown(face.renderer, image, units, performance.head[index])
                yield image
        finally:
            frames.close()


def joined(
    performance: Performance, units: Mapping[str, float] | None, head: NDArray[np.float32]
) -> Performance:
    """Return a performance that begins at given weights and pose, and soon is itself.

    Args:
        performance: what is to come.
        units: weights of the last frame; None leaves the weights alone.
        head: pose of the last frame, (6,).
    """
    times = np.arange(1, len(performance) + 1, dtype=np.float64) / performance.fps
    left = 1.0 - smoothstep(times / HEAD_SECONDS)
    moved = performance.head + left[:, None] * (head - performance.head[0])
    performance = replace(performance, head=moved.astype(np.float32))
    if units is None:
        return performance
    names = (*performance.names, *(name for name in units if name not in performance.names))
    weights = np.zeros((len(performance), len(names)), np.float32)
    weights[:, : len(performance.names)] = performance.weights
    last = np.array([units.get(name, 0.0) for name in names], np.float32)
    left = 1.0 - smoothstep(times / FACE_SECONDS)
    weights += (left[:, None] * (last - weights[0])).astype(np.float32)
    return replace(performance, names=names, weights=weights)


def _mixed(one: Image, other: Image, share: float) -> Image:
    mixed = (1.0 - share) * one.astype(np.float32) + share * other.astype(np.float32)
    return np.asarray(mixed + 0.5, np.uint8)


def rendered(
    render: Callable[..., Image], performance: Performance, threads: int
) -> Generator[Image, None, None]:
    """Yield the frames in order; a few are made ahead by the threads, never more."""

    def frame(index: int) -> Image:
        return render(performance.units(index), performance.head[index].tolist())

    if threads == 1:
        yield from map(frame, range(len(performance)))
        return
    pool = ThreadPoolExecutor(threads, thread_name_prefix="emoanim-rig")
    waiting: deque[Future[Image]] = deque()
    try:
        for index in range(len(performance)):
            waiting.append(pool.submit(frame, index))
            if len(waiting) >= threads + _AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        # Whoever gives the frames up does not wait for the one or two that are being rendered.
        pool.shutdown(wait=False, cancel_futures=True)
