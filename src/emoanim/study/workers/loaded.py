"""Backends and clips that a worker has open: each model is loaded once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from emoanim import registry
from emoanim.clips import Portrait, SeekableClip
from emoanim.emotions import EmotionPrompt
from emoanim.errors import BackendError, MissingExtraError
from emoanim.persons import Person, PersonClip
from emoanim.protocols import ClipAnalyses, LearnsClips, RatesFrames, Seedable
from emoanim.registry.checks import checked
from emoanim.registry.parts import Part, run_options
from emoanim.settings import BackendChoice, Settings

if TYPE_CHECKING:
    from emoanim.faces import FaceFinder
    from emoanim.media import Video

__all__ = ["LoadedBackends", "OpenClips", "RecentStills"]

_Value = TypeVar("_Value")
_MOST_BACKENDS = 8
_MOST_CLIPS = 2
_MOST_STILLS = 64
_MOST_RATINGS = 4096


class LoadedBackends:
    """Backends by role, choice and seed.

    A backend that can be given another seed (``protocols.Seedable``) is loaded once and shares
    its models with its copies; any other that takes a seed is made anew for each.

    Args:
        objects: role -> a backend that is there already, instead of the one of that name.
        analyses: where backends that learn of clips keep it; None for nowhere.
    """

    def __init__(
        self, objects: Mapping[str, Any] | None = None, analyses: ClipAnalyses | None = None
    ) -> None:
        self._objects = dict(objects or {})
        self._analyses = analyses
        self._made: OrderedDict[tuple[Any, ...], Any] = OrderedDict()

    @cached_property
    def finder(self) -> FaceFinder | None:
        """The face finder that backends share; None if none is installed."""
        from emoanim.study.workers.remembered_faces import RememberingFinder

        try:
            return RememberingFinder()
        except MissingExtraError:
            return None

    def get(self, role: str, settings: Settings, seed: int) -> Any:
        """Return the backend that some settings choose for a role, with a seed and their device.

        Raises:
            BackendError: it cannot be had.
        """
        if role in self._objects:
            return self._objects[role]
        choice: BackendChoice = getattr(settings, role)
        about = registry.info(role, choice.name)
        takes = () if about.missing() else registry.parameters(registry.load(about)) or ()
        seeded = "seed" in takes and "seed" not in choice.options
        first = (role, choice.name, repr(sorted(choice.options.items())), settings.device)
        any_seed = self._made.get(first)
        if any_seed is not None:
            self._made.move_to_end(first)
            return any_seed.seeded(seed) if seeded else any_seed
        options = run_options(about, choice.options, seed, settings.device)
        if "finder" in takes and self.finder is not None:
            options.setdefault("finder", self.finder)
        key = (*first, seed) if seeded else first
        result = _cached(
            self._made,
            key,
            lambda: self._load(role, choice.name, options),
            _MOST_BACKENDS,
        )
        if seeded and isinstance(result, Seedable):
            self._made[first] = self._made.pop(key)
        return result

    def about(self, settings: Settings) -> dict[str, Part]:
        """Return what is known of the backends that some settings choose."""
        parts = {}
        for role in registry.ROLES:
            choice = getattr(settings, role)
            if role in self._objects:
                given = self._objects[role]
                parts[role] = Part(given, registry.describe(role, given), False)
            elif choice is not None:
                parts[role] = Part(None, registry.info(role, choice.name), True)
        return parts

    def _load(self, role: str, name: str, options: dict[str, Any]) -> Any:
        loaded = registry.backend(role, name, **options)
        if self._analyses is not None and isinstance(loaded, LearnsClips):
            loaded.keep_analyses(self._analyses)
        return loaded


class OpenClips:
    """The last clips that were worked on, so that what was learnt of them is known again."""

    def __init__(self) -> None:
        self._open: OrderedDict[tuple[Any, ...], Video] = OrderedDict()
        self._alone: OrderedDict[tuple[Any, ...], tuple[PersonClip, Video]] = OrderedDict()

    def get(self, path: Path, audio_track: int | None = None) -> Video:
        """Return a clip.

        Raises:
            MediaError: it is missing or no video.
        """
        from emoanim.media import Video

        changed = path.stat().st_mtime_ns if path.exists() else 0
        key = (str(path), changed, audio_track)
        return _cached(self._open, key, lambda: Video(path, audio_track=audio_track), _MOST_CLIPS)

    def alone(self, clip: Video, person: Person | None) -> Video | PersonClip:
        """Return a clip with nobody but the person in it, the same one each time."""
        if person is None:
            return clip
        key = (id(clip), person)
        return _cached(self._alone, key, lambda: (PersonClip(clip, person), clip), _MOST_CLIPS)[0]


_Still = tuple[Portrait, Any, SeekableClip]
_Rating = tuple[float | None, Any, SeekableClip]


class RecentStills:
    """The last stills, by the frame and the backend that made them: cells draw frames again."""

    def __init__(self) -> None:
        # Clip and backend are held with their stills, so that no other one takes their identity.
        self._stills: OrderedDict[tuple[Any, ...], _Still] = OrderedDict()
        self._rated: OrderedDict[tuple[Any, ...], _Rating] = OrderedDict()

    def rated(
        self, emoter: RatesFrames, clip: SeekableClip, times: Sequence[float]
    ) -> list[float | None]:
        """Return how fit frames are by a face emoter, in order; each is looked at once.

        Raises:
            BackendError: the backend does not give one rating per frame.
        """
        missing = [t for t in times if (id(emoter), id(clip), t) not in self._rated]
        if missing:
            frames = [frame.image for frame in clip.frames_at(missing)]
            ratings = emoter.rate(frames)
            if len(ratings) != len(frames):
                raise BackendError(
                    f"the face emoter returned {len(ratings)} ratings for {len(frames)} frames; "
                    "expected one per frame. The fault is the backend's."
                )
            for time, rating in zip(missing, ratings, strict=True):
                self._rated[id(emoter), id(clip), time] = (rating, emoter, clip)
        wanted = [self._rated[id(emoter), id(clip), time][0] for time in times]
        while len(self._rated) > _MOST_RATINGS:
            self._rated.popitem(last=False)
        return wanted

    def get(
        self, emoter: Any, prompt: EmotionPrompt, clip: SeekableClip, times: Sequence[float]
    ) -> list[Portrait]:
        """Return the stills of frames, in order; only those that are not held are made.

        Raises:
            BackendError: the backend does not give one portrait per frame.
        """
        keys = [(id(emoter), prompt, id(clip), time) for time in times]
        missing = [time for key, time in zip(keys, times, strict=True) if key not in self._stills]
        if missing:
            frames = [frame.image for frame in clip.frames_at(missing)]
            result = checked("face_emoter", emoter, emoter.emote(frames, prompt), len(frames))
            for time, still in zip(missing, result, strict=True):
                key = (id(emoter), prompt, id(clip), time)
                self._stills[key] = (replace(still, time=time), emoter, clip)
        stills = [self._stills[key][0] for key in keys]
        while len(self._stills) > _MOST_STILLS:
            self._stills.popitem(last=False)
        return stills


def _cached(
    cache: OrderedDict[Any, _Value], key: Any, make: Callable[[], _Value], most: int
) -> _Value:
    """Return what is held, or make it; what was not asked for longest is let go."""
    if key in cache:
        cache.move_to_end(key)
        return cache[key]
    cache[key] = value = make()
    while len(cache) > most:
        cache.popitem(last=False)
    return value
