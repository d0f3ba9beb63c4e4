"""Every error that emoanim raises on purpose.

::

    EmoanimError
    ├── InputError (ValueError)         what was given cannot be used
    │   ├── EmotionError                a word that is no emotion
    │   ├── MediaError                  not a video, no such stream, damaged file
    │   ├── NoSpeechError               no words in the audio
    │   ├── FaceError                   no face, or a face too small
    │   └── SettingsError               an option nobody has, a value out of range
    ├── OutputError (OSError)           the result cannot be written
    ├── BackendError                    a backend cannot do its part
    │   ├── UnknownBackendError (LookupError)
    │   ├── MissingExtraError (ImportError)   its packages are not installed
    │   ├── WeightsError                its weights are missing, wrong or not accepted
    │   └── ServiceError                its service failed; ``retryable`` says if that may pass
    │       ├── ServiceKeyError         no key, or one that the service does not take
    │       ├── RateLimitError          too many calls, or the account's quota is used up
    │       ├── ServiceTimeoutError     no answer in time
    │       ├── ServiceUnavailableError no connection, or a fault on the server's side
    │       ├── ServiceReplyError       an answer that is cut off or cannot be read
    │       ├── ServiceRequestError     the service does not take the request as it is
    │       ├── RefusalError            a model declined
    │       ├── RewriteError            a model's text is none that a voice could read out
    │       └── BudgetError             the call would cost more than is left; it was not made

A message says what was given, what was expected and what to do next. The command line prints it
as one line and exits with status 2 (input), 3 (output) or 4 (backend).
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

__all__ = [
    "BackendError",
    "BudgetError",
    "EmoanimError",
    "EmotionError",
    "FaceError",
    "InputError",
    "MediaError",
    "MissingExtraError",
    "NoSpeechError",
    "OutputError",
    "RateLimitError",
    "RefusalError",
    "RewriteError",
    "ServiceError",
    "ServiceKeyError",
    "ServiceReplyError",
    "ServiceRequestError",
    "ServiceTimeoutError",
    "ServiceUnavailableError",
    "SettingsError",
    "UnknownBackendError",
    "WeightsError",
    "did_you_mean",
]


class EmoanimError(Exception):
    """Root of the tree; ``exit_code`` is what the command line ends with."""

    exit_code = 1


class InputError(EmoanimError, ValueError):
    """What was given cannot be used."""

    exit_code = 2


class EmotionError(InputError):
    """The prompt names no known emotion, or more than one."""


class MediaError(InputError):
    """The file is missing, is no video, lacks a stream or is damaged."""


class NoSpeechError(InputError):
    """The audio holds no words."""


class FaceError(InputError):
    """No face was found where one is needed, or it is too small."""


class SettingsError(InputError):
    """An option that does not exist or a value out of its range."""


class OutputError(EmoanimError, OSError):
    """The result cannot be written; nothing is left behind."""

    exit_code = 3


class BackendError(EmoanimError):
    """A backend cannot do its part."""

    exit_code = 4


class UnknownBackendError(BackendError, LookupError):
    """No backend of that role bears the name."""

    exit_code = 2


class MissingExtraError(BackendError, ImportError):
    """The backend's packages are not installed; the message holds the pip line."""


class WeightsError(BackendError):
    """The weights are missing, differ from their hash, or their licence was not accepted."""


class ServiceError(BackendError):
    """A service answered with an error.

    Attributes:
        retryable: whether the same call may succeed later.
        hint: what to do next; part of the message too.
    """

    def __init__(self, message: str, *, retryable: bool = False, hint: str = "") -> None:
        super().__init__(f"{message} {hint}".strip())
        self.retryable = retryable
        self.hint = hint


class ServiceKeyError(ServiceError):
    """There is no key, or the service does not take it."""


class RateLimitError(ServiceError):
    """Too many calls (retryable), or the account's quota is used up (not retryable)."""


class ServiceTimeoutError(ServiceError):
    """The service did not answer in time."""


class ServiceUnavailableError(ServiceError):
    """The service cannot be reached or has a fault of its own."""


class ServiceReplyError(ServiceError):
    """The answer is cut off or cannot be read."""


class ServiceRequestError(ServiceError):
    """The service does not take the request as it is: an unknown model, voice or option."""


class RefusalError(ServiceError):
    """The model declined to do it."""


class RewriteError(ServiceError):
    """The model's text cannot be read out as the rewritten transcript, and repair failed."""


class BudgetError(ServiceError):
    """The next call could cost more than is left of the budget; it was not made."""


def did_you_mean(word: object, known: Iterable[str]) -> str:
    """Return what ends a message about a word that nobody knows: the likeliest one that was meant.

    Returns:
        " Did you mean 'film'?", or "" where none is near.
    """
    near = difflib.get_close_matches(word, list(known), 1, 0.6) if isinstance(word, str) else []
    return f" Did you mean {near[0]!r}?" if near else ""
