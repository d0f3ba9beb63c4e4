"""A portrait that moves: action units and head motion in, a picture out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from emoanim.registry import require
from emoanim.rig.eyes import eyes, lid_motion
from emoanim.rig.expression import own_expression
from emoanim.rig.lips import lips
from emoanim.rig.mouth import JAW_DROP, MouthInterior, mouth_plane
from emoanim.rig.shading import Shading
from emoanim.rig.surface import FLIP, Surface, head_surface
from emoanim.rig.units import FIELDS, fields, in_fields
from emoanim.rig.warp import enlarged, inverse

__all__ = ["FaceRenderer"]

Array = NDArray[np.float32]
Image = NDArray[np.uint8]
Box = tuple[int, int, int, int]

NECK = (0.0, -9.5, -5.0)
"""What the head turns about, canonical cm."""
CAMERA = 60.0
"""Distance of the camera for a motion towards it, cm."""


class FaceRenderer:
    """Moves one portrait; all that does not depend on the weights is computed once.

    Args:
        image: uint8 (h, w, 3) RGB.
        points: float (468, 3) mesh in pixels (see ``emoanim.faces.Face.points``).
        mouth: what is behind the lips; painted to suit the portrait by default.
        cancel: share of the portrait's own expression that is taken away, so that no weights
            at all give a neutral face; 0 keeps it.
        baseline: the portrait's own expression, if it is known better than one picture tells.

    Attributes:
        baseline: the portrait's own expression as action-unit weights.
    """

    def __init__(
        self,
        image: Image,
        points: NDArray[np.floating],
        *,
        mouth: MouthInterior | None = None,
        cancel: float = 1.0,
        baseline: Mapping[str, float] | None = None,
    ) -> None:
        self._image = np.ascontiguousarray(image)
        points = np.asarray(points, np.float32)
        height, width = image.shape[:2]
        self.baseline: Mapping[str, float] = (
            own_expression(points) if baseline is None else dict(baseline)
        )
        self._cancel = cancel
        surface = head_surface(points, height, width)
        self._surface, self._scale = surface, float(surface.pose.scale)
        self._pivot = self._at_canonical(np.float32(NECK))
        upper, lower = _skin_fields(surface)
        self._upper, self._lower = self._in_pixels(upper), self._in_pixels(lower)
        self._lips = lips(points, surface, self._upper, self._lower)
        self._eyes = eyes(points, self._scale, height, width)
        self._shading = Shading.of(self._image, points, surface, upper[..., 2], lower[..., 2])
        self._plane = mouth_plane(points)
        self._mouth = MouthInterior.of(self._image, points) if mouth is None else mouth

    def render(
        self, weights: Mapping[str, float], head: Sequence[float] = (0, 0, 0, 0, 0, 0)
    ) -> Image:
        """Return the portrait with an expression and a head motion.

        Args:
            weights: by action unit, about 0 to 1; "seal" closes the lips. On a neutral face: the
                portrait's own expression is taken away first.
            head: pitch, yaw, roll in degrees and x, y, z in cm from the portrait's own pose;
                signs as in ``emoanim.faces.HeadPose``, x to the right, y up, z to the camera.

        Returns:
            uint8 (h, w, 3) RGB, as large as the portrait.
        """
        cv2 = require("cv2", "rig")
        grid = self._surface.grid
        asked = in_fields(weights)
        own = {k: -self._cancel * v for k, v in self.baseline.items()}
        total = asked + in_fields(own)
        seal = float(weights.get("seal", 0.0))
        wanted = self._lips.wanted(asked, 1.0 - self._cancel, seal)
        upper, lower = self._moved(total, wanted, head)
        back_upper = inverse(upper, grid)
        back_lower = inverse(lower, grid)
        nodes = grid.nodes()
        below = self._below(nodes + back_upper, nodes + back_lower)
        back = np.where(below[..., None], back_lower, back_upper)

        box = self._box()
        left, top, right, bottom = box
        source = enlarged(back, grid, *box)
        made = cv2.remap(
            self._image, source, None, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
        )
        self._slide_lids(made, box, source, _summed(weights, own))
        self._open_mouth(made, box, back_upper, back_lower, total, head)
        self._shading.apply(made, total, back, grid, box)
        image = self._image.copy()
        image[top:bottom, left:right] = made
        return image

    def _in_pixels(self, moved: Array) -> Array:
        """Return fields (len(FIELDS), rows, columns, 3) from canonical cm to pixels, in place."""
        pose = self._surface.pose
        turn = (pose.rotation * pose.scale).T.astype(np.float32) * FLIP[:, None]
        return np.asarray(moved @ turn * self._surface.skin[..., None], np.float32)

    def _at_canonical(self, place: Array) -> Array:
        pose = self._surface.pose
        return np.asarray(
            pose.scale * (place * FLIP) @ pose.rotation.T + pose.translation, np.float32
        )

    def _moved(self, weights: Array, wanted: Array, head: Sequence[float]) -> tuple[Array, Array]:
        """Return the displacement of the nodes, pixels, for the branches above and below the lips."""
        surface = self._surface
        fix_upper, fix_lower = self._lips.correction(weights, wanted)
        both = []
        for fields, fix in ((self._upper, fix_upper), (self._lower, fix_lower)):
            skin = np.tensordot(weights, fields, 1)
            skin[..., :2] += (fix * surface.skin)[..., None] * self._lips.down
            if any(head):
                there = np.concatenate([surface.grid.nodes(), surface.depth[..., None]], -1) + skin
                skin += surface.head[..., None] * (self._carried(there, head) - there)
            both.append(np.ascontiguousarray(skin[..., :2]))
        return both[0], both[1]

    def _carried(self, points: Array, head: Sequence[float]) -> Array:
        """Return points (..., 3) in pixels after the head's motion."""
        pitch, yaw, roll = (math.radians(a) for a in head[:3])
        shift = np.float32(head[3:6]) * FLIP * np.float32(self._scale)
        carried = (points - self._pivot) @ _turn(pitch, yaw, roll).T + self._pivot + shift
        centre = self._pivot[:2] + shift[:2]
        nearer = np.float32(head[5] / CAMERA)
        carried[..., :2] += nearer * (carried[..., :2] - centre)
        return np.asarray(carried, np.float32)

    def _box(self) -> Box:
        grid = self._surface.grid
        height, width = self._image.shape[:2]
        right = int(grid.left + grid.step * (grid.columns - 1)) + 1
        bottom = int(grid.top + grid.step * (grid.rows - 1)) + 1
        return int(grid.left), int(grid.top), min(right, width), min(bottom, height)

    def _below(self, from_upper: Array, from_lower: Array) -> NDArray[np.bool_]:
        """Return where the lower branch holds: where it is deeper in its lip than the upper."""
        s = self._lips.slit
        u, v = s.local(from_upper)
        above = s.at(s.upper, u) - v
        u, v = s.local(from_lower)
        under = v - s.at(s.lower, u)
        return np.asarray(under > above)

    def _slide_lids(
        self, made: Image, box: Box, source: Array, weights: Mapping[str, float]
    ) -> None:
        motion = lid_motion(weights)
        if motion.still:
            return
        for eye in self._eyes:
            window = _window_of(source, eye.box, box)
            if window is None:
                continue
            moved, share = eye.slid(self._image, source[window], motion)
            made[window] = np.clip(made[window] * (1 - share) + moved * share + 0.5, 0, 255).astype(
                np.uint8
            )

    def _open_mouth(
        self,
        made: Image,
        box: Box,
        back_upper: Array,
        back_lower: Array,
        weights: Array,
        head: Sequence[float],
    ) -> None:
        """Draw both lips at full resolution, and what is between them."""
        cv2 = require("cv2", "rig")
        s, scale = self._lips.slit, self._scale
        grid = self._surface.grid
        window = self._mouth_window(back_upper, back_lower, box)
        if window is None:
            return
        left, top, right, bottom = window
        uppers = enlarged(back_upper, grid, *window)
        lowers = enlarged(back_lower, grid, *window)
        u, v = s.local(uppers)
        above = s.at(s.upper, u) - v
        from_lower = s.local(lowers)
        under = from_lower[1] - s.at(s.lower, from_lower[0])
        upper_share = np.clip(above + 0.5, 0, 1)
        lower_share = np.clip(under + 0.5, 0, 1)
        total = np.maximum(upper_share + lower_share, 1.0)
        upper_share, lower_share = upper_share / total, lower_share / total
        hole = (1.0 - upper_share - lower_share)[..., None]

        mixed = np.zeros((*above.shape, 3), np.float32)
        for source, share in ((uppers, upper_share), (lowers, lower_share)):
            found = cv2.remap(
                self._image, source, None, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
            )
            mixed += found * share[..., None]
        if float(hole.max()) > 0.01:
            pixels = np.stack(
                np.meshgrid(
                    np.arange(left, right, dtype=np.float32),
                    np.arange(top, bottom, dtype=np.float32),
                ),
                -1,
            )
            plane = self._skull_plane(head)
            inside = self._mouth.seen(pixels @ plane[:, :2].T + plane[:, 2], self._drop(weights))
            depth = np.clip(-above, 0, None) / scale
            shade = 1.0 - 0.45 * np.exp(-depth / 0.10)
            shade *= 1.0 - 0.5 * np.clip(np.abs(u), 0, 1) ** 4
            shade *= 1.0 - 0.25 * np.exp(-np.clip(-under, 0, None) / scale / 0.08)
            mixed += inside * shade[..., None] * hole
        made[top - box[1] : bottom - box[1], left - box[0] : right - box[0]] = np.clip(
            mixed + 0.5, 0, 255
        ).astype(np.uint8)

    def _mouth_window(self, back_upper: Array, back_lower: Array, box: Box) -> Box | None:
        """Return the pixels that the lips may part in: where the branches differ near the slit."""
        grid, s = self._surface.grid, self._lips.slit
        nodes = grid.nodes()
        u, v = s.local(nodes + back_upper)
        under = s.local(nodes + back_lower)[1] - s.at(s.lower, u)
        above = s.at(s.upper, u) - v
        near = (np.abs(u) < 1.05) & (np.maximum(above, under) < 0.25 * self._scale)
        rows, columns = np.nonzero(near)
        if not len(rows):
            return None
        margin = 2 * grid.step + 2
        return (
            max(int(grid.left + columns.min() * grid.step - margin), box[0]),
            max(int(grid.top + rows.min() * grid.step - margin), box[1]),
            min(int(grid.left + columns.max() * grid.step + margin) + 1, box[2]),
            min(int(grid.top + rows.max() * grid.step + margin) + 1, box[3]),
        )

    def _skull_plane(self, head: Sequence[float]) -> Array:
        """Return the affine map (2, 3) from pixels of the moved head to the mouth's plane, cm."""
        corners = self._at_canonical(np.float32([(0, -4.3, 4.3), (2, -4.3, 4.3), (0, -6.3, 4.3)]))
        after = self._carried(corners, head)[:, :2].astype(np.float64)
        before = np.column_stack([corners[:, :2].astype(np.float64), np.ones(3)])
        still = self._plane.astype(np.float64)
        seen = before @ still.T
        return np.linalg.solve(np.column_stack([after, np.ones(3)]), seen).T.astype(np.float32)

    def _drop(self, weights: Array) -> float:
        """Return how far the lower teeth are below their place with a closed jaw, cm."""
        jaw = float(weights[FIELDS.index("26")]) + self.baseline.get("26", 0.0)
        return max(jaw * JAW_DROP, 0.0)


