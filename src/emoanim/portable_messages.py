"""Messages that are kept in files, which other people read on other machines."""

from __future__ import annotations

import re
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from emoanim.extras import checkout_folder, pip_command
from emoanim.folders import cache_folder

__all__ = ["portable"]


def portable(message: str) -> str:
    """Return a message without folders of this machine.

    Commands name no interpreter and no checkout; the cache, the home, the working and the temporary
    folder are named as everybody has them.

    >>> portable(f"Run: {sys.executable} -m ensurepip")
    'Run: python -m ensurepip'
    """
    source = checkout_folder()
    here = r"\." if source is None else rf"(?:\.|{re.escape(str(source))})"
    message = message.replace(f"{pip_command()} install", "pip install")
    message = re.sub(rf"-e (['\"]?){here}(\[[\w,-]+\])\1", r"'emoanim\2'", message)
    names = {sys.executable: "python", sys.prefix: "the environment"}
    if source is not None:
        names[str(source)] = "emoanim"
    for find, name in (
        (cache_folder, "$EMOANIM_CACHE"),
        (Path.home, "~"),
        (Path.cwd, "."),
        (tempfile.gettempdir, "$TMPDIR"),
    ):
        with suppress(OSError, RuntimeError):  # no home; a working folder that was removed
            names[str(find())] = name
    for place in sorted(names, key=len, reverse=True):
        if len(Path(place).parts) > 1:  # "/" begins every path
            message = re.sub(rf"(?<![\w.-]){re.escape(place)}(?![\w-])", names[place], message)
    return message
