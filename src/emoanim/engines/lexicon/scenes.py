"""Scenes: what a sentence lets one see, told by several words together."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from emoanim.engines.lexicon.pattern_parts import filled

__all__ = ["Scene", "scenes_of"]


@dataclass(frozen=True, slots=True)
class Scene:
    """Something that one sees before one's eyes.

    Attributes:
        name: a tag of the sentence.
        family: another, which several scenes share: "fright", "filth", "base", "silly", "joyful".
        kind: the matter that it is.
        good: whether that is a good one.
        theirs: whether it is none where the speaker does it.
        find: on the lower-case sentence.
    """

    name: str
    family: str
    kind: str
    good: bool
    theirs: bool
    find: re.Pattern[str]


def scenes_of(data: Mapping[str, Any]) -> tuple[Scene, ...]:
    """Read the scenes of a pack.

    Raises:
        ValueError: a pattern names a part that is none.
    """
    parts: Mapping[str, str] = data.get("parts", {})
    scenes = []
    for name, each in data.items():
        if name != "parts":
            found = "|".join(f"(?:{filled(p, parts, 'scenes.toml')})" for p in each["find"])
            good, theirs = bool(each.get("good", False)), bool(each.get("theirs", False))
            scenes.append(Scene(name, each["of"], each["kind"], good, theirs, re.compile(found)))
    return tuple(scenes)
