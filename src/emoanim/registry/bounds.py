"""Bounds of the numbers that backends take as options."""

from __future__ import annotations

import math

from emoanim.errors import SettingsError

__all__ = ["check_range"]


def check_range(
    name: str, value: float, low: float, high: float = math.inf, unit: str = ""
) -> None:
    """Check a number of a backend's options.

    Args:
        name: of the option.
        value: that was given.
        low: least that is allowed.
        high: most that is allowed.
        unit: that the message names.

    Raises:
        SettingsError: it is outside, or NaN.
    """
    if not low <= value <= high:
        what = f" {unit}" if unit else ""
        most = " or more" if high == math.inf else f" to {high:g}"
        raise SettingsError(f"{name} {value!r} given; expected {low:g}{most}{what}.")
