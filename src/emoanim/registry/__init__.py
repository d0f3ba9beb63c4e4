"""Every backend by role and name; nothing is imported until it is asked for.

Third parties join by entry points in the group of their role, such as ``emoanim.voices``
(name = "module:Class"; ``emoanim.roles.ROLES`` holds the groups), or at run time by
``register``. A class may carry ``licence``, ``abilities`` and ``summary`` attributes, which are
shown where the table's are shown for ours.
"""

from __future__ import annotations

import importlib
import inspect
import re
import traceback
from dataclasses import replace
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Literal, overload

from emoanim.arguments import named
from emoanim.errors import (
    BackendError,
    EmoanimError,
    MissingExtraError,
    SettingsError,
    UnknownBackendError,
    did_you_mean,
)
from emoanim.extras import require
from emoanim.protocols import (
    Animator,
    FaceEmoter,
    FrameEmotionClassifier,
    PairMeasure,
    PictureFeatures,
    SpeechEmotionClassifier,
    TextEmoter,
    TextEmotionClassifier,
    Transcriber,
    Voice,
)
from emoanim.registry.backend_info import EVALUATION_ROLES, ROLES, BackendInfo
from emoanim.registry.option_values import checked_options
from emoanim.registry.table import BACKENDS
from emoanim.roles import ROLES as _ROLES

__all__ = [
    "EVALUATION_ROLES",
    "ROLES",
    "BackendInfo",
    "backend",
    "backends",
    "describe",
    "info",
    "load",
    "package_at_fault",
    "parameters",
    "register",
    "require",
    "unregister",
]

_registered: dict[tuple[str, str], BackendInfo] = {}


def register(role: str, name: str, target: str | type[Any], *, clobber: bool = False) -> None:
    """Make a backend known by name in this process; entry points do it for every process.

    Args:
        role: such as "voice".
        name: what users type.
        target: "module:Class", or the class itself.
        clobber: take the place of a backend that bears the name already.

    Raises:
        UnknownBackendError: there is no such role.
        SettingsError: the name is taken, or the target is neither.

    Example:
        >>> register("voice", "tiny", "emoanim.testing.tiny:TinyVoice", clobber=True)
        >>> info("voice", "tiny").target
        'emoanim.testing.tiny:TinyVoice'
    """
    _check_role(role)
    if not isinstance(name, str) or not name:
        raise SettingsError(f"{named(name)} given as a backend's name; expected what users type.")
    if not clobber and name in _names(role):
        raise SettingsError(
            f"the {role} {name!r} is known already; give another name, or clobber=True to take "
            "its place."
        )
    if isinstance(target, type):
        _registered[role, name] = _described(
            BackendInfo(role, name, f"{target.__module__}:{target.__qualname__}"), target
        )
        _classes[role, name] = target
        return
    if not isinstance(target, str) or target.count(":") != 1:
        raise SettingsError(f'the target {target!r} given; expected "module:Class" or a class.')
    _classes.pop((role, name), None)
    _registered[role, name] = BackendInfo(role, name, target, summary="registered at run time")


_classes: dict[tuple[str, str], type[Any]] = {}


def unregister(role: str, name: str) -> None:
    """Undo ``register``; does nothing for a name that was not registered.

    Raises:
        UnknownBackendError: there is no such role.
    """
    _check_role(role)
    if isinstance(name, str):
        _registered.pop((role, name), None)
        _classes.pop((role, name), None)


def backends(role: str | None = None) -> tuple[BackendInfo, ...]:
    """Return every known backend, ours first, of one role or of all.

    A third party's class is imported, once, to read what it says of itself: ``licence``,
    ``abilities``, and ``summary`` or the first line of its docstring. One that cannot be imported
    is listed with the reason.

    Raises:
        UnknownBackendError: there is no such role.
    """
    if role is not None:
        _check_role(role)
    known = {(b.role, b.name): b for b in BACKENDS if role in (None, b.role)}
    for each in _ROLES if role is None else (role,):
        for point in _points(each):
            if (each, point.name) not in known:
                known[each, point.name] = _third_party(each, point)
    for key, about in list(_registered.items()):
        if role in (None, about.role):
            known[key] = _of_registered(about)
    return tuple(known.values())


