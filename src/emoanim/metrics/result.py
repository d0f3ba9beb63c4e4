"""What EDD returns: the value together with everything needed to read it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, SupportsFloat

import numpy as np
from numpy.typing import NDArray

from emoanim.errors import InputError
from emoanim.metrics.classifier_outputs import Kind
from emoanim.metrics.smoothing import Edge

__all__ = [
    "HOW_TO_READ",
    "EDDMatrix",
    "EDDOptions",
    "EDDProfile",
    "EDDResult",
    "Interval",
    "MissingFrames",
    "Ties",
    "edd_of_counts",
]

MissingFrames = Literal["omit", "worst", "raise"]
Ties = Literal["half", "strict", "lenient"]

HOW_TO_READ = "0 ranks fully separated, 0.5 no change, 1 the opposite"
"""What the ends of EDD mean, wherever the number is printed."""

_CREDIT: dict[str, int] = {"half": 1, "strict": 0, "lenient": 2}


def edd_of_counts(greater: int, tied: int, pairs: int, ties: Ties = "half") -> float:
    """Return EDD = 1 - (greater + c tied) / pairs, c = 1/2 (half), 0 (strict), 1 (lenient).

    The fraction is made of integers and rounded once. NaN for no pairs.

    >>> edd_of_counts(4, 2, 6), edd_of_counts(4, 2, 6, "strict"), edd_of_counts(4, 2, 6, "lenient")
    (0.16666666666666666, 0.3333333333333333, 0.0)
    """
    if ties not in _CREDIT:
        raise InputError(f"ties {ties!r} given; expected 'half', 'strict' or 'lenient'.")
    if not pairs:
        return math.nan
    return (2 * pairs - 2 * greater - _CREDIT[ties] * tied) / (2 * pairs)


@dataclass(frozen=True, slots=True)
class EDDOptions:
    """How an EDD was made; belongs beside the number.

    Attributes:
        kind: "probs", "logits" or "scores".
        excluded: the labels or columns left out before anything else.
        window: frames per moving average, (original, generated).
        edge: "valid" or "same".
        ties: "half", "strict" or "lenient".
        nan: "omit", "worst" or "raise".
        decimals: digits that smoothed scores were rounded to, None for none.
    """

    kind: Kind
    excluded: tuple[str | int, ...]
    window: tuple[int, int]
    edge: Edge
    ties: Ties
    nan: MissingFrames
    decimals: int | None


@dataclass(frozen=True, slots=True)
class Interval:
    """A confidence interval.

    Attributes:
        low: lower end, NaN if there is none.
        high: upper end.
        level: nominal coverage, such as 0.95.
        method: how it was made and what that assumes.
        notes: what to keep in mind, such as too few effective frames.
    """

    low: float
    high: float
    level: float
    method: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EDDResult:
    """EDD of one emotion in one pair of clips; a number wherever one is expected.

    Attributes:
        edd: in [0, 1] under the tie rule: 0 = every generated frame shows more of the emotion than
            every original one, 0.5 = no change, 1 = every one less. Lower is better. NaN with
            a ``reason`` if undefined.
        pairs_greater: pairs with generated > original.
        pairs_tied: pairs with both equal.
        n: original scores compared (after smoothing and dropping).
        m: generated scores compared.
        coverage_original: share of original frames that were there.
        coverage_generated: share of generated frames that were there.
        bounds: what EDD would be if all missing scores were best, worst.
        label: name of the column, None if it has none.
        options: how it was made.
        interval: confidence interval, None if not asked for.
        reason: why ``edd`` is NaN, None otherwise.
        notes: what was also issued as a warning, and a window that was clipped.
        mean: mean probability of the target, (original, generated), where a classifier's scores of
            two clips were compared (``EDAResult.edd``); None otherwise. EDD compares ranks, so it
            is 0 for a rise from 0.001 to 0.01, too.
        top: likewise the share of the frames in which the target is the top label.
    """

    edd: float
    pairs_greater: int
    pairs_tied: int
    n: int
    m: int
    coverage_original: float
    coverage_generated: float
    bounds: tuple[float, float]
    label: str | None
    options: EDDOptions
    interval: Interval | None = None
    reason: str | None = None
    notes: tuple[str, ...] = ()
    mean: tuple[float, float] | None = None
    top: tuple[float, float] | None = None

    @property
    def auroc(self) -> float:
        """AUROC, ties half: P(generated > original) + P(equal)/2; higher is better."""
        return edd_of_counts(self._less, self.pairs_tied, self.n * self.m)

    @property
    def cliffs_delta(self) -> float:
        """Cliff's delta, 2 AUROC - 1, in [-1, 1]; 0 is no change."""
        pairs = self.n * self.m
        return (self.pairs_greater - self._less) / pairs if pairs else math.nan

    @property
    def _less(self) -> int:
        return self.n * self.m - self.pairs_greater - self.pairs_tied

    def __float__(self) -> float:
        return self.edd

    def __lt__(self, other: SupportsFloat) -> bool:
        return self.edd < float(other)

    def __le__(self, other: SupportsFloat) -> bool:
        return self.edd <= float(other)

    def __gt__(self, other: SupportsFloat) -> bool:
        return self.edd > float(other)

    def __ge__(self, other: SupportsFloat) -> bool:
        return self.edd >= float(other)

    def _repr_html_(self) -> str:
        from emoanim.notebook import facts_table, titled

        name = f" of {self.label}" if self.label else ""
        facts = {
            "read": HOW_TO_READ,
            "frames compared": f"{self.n} before, {self.m} after",
            "frames with a face": f"{self.coverage_original:.0%}, {self.coverage_generated:.0%}",
            "AUROC": f"{self.auroc:.4f}",
        }
        if self.mean is not None:
            facts["mean probability"] = _arrow(self.mean, ".3f")
        if self.top is not None:
            facts["on top, frames"] = _arrow(self.top, ".0%")
        if self.interval is not None:
            ends = f"{self.interval.low:.4f} to {self.interval.high:.4f}"
            facts[f"{self.interval.level:.0%} interval"] = f"{ends} ({self.interval.method})"
        if self.reason:
            facts["undefined"] = self.reason
        if self.notes:
            facts["notes"] = "; ".join(self.notes)
        return titled(f"EDD{name}: {self.edd:.4f}", facts_table(facts))

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values, ready for JSON; NaN is None."""
        interval = None
        if self.interval is not None:
            ends = {"low": _plain(self.interval.low), "high": _plain(self.interval.high)}
            interval = {**asdict(self.interval), **ends, "notes": list(self.interval.notes)}
        return {
            "edd": _plain(self.edd),
            "auroc": _plain(self.auroc),
            "pairs_greater": self.pairs_greater,
            "pairs_tied": self.pairs_tied,
            "n": self.n,
            "m": self.m,
            "coverage": [_plain(self.coverage_original), _plain(self.coverage_generated)],
            "bounds": [_plain(bound) for bound in self.bounds],
            "label": self.label,
            "options": asdict(self.options),
            "interval": interval,
            "reason": self.reason,
            "notes": list(self.notes),
            "mean_probability": None if self.mean is None else [_plain(v) for v in self.mean],
            "top1_rate": None if self.top is None else [_plain(v) for v in self.top],
        }

    def with_ties(self, ties: Ties) -> float:
        """Return EDD of the same counts under another tie rule."""
        return edd_of_counts(self.pairs_greater, self.pairs_tied, self.n * self.m, ties)


@dataclass(frozen=True, slots=True)
class EDDProfile:
    """EDD of every emotion in one pair of clips; ``profile["happy"]`` or ``profile[0]`` is one.

    Attributes:
        results: one per column that stays, in order.
    """

    results: tuple[EDDResult, ...]

    @property
    def labels(self) -> tuple[str | None, ...]:
        """Name of each column, None if it has none."""
        return tuple(r.label for r in self.results)

    @property
    def edd(self) -> NDArray[np.float64]:
        """EDD per column, shape (k,)."""
        return np.array([r.edd for r in self.results])

    def __getitem__(self, key: str | int) -> EDDResult:
        if isinstance(key, int):
            return self.results[key]
        for result in self.results:
            if result.label == key:
                return result
        raise KeyError(f"label {key!r} given; expected one of {self.labels}.")

    def __iter__(self) -> Iterator[EDDResult]:
        return iter(self.results)

    def __len__(self) -> int:
        return len(self.results)


@dataclass(frozen=True, slots=True, eq=False)
class EDDMatrix:
    """EDD of every emotion in many pairs of clips.

    Attributes:
        edd: float64 (p, k), NaN where undefined.
        pairs_greater: int64 (p, k).
        pairs_tied: int64 (p, k).
        n: int64 (p,), original scores compared per pair.
        m: int64 (p,), generated scores compared per pair.
        coverage_original: float64 (p,).
        coverage_generated: float64 (p,).
        labels: names of the k columns, empty if they have none.
        options: how it was made.
    """

    edd: NDArray[np.float64]
    pairs_greater: NDArray[np.int64]
    pairs_tied: NDArray[np.int64]
    n: NDArray[np.int64]
    m: NDArray[np.int64]
    coverage_original: NDArray[np.float64]
    coverage_generated: NDArray[np.float64]
    labels: tuple[str, ...]
    options: EDDOptions = field(repr=False)

    @property
    def auroc(self) -> NDArray[np.float64]:
        """AUROC, ties half, (p, k)."""
        return (self.cliffs_delta + 1.0) / 2.0

    @property
    def cliffs_delta(self) -> NDArray[np.float64]:
        """Cliff's delta (p, k), in [-1, 1]."""
        pairs: NDArray[Any] = (self.n * self.m)[:, None]
        shift = 2 * self.pairs_greater + self.pairs_tied - pairs
        delta = np.full(shift.shape, np.nan)
        np.divide(shift, pairs, out=delta, where=pairs > 0)
        return delta


def _arrow(pair: tuple[float, float], form: str) -> str:
    return " -> ".join(format(value, form) for value in pair)


def _plain(value: float) -> float | None:
    return None if math.isnan(value) else float(value)
