"""A portrait that moves: action units and head motion in, a picture out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from emoanim.engines.rig.expressions.expression import own_expression
from emoanim.engines.rig.eyes.glasses import stiffness, upper_rim, wears_glasses
from emoanim.engines.rig.eyes.lids import HIGHEST_KNOWN, eyes, lid_motion
from emoanim.engines.rig.geometry.inset import inset
from emoanim.engines.rig.geometry.surface import head_surface
from emoanim.engines.rig.geometry.turning import FLIP, Turning, in_picture
from emoanim.engines.rig.geometry.warp import enlarged
from emoanim.engines.rig.mouth.branches import around, branched
from emoanim.engines.rig.mouth.inside import JAW_DROP, MouthInterior, mouth_plane
from emoanim.engines.rig.mouth.lip_line import lips
from emoanim.engines.rig.mouth.opening import Motion, draw_mouth
from emoanim.engines.rig.skin.calm import Calm
from emoanim.engines.rig.skin.shading import Shading
from emoanim.engines.rig.units import FIELDS, fields, in_fields
from emoanim.extras import require

__all__ = ["FaceRenderer"]

Array = NDArray[np.float32]
Image = NDArray[np.uint8]

_DEPRESSOR = FIELDS.index("15")
SLACK = 0.2
"""Corners that come down from a smile have little way left: that much of unit 15 is dropped for
every unit of smile that was taken away."""


class FaceRenderer:
    """Moves one portrait; all that does not depend on the weights is computed once.

    Rendering changes nothing in it, so that threads can share one.

    Args:
        image: uint8 RGB (h, w, 3).
        points: float (468, 3) mesh in pixels, lips and lids put right (see
            ``emoanim.faces.FaceFinder.with_lips`` and ``with_eyes``).
        mouth: what is behind the lips; by default the portrait's own if its mouth is open, else
            painted to suit it.
        cancel: share of the portrait's own expression and of hanging lids that is taken away, so
            that no weights at all give a neutral face; 0 keeps them.
        baseline: the portrait's own expression, if it is known better than one picture tells.
        irises: (2, 5, 2) pixels (see ``emoanim.faces.Face.irises``): what a raised lid uncovers.
        glasses: whether the person wears glasses, which then don't bend; looked for by default.

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
        irises: NDArray[np.floating] | None = None,
        glasses: bool | None = None,
    ) -> None:
        self._image = np.ascontiguousarray(image)
        points = np.asarray(points, np.float32)
        height, width = image.shape[:2]
        own = own_expression(points) if baseline is None else dict(baseline)
        self.baseline: Mapping[str, float] = own
        self._taken = {unit: -cancel * weight for unit, weight in own.items()}
        self._rest = 1.0 - cancel
        self._unsmiled = -min(self._taken.get("12L", 0.0), self._taken.get("12R", 0.0))

        head = head_surface(points, height, width, inset(self._image, points))
        self._pose = head.pose
        self._window = head.where_skin_moves()
        face = head.part(*self._window)
        self._head, self._face = head, face
        self._nodes = np.concatenate([head.grid.nodes(), head.depth[..., None]], -1)
        upper, lower = fields(face.place.reshape(-1, 3))
        if wears_glasses(self._image, head.pose) if glasses is None else glasses:
            rim = upper_rim(self._image, head.pose)
            free = 1.0 - stiffness(face.place.reshape(-1, 3), rim)[:, None]
            upper, lower = upper * free, lower * free
        upper, lower = (f.reshape(-1, *face.place.shape) for f in (upper, lower))
        self._upper, self._lower = self._in_pixels(upper), self._in_pixels(lower)
        self._lips = lips(points, face, self._upper, self._lower, closing=cancel)
        self._eyes = eyes(self._image, points, head.pose.scale, irises)
        self._shading = Shading.of(self._image, points, face, upper[..., 2], lower[..., 2])
        self._calm = Calm.of(self._image, points, face, in_fields(self._taken))
        self._plane = mouth_plane(points)
        self._mouth = (
            MouthInterior.of(self._image, points, kept=cancel < 0.5) if mouth is None else mouth
        )

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
            uint8 RGB (h, w, 3), as large as the portrait.
        """
        cv2 = require("cv2", "rig")
        asked = in_fields(weights)
        total = asked + in_fields(self._taken)
        total[_DEPRESSOR] = max(
            total[_DEPRESSOR] - SLACK * self._unsmiled, min(total[_DEPRESSOR], 0)
        )
        wanted = self._lips.wanted(asked, self._rest, float(weights.get("seal", 0.0)))
        turning = Turning.of(head, self._pose) if any(head) else None
        motion = self._motion(total, wanted, turning)

        left, top, right, bottom = motion.grid.box(*self._image.shape[:2])
        source = enlarged(motion.back, motion.grid, left, top, right, bottom)
        portrait = self._calm.over(self._image, total)
        warped = cv2.remap(portrait, source, None, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
        self._slide_lids(warped, source, motion, weights)
        jaw = float(total[FIELDS.index("26")]) + self.baseline.get("26", 0.0)
        draw_mouth(
            portrait,
            warped,
            motion,
            self._lips.slit,
            self._pose.scale,
            self._mouth,
            self._moved_plane(turning),
            max(jaw * JAW_DROP, 0.0),
        )
        self._shading.apply(warped, (left, top), total, motion)
        image = self._image.copy()
        image[top:bottom, left:right] = warped
        return image

    @property
    def taken(self) -> Mapping[str, float]:
        """What is added to all weights: the own expression that is taken away, negative."""
        return self._taken

    def _in_pixels(self, moved: Array) -> Array:
        """Return fields (len(FIELDS), rows, columns, 3) from canonical cm to pixels."""
        turn = (self._pose.rotation * self._pose.scale).T.astype(np.float32) * FLIP[:, None]
        return np.asarray(moved @ turn * self._face.skin[..., None], np.float32)

    def _motion(self, weights: Array, wanted: Array, turning: Turning | None) -> Motion:
        """Return from where the nodes' content comes.

        Without a head motion only the face's part of the grid takes part.
        """
        face = self._face
        grid, position = face.grid, face.place
        branches = []
        fixes = self._lips.correction(weights, wanted)
        for moves, fix in zip((self._upper, self._lower), fixes, strict=True):
            skin = _weighted(weights, moves)
            skin[..., :2] += (fix * face.skin)[..., None] * self._lips.down
            branches.append(skin)
        if turning is not None:
            grid, position = self._head.grid, self._head.place
            rigid = self._head.head[..., None] * (turning.carried(self._nodes) - self._nodes)
            carried = []
            for skin in branches:
                whole = rigid.copy()
                turned = face.head[..., None] * (turning.turned(skin) - skin)
                whole[self._window] += skin + turned
                carried.append(whole)
            branches = carried
        upper, lower = (np.ascontiguousarray(b[..., :2]) for b in branches)

        return branched(grid, position, upper, lower, self._lips.slit)

    def _slide_lids(
        self, image: Image, source: Array, motion: Motion, weights: Mapping[str, float]
    ) -> None:
        lids = lid_motion(weights, self._taken, 1.0 - self._rest, HIGHEST_KNOWN)
        if lids.still and not any(lids.opened * eye.droop for eye in self._eyes):
            return
        grid = motion.grid
        corner = grid.box(*self._image.shape[:2])[:2]
        origin = grid.nodes() + motion.back
        for eye in self._eyes:
            left, top, right, bottom = eye.box
            x, y = origin[..., 0], origin[..., 1]
            inside = (x > left) & (x < right) & (y > top) & (y < bottom)
            if not inside.any():
                continue
            rows, columns = around(inside, 1)
            begin = (
                int(grid.left + columns.start * grid.step),
                int(grid.top + rows.start * grid.step),
            )
            end = int(grid.left + columns.stop * grid.step), int(grid.top + rows.stop * grid.step)
            window = np.s_[
                max(begin[1] - corner[1], 0) : end[1] - corner[1],
                max(begin[0] - corner[0], 0) : end[0] - corner[0],
            ]
            moved, share = eye.slid(self._image, source[window], lids)
            image[window] = image[window] * (1 - share) + moved * share + 0.5

    def _moved_plane(self, turning: Turning | None) -> Array:
        """Return the affine map (2, 3) from pixels of the moved head to the mouth's plane, cm."""
        if turning is None:
            return self._plane
        corners = in_picture(
            np.array([(0, -4.3, 4.3), (2, -4.3, 4.3), (0, -6.3, 4.3)], np.float32), self._pose
        )
        after = np.column_stack([turning.carried(corners)[:, :2], np.ones(3)])
        seen = np.column_stack([corners[:, :2], np.ones(3)]) @ self._plane.T
        return np.asarray(np.linalg.solve(after.astype(np.float64), seen).T, np.float32)


def _weighted(weights: Array, moves: Array) -> Array:
    """Return the weighted sum of fields (k, rows, columns, 3).

    Few weights differ from 0. A product of matrices takes all, in threads that wake for each
    frame: three times the processor's time where two frames are rendered at once.
    """
    total = np.zeros(moves.shape[1:], np.float32)
    for index in np.flatnonzero(weights):
        total += np.float32(weights[index]) * moves[index]
    return total
