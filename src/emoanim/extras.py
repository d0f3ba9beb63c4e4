"""Optional packages: imported where they are used, with the pip line that installs them."""

from __future__ import annotations

import importlib
import importlib.util
import os
import shlex
import shutil
import sys
import warnings
from pathlib import Path
from types import ModuleType

from emoanim.errors import MissingExtraError

__all__ = ["LOCAL", "checkout_folder", "install_command", "pip_command", "require"]

LOCAL = ("whisper", "hibari", "rig")
"""The extras that the offline preset is made of; ``local`` installs them all."""


def require(module: str, extra: str) -> ModuleType:
    """Import a module that an extra installs.

    Raises:
        MissingExtraError: it is not installed; the message holds the pip line.
    """
    # tqdm says in red that it draws a plain bar where a notebook has no ipywidgets; so it may.
    warnings.filterwarnings("ignore", "IProgress not found")
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise MissingExtraError(
            f"the package of {module!r} is not usable here ({error}). "
            f"Install it: {install_command(extra)}"
        ) from error


def install_command(extra: str) -> str:
    """Return the command that installs an extra into this environment.

    A part of the offline preset comes with the others, so that one command is enough. In a
    checkout the command installs from the checkout.
    """
    wanted = f"[{'local' if extra in LOCAL else extra}]"
    checkout = checkout_folder()
    if checkout is None:
        what = shlex.quote(f"emoanim{wanted}")
    else:
        here = checkout == Path.cwd()
        what = f"-e {shlex.quote(f'.{wanted}' if here else f'{checkout}{wanted}')}"
    return f"{pip_command()} install {what}"


def checkout_folder() -> Path | None:
    """Return the folder of the source tree that this runs from, if it does."""
    root = Path(__file__).resolve().parents[2]
    return root if (root / "pyproject.toml").is_file() and (root / "src").is_dir() else None


def pip_command() -> str:
    """Return the pip of this environment, which need not be the first on the path."""
    pip = shutil.which("pip")
    if pip and Path(pip).parent == Path(sys.executable).parent:
        return "pip"
    if importlib.util.find_spec("pip") is None:
        return "uv pip"
    python = Path(sys.executable)
    if python.is_relative_to(Path.cwd()):
        python = Path(os.curdir, python.relative_to(Path.cwd()))
    return f"{shlex.quote(str(python))} -m pip"
