"""One call for one part of a text: sound, and when each character of it is heard."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emoanim.errors import ServiceReplyError
from emoanim.services import Reply, Usage
from emoanim.services.elevenlabs.client import once

__all__ = ["Spoken", "TimedWord", "say"]

TimedWord = tuple[str, float, float]
# The last character may end a little after the sound does.
_TOLERANCE = 0.3


@dataclass(frozen=True, slots=True, eq=False)
class Spoken:
    """Sound of one part.

    Attributes:
        samples: float32 (n,) in [-1, 1].
        words: text, start and end in seconds; empty if the service told no times.
    """

    samples: NDArray[np.float32]
    words: tuple[TimedWord, ...]


def say(
    client: Any, voice_id: str, rate: int, fields: Mapping[str, Any], seconds: float
) -> Reply[Spoken]:
    """Call the service once.

    Args:
        client: the SDK's.
        voice_id: who speaks.
        rate: Hz of the sound.
        fields: text, model and settings, as the SDK names them.
        seconds: the most that the call may take.

    Raises:
        ServiceReplyError: the sound is cut off or missing.
    """
    answer = client.text_to_speech.with_raw_response.convert_with_timestamps(
        voice_id, output_format=f"pcm_{rate}", request_options=once(seconds), **fields
    )
    headers = {str(k).lower(): v for k, v in answer.headers.items()}
    cost = headers.get("character-cost", "")
    characters = int(cost) if cost.isdigit() else len(fields["text"])
    samples = _samples(getattr(answer.data, "audio_base_64", None))
    words = _words(getattr(answer.data, "alignment", None))
    duration = len(samples) / rate
    if words and words[-1][2] > duration + _TOLERANCE:
        raise _damaged(f"it ends at {duration:.2f} s, its last word at {words[-1][2]:.2f} s")
    return Reply(Spoken(samples, words), Usage(characters=characters))


def _samples(encoded: object) -> NDArray[np.float32]:
    if not isinstance(encoded, str) or not encoded:
        raise _damaged("there is none")
    try:
        pcm = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise _damaged("it is no base64") from None
    if len(pcm) % 2 or not pcm:
        raise _damaged(f"it has {len(pcm)} bytes, no whole number of 16-bit samples")
    return np.frombuffer(pcm, "<i2").astype(np.float32) / 32768.0


def _words(alignment: Any) -> tuple[TimedWord, ...]:
    """Return the words that are heard; directions in brackets are not."""
    if alignment is None:
        return ()
    characters = list(alignment.characters)
    starts = list(alignment.character_start_times_seconds)
    ends = list(alignment.character_end_times_seconds)
    if not len(characters) == len(starts) == len(ends):
        return ()
    text = "".join(c if len(c) == 1 else " " for c in characters)
    text = re.sub(r"\[[^\]]*\]", lambda tag: " " * len(tag.group()), text)
    words: list[TimedWord] = []
    at = 0.0
    for match in re.finditer(r"\S+", text):
        if any(c.isalnum() for c in match.group()):
            start = max(at, float(starts[match.start()]))
            end = max(start, float(ends[match.end() - 1]))
            words.append((match.group(), start, end))
            at = end
    return tuple(words)


def _damaged(how: str) -> ServiceReplyError:
    return ServiceReplyError(
        f"the sound that elevenlabs sent is cut off or damaged: {how}.",
        retryable=True,
        hint="Try again later.",
    )
