"""When each word and each sound of a transcript is heard in its recording."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from emoanim.clips import Audio, Phone, Transcript, Word
from emoanim.language.phones import align_words, heard, within

__all__ = ["timed"]

_FEWEST = 4
_MARGIN = 0.12


def timed(audio: Audio, transcript: Transcript) -> tuple[tuple[Word, ...], tuple[Phone, ...]]:
    """Return the words and sounds with their times.

    They are aligned as a whole; where that fails, on both sides of the longest gap that the
    transcript's word times show, and so on; a piece of a few words that cannot be aligned keeps
    the transcript's times, its sounds laid into them by their usual lengths.

    Args:
        audio: the recording.
        transcript: what it says; without word times only the whole is tried.

    Returns:
        Words in order, empty if their times are not known, and sounds without gaps from 0 to the
        end of the audio, "SIL" for pauses.
    """
    aligned = align_words(audio, transcript.text, transcript.language)
    if aligned is not None:
        return aligned
    words = [w for w in transcript.words if w.end > w.start]
    if not words:
        return (), heard(audio, transcript.text, transcript.language)
    placed, sounds = _parted(audio, words, transcript.language)
    return tuple(placed), _joined(sounds, audio.duration)


def _parted(audio: Audio, words: Sequence[Word], language: str) -> tuple[list[Word], list[Phone]]:
    if len(words) < _FEWEST:
        return list(words), _laid(words, audio.duration, language)
    gaps = np.array([b.start - a.end for a, b in itertools.pairwise(words)])
    # Of gaps alike the one nearest the middle: alignment needs a few words to hold on to.
    off = np.abs(np.arange(1, len(words)) / len(words) - 0.5)
    cut = int(np.argmax(gaps - 0.1 * off)) + 1
    placed: list[Word] = []
    sounds: list[Phone] = []
    for piece in (words[:cut], words[cut:]):
        new_words, new_sounds = _piece(audio, piece, language)
        placed += new_words
        sounds += new_sounds
    return placed, sounds


def _piece(audio: Audio, words: Sequence[Word], language: str) -> tuple[list[Word], list[Phone]]:
    start = max(0.0, words[0].start - _MARGIN)
    end = min(audio.duration, words[-1].end + _MARGIN)
    samples = audio.samples[int(start * audio.rate) : int(end * audio.rate)]
    text = " ".join(w.text for w in words)
    aligned = align_words(Audio(samples, audio.rate), text, language)
    if aligned is None:
        return _parted(audio, words, language)
    placed = [w._replace(start=w.start + start, end=w.end + start) for w in aligned[0]]
    sounds = [
        p._replace(start=p.start + start, end=p.end + start)
        for p in aligned[1]
        if p.symbol != "SIL"
    ]
    return placed, sounds


def _laid(words: Sequence[Word], duration: float, language: str) -> list[Phone]:
    spans = [(w.text, w.start, w.end) for w in words]
    return [p for p in within(spans, duration, language) if p.symbol != "SIL"]


def _joined(sounds: Sequence[Phone], duration: float) -> tuple[Phone, ...]:
    """Return the sounds in order, none over another, with pauses between them."""
    out: list[Phone] = []
    at = 0.0
    for phone in [*sounds, Phone("SIL", duration, duration)]:
        start, end = max(phone.start, at), min(phone.end, duration)
        if start > at:
            out.append(Phone("SIL", at, start))
        if end > start:
            out.append(Phone(phone.symbol, start, end))
        at = max(at, start, end)
    return tuple(out)