def _skin_fields(surface: Surface) -> tuple[Array, Array]:
    """Return both branches of every field at the nodes, canonical cm, zero where no skin moves."""
    on = surface.skin > 1e-3
    shape = (len(FIELDS), *on.shape, 3)
    upper, lower = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    upper[:, on], lower[:, on] = fields(surface.place[on])
    return upper, lower


def _summed(*parts: Mapping[str, float]) -> dict[str, float]:
    total: dict[str, float] = {}
    for part in parts:
        for unit, weight in part.items():
            total[unit] = total.get(unit, 0.0) + weight
    return total


def _turn(pitch: float, yaw: float, roll: float) -> Array:
    """Return the rotation in the picture's axes (x right, y down, z away)."""
    cx, sx, cy, sy = math.cos(pitch), math.sin(pitch), math.cos(yaw), math.sin(yaw)
    cz, sz = math.cos(roll), math.sin(roll)
    about_x = np.array([[1, 0, 0], [0, cx, sx], [0, -sx, cx]])
    about_y = np.array([[cy, 0, -sy], [0, 1, 0], [sy, 0, cy]])
    about_z = np.array([[cz, -sz, 0], [sz, cz, 0], [0, 0, 1]])
    return (about_z @ about_y @ about_x).astype(np.float32)


def _window_of(source: Array, wanted: Box, box: Box) -> tuple[slice, slice] | None:
    """Return the rows and columns of the box whose content comes from a rectangle."""
    left, top, right, bottom = wanted
    x, y = source[..., 0], source[..., 1]
    inside = (x >= left) & (x < right) & (y >= top) & (y < bottom)
    rows, columns = np.nonzero(inside.any(1))[0], np.nonzero(inside.any(0))[0]
    if not len(rows):
        return None
    return np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
