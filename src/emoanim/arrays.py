"""Arrays as people hold them: of numpy, or a framework's tensors, wherever those lie.

No framework is imported: what is asked of a tensor is asked of the object itself.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from emoanim.arguments import named
from emoanim.errors import InputError

__all__ = ["as_array", "is_tensor"]


def is_tensor(values: Any) -> bool:
    """Whether this is a tensor of torch, which keeps a gradient and lies on a device."""
    return hasattr(values, "detach") and hasattr(values, "cpu") and hasattr(values, "numpy")


def as_array(values: Any, dtype: DTypeLike | None = None) -> NDArray[Any]:
    """Return a numpy array: the same one if it is one, a view of a tensor where that is possible.

    Tensors that require a gradient, lie on another device or are bfloat16 are taken as well, and
    lists of such; bfloat16, which numpy does not know, becomes float32.

    Args:
        values: what numpy takes as an array, or a tensor.
        dtype: of the result; None keeps it.

    Raises:
        InputError: it is no array of one shape, or none of that type.
    """
    if not isinstance(values, np.ndarray):
        if is_tensor(values):
            values = _of_tensor(values)
        elif _holds_tensors(values):
            values = [as_array(value) for value in values]
        try:
            values = np.asarray(values)
        except (TypeError, ValueError):
            raise InputError(f"{named(values)} given; expected an array of one shape.") from None
    if values.dtype.kind == "V" and "float" in values.dtype.name:
        values = values.astype(np.float32)  # of ml_dtypes, as JAX gives it
    array: NDArray[Any] = values
    if dtype is None:
        return array
    try:
        return array.astype(dtype, copy=False)
    except (TypeError, ValueError):
        raise InputError(f"{named(values)} given; expected an array of numbers.") from None


def _of_tensor(tensor: Any) -> NDArray[Any]:
    tensor = tensor.detach().cpu()
    return np.asarray((tensor.float() if "bfloat16" in str(tensor.dtype) else tensor).numpy())


def _holds_tensors(values: Any) -> bool:
    while isinstance(values, list | tuple) and values:
        values = values[0]
    return is_tensor(values)
