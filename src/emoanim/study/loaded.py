"""Backends and clips that a worker has open: each model is loaded once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from emoanim import registry
from emoanim.protocols import Seedable
from emoanim.settings import BackendChoice

if TYPE_CHECKING:
    from emoanim.media import Video

__all__ = ["LoadedBackends", "OpenClips"]

_Kept = TypeVar("_Kept")
_MOST_BACKENDS = 8
_MOST_CLIPS = 2


class LoadedBackends:
    """Backends by role, choice and seed.

    A backend that can be given another seed (``protocols.Seedable``) is loaded once and shares
    its models with its copies; any other that takes a seed is made anew for each.

    Args:
        objects: role -> a backend that is there already, instead of the one of that name.
    """

    def __init__(self, objects: Mapping[str, Any] | None = None) -> None:
        self._objects = dict(objects or {})
        self._made: OrderedDict[tuple[Any, ...], Any] = OrderedDict()

    def get(self, role: str, choice: BackendChoice, seed: int) -> Any:
        """Return the backend of a choice with a seed.

        Raises:
            BackendError: it cannot be had.
        """
        if role in self._objects:
            return self._objects[role]
        about = registry.info(role, choice.name)
        takes = () if about.missing() else registry.parameters(registry.load(about)) or ()
        seeded = "seed" in takes and "seed" not in choice.options
        first = (role, choice.name, repr(sorted(choice.options.items())))
        any_seed = self._made.get(first)
        if any_seed is not None:
            self._made.move_to_end(first)
            return any_seed.seeded(seed) if seeded else any_seed
        options = {**choice.options, **({"seed": seed} if seeded else {})}
        key = (*first, seed) if seeded else first
        made = _kept(
            self._made,
            key,
            lambda: registry.backend(role, choice.name, **options),
            _MOST_BACKENDS,
        )
        if seeded and isinstance(made, Seedable):
            self._made[first] = self._made.pop(key)
        return made


class OpenClips:
    """The last clips that were worked on, so that what was learnt of them is known again."""

    def __init__(self) -> None:
        self._open: OrderedDict[tuple[Any, ...], Video] = OrderedDict()

    def get(self, path: Path, audio_track: int | None = None) -> Video:
        """Return a clip.

        Raises:
            MediaError: it is missing or no video.
        """
        from emoanim.media import Video

        changed = path.stat().st_mtime_ns if path.exists() else 0
        key = (str(path), changed, audio_track)
        return _kept(self._open, key, lambda: Video(path, audio_track=audio_track), _MOST_CLIPS)


def _kept(held: OrderedDict[Any, _Kept], key: Any, make: Callable[[], _Kept], most: int) -> _Kept:
    """Return what is held, or make it; what was not asked for longest is let go."""
    if key in held:
        held.move_to_end(key)
        return held[key]
    held[key] = made = make()
    while len(held) > most:
        held.popitem(last=False)
    return made
