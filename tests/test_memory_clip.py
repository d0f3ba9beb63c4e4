"""Frames in memory as a clip."""

from __future__ import annotations

import numpy as np
import pytest

from emoanim.memory_clip import MemoryClip

CLIP = MemoryClip([np.full((2, 2, 3), number, np.uint8) for number in range(5)], 10.0, None)


def numbers(frames):
    return [int(frame.image[0, 0, 0]) for frame in frames]


def test_a_part_without_its_end() -> None:
    assert numbers(CLIP.frames()) == [0, 1, 2, 3, 4]
    assert numbers(CLIP.frames(0.2)) == [2, 3, 4]
    assert numbers(CLIP.frames(0.1, 0.3)) == [1, 2]


def test_the_frame_that_is_shown_at_a_time() -> None:
    assert numbers(CLIP.frames_at([0.0, 0.19, 0.2, 0.2, 9.0])) == [0, 1, 2, 2, 4]
    with pytest.raises(ValueError, match="backwards"):
        list(CLIP.frames_at([0.2, 0.1]))