def info(role: str, name: str) -> BackendInfo:
    """Return what is known of one backend.

    Raises:
        UnknownBackendError: no such role or name; the message lists those there are.
    """
    _check_role(role)
    known = {b.name: b for b in backends(role)}
    if isinstance(name, str) and name in known:
        return known[name]
    guess = did_you_mean(name, known)
    raise UnknownBackendError(
        f"no {role} is named {named(name)}; there are: {', '.join(known) or 'none'}.{guess} "
        "List all with: emoanim backends"
    )


def describe(role: str, backend: object) -> BackendInfo:
    """Return what is known of a backend that was given as an object.

    One of ours, or one that is registered, is found by its class; any other says it itself.
    """
    cls = type(backend)
    target = f"{cls.__module__}:{cls.__qualname__}"
    for about in (*_registered.values(), *BACKENDS):
        if about.role == role and about.target == target:
            return about
    return _described(BackendInfo(role, cls.__qualname__, target), cls)


@overload
def backend(role: Literal["transcriber"], name: str, /, **options: Any) -> Transcriber: ...
@overload
def backend(role: Literal["text_emoter"], name: str, /, **options: Any) -> TextEmoter: ...
@overload
def backend(role: Literal["voice"], name: str, /, **options: Any) -> Voice: ...
@overload
def backend(role: Literal["face_emoter"], name: str, /, **options: Any) -> FaceEmoter: ...
@overload
def backend(role: Literal["animator"], name: str, /, **options: Any) -> Animator: ...
@overload
def backend(
    role: Literal["classifier"], name: str, /, **options: Any
) -> FrameEmotionClassifier: ...
@overload
def backend(
    role: Literal["text_classifier"], name: str, /, **options: Any
) -> TextEmotionClassifier: ...
@overload
def backend(
    role: Literal["speech_classifier"], name: str, /, **options: Any
) -> SpeechEmotionClassifier: ...
@overload
def backend(
    role: Literal["feature_extractor"], name: str, /, **options: Any
) -> PictureFeatures: ...
@overload
def backend(role: Literal["measure"], name: str, /, **options: Any) -> PairMeasure: ...
@overload
def backend(role: str, name: str, /, **options: Any) -> Any: ...


def backend(role: str, name: str, /, **options: Any) -> Any:
    """Make a backend by its name, for instance ``backend("voice", "hibari", seed=3)``.

    Raises:
        UnknownBackendError: no such role or name.
        MissingExtraError: its packages are not installed.
        SettingsError: an option that it does not have, or a value of the wrong type or range.
        BackendError: a third party's constructor failed.
    """
    about = info(role, name)
    missing = about.missing()
    if missing:
        raise MissingExtraError(
            f"the {role} {name!r} needs {', '.join(missing)}, not installed here. "
            f"Install: {about.install}"
        )
    cls = load(about)
    known = parameters(cls)
    unknown = sorted(set(options) - set(known)) if known is not None else []
    if unknown:
        raise SettingsError(
            f"the {role} {name!r} has no option {unknown[0]!r}; it has: "
            f"{', '.join(known or ()) or 'none'}.{did_you_mean(unknown[0], known or ())}"
        )
    values = checked_options(cls, options, f"the {role} {name!r}")
    try:
        return cls(**values)
    except SettingsError as error:
        if type(error) is not SettingsError or f"{name!r}" in str(error):
            raise
        raise SettingsError(f"the {role} {name!r}: {error}") from error
    except EmoanimError:
        raise
    except Exception as error:
        if about.target.startswith("emoanim.adapters."):
            raise
        why = " ".join(str(error).split())
        raise BackendError(
            f"the {role} {name!r} ({about.target}) cannot be made with the options {values}: "
            f"{type(error).__name__}{f': {why}' if why else ''}. Give it other options, or tell "
            "those who wrote it."
        ) from error


