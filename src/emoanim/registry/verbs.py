"""What backends of ours check when their verb is called directly, and how they show themselves."""

from __future__ import annotations

import functools
import inspect
import reprlib
from collections.abc import Callable, Sequence
from typing import Any, TypeVar, cast

import numpy as np

from emoanim.clips import Audio, Clip, Portrait, Speech, Transcript, is_picture
from emoanim.emotions import EmotionPrompt
from emoanim.errors import InputError

__all__ = ["options_repr", "verb"]

Verb = TypeVar("Verb", bound=Callable[..., Any])

_EXPECTED: dict[str, tuple[type[Any], str]] = {
    "audio": (Audio, "emoanim.Audio. Read a file with emoanim.media.read_audio"),
    "reference": (Audio, "emoanim.Audio. Read a file with emoanim.media.read_audio"),
    "transcript": (Transcript, "emoanim.Transcript. Make one: Transcript('Good morning.')"),
    "prompt": (EmotionPrompt, "emoanim.EmotionPrompt. Make one: EmotionPrompt.parse('very happy')"),
    "text": (str, "str that is to be said"),
    "portrait": (Portrait, "emoanim.Portrait, as a face emoter makes it"),
    "speech": (Speech, "emoanim.Speech, as a voice makes it"),
    "source": (Clip, "emoanim.clips.Clip or None. Open a file with emoanim.media.Video"),
}


def verb(method: Verb) -> Verb:
    """Have the arguments of a role's verb checked, by their names in the role's protocol.

    Raises:
        InputError: one of another type; the message names the backend and what it expects.
    """
    names = list(inspect.signature(method).parameters)[1:]

    @functools.wraps(method)
    def checked(self: Any, *given: Any, **named: Any) -> Any:
        for name, value in (*zip(names, given, strict=False), *named.items()):
            where = f"{type(self).__name__}.{method.__name__}"
            if name == "frames":
                _check_frames(value, where)
            elif name in _EXPECTED and not (name == "source" and value is None):
                kind, expected = _EXPECTED[name]
                if not isinstance(value, kind):
                    article = "an" if expected[0] == "e" else "a"
                    raise InputError(
                        f"{_kind(value)} given as {name} to {where}; expected {article} {expected}."
                    )
        return method(self, *given, **named)

    return cast(Verb, checked)


def _check_frames(frames: Any, where: str) -> None:
    stack = isinstance(frames, np.ndarray) and frames.ndim == 4
    if not stack and (not isinstance(frames, Sequence) or isinstance(frames, str | bytes)):
        raise InputError(
            f"{_kind(frames)} given as frames to {where}; expected uint8 (t, h, w, 3) RGB, or a "
            "list of uint8 (h, w, 3). Read a picture with emoanim.media.read_image."
        )
    for number, frame in enumerate(frames):
        if not is_picture(frame):
            raise InputError(
                f"frame {number} given to {where} is {_kind(frame)}; expected uint8 (h, w, 3) RGB. "
                "Convert it, for instance (255 * frame).round().astype('uint8')."
            )


def _kind(value: object) -> str:
    if isinstance(value, np.ndarray):
        return f"{value.dtype} {value.shape}"
    return (
        reprlib.repr(value) if isinstance(value, str | int | float) else f"a {type(value).__name__}"
    )


def options_repr(self: object) -> str:
    """Return the class and the options that differ from their defaults, where they are kept.

    Addresses that hold a password are left out.
    """
    told = []
    for name, about in inspect.signature(type(self)).parameters.items():
        value = getattr(self, name, getattr(self, f"_{name}", about.default))
        plain = isinstance(value, bool | int | float | str | tuple) or value is None
        if plain and value != about.default and "@" not in str(value):
            told.append(f"{name}={value!r}")
    return f"{type(self).__name__}({', '.join(told)})"
