"""How far an expression may go before the face looks like somebody else's.

Recognisers look at brows, eyes and nose more than at the mouth. How far they put two pictures of a
face apart grows with how far these move, which the units tell before anything is drawn. The weights
were fitted on 17 faces in seven emotions to the distance of dlib's network (correlation .86), which
is not needed here.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np
from numpy.typing import NDArray

from emoanim.engines.rig.units import fields, in_fields
from emoanim.faces import canonical_mesh

__all__ = ["FARTHEST", "estimated_distance", "kept_alike"]

Array = NDArray[np.float32]

FARTHEST = 0.41
"""Of the estimated distance; two frames of one clip are about .3 apart, two people .8."""
_OWN = 0.029
"""What any rendering adds, squared."""
_BROW, _NOSE, _MOUTH = 0.643, 1.194, 0.115
"""Squared distance for a mean squared motion of 1 cm2."""


def estimated_distance(
    weights: Mapping[str, float], taken: Mapping[str, float] | None = None
) -> float:
    """Return how far a recogniser would put the moved face from the original, about 0 to 1.

    Args:
        weights: action units that are asked for.
        taken: negative weights of the own expression that is taken away.
    """
    total = in_fields(weights) + in_fields(taken or {})
    return float(np.sqrt(_OWN + total @ _form() @ total))


def kept_alike(
    weights: Mapping[str, float],
    taken: Mapping[str, float] | None = None,
    farthest: float = FARTHEST,
    least: float | None = None,
) -> dict[str, float]:
    """Return the weights, all made smaller by one factor if the face would not be known again.

    Args:
        weights: action units that are asked for.
        taken: negative weights of the own expression that is taken away.
        farthest: of the estimated distance.
        least: share of the weights that stays all the same; ``LEFT`` by default.
    """
    total, own, form = in_fields(weights), in_fields(taken or {}), _form()
    # Solve (s w + t)' M (s w + t) = limit for the larger s.
    a, b = float(total @ form @ total), float(total @ form @ own)
    c = float(own @ form @ own) + _OWN - farthest**2
    if a + 2 * b + c <= 0 or a <= 0:
        return dict(weights)
    share = (-b + np.sqrt(max(b * b - a * c, 0.0))) / a
    share = min(max(float(share), LEFT if least is None else least), 1.0)
    return {name: share * weight for name, weight in weights.items()}


LEFT = 0.6
"""At least that share of an expression stays, whatever was taken away."""


@cache
def _form() -> Array:
    """Return the quadratic form that the estimate is, (len(FIELDS), len(FIELDS))."""
    points = canonical_mesh()[0]
    moved = fields(points)[0][..., :2]
    x, y = points[:, 0], points[:, 1]
    brow, mouth = y > 3.2, y < -3.0
    nose = (np.abs(x) < 2.0) & (y < 2.5) & (y > -3.0)
    form = np.zeros((len(moved), len(moved)))
    for region, weight in ((brow, _BROW), (nose, _NOSE), (mouth, _MOUTH)):
        part = moved[:, region].reshape(len(moved), -1).astype(np.float64)
        form += weight / region.sum() * (part @ part.T)
    return form.astype(np.float32)
