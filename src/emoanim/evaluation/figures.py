"""Figures of the evaluation; matplotlib is imported when one is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from emoanim.evaluation.plots import GENERATED, ORIGINAL
from emoanim.extras import require
from emoanim.metrics import EDDResult, edd, moving_average

__all__ = ["draw_edd", "roc_curve"]


def roc_curve(
    original: ArrayLike, generated: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the share of original and of generated scores above each threshold, from 0 to 1.

    The area below the curve (trapezoids, so ties count half) is 1 - EDD.

    Args:
        original: scores (n,), the negatives.
        generated: scores (m,), the positives.

    >>> false, true = roc_curve([0.1, 0.4], [0.3, 0.9])
    >>> false.tolist(), true.tolist()
    ([0.0, 0.0, 0.5, 0.5, 1.0], [0.0, 0.5, 0.5, 1.0, 1.0])
    """
    x, y = np.sort(np.asarray(original)), np.sort(np.asarray(generated))
    thresholds = np.unique(np.concatenate([x, y]))
    false = 1.0 - np.concatenate([[0], x.searchsorted(thresholds, "right")]) / len(x)
    true = 1.0 - np.concatenate([[0], y.searchsorted(thresholds, "right")]) / len(y)
    return false[::-1], true[::-1]


def draw_edd(
    original: ArrayLike,
    generated: ArrayLike,
    path: str | Path,
    *,
    emotion: str = "target emotion",
    window: int = 5,
    fps: tuple[float, float] = (25.0, 25.0),
    title: str = "",
) -> EDDResult:
    """Draw how an EDD comes about (the paper's figure 5) and return it.

    Four panels: the scores of each frame of both clips, the same smoothed, the two distributions,
    and the ROC curve between them, above which lies the EDD.

    Args:
        original: scores (n,) of the target emotion in [0, 1].
        generated: scores (m,).
        path: of the picture; the ending decides the format (.png, .svg, .pdf).
        emotion: name of the target.
        window: frames of the moving average.
        fps: frames per second of both clips, for the axis of time.
        title: above the panels.

    Raises:
        ValueError: the scores cannot be compared, see :func:`emoanim.metrics.edd`.
        MissingExtraError: matplotlib is not installed.
    """
    result = edd(original, generated, window=window)
    if not isinstance(result, EDDResult) or result.reason is not None:
        shapes = f"{np.shape(original)} and {np.shape(generated)}"
        why = getattr(result, "reason", None) or "expected two 1-D score arrays."
        raise ValueError(f"scores of shape {shapes} given; {why}")
    figures = require("matplotlib.figure", "evaluation")
    figure = figures.Figure(figsize=(13, 3.4), layout="constrained")
    raw, smooth, densities, curve = figure.subplots(1, 4)
    sides = [
        (np.asarray(original), ORIGINAL, "original", fps[0]),
        (np.asarray(generated), GENERATED, "generated", fps[1]),
    ]
    smoothed = []
    for scores, colour, name, rate in sides:
        mean = moving_average(scores[:, None], window)[:, 0]
        raw.plot(np.arange(len(scores)) / rate, scores, color=colour, lw=0.8, label=name)
        # A window stands at its middle frame.
        middle = (np.arange(len(mean)) + (window - 1) / 2) / rate
        smooth.plot(middle, mean, color=colour, lw=1.2, label=name)
        smoothed.append(mean[~np.isnan(mean)])
    for axes, heading in ((raw, "each frame"), (smooth, f"mean of {window} frames")):
        axes.set(xlabel="time in s", ylabel=f"p({emotion})", title=heading)
    smooth.set_ylim(raw.get_ylim())
    figure.legend(*raw.get_legend_handles_labels(), loc="outside lower left", ncols=2)
    _draw_densities(densities, smoothed, [s[1] for s in sides])
    densities.set(xlabel=f"p({emotion})", ylabel="share of frames", title="distributions")
    _draw_roc(curve, smoothed[0], smoothed[1], result.edd)
    if title:
        figure.suptitle(title)
    figure.savefig(path, dpi=120)
    return result


def _draw_densities(axes: Any, sides: Sequence[NDArray[Any]], colours: Sequence[str]) -> None:
    together = np.concatenate(sides)
    bins = np.histogram_bin_edges(together, bins=30)
    for scores, colour in zip(sides, colours, strict=True):
        weights = np.full(len(scores), 1.0 / len(scores))
        axes.hist(scores, bins, weights=weights, color=colour, alpha=0.55)


def _draw_roc(axes: Any, original: NDArray[Any], generated: NDArray[Any], value: float) -> None:
    false, true = roc_curve(original, generated)
    axes.plot([0, 1], [0, 1], color="0.7", lw=0.8, ls="--")
    axes.plot(false, true, color="0.15")
    axes.fill_between(false, true, 1.0, color=GENERATED, alpha=0.25, lw=0)
    axes.text(0.5, 0.12, f"EDD = {value:.3f}\n(shaded)", ha="left")
    axes.set(
        xlabel="original above threshold",
        ylabel="generated above threshold",
        title="ROC",
        xlim=(0, 1),
        ylim=(0, 1),
        aspect="equal",
    )
