"""A portrait without the marks of a smile that the warp has taken away.

A smile presses folds into the cheeks and thins the lips, so that their colour fades towards the
corners. Both are in the pixels, not in the geometry.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emoanim.engines.rig.folds import beside_fold
from emoanim.engines.rig.landmarks import INNER_LOWER, INNER_UPPER, OUTER_LOWER, OUTER_UPPER
from emoanim.engines.rig.surface import Surface
from emoanim.engines.rig.warp import enlarged_values
from emoanim.extras import require

__all__ = ["FROM", "Calm"]

Array = NDArray[np.float32]
Image = NDArray[np.uint8]

REACH = 5.5
"""Half the width and height of what is looked at, around the mouth, cm."""
FILLED = 0.95
"""Share of a fold's darkness that is filled."""
BESIDE = 0.6
"""Share of that which is taken off the bright rim beside it."""
EVENED = 0.25
"""Share of the lips' differences in colour that is taken away."""
FROM, FULL = 0.7, 1.7
"""Weight of the smile taken away at which this begins and is complete."""


@dataclass(frozen=True, slots=True, eq=False)
class Calm:
    """What the skin around the mouth looks like without the smile's marks.

    Attributes:
        left, top: of the part in the portrait, pixels.
        part: uint8 (h, w, 3) RGB.
    """

    left: int
    top: int
    part: Image

    @classmethod
    def of(cls, image: Image, points: Array, surface: Surface) -> Calm:
        """Fill the folds beside nose and mouth, and even the lips' colour.

        Args:
            image: uint8 (h, w, 3) RGB.
            points: (468, 3) mesh, pixels.
            surface: of the face.
        """
        cv2 = require("cv2", "rig")
        scale = float(surface.pose.scale)
        middle = points[[13, 14], :2].mean(0)
        middle = np.clip(middle, 0, np.array(image.shape[1::-1]) - 1)
        left, top = (max(int(v), 0) for v in middle - REACH * scale)
        part = image[
            top : int(middle[1] + REACH * scale) + 1, left : int(middle[0] + REACH * scale) + 1
        ]
        size = part.shape[:2]
        box = (left, top, left + size[1], top + size[0])

        def filled(*rows: tuple[int, ...]) -> Array:
            mask = np.zeros(size, np.uint8)
            ring = [*rows[0], *rows[1][-2:0:-1]]
            corners = (points[ring, :2] - (left, top)).round().astype(np.int32)
            cv2.fillPoly(mask, [corners], 1)
            return mask.astype(np.float32)

        def soft(values: Array, spread: float) -> Array:
            return np.asarray(cv2.GaussianBlur(values, (0, 0), max(spread * scale, 0.3)))

        outer, inner = filled(OUTER_UPPER, OUTER_LOWER), filled(INNER_UPPER, INNER_LOWER)
        bare = 1.0 - np.clip(3.0 * soft(outer, 0.15), 0, 1)
        near = enlarged_values(beside_fold(surface.place), surface.grid, *box)
        inside = enlarged_values(np.exp(-surface.outside / 0.3), surface.grid, *box)
        known = (bare * inside + 1e-3)[..., None]
        light = np.log(part.astype(np.float32) + 8.0)
        wide = soft(light * known, 0.7) / soft(known[..., 0], 0.7)[..., None]
        off = wide - soft(light, 0.04)
        off = np.where(off > 0, np.minimum(off, 1.0), BESIDE * np.maximum(off, -0.3))
        lightened = np.exp(light + FILLED * (near * bare * inside)[..., None] * off) - 8.0

        lips = soft(np.clip(outer - inner, 0, 1), 0.05)[..., None]
        red = (outer - inner) > 0.5
        if red.sum() > 20:
            usual = np.percentile(lightened[red], 45, axis=0)
            lightened += EVENED * lips * (usual - soft(lightened, 0.12))
        return cls(left, top, np.clip(lightened + 0.5, 0, 255).astype(np.uint8))

    def over(self, image: Image, smile_taken: float) -> Image:
        """Return the portrait with the marks fading.

        Args:
            image: the portrait.
            smile_taken: weight of the smile that is taken away.
        """
        share = min(max((smile_taken - FROM) / (FULL - FROM), 0.0), 1.0)
        if not share:
            return image
        cv2 = require("cv2", "rig")
        result = image.copy()
        height, width = self.part.shape[:2]
        window = result[self.top : self.top + height, self.left : self.left + width]
        window[...] = cv2.addWeighted(self.part, share, window, 1.0 - share, 0.0)
        return result
