"""When each speech sound is heard: forced alignment of a text to its audio, for any voice.

pocketsphinx aligns; words that its dictionary lacks are spelled by hibari's phonemiser where that
is installed and by letters elsewhere. Where alignment fails (another language, words that are not
in the audio, or pocketsphinx is not there, as on Python 3.14) the sounds are laid by their usual
lengths into the words' times where those are known (``within``), or spread over what sounds.
"""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emoanim.clips import Audio, Phone, Word
from emoanim.errors import MissingExtraError
from emoanim.extras import require
from emoanim.language.guess import primary_subtag
from emoanim.language.letters import sounds_of
from emoanim.sound.signals import resample

__all__ = ["align", "align_words", "heard", "spread", "within"]

_RATE = 16000
_HOP = 0.01
_SILENT_WORDS = frozenset(["<s>", "</s>", "<sil>", "[NOISE]", "[SPEECH]", "(NULL)"])

_LENGTHS = (
    ("AW AY EY OW OY", 0.15),
    ("AA AE AO ER IY UW", 0.12),
    ("AH EH IH UH", 0.08),
    ("F S SH TH ZH CH JH Z", 0.10),
    ("B D DH G HH K L M N NG P R T V W Y", 0.065),
)
_USUAL = {symbol: seconds for symbols, seconds in _LENGTHS for symbol in symbols.split()}
_LEAST_PAUSE = 0.12


def align(audio: Audio, text: str, language: str = "en") -> tuple[Phone, ...]:
    """Return the sounds of the text with their times.

    Args:
        audio: the speech.
        text: what it says.
        language: ISO 639-1 code; other languages than English are spread, not aligned.

    Returns:
        ARPAbet without stress, "SIL" for pauses, in order, without gaps from 0 to the end of the
        audio; one pause if the text holds no words or the audio is silent.

    Raises:
        MissingExtraError: pocketsphinx is not installed.
    """
    words = list(_words(text, language))
    if not words or not len(audio.samples):
        return _silence(audio)
    if primary_subtag(language) == "en":
        timed_phones = _forced(audio, words)
        if timed_phones is not None:
            return tuple(
                _gapless([p for _, phones in timed_phones for p in phones], audio.duration)
            )
    return spread(audio, [sound for _, sounds in words for sound in sounds])


def align_words(
    audio: Audio, text: str, language: str = "en"
) -> tuple[tuple[Word, ...], tuple[Phone, ...]] | None:
    """Return the words of the text, as written, and their sounds, with their times.

    Args:
        audio: the speech.
        text: what it says.
        language: ISO 639-1 code.

    Returns:
        Words in order and sounds as ``align`` gives them; None if they cannot be aligned: another
        language than English, words that are not in the audio, or pocketsphinx is not installed.
    """
    written = [(token, list(_words(token, language))) for token in text.split()]
    spelled = [word for _, words in written for word in words]
    if not spelled or not len(audio.samples) or primary_subtag(language) != "en":
        return None
    try:
        timed_phones = _forced(audio, spelled)
    except MissingExtraError:
        return None
    if timed_phones is None:
        return None
    spans = [(phones[0].start, phones[-1].end) for name, phones in timed_phones if name]
    if len(spans) != len(spelled):
        return None
    out, at = [], 0
    for token, words in written:
        if words:
            out.append(Word(token, spans[at][0], spans[at + len(words) - 1][1]))
            at += len(words)
    return tuple(out), tuple(
        _gapless([p for _, each in timed_phones for p in each], audio.duration)
    )


def heard(audio: Audio, text: str, language: str = "en") -> tuple[Phone, ...]:
    """Return what ``align`` does, or what ``spread`` does where pocketsphinx is not installed."""
    try:
        return align(audio, text, language)
    except MissingExtraError:
        return spread(audio, [s for _, sounds in _words(text, language) for s in sounds])


def spread(audio: Audio, sounds: Sequence[str]) -> tuple[Phone, ...]:
    """Lay sounds over the parts of the audio that sound, by their usual lengths.

    Quiet stretches of 0.12 s or more, 35 dB under the loudest, are pauses.
    """
    sounding = _sounding(audio)
    if not sounds or not sounding.any():
        return _silence(audio)
    weights = np.array([_USUAL.get(s, 0.08) for s in sounds])
    ends = np.cumsum(weights) / weights.sum()
    # Clock of the sounding parts: it stands still in pauses.
    clock = np.concatenate([[0.0], np.cumsum(sounding) * _HOP])
    total = clock[-1]
    out: list[Phone] = []
    at, heard = 0.0, 0.0
    for sound, end in zip(sounds, ends, strict=True):
        start = float(np.searchsorted(clock, heard, side="right") - 1) * _HOP
        stop = float(np.searchsorted(clock, end * total - 1e-9, side="left")) * _HOP
        if start - at >= _LEAST_PAUSE:
            out.append(Phone("SIL", at, start))
            at = start
        stop = max(stop, at + 1e-3)
        out.append(Phone(sound, at, stop))
        at, heard = stop, float(end * total)
    return tuple(_gapless(out, audio.duration))


