"""The matrix that a stream's colours are read with."""

from __future__ import annotations

import av
import numpy as np
import pytest

from emoanim.media.pictures import RGBReader

RED_709 = (63, 102, 240)
RED_601 = (81, 90, 240)
RED_2020 = (74, 97, 240)
RED_FULL = (76, 85, 255)


def red(planes: tuple[int, int, int], height: int, **tags: int) -> av.VideoFrame:
    """A frame of one colour with the tags that are given."""
    frame = av.VideoFrame(128, height, tags.pop("pixels", "yuv420p"))
    for plane, value in zip(frame.planes, planes, strict=True):
        plane.update(bytes([value]) * plane.buffer_size)
    for name, value in tags.items():
        setattr(frame, name, value)
    return frame


@pytest.mark.parametrize(
    ("planes", "height", "tags"),
    [
        (RED_601, 480, {}),
        (RED_709, 720, {}),
        (RED_709, 480, {"colorspace": 1}),
        (RED_601, 720, {"colorspace": 6}),
        (RED_601, 1080, {"colorspace": 5}),
        (RED_2020, 1080, {"colorspace": 9}),
        (RED_FULL, 480, {"color_range": 2}),
        (RED_FULL, 480, {"pixels": "yuvj420p"}),
    ],
)
def test_pure_red_is_read_as_red(
    planes: tuple[int, int, int], height: int, tags: dict[str, int]
) -> None:
    frame = red(planes, height, **tags)
    image = RGBReader(frame, None).read(frame)
    assert np.abs(image.astype(int) - [255, 0, 0]).max() <= 3
