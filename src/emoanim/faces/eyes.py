"""Lids and irises from MediaPipe's iris network, which looks at each eye closely.

The face mesh network hardly moves its lids; this one follows blinks. It sees an eye in 64x64
pixels and gives 71 points of eye and brow, of which the first 16 are the mesh's lid contour, and
five of the iris. It knows the person's right eye; the left one is shown to it mirrored.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from emoanim.faces.crop import Square, cut
from emoanim.faces.interpreter import Network

__all__ = ["LIDS", "read_eyes"]

Image = NDArray[np.uint8]
Points = NDArray[np.float32]

LIDS = (
    (33, 7, 163, 144, 145, 153, 154, 155, 133, 246, 161, 160, 159, 158, 157, 173),
    (263, 249, 390, 373, 374, 380, 381, 382, 362, 466, 388, 387, 386, 385, 384, 398),
)
"""Mesh points of the lids, the person's right eye and left eye: nine along the lower lid from the
outer corner to the inner one, then seven along the upper lid."""

_REACH = 2.3
"""Side of the square around an eye over the distance of its corners."""


def read_eyes(network: Network, image: Image, points: Points) -> tuple[Points, Points]:
    """Return a mesh with the lids put right, and the irises.

    Args:
        network: iris_landmark.tflite.
        image: uint8 (h, w, 3) RGB.
        points: (468, 3) pixels.

    Returns:
        The mesh, float32 (468, 3), the lid points moved in x and y; and the irises, float32
        (2, 5, 2) pixels, the person's right eye first: centre, then the rim.
    """
    size = network.input_shape[1]
    points = points.copy()
    irises = np.empty((2, 5, 2), np.float32)
    for eye, lids in enumerate(LIDS):
        # from left to right in the image, so that both squares stand upright
        ends = (lids[0], lids[8]) if eye == 0 else (lids[8], lids[0])
        left, right = points[ends[0], :2], points[ends[1], :2]
        across = right - left
        middle = (left + right) / 2
        square = Square(
            float(middle[0]),
            float(middle[1]),
            max(_REACH * math.hypot(*across), 1.0),
            math.atan2(across[1], across[0]),
        )
        seen = cut(image, square, size).astype(np.float32) / np.float32(255.0)
        if eye == 1:
            seen = seen[:, ::-1]
        outputs = network(np.ascontiguousarray(seen)[None])
        contour, iris = sorted((o.reshape(-1, 3)[:, :2] / size for o in outputs), key=len)[::-1]
        if eye == 1:
            contour, iris = contour * (-1, 1) + (1, 0), iris * (-1, 1) + (1, 0)
        points[list(lids), :2] = square.to_image(contour[:16].astype(np.float32))
        irises[eye] = square.to_image(iris.astype(np.float32))
    return points, irises
