"""What stages make as bytes, and back: JSON for words, .npz for sound and pictures."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emoanim.clips import Audio, Phone, Portrait, Speech, Transcript, Word
from emoanim.emotions import Passage
from emoanim.engines.rig.expressions.emoted import EmotedFace
from emoanim.runs.records import prompt_of, prompt_record
from emoanim.study.storage.keys import digest_of_bytes, key_of

__all__ = [
    "content_of_speech",
    "decode_portrait",
    "decode_record",
    "decode_speech",
    "decode_texts",
    "decode_transcript",
    "encode_portrait",
    "encode_record",
    "encode_speech",
    "encode_texts",
    "encode_transcript",
]

_ARRAY = "__array__"
_TUPLE = "__tuple__"


def encode_transcript(transcript: Transcript) -> bytes:
    """Return a transcript as JSON."""
    words = [list(word) for word in transcript.words]
    return _json(
        {
            "text": transcript.text,
            "language": transcript.language,
            "words": words,
            "duration": transcript.duration,
        }
    )


def decode_transcript(content: bytes) -> Transcript:
    """Read what ``encode_transcript`` wrote."""
    record = json.loads(content)
    words = tuple(Word(*word) for word in record["words"])
    return Transcript(record["text"], record["language"], words, record["duration"])


def encode_texts(texts: Sequence[str]) -> bytes:
    """Return the texts of a speech's passages as JSON."""
    return _json(list(texts))


def decode_texts(content: bytes) -> tuple[str, ...]:
    """Read what ``encode_texts`` wrote."""
    return tuple(json.loads(content))


def encode_speech(speech: Speech) -> bytes:
    """Return a speech as .npz: float32 samples, and the rest as JSON."""
    arrays: dict[str, NDArray[Any]] = {"samples": speech.audio.samples}
    about = {
        "rate": speech.audio.rate,
        "text": speech.text,
        "phones": [list(phone) for phone in speech.phones],
        "language": speech.language,
        "passages": _passages(speech),
        "details": _flat(dict(speech.details), arrays),
        "time_map": _flat(getattr(speech, "time_map", None), arrays),
    }
    return _npz(arrays, about)


def decode_speech(content: bytes) -> Speech:
    """Read what ``encode_speech`` wrote."""
    arrays, about = _open(content)
    parts: dict[str, Any] = {
        "audio": Audio(arrays["samples"], about["rate"]),
        "text": about["text"],
        "phones": tuple(Phone(*phone) for phone in about["phones"]),
        "language": about["language"],
        "passages": tuple(Passage(at, prompt_of(prompt)) for at, prompt in about["passages"]),
        "details": _raised(about["details"], arrays),
    }
    time_map = _raised(about["time_map"], arrays)
    if time_map is not None:
        parts["time_map"] = time_map
    return Speech(**parts)


def content_of_speech(speech: Speech) -> str:
    """Return the key of what is heard and said; the details of its making have no part in it."""
    samples = digest_of_bytes(speech.audio.samples.tobytes())
    phones = [list(phone) for phone in speech.phones]
    return key_of(
        "speech",
        samples=samples,
        rate=speech.audio.rate,
        text=speech.text,
        phones=phones,
        passages=_passages(speech),
    )


def _passages(speech: Speech) -> list[list[Any]]:
    return [[start, prompt_record(prompt)] for start, prompt in speech.passages]


def encode_portrait(portrait: Portrait) -> bytes:
    """Return a still as .npz with its original frame and details.

    Raises:
        TypeError: the details hold something that is no array, number, text or table of these, or
            the state is of a type that is not emoanim's own.
    """
    same = portrait.image is portrait.original or np.array_equal(portrait.image, portrait.original)
    arrays: dict[str, NDArray[Any]] = {"image": portrait.image}
    if not same:
        arrays["original"] = portrait.original
    about = {
        "quality": None if portrait.quality is None else float(portrait.quality),
        "emoter": portrait.emoter,
        "time": None if portrait.time is None else float(portrait.time),
        "details": _flat(dict(portrait.details), arrays),
        "state": _flat_state(portrait.state, arrays),
    }
    return _npz(arrays, about)


def decode_portrait(content: bytes) -> Portrait:
    """Read what ``encode_portrait`` wrote."""
    arrays, about = _open(content)
    return Portrait(
        image=arrays["image"],
        original=arrays.get("original", arrays["image"]),
        quality=about["quality"],
        emoter=about["emoter"],
        time=about["time"],
        details=_raised(about["details"], arrays),
        state=_raised_state(about["state"], arrays),
    )


def encode_record(value: Any) -> bytes:
    """Return plain values with arrays of numbers as .npz, not compressed: it is read often.

    Raises:
        TypeError: it holds something that is no array, number, text, list, tuple or mapping.
    """
    arrays: dict[str, NDArray[Any]] = {}
    about = _flat(value, arrays)
    return _npz(arrays, about, compressed=False)


def decode_record(content: bytes) -> Any:
    """Read what ``encode_record`` wrote."""
    arrays, about = _open(content)
    return _raised(about, arrays)


def _flat_state(state: object | None, arrays: dict[str, NDArray[Any]]) -> Any:
    """Return what our face emoter leaves for an animator that knows it; a file holds no other."""
    if state is None:
        return None
    if type(state) is not EmotedFace:
        raise TypeError(f"a state of type {type(state).__qualname__} cannot be kept in a file.")
    return {f.name: _flat(getattr(state, f.name), arrays) for f in fields(state)}


def _raised_state(value: Any, arrays: Mapping[str, NDArray[Any]]) -> EmotedFace | None:
    return None if value is None else EmotedFace(**_raised(value, arrays))


def _flat(value: Any, arrays: dict[str, NDArray[Any]]) -> Any:
    """Return plain values; arrays go aside and leave their number."""
    if isinstance(value, np.ndarray) and value.dtype.kind in "biuf":
        name = f"array{len(arrays)}"
        arrays[name] = value
        return {_ARRAY: name}
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, Mapping):
        return {str(k): _flat(v, arrays) for k, v in value.items()}
    if isinstance(value, tuple):
        return {_TUPLE: [_flat(v, arrays) for v in value]}
    if isinstance(value, list):
        return [_flat(v, arrays) for v in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise TypeError(f"{type(value).__qualname__} cannot be kept in a file.")


def _raised(value: Any, arrays: Mapping[str, NDArray[Any]]) -> Any:
    if isinstance(value, dict):
        if set(value) == {_ARRAY}:
            return arrays[value[_ARRAY]]
        if set(value) == {_TUPLE}:
            return tuple(_raised(v, arrays) for v in value[_TUPLE])
        return {k: _raised(v, arrays) for k, v in value.items()}
    if isinstance(value, list):
        return [_raised(v, arrays) for v in value]
    return value


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _npz(arrays: Mapping[str, NDArray[Any]], about: Any, *, compressed: bool = True) -> bytes:
    members: dict[str, Any] = {**arrays, "about": np.frombuffer(_json(about), np.uint8)}
    file = io.BytesIO()
    (np.savez_compressed if compressed else np.savez)(file, **members)
    return file.getvalue()


def _open(content: bytes) -> tuple[dict[str, NDArray[Any]], Any]:
    with np.load(io.BytesIO(content), allow_pickle=False) as archive:
        arrays = {name: archive[name] for name in archive.files}
    return arrays, json.loads(arrays.pop("about").tobytes())
