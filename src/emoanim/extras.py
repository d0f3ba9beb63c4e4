"""Optional packages: imported where they are used, with the pip line that installs them."""

from __future__ import annotations

import importlib
from types import ModuleType

from emoanim.errors import MissingExtraError

__all__ = ["require"]


def require(module: str, extra: str) -> ModuleType:
    """Import a module that an extra installs.

    Raises:
        MissingExtraError: it is not installed; the message holds the pip line.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise MissingExtraError(
            f"the package of {module!r} is not usable here ({error}). "
            f"Install it: pip install 'emoanim[{extra}]'"
        ) from error
