"""Where files that outlive a run are kept."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["cache_folder"]


def cache_folder() -> Path:
    """Return the folder of the cache; it need not exist.

    EMOANIM_CACHE, else XDG_CACHE_HOME/emoanim, else ~/.cache/emoanim where that is there already
    (versions before 0.2 kept it there on every system), else the system's place for caches.
    """
    own = os.environ.get("EMOANIM_CACHE")
    if own:
        return Path(own).expanduser()
    shared = os.environ.get("XDG_CACHE_HOME")
    if shared:
        return Path(shared) / "emoanim"
    earlier = Path.home() / ".cache" / "emoanim"
    if earlier.is_dir():
        return earlier
    from platformdirs import user_cache_path

    return user_cache_path("emoanim", appauthor=False)
