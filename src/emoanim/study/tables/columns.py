"""The rows of a run as columns of numbers: what tables and figures are made from."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from sys import intern
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Columns", "gather"]

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

_TEXTS = ("id", "system", "clip", "subject", "emotion", "scores", "features_by")
_PLAIN = (
    "intensity", "sample", "seed", "kappa", "cpbd_still", "psnr_still", "perceptual_still",
    "identity",
)  # fmt: skip
_PAIRS = ("cpbd", "head_motion", "beat_alignment", "lips", "lag", "coverage")


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """Samples by column.

    Attributes:
        texts: name -> strings (n,).
        numbers: name -> floats (n,), NaN where there is none. "edd:fer8" is the EDD by fer8,
            "share:fer8:happy" the share of frames whose top label is happy, "words:fear" a text
            classifier's probability; a name with "_original" is the original's.
        failed: rows that are not among them.
        reasons: what could not be measured -> why.
    """

    texts: dict[str, NDArray[np.object_]]
    numbers: dict[str, Floats]
    failed: int
    reasons: dict[str, str]

    def __len__(self) -> int:
        return len(self.texts["id"])

    @property
    def systems(self) -> tuple[str, ...]:
        """The systems, in the order of the study."""
        return _unique(self.texts["system"])

    @property
    def emotions(self) -> tuple[str, ...]:
        """The target emotions, alphabetical."""
        return tuple(sorted(set(self.texts["emotion"])))

    @property
    def classifiers(self) -> tuple[str, ...]:
        """The frame classifiers, the main one first."""
        return tuple(n.partition(":")[2] for n in self.numbers if n.startswith("edd:"))

    def number(self, name: str) -> Floats:
        """Return a column; all NaN if nobody has it."""
        return self.numbers.get(name, np.full(len(self), np.nan))

    def where(self, **texts: str) -> Mask:
        """Return which rows have these texts, as ``where(system="local", emotion="sad")``."""
        mask = np.ones(len(self), np.bool_)
        for name, value in texts.items():
            mask &= np.asarray(self.texts[name] == value, np.bool_)
        return mask

    def labels(self, prefix: str) -> tuple[str, ...]:
        """Return the labels of columns such as "words:"."""
        return tuple(n.removeprefix(prefix) for n in self.numbers if n.startswith(prefix))

    def table(self, prefix: str, labels: Iterable[str], mask: Mask) -> Floats:
        """Return the columns of labels, (rows, labels)."""
        return np.stack([self.number(f"{prefix}{label}")[mask] for label in labels], axis=1)


def gather(rows: Iterable[dict[str, Any]]) -> Columns:
    """Read rows one by one; only their numbers and short names are held."""
    texts: dict[str, list[str]] = {name: [] for name in (*_TEXTS, "text_key", "voice_key")}
    numbers: dict[str, array[float]] = {}
    reasons: dict[str, str] = {}
    count = failed = 0
    for row in rows:
        reasons.update(row.get("reasons") or {})
        if row["status"] != "done":
            failed += 1
            continue
        for name in _TEXTS:
            texts[name].append(intern(str(row.get(name, ""))))
        texts["text_key"].append(row["keys"].get("rewrite", ""))
        texts["voice_key"].append(row["keys"].get("speak", ""))
        for name, value in _numbers(row):
            column = numbers.setdefault(name, array("d"))
            column.extend([math.nan] * (count - len(column)))
            column.append(math.nan if value is None else value)
        count += 1
    for column in numbers.values():
        column.extend([math.nan] * (count - len(column)))
    return Columns(
        {name: np.array(values, dtype=object) for name, values in texts.items()},
        {name: np.frombuffer(column) for name, column in numbers.items()},
        failed,
        reasons,
    )


def _numbers(row: dict[str, Any]) -> Iterable[tuple[str, float | None]]:
    for name in _PLAIN:
        yield name, row.get(name)
    for name in _PAIRS:
        before, after = row.get(name) or (None, None)
        yield f"{name}_original", before
        yield name, after
    for name, value in (row.get("measures") or {}).items():
        yield f"measure:{name}", value
    for what in ("words", "voice"):
        for name in (what, f"{what}_original"):
            for label, value in (row.get(name) or {}).items():
                yield f"{name}:{label}", value
    for classifier, seen in (row.get("faces") or {}).items():
        for name in ("edd", "edd_unsmoothed", "null", "wrong"):
            yield f"{name}:{classifier}", seen.get(name)
        for name in ("mean", "top"):
            before, after = seen.get(name) or (None, None)
            yield f"{name}_original:{classifier}", before
            yield f"{name}:{classifier}", after
        for source, name in (("shares", "share"), ("shares_original", "share_original")):
            yield from _shares(f"{name}:{classifier}", seen, source)
        yield from _shares(f"still:{classifier}", seen, "still")


def _shares(name: str, seen: dict[str, Any], source: str) -> Iterable[tuple[str, float | None]]:
    for label, value in zip(seen["labels"], seen.get(source) or (), strict=False):
        yield f"{name}:{label}", value


def _unique(values: NDArray[np.object_]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(v) for v in values))
