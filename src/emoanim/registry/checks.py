"""Whether an object can fill its role, and whether what it gave back is what the role promises."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np

from emoanim.clips import Animation, EmotionScores, Image, Portrait, Speech
from emoanim.errors import BackendError, SettingsError
from emoanim.roles import ROLES

__all__ = ["check_backend", "checked", "checked_motion"]

T = TypeVar("T")

# An animator rounds to its frames, and a program's video may be a little longer than its sound.
# What is off by more than this was made for other speech.
_OFF_BY = 0.5


def check_backend(role: str, backend: object) -> None:
    """Look at an object that was given for a role, before anything is done with it.

    Raises:
        SettingsError: a class instead of an instance, an object without the verb, or a verb that
            does not take the role's arguments.
    """
    known = ROLES[role]
    wanted = f"an object with the verb {known.verb} of emoanim.{known.protocol.__name__}"
    if isinstance(backend, type):
        raise SettingsError(
            f"the class {backend.__qualname__} given as {role}; expected {wanted}. Give an "
            f"instance: {backend.__qualname__}(...)"
        )
    if not isinstance(backend, known.protocol):
        raise SettingsError(f"{type(backend).__qualname__} given as {role}; expected {wanted}.")
    try:
        signature = inspect.signature(getattr(backend, known.verb))
    except (TypeError, ValueError):  # a verb in C says nothing of its arguments
        return
    try:
        signature.bind(*range(known.arguments))
    except TypeError as error:
        raise SettingsError(
            f"{type(backend).__qualname__} given as {role}, whose verb is "
            f"{known.verb}{signature} ({error}); expected {known.verb}"
            f"{inspect.signature(getattr(known.protocol, known.verb))}."
        ) from None


def checked(role: str, backend: object, value: T, asked: int | None = None) -> T:
    """Return what a verb gave back, if it is what the role promises.

    Args:
        role: of the backend.
        backend: whose verb it was.
        value: what it gave back.
        asked: how many frames it was given, for a role that answers for each of them.

    Raises:
        BackendError: it is not; the message names the backend.
    """
    known = ROLES[role]
    if not isinstance(value, known.returns):
        raise _fault(role, backend, _kind(value), _named(known.returns))
    if isinstance(value, str) and not value.strip():
        raise _fault(role, backend, "a text without words", "the words to be spoken")
    if isinstance(value, Speech):
        samples = value.audio.samples
        if not len(samples):
            raise _fault(role, backend, "speech of 0 s", "the words, spoken")
        if not np.isfinite(samples).all():
            raise _fault(role, backend, "samples that are no numbers", "samples from -1 to 1")
    if isinstance(value, list):
        _check_portraits(role, backend, value, asked)
    if isinstance(value, EmotionScores) and asked is not None and len(value.values) != asked:
        raise _fault(role, backend, f"{len(value.values)} rows for {asked} frames", "one per frame")
    return value


def checked_motion(backend: object, value: Animation, speech: Speech) -> Animation:
    """Return an animation, if it is one of some speech; its frames are counted as they are read.

    Args:
        backend: the animator.
        value: what it gave back.
        speech: what it was to animate.

    Raises:
        BackendError: it is not as long as the speech, or, while its frames are read, they are more
            or fewer than it says.
    """
    moving = checked("animator", backend, value)
    covers, lasts = moving.length / moving.fps, speech.audio.duration
    if abs(covers - lasts) > _OFF_BY:
        raise _fault(
            "animator", backend, f"{covers:.2f} s of frames for {lasts:.2f} s of speech",
            "as many frames as the speech lasts",
        )  # fmt: skip

    def counted() -> Iterator[Image]:
        count = 0
        for count, image in enumerate(moving.frames, 1):
            if count > moving.length:
                raise _fault("animator", backend, f"more than {moving.length} frames", "its length")
            yield image
        if count < moving.length:
            raise _fault("animator", backend, f"{count} of {moving.length} frames", "all of them")

    return replace(moving, frames=counted())


def _check_portraits(role: str, backend: object, value: list[Any], asked: int | None) -> None:
    if asked is not None and len(value) != asked:
        given = f"{len(value)} items for {asked} frames"
        raise _fault(role, backend, given, "one Portrait per frame")
    for item in value:
        if not isinstance(item, Portrait):
            raise _fault(role, backend, f"{_kind(item)} in its list", "one Portrait per frame")


def _fault(role: str, backend: object, given: str, expected: str) -> BackendError:
    return BackendError(
        f"the {role} {type(backend).__qualname__} returned {given} from {ROLES[role].verb}; "
        f"expected {expected}. The fault is the backend's: test it with "
        f"emoanim.testing.check_{role}."
    )


def _kind(value: Any) -> str:
    return "nothing (None)" if value is None else f"{_article(type(value))} {type(value).__name__}"


def _named(kind: type[Any]) -> str:
    return "a list of Portrait" if kind is list else f"{_article(kind)} {kind.__name__}"


def _article(kind: type[Any]) -> str:
    return "an" if kind.__name__[0] in "AEIOUaeiou" else "a"
