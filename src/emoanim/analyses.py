"""What was learnt of a clip, kept for whoever looks at that clip again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from typing import Any, Protocol, TypeVar, runtime_checkable

from emoanim.clips import Clip

__all__ = ["ClipAnalyses", "LearnsClips", "as_record", "from_record", "recalled"]

T = TypeVar("T")


class ClipAnalyses(Protocol):
    """Keeps what was learnt of clips between samples, processes and runs."""

    def recall(
        self,
        name: str,
        clip: Clip,
        learn: Callable[[], T],
        write: Callable[[T], Any],
        read: Callable[[Any], T],
        **settings: Any,
    ) -> T:
        """Return what is known of a clip, or learn and keep it.

        Args:
            name: of the analysis with the version of its form, as "film/1".
            clip: that it is learnt of; equal content is the same clip.
            learn: makes the analysis.
            write: returns it as plain values: arrays of numbers, numbers, texts, None, and lists,
                tuples and mappings of these.
            read: makes it from what ``write`` returned.
            settings: plain values that shape it.
        """


@runtime_checkable
class LearnsClips(Protocol):
    """An ability of a backend: what it learns of a clip can be kept for other processes."""

    def keep_analyses(self, analyses: ClipAnalyses) -> None:
        """Look there before learning, and keep there what was learnt."""


def recalled(
    analyses: ClipAnalyses | None,
    name: str,
    clip: Clip,
    learn: Callable[[], T],
    write: Callable[[T], Any],
    read: Callable[[Any], T],
    **settings: Any,
) -> T:
    """Return what ``analyses`` know of a clip; without them it is learnt.

    See ``ClipAnalyses.recall``.
    """
    if analyses is None:
        return learn()
    return analyses.recall(name, clip, learn, write, read, **settings)


def as_record(value: Any) -> Any:
    """Return dataclasses as mappings of their fields, tuples with them too; all else as it is."""
    if isinstance(value, tuple):
        return tuple(map(as_record, value))
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: as_record(getattr(value, field.name)) for field in fields(value)}
    return value


def from_record(kind: Callable[..., T], record: Mapping[str, Any] | None) -> T | None:
    """Return the dataclass that ``as_record`` made a record of; None for None."""
    return None if record is None else kind(**record)
