"""Which language a recording is in, known before anything is made of it."""

from __future__ import annotations

from emoanim.clips import Audio
from emoanim.errors import InputError
from emoanim.language.guess import primary_subtag
from emoanim.protocols import DetectsLanguage, KeepsLanguage, SpeaksLanguages

__all__ = ["check_language"]

_SURE = 0.9
"""Probability from which a language is believed: a wrong one would refuse what could be said."""


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
