"""EDD in the forms that other libraries' users know: update and compute, and a scorer."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from emoanim.arrays import as_array
from emoanim.errors import InputError
from emoanim.metrics.auroc import pair_counts
from emoanim.metrics.divergence import edd
from emoanim.metrics.preparation import Scores
from emoanim.metrics.result import EDDResult, Ties, edd_of_counts

__all__ = ["EDDMetric", "edd_score"]


class EDDMetric:
    """EDD with ``update``, ``compute`` and ``reset``, in the manner of torchmetrics.

    Frames of both sides are gathered and compared when ``compute`` is called: every original
    frame with every generated one. Unlike ``edd``, which averages over 5 frames unless told
    otherwise, nothing is smoothed, so that the number does not depend on how the frames are cut
    into updates: it is ``edd(..., window=1)``. With ``window=5`` one update gives the number of
    ``edd``; no moving average crosses an update.

    Args:
        target: label or column; None for 1-D scores.
        keywords: of ``emoanim.metrics.edd``; ``window`` is 1 unless it is given.

    >>> metric = EDDMetric()
    >>> metric.update([0.1, 0.2], [0.3])
    >>> metric.update([0.4], [0.8])
    >>> round(float(metric.compute()), 4)
    0.1667
    """

    higher_is_better = False

    def __init__(self, target: str | int | None = None, **keywords: Any) -> None:
        self._target = target
        self._keywords = {"window": 1, **keywords}
        self.reset()

    def __repr__(self) -> str:
        named = "".join(f", {name}={value!r}" for name, value in self._keywords.items())
        clips = f"{len(self._original)} originals, {len(self._generated)} generated"
        return f"EDDMetric({self._target!r}{named}; {clips} so far)"

    def update(self, original: Scores, generated: Scores) -> None:
        """Add frames of both sides, each (n, d) outputs or (n,) scores; either may be empty."""
        sides = (self._original, self._generated)
        for number, (side, given) in enumerate(zip(sides, (original, generated), strict=True)):
            values = as_array(getattr(given, "values", given))
            if len(values):
                side.append(values)
                self._clips[number].append(len(values))

    def compute(self) -> EDDResult:
        """Return EDD of all frames so far.

        Raises:
            InputError: nothing was given on a side, or input that ``edd`` refuses.
        """
        if not self._original or not self._generated:
            raise InputError("no frames given on a side; expected update(original, generated).")
        x, y = (np.concatenate(side) for side in (self._original, self._generated))
        before, after = (np.repeat(np.arange(len(c)), c) for c in self._clips)
        keywords: dict[str, Any] = {"segments": (before, after), **self._keywords}
        if self._target is None:
            result = edd(x, y, **keywords)
            assert isinstance(result, EDDResult), "a target is needed for more than one column"
            return result
        return edd(x, y, self._target, **keywords)

    def reset(self) -> None:
        """Forget all frames."""
        self._original: list[NDArray[Any]] = []
        self._generated: list[NDArray[Any]] = []
        self._clips: tuple[list[int], list[int]] = ([], [])


def edd_score(y_true: ArrayLike, y_score: ArrayLike, *, ties: Ties = "half") -> float:
    """Return EDD in scikit-learn's order of arguments; lower is better.

    For ``sklearn.metrics.make_scorer(edd_score, greater_is_better=False,
    response_method="predict_proba")`` and for code that has labels instead of two arrays.
    Rows have no order in time here, so nothing is smoothed: it is ``edd(..., window=1)``, whereas
    ``edd`` averages over 5 frames unless told otherwise.

    Args:
        y_true: (n,) 0 or False for frames of the original, 1 or True for generated ones.
        y_score: (n,) score of the target emotion.
        ties: as for ``emoanim.metrics.edd``.

    Returns:
        1 - AUROC, in [0, 1]; NaN if a side is empty.

    Raises:
        InputError: other labels, or arrays that do not go together.

    >>> edd_score([0, 0, 1, 1], [0.1, 0.4, 0.3, 0.8])
    0.25
    """
    sides, scores = as_array(y_true), as_array(y_score)
    if sides.shape != scores.shape or sides.ndim != 1:
        raise InputError(
            f"labels of shape {sides.shape} and scores of shape {scores.shape} given; expected "
            "(n,) and (n,)."
        )
    if not np.isin(sides, (0, 1)).all():
        raise InputError("labels other than 0 and 1 given; expected 0 original, 1 generated.")
    generated = sides.astype(bool)
    original_scores, generated_scores = scores[~generated], scores[generated]
    greater, tied = pair_counts(original_scores, generated_scores)
    pairs = len(original_scores) * len(generated_scores)
    return edd_of_counts(int(greater), int(tied), pairs, ties)
