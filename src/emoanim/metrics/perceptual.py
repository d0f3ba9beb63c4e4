"""LPIPS from feature maps: perceptual distance of aligned images."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from emoanim.arrays import as_array
from emoanim.errors import InputError
from emoanim.metrics.measured import Measured, mean_of

__all__ = ["lpips"]

_EPSILON = 1e-10


def lpips(
    reference: Sequence[ArrayLike],
    generated: Sequence[ArrayLike],
    weights: Sequence[ArrayLike],
    *,
    network: str = "unnamed network",
) -> Measured:
    """Learned perceptual distance (Zhang et al. 2018), >= 0; lower is nearer.

    Per layer the feature vectors of each place are scaled to length 1, their squared differences
    weighted per channel and averaged over the image; the layers are summed. The images must have
    been scaled to [-1, 1] and shifted as the network was trained.

    Args:
        reference: one map (t, c_l, h_l, w_l) per layer l.
        generated: the same of the other images.
        weights: learned weights (c_l,) per layer (the "linear heads").
        network: name and version, for the method.

    Returns:
        The mean over images, which are in ``each``.
    """
    if not len(reference) == len(generated) == len(weights) or not len(reference):
        raise InputError(
            f"{len(reference)}, {len(generated)} maps and {len(weights)} weights given; expected "
            "one of each per layer."
        )
    each = None
    for layer, (first, second, weight) in enumerate(
        zip(reference, generated, weights, strict=True)
    ):
        x, y = as_array(first, np.float64), as_array(second, np.float64)
        w = as_array(weight, np.float64).ravel()
        if x.ndim != 4 or x.shape != y.shape or x.shape[1] != len(w):
            raise InputError(
                f"maps of shape {x.shape} and {y.shape} with {len(w)} weights given for layer "
                f"{layer}; expected (t, c, h, w) twice and c weights."
            )
        x, y = (v / (np.sqrt(np.square(v).sum(axis=1, keepdims=True)) + _EPSILON) for v in (x, y))
        part = np.einsum("tchw,c->thw", np.square(x - y), w).mean(axis=(1, 2))
        each = part if each is None else each + part
    assert each is not None
    return mean_of(each, f"LPIPS, {network}", "no images given")
