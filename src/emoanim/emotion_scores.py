"""A clip's emotions as a classifier sees them: a probability per frame and emotion."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emoanim.arguments import named, object_of, path_of, several_of
from emoanim.arrays import as_array
from emoanim.errors import InputError, did_you_mean
from emoanim.parsing import read_text

__all__ = ["EmotionScores"]

_LARGEST = 200_000_000
"""Bytes of a table: ten hours of eight labels."""
_SUM = 0.01
"""How far the sum of a row may be from 1, for tables that were rounded."""


@dataclass(frozen=True, slots=True, eq=False)
class EmotionScores:
    """Per-frame probabilities of the emotions; label names travel with the matrix.

    Attributes:
        labels: emotion ids of the k columns.
        values: float (t, k); rows sum to 1, a frame without a face is a row of NaN.
        times: float (t,), seconds; empty if the frames came without times.
        classifier: name of the backend.
    """

    labels: tuple[str, ...]
    values: NDArray[np.floating[Any]]
    times: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    classifier: str = ""

    def __post_init__(self) -> None:
        labels = several_of(self.labels, "the labels", "several: ('happy', 'sad')")
        for label in labels:
            object_of(str, label, "a label", "the name of an emotion")
        values = _numbers(self.values, "the scores", f"numbers of shape (t, {len(labels)})")
        times = _numbers(self.times, "the times", "seconds, one for each row of scores")
        for name, value in (("labels", labels), ("values", values), ("times", times)):
            object.__setattr__(self, name, value)
        if values.ndim != 2 or values.shape[1] != len(self.labels):
            raise InputError(
                f"scores of shape {values.shape} given; expected (t, {len(self.labels)}) for the "
                f"labels {', '.join(self.labels)}."
            )
        if len(set(self.labels)) < len(self.labels):
            twice = next(name for name in self.labels if list(self.labels).count(name) > 1)
            raise InputError(f"the label {twice!r} given twice; expected each label once.")
        if times.ndim != 1 or len(times) not in (0, len(values)):
            raise InputError(f"{times.size} times given for {len(values)} rows of scores.")

    def __repr__(self) -> str:
        labels = ", ".join(self.labels)
        return f"EmotionScores({len(self.values)} frames of {labels}; {self.coverage:.0%} found)"

    def _repr_svg_(self) -> str:
        from emoanim.notebook import emotion_curves

        return emotion_curves(self.labels, self.values, self.times)

    def _repr_html_(self) -> str:
        from emoanim.notebook import titled

        by = f" by {self.classifier}" if self.classifier else ""
        face = f"{self.coverage:.0%} with a face"
        return titled(f"{len(self.values)} frames{by}, {face}", self._repr_svg_())

    @property
    def found(self) -> NDArray[np.bool_]:
        """Bool (t,): a face was found."""
        return np.asarray(~np.isnan(self.values).any(axis=1), dtype=np.bool_)

    @property
    def coverage(self) -> float:
        """Share of frames with a face, in [0, 1]; 0 for no frames."""
        return float(self.found.mean()) if len(self.values) else 0.0

    def of(self, label: str) -> NDArray[np.floating[Any]]:
        """Return the column of one emotion, shape (t,).

        Raises:
            InputError: the classifier has no such label.
        """
        if not isinstance(label, str) or label not in self.labels:
            raise InputError(
                f"label {named(label)} given; {self.classifier or 'the classifier'} knows "
                f"{', '.join(self.labels)}.{did_you_mean(str(label), self.labels)}"
            )
        return np.asarray(self.values)[:, self.labels.index(label)]

    def to_frame(self) -> Any:
        """Return a pandas DataFrame: one column per emotion, the times as index if they are known.

        Raises:
            ImportError: pandas is not installed.
        """
        import pandas as pd

        index = pd.Index(self.times, name="seconds") if len(self.times) else None
        return pd.DataFrame(np.asarray(self.values), columns=list(self.labels), index=index)

    def to_csv(self, path: str | Path) -> Path:
        """Write the table that ``to_frame().to_csv()`` writes, without pandas.

        The first column is ``seconds``, or the row's number under an empty name where the times
        are not known; a frame without a face has empty cells.

        Raises:
            OutputError: it cannot be written, or the name does not end in .csv.
        """
        from emoanim.outputs import temporary, writing

        first = self.times.tolist() if len(self.times) else range(len(self.values))
        text = io.StringIO()
        table = csv.writer(text, lineterminator="\n")
        table.writerow(["seconds" if len(self.times) else "", *self.labels])
        for key, row in zip(first, np.asarray(self.values).tolist(), strict=True):
            table.writerow([key, *("" if np.isnan(v) else v for v in row)])
        with temporary(path, (".csv",)) as partial, writing(path):
            partial.write_text(text.getvalue(), encoding="utf-8", newline="")
        return Path(path)

    @classmethod
    def from_csv(cls, path: str | Path, *, classifier: str = "") -> EmotionScores:
        """Read a table of scores: what ``to_csv`` or ``to_frame().to_csv()`` wrote, or your own.

        Args:
            path: a first row of names, then a row per frame. The columns are emotions; one named
                ``seconds`` holds the times, one without a name is passed over.
            classifier: name of what scored the frames.

        Raises:
            InputError: no such file, no table of numbers, or rows that are no probabilities.
        """
        file = path_of(path, "the scores", "a file, such as 'before.csv'")
        try:
            names, rows = _table(read_text(file, _LARGEST))
            return _from_table(names, rows, classifier)
        except (OSError, ValueError, csv.Error) as error:
            raise InputError(
                f"the scores {str(path)[:200]!r} cannot be read "
                f"({getattr(error, 'strerror', None) or error}); expected CSV with a first row "
                "of names such as seconds,happy,sad and a row of probabilities for each frame."
            ) from error

    @classmethod
    def joined(cls, parts: Sequence[EmotionScores]) -> EmotionScores:
        """Put the scores of consecutive batches together, in order."""
        for part in several_of(parts, "the batches", "a list of emoanim.EmotionScores"):
            object_of(EmotionScores, part, "a batch", "emoanim.EmotionScores")
        if not parts:
            raise InputError("no scores given; expected at least one batch.")
        first = parts[0]
        for part in parts[1:]:
            if part.labels != first.labels:
                raise InputError(f"labels {part.labels} and {first.labels} differ between batches.")
        return cls(
            first.labels,
            np.concatenate([p.values for p in parts]),
            np.concatenate([p.times for p in parts]),
            first.classifier,
        )


def _numbers(given: Any, what: str, expected: str) -> NDArray[Any]:
    try:
        values = as_array(given)
    except ValueError:  # rows of several lengths
        values = np.array(None)
    if values.dtype.kind not in "biuf":
        raise InputError(f"{named(given)} given as {what}; expected {expected}.")
    return values


def _table(text: str) -> tuple[list[str], list[list[str]]]:
    """Return the names and the rows of a CSV text."""
    rows = [row for row in csv.reader(io.StringIO(text.removeprefix("\ufeff"))) if row]
    if len(rows) < 2:
        raise ValueError("it has no row of scores")
    names = [name.strip() for name in rows[0]]
    for number, row in enumerate(rows[1:], 2):
        if len(row) != len(names):
            raise ValueError(f"row {number} has {len(row)} cells, the first has {len(names)}")
    return names, rows[1:]


def _from_table(names: list[str], rows: list[list[str]], classifier: str) -> EmotionScores:
    labels = tuple(n for n in names if n not in ("", "seconds"))
    if not labels or len(set(labels)) < len(labels):
        raise ValueError("its first row names no emotion, or one of them twice")
    cells = np.array([[cell.strip() or "nan" for cell in row] for row in rows], np.float64)
    values = cells[:, [names.index(label) for label in labels]]
    times = cells[:, names.index("seconds")] if "seconds" in names else np.zeros(0)
    if len(times) and not (np.isfinite(times).all() and (np.diff(times) >= 0).all()):
        raise ValueError("its times are not in order")
    faces = values[~np.isnan(values).any(axis=1)]
    off = np.abs(faces.sum(axis=1) - 1.0) > _SUM
    if (faces < 0).any() or off.any():
        raise ValueError("a row is no probabilities: it has a negative, or its sum is not 1")
    return EmotionScores(labels, values, times, classifier)
