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

A message says what was given, what was expected and what to do next. The command line prints it
as one line and exits with status 2 (input), 3 (output) or 4 (backend).
"""

from __future__ import annotations

__all__ = [
    "BackendError",
    "EmoanimError",
    "EmotionError",
    "FaceError",
    "InputError",
    "MediaError",
    "MissingExtraError",
    "NoSpeechError",
    "OutputError",
    "ServiceError",
    "SettingsError",
    "UnknownBackendError",
    "WeightsError",
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
    """

    def __init__(self, message: str, *, retryable: bool = False) -> None:
        super().__init__(message)
        self.retryable = retryable
