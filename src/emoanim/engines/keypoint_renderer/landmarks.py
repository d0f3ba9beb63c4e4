"""The 68 points that both networks were trained on, from our mesh of 468."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["landmarks68"]

# Jaw, brows, nose, eyes, lips in the order of the 68-point scheme; a pair stands for its mean.
_MESH: tuple[tuple[int, ...], ...] = (
    *((127,), (234,), (93,), (132, 58), (58, 172), (136,), (150,), (176,), (152,)),
    *((400,), (379,), (365,), (397, 288), (361,), (323,), (454,), (356,)),
    *((156,), (63,), (105,), (66,), (107,), (336,), (296,), (334,), (293,), (383,)),
    *((168, 6), (197, 195), (5,), (4,), (98,), (97,), (2,), (326,), (327,)),
    *((33,), (160,), (158,), (133,), (153,), (144,)),
    *((362,), (385,), (387,), (263,), (373,), (380,)),
    *((61,), (39,), (37,), (0,), (267,), (269,), (291,), (321,), (314,), (17,), (84,), (91,)),
    *((78,), (82,), (13,), (312,), (308,), (317,), (14,), (87,)),
)


def landmarks68(points: NDArray[np.floating]) -> NDArray[np.float64]:
    """Pick the 68 points out of the mesh, (468, 2 or 3) to (68, 2).

    The jaw follows the mesh's oval rather than the visible jaw; what crops and alignment are
    computed from (eyes, nose, mouth) lies where a 68-point detector puts it.
    """
    flat = np.asarray(points, dtype=np.float64)[:, :2]
    return np.stack([flat[list(group)].mean(0) for group in _MESH])