def within(
    words: Sequence[tuple[str, float, float]], duration: float, language: str = "en"
) -> tuple[Phone, ...]:
    """Lay the sounds of words whose times are known into those times, by their usual lengths.

    Args:
        words: text, start and end in seconds, in order.
        duration: of the audio, seconds.
        language: ISO 639-1 code.

    Returns:
        As ``align``: without gaps from 0 to ``duration``; one pause if there are no words.
    """
    out: list[Phone] = []
    for text, start, end in words:
        sounds = [sound for _, each in _words(text, language) for sound in each]
        edges = start + (end - start) * np.cumsum([0.0, *(_USUAL.get(s, 0.08) for s in sounds)]) / (
            sum(_USUAL.get(s, 0.08) for s in sounds) or 1.0
        )
        out += [
            Phone(s, float(a), float(b))
            for s, a, b in zip(sounds, edges[:-1], edges[1:], strict=True)
        ]
    return tuple(_gapless(out, duration))


def _forced(
    audio: Audio, words: list[tuple[str, tuple[str, ...]]]
) -> list[tuple[str, list[Phone]]] | None:
    """Align in two passes, words and then sounds; None if no path is found.

    Returns every word with its sounds, and pauses as a word without a name.
    """
    decoder = require("pocketsphinx", "hibari").Decoder(
        samprate=_RATE, bestpath=False, lm=None, loglevel="FATAL"
    )
    names: list[str] = []
    for word, sounds in words:
        if decoder.lookup_word(word) is None:
            decoder.add_word(word, " ".join(sounds), True)
        names.append(word)
    samples = resample(audio, _RATE).samples
    peak = float(np.abs(samples).max())
    if peak < 1e-4:
        return None
    pcm = (samples * (0.9 / max(peak, 0.1)) * 32767).clip(-32768, 32767).astype("<i2").tobytes()
    try:
        decoder.set_align_text(" ".join(names))
        _decode(decoder, pcm)
        decoder.set_alignment()
        _decode(decoder, pcm)
        alignment = decoder.get_alignment()
    except RuntimeError:
        return None
    if alignment is None:
        return None
    segments = list(_read(alignment))
    return segments if any(name for name, _ in segments) else None


def _decode(decoder: Any, pcm: bytes) -> None:
    decoder.start_utt()
    decoder.process_raw(pcm, full_utt=True)
    decoder.end_utt()


def _read(alignment: Any) -> Iterator[tuple[str, list[Phone]]]:
    for word in alignment:
        name = "" if word.name in _SILENT_WORDS else word.name
        phones = []
        for phone in word:
            symbol = phone.name if name and "+" not in phone.name else "SIL"
            start = phone.start * _HOP
            phones.append(Phone(symbol, start, start + phone.duration * _HOP))
        if phones:
            yield name, phones


def _words(text: str, language: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield every word in the dictionary's spelling with its sounds."""
    if primary_subtag(language) == "en" and importlib.util.find_spec("hibari"):
        reading = require("emoanim.engines.hibari.reading", "hibari")
        yield from reading.spoken_words(text)
        return
    for word in re.findall(r"[^\W_]+(?:['’][^\W_]+)*", text):
        spelled = word.lower().replace("’", "'")
        yield spelled, sounds_of(spelled)


def _sounding(audio: Audio) -> NDArray[np.bool_]:
    """Bool per 10 ms: something is heard; short gaps and clicks are smoothed away."""
    hop = max(1, round(audio.rate * _HOP))
    samples = np.pad(audio.samples.astype(np.float64), (0, -len(audio.samples) % hop))
    power = np.mean(samples.reshape(-1, hop) ** 2, axis=1)
    if power.max(initial=0.0) < 1e-10:
        return np.zeros(len(power), np.bool_)
    reach = 5
    heard = np.pad(power > power.max() * 10**-3.5, reach)
    closed = np.lib.stride_tricks.sliding_window_view(heard, 2 * reach + 1).any(axis=1)
    closed = np.pad(closed, reach, constant_values=True)
    return np.asarray(np.lib.stride_tricks.sliding_window_view(closed, 2 * reach + 1).all(axis=1))


def _gapless(phones: Sequence[Phone], duration: float) -> Iterator[Phone]:
    """Yield the sounds with pauses in the gaps, from 0 to ``duration``."""
    at = 0.0
    pending: Phone | None = None
    for phone in [*phones, Phone("SIL", duration, duration)]:
        start, end = min(phone.start, duration), min(phone.end, duration)
        pieces = []
        if start > at + 1e-6:
            pieces.append(Phone("SIL", at, start))
            at = start
        if end > at:
            pieces.append(Phone(phone.symbol, at, end))
        for piece in pieces:
            if pending and pending.symbol == "SIL" == piece.symbol:
                pending = Phone("SIL", pending.start, piece.end)
            else:
                if pending:
                    yield pending
                pending = piece
            at = piece.end
    if pending:
        yield pending._replace(end=duration)


def _silence(audio: Audio) -> tuple[Phone, ...]:
    return (Phone("SIL", 0.0, audio.duration),) if len(audio.samples) else ()
