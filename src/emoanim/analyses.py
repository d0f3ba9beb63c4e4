"""What was learnt of a clip, kept for whoever looks at that clip again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from typing import Any, TypeVar

from emoanim.clips import Clip
from emoanim.protocols import ClipAnalyses

__all__ = ["as_record", "from_record", "recalled"]

T = TypeVar("T")


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

    See ``emoanim.protocols.ClipAnalyses``.
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
