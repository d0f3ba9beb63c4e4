"""Score files: what was measured in a pair of clips, so that all can be computed without them.

An .npz of plain arrays, no pickles. Each name begins with ``original.`` or ``generated.``; per
classifier there are ``<side>.scores.<classifier>.labels``, ``.values`` (t, k), ``.times`` (t,),
``.found`` (t,) and ``.weights`` (lines of name=hash). A file of one clip alone has ``labels``,
``values`` and, if known, ``times`` and ``classifier``; so has a table (.csv) as
``EmotionScores.to_csv`` writes it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emoanim.clips import EmotionScores
from emoanim.errors import InputError
from emoanim.evaluation.observation import Observation
from emoanim.metrics.classifier_outputs import read_scores
from emoanim.outputs import check_writable, temporary, writing
from emoanim.parsing import read_arrays

__all__ = ["check_scores", "is_score_file", "read_observation", "write_observations"]

_ARRAYS = (
    "times", "angles", "mouth", "face_size", "sharpness", "embeddings", "psnr", "loudness",
    "onsets",
)  # fmt: skip
_SUFFIXES = (".npz",)
_TABLE = ".csv"
_FORMAT = "emoanim scores 1"


def is_score_file(path: str | Path) -> bool:
    """Whether the name says that this is a score file."""
    return Path(path).suffix.lower() in (*_SUFFIXES, _TABLE)


def check_scores(path: str | Path) -> Path:
    """Return the path of a score file, links followed, if it can be written; before any work.

    Raises:
        OutputError: it does not end in .npz, or no file can be made there.
    """
    return check_writable(path, _SUFFIXES)


def write_observations(path: str | Path, original: Observation, generated: Observation) -> Path:
    """Write both clips' measurements, whole or not at all, and return the path.

    Args:
        path: ends in .npz.
        original: of the original.
        generated: of the generated clip.

    Raises:
        OutputError: it cannot be written there, or the name does not end in .npz.
    """
    arrays: dict[str, Any] = {"format": np.array(_FORMAT)}
    for side, clip in (("original", original), ("generated", generated)):
        arrays[f"{side}.name"] = np.array(clip.name)
        arrays[f"{side}.fps"] = np.array(clip.fps)
        arrays[f"{side}.several"] = np.array(clip.several)
        arrays[f"{side}.reasons"] = _lines(clip.reasons)
        arrays |= {f"{side}.{name}": getattr(clip, name) for name in _ARRAYS}
        for name, scores in clip.scores.items():
            start = f"{side}.scores.{name}"
            arrays[f"{start}.labels"] = np.array(scores.labels)
            arrays[f"{start}.values"] = scores.values
            arrays[f"{start}.times"] = scores.times
            arrays[f"{start}.found"] = scores.found
            arrays[f"{start}.weights"] = _lines(clip.weights.get(name, {}))
    with temporary(path, _SUFFIXES) as partial, writing(path), partial.open("wb") as file:
        np.savez_compressed(file, **arrays)
    return Path(path)


def read_observation(path: str | Path, side: str) -> Observation:
    """Read one clip's measurements back.

    Args:
        path: a file by ``write_observations`` or one of a single clip.
        side: "original" or "generated"; of no account for a file of a single clip.

    Raises:
        InputError: no such file, or no scores in it.
    """
    if Path(path).suffix.lower() == _TABLE:
        table = EmotionScores.from_csv(path)
        named = {"labels": np.array(table.labels), "values": table.values}
        timed = {"times": table.times} if len(table.times) else {}
        return _single(Path(path).name, {**named, **timed})
    try:
        arrays = read_arrays(Path(path))
    except (OSError, ValueError) as error:
        raise InputError(
            f"the score file {str(path)[:200]!r} cannot be read "
            f"({getattr(error, 'strerror', None) or error}); expected an .npz of arrays "
            "as --scores writes."
        ) from error
    try:
        if "format" not in arrays:
            return _single(Path(path).name, arrays)
        return _pair(arrays, side)
    except (KeyError, ValueError, TypeError) as error:
        raise InputError(
            f"the score file {str(path)!r} is not as expected: {error}. Expected what --scores "
            "writes, or arrays labels (k,) and values (t, k) of one clip."
        ) from error


def _pair(arrays: dict[str, NDArray[Any]], side: str) -> Observation:
    version = str(arrays["format"])
    if version != _FORMAT:
        raise ValueError(f"it says {version!r}, not {_FORMAT!r}")
    start = f"{side}.scores."
    measured: dict[str, Any] = {
        name: np.asarray(arrays[f"{side}.{name}"], np.float64) for name in _ARRAYS
    }
    names = [n[len(start) : -len(".values")] for n in arrays if _is_values(n, start)]
    return Observation(
        name=str(arrays[f"{side}.name"]),
        fps=float(arrays[f"{side}.fps"]),
        several=int(arrays[f"{side}.several"]),
        reasons=_mapping(arrays[f"{side}.reasons"]),
        scores={
            name: _checked(
                arrays[f"{start}{name}.labels"],
                arrays[f"{start}{name}.values"],
                arrays[f"{start}{name}.times"],
                name,
            )
            for name in names
        },
        weights={name: _mapping(arrays[f"{start}{name}.weights"]) for name in names},
        **measured,
    )


def _lines(values: Mapping[str, str]) -> NDArray[np.str_]:
    return np.array([f"{k}={v}" for k, v in values.items()], dtype=np.str_)


def _mapping(lines: NDArray[Any]) -> dict[str, str]:
    return {key: value for key, _, value in (str(line).partition("=") for line in lines)}


def _is_values(name: str, start: str) -> bool:
    return name.startswith(start) and name.endswith(".values")


def _single(name: str, arrays: dict[str, NDArray[Any]]) -> Observation:
    times = np.asarray(arrays.get("times", np.zeros(0)), np.float64)
    classifier = str(arrays.get("classifier", "unnamed"))
    scores = _checked(arrays["labels"], arrays["values"], times, classifier)
    fps = math.nan
    if len(times) > 1 and times[-1] > times[0]:
        fps = (len(times) - 1) / float(times[-1] - times[0])
    stamps = times if len(times) else np.arange(len(scores.values), dtype=np.float64)
    reasons = dict.fromkeys(("embeddings", "sharpness"), "not in the score file")
    return Observation(name, fps, stamps, {classifier: scores}, reasons=reasons)


def _checked(
    labels: NDArray[Any], values: NDArray[Any], times: NDArray[Any], name: str
) -> EmotionScores:
    """Check that the rows are probabilities or missing."""
    words = tuple(str(label) for label in labels)
    if not len(values):
        raise ValueError("it holds no rows of scores")
    if len(times) > 1 and (np.diff(times) < 0).any():
        raise ValueError("its times go backwards")
    read_scores(np.asarray(values), "probs", None, name)
    return EmotionScores(words, np.asarray(values, np.float64), times, name)
