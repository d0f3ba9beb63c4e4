"""Which language a recording is in, known before anything is made of it."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from emoanim.clips import Audio
from emoanim.errors import InputError
from emoanim.language.guess import primary_subtag

__all__ = ["DetectsLanguage", "KeepsLanguage", "SpeaksLanguages", "check_language"]

_SURE = 0.9
"""Probability from which a language is believed: a wrong one would refuse what could be said."""


@runtime_checkable
class DetectsLanguage(Protocol):
    """An ability of a transcriber: tell the language much faster than the words."""

    def detect_language(self, audio: Audio) -> tuple[str, float]:
        """Return the ISO 639-1 code and its probability; ("", 0.0) where nobody speaks."""


@runtime_checkable
class SpeaksLanguages(Protocol):
    """An ability of a voice: name the languages that it speaks.

    Attributes:
        languages: ISO 639-1 codes.
    """

    languages: tuple[str, ...]


@runtime_checkable
class KeepsLanguage(Protocol):
    """An ability of a text emoter: what it writes is in the language of the transcript.

    Attributes:
        keeps_language: whether it is.
    """

    keeps_language: bool


def check_language(transcriber: object, text_emoter: object, voice: object, audio: Audio) -> None:
    """Refuse a recording whose language the voice does not speak, if all three can tell.

    Raises:
        InputError: the voice speaks other languages only.
    """
    if not (
        isinstance(transcriber, DetectsLanguage)
        and isinstance(text_emoter, KeepsLanguage)
        and isinstance(voice, SpeaksLanguages)
        and text_emoter.keeps_language
    ):
        return
    language, probability = transcriber.detect_language(audio)
    if probability < _SURE or primary_subtag(language) in voice.languages:
        return
    raise InputError(
        f"a recording in the language {language!r} given (probability {probability:.2f}); expected "
        f"{' or '.join(voice.languages)}, which is what the voice speaks. Give another voice, the "
        "preset own, which keeps the recording itself, or the language if it was taken for "
        "another: --set transcriber.language=en."
    )