def load(about: BackendInfo) -> Any:
    """Import the class of a backend without making an instance."""
    if (about.role, about.name) in _classes:
        return _classes[about.role, about.name]
    module, _, attribute = about.target.partition(":")
    try:
        return getattr(importlib.import_module(module), attribute)
    except ImportError as error:
        raise MissingExtraError(
            f"the {about.role} {about.name!r} cannot be imported ({error}). Install: "
            f"{about.install if about.extra else 'the packages that it names'}"
        ) from error


def parameters(cls: Any) -> tuple[str, ...] | None:
    """Return the keyword names that a backend's constructor takes; None if it takes any."""
    try:
        known = inspect.signature(cls).parameters.values()
    except (TypeError, ValueError):
        return None
    if any(p.kind is p.VAR_KEYWORD for p in known):
        return None
    return tuple(p.name for p in known if p.kind in (p.KEYWORD_ONLY, p.POSITIONAL_OR_KEYWORD))


def package_at_fault(error: BaseException) -> str | None:
    """Return which installed package of backends an exception came up in; None if in none of them.

    What came up in ``emoanim`` itself is its own fault, even where such a package called it.

    Returns:
        Such as ``"the package boom_voice (voice 'boom')"``.
    """
    held: dict[str, list[str]] = {}
    for role in _ROLES:
        for point in _points(role):
            held.setdefault(_package(point.value), []).append(f"{role} {point.name!r}")
    walked = traceback.walk_tb(error.__traceback__)
    passed = [_package(frame.f_globals.get("__name__", "")) for frame, _ in walked]
    last = next((name for name in reversed(passed) if name in {"emoanim", *held}), "emoanim")
    return None if last == "emoanim" else f"the package {last} ({', '.join(held[last])})"


def _package(module: str) -> str:
    return re.split(r"[.:]", module, maxsplit=1)[0]


def _check_role(role: str) -> None:
    if not isinstance(role, str) or role not in _ROLES:
        raise UnknownBackendError(
            f"no role is named {named(role)}; there are: {', '.join(_ROLES)}."
            f"{did_you_mean(role, _ROLES)}"
        )


def _points(role: str) -> list[EntryPoint]:
    return sorted(entry_points(group=f"emoanim.{_ROLES[role].group}"), key=lambda p: p.name)


def _names(role: str) -> set[str]:
    """Return the names of a role's backends, without importing a third party's class."""
    ours = {b.name for b in BACKENDS if b.role == role}
    return ours | {p.name for p in _points(role)} | {n for r, n in _registered if r == role}


def _of_registered(about: BackendInfo) -> BackendInfo:
    """Add what the class says of itself, which is imported for it once; or why it cannot be."""
    key = about.role, about.name
    if key in _classes:
        return about
    try:
        cls = load(about)
    except Exception as error:  # whatever somebody else's module does when it is imported
        why = " ".join(str(error).split()) or type(error).__name__
        return replace(about, summary=f"{about.summary}; cannot be imported: {why}")
    _classes[key] = cls
    _registered[key] = described = _described(about, cls)
    return described


def _third_party(role: str, point: EntryPoint) -> BackendInfo:
    package = point.dist.name if point.dist else point.value.partition(".")[0]
    about = BackendInfo(role, point.name, point.value, summary=f"from the package {package}")
    try:
        described = _described(about, point.load())
        if described.summary == about.summary:
            return described
        return replace(described, summary=f"{described.summary} (package {package})")
    except Exception as error:  # whatever somebody else's module does when it is imported
        why = " ".join(str(error).split()) or type(error).__name__
        return replace(about, summary=f"from the package {package}; cannot be imported: {why}")


def _described(about: BackendInfo, cls: Any) -> BackendInfo:
    """Add what a class says of itself in its attributes, where they are of the right kind."""
    said: dict[str, Any] = {
        key: value
        for key in ("licence", "summary")
        if isinstance(value := getattr(cls, key, None), str) and value
    }
    first_line = (getattr(cls, "__doc__", None) or "").strip().partition("\n")[0].strip()
    if "summary" not in said and first_line:
        said["summary"] = first_line
    abilities = getattr(cls, "abilities", None)
    if isinstance(abilities, tuple | list) and all(isinstance(a, str) for a in abilities):
        said["abilities"] = tuple(abilities)
    return replace(about, **said)
