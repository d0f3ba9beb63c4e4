"""What made this file: written into the container's tags, and read back from there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import emoanim

__all__ = ["Provenance", "avatar_tags", "read", "tags"]

_PREFIX = "emoanim_"
_GENERATED = "Generated with"
_SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"


@dataclass(frozen=True, slots=True)
class Provenance:
    """What a file's tags say of its making.

    Attributes:
        software: program and version that made it; "" if they do not say.
        emotion: the target emotion; "" if they do not say.
        generated: the tags say that the content is generated.
        details: what else was written by ``tags``, without prefix.
        tags: every tag as it stands, keys in lower case.
    """

    software: str
    emotion: str
    generated: bool
    details: Mapping[str, str]
    tags: Mapping[str, str]


def tags(emotion: str, **details: str) -> dict[str, str]:
    """Return the container tags of a generated video.

    Args:
        emotion: the prompt, as the user put it or by its canonical id.
        details: what else is to be kept, such as voice="hibari", seed="0"; lower-case names.
    """
    software = f"emoanim {emoanim.__version__}"
    return {
        "comment": f"{_GENERATED} {software}: voice, words and face were changed to "
        f"{emotion!r}. The person did not say this in this way.",
        "software": software,
        "emotion": emotion,
        "generated": "true",
        "digital_source_type": _SOURCE_TYPE,
        **{f"{_PREFIX}{key}": str(value) for key, value in details.items()},
    }


def avatar_tags(**details: str) -> dict[str, str]:
    """Return the container tags of what an avatar says, live or in a file.

    Args:
        details: what else is to be kept, such as voice="hibari"; lower-case names.
    """
    software = f"emoanim {emoanim.__version__}"
    return {
        "comment": f"{_GENERATED} {software}: a picture of a person that speaks a text in a "
        "synthetic voice. The person did not say this.",
        "software": software,
        "generated": "true",
        "digital_source_type": _SOURCE_TYPE,
        **{f"{_PREFIX}{key}": str(value) for key, value in details.items()},
    }


def read(path: str | Path) -> Provenance:
    """Read back what ``tags`` wrote.

    Raises:
        MediaError: the file cannot be opened.
    """
    from emoanim.media import read_tags

    container_tags = read_tags(path)
    comment = container_tags.get("comment", "")  # all that a WAV has a place for
    encoder = container_tags.get("encoder", "")
    return Provenance(
        software=container_tags.get("software", "")
        or (encoder if encoder.startswith("emoanim") else ""),
        emotion=container_tags.get("emotion", ""),
        generated=container_tags.get("generated", "").lower() == "true"
        or comment.startswith(_GENERATED),
        details={
            key.removeprefix(_PREFIX): value
            for key, value in container_tags.items()
            if key.startswith(_PREFIX)
        },
        tags=container_tags,
    )
