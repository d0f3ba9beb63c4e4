"""Whether an object can fill its role, and whether what it gave back is what the role promises."""

from __future__ import annotations

import inspect
from typing import Any, TypeVar

from emoanim.errors import BackendError, SettingsError
from emoanim.roles import ROLES

__all__ = ["check_backend", "checked"]

T = TypeVar("T")


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


def checked(role: str, backend: object, value: T) -> T:
    """Return what a verb gave back, if it is of the type that the role promises.

    Raises:
        BackendError: it is not; the message names the backend.
    """
    known = ROLES[role]
    if not isinstance(value, known.returns):
        name = type(backend).__qualname__
        raise BackendError(
            f"the {role} {name} returned {_kind(value)} from {known.verb}; expected "
            f"{_named(known.returns)}. The fault is the backend's: test it with "
            f"emoanim.testing.check_{role}."
        )
    return value


def _kind(value: Any) -> str:
    return "nothing (None)" if value is None else f"{_article(type(value))} {type(value).__name__}"


def _named(kind: type[Any]) -> str:
    return "a list of Portrait" if kind is list else f"{_article(kind)} {kind.__name__}"


def _article(kind: type[Any]) -> str:
    return "an" if kind.__name__[0] in "AEIOUaeiou" else "a"
