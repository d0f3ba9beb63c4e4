"""The plots of the report, drawn by matplotlib, which is imported when one is drawn."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from emoanim.extras import require
from emoanim.notebook import COLOURS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "COLOURS",
    "GENERATED",
    "ORIGINAL",
    "bars",
    "colour_of",
    "densities",
    "roc",
    "svg",
    "timelines",
    "two_timelines",
]

ORIGINAL, GENERATED = "#3b6ea5", "#d1495b"
"""Colours of the original and of the generated clip."""

Floats = NDArray[np.float64]
_POINTS = 600
_BINS = 40
_SIZE = (5.6, 2.3)
"""Inches, at 100 pixels each."""
_SOFT = "#444444"
_FONT = 8.0
_CLEAR = {"facecolor": "white", "alpha": 0.7, "lw": 0, "pad": 1.0}
"""Behind words that stand on what is drawn."""


def timelines(
    times: Floats,
    values: Floats,
    labels: Sequence[str],
    *,
    target: str,
    unit: str = "time in s",
) -> Figure:
    """Draw the probability of every emotion over time; the target's line is thick.

    Args:
        times: (t,), ascending.
        values: (t, k), NaN where there is no face; at most 600 points are drawn, as means.
        labels: of the columns.
        target: the label to stress.
        unit: name of the axis of time.
    """
    figure, axes = _axes(unit, "probability")
    x, y = _thinned(times, values)
    for i, label in enumerate(labels):
        stressed = label == target
        axes.plot(
            x,
            y[:, i],
            color=colour_of(label),
            lw=2.4 if stressed else 1.0,
            zorder=3 if stressed else 2,
            marker="o" if len(x) == 1 else None,
        )
    axes.set_ylim(0, 1)
    _from_end_to_end(axes, x)
    return figure


def two_timelines(
    original: tuple[Floats, Floats], generated: tuple[Floats, Floats], *, emotion: str
) -> Figure:
    """Draw the target's smoothed probability over time, of both clips in one plot.

    Args:
        original: times (n,) in seconds, ascending, and scores (n,), NaN where there is no face.
        generated: the same of the generated clip.
        emotion: name of the target.
    """
    figure, axes = _axes("time in s", f"p({emotion})")
    ends = [1e-3]
    for (times, scores), colour in zip((original, generated), (ORIGINAL, GENERATED), strict=True):
        x, y = _thinned(times, scores[:, None])
        axes.plot(x, y[:, 0], color=colour, lw=1.6)
        ends += list(x[-1:])
    axes.set(xlim=(0, max(ends)), ylim=(0, 1))
    return figure


def densities(
    original: Floats, generated: Floats, *, emotion: str, said: Sequence[str] = ()
) -> Figure:
    """Draw how the smoothed target scores of both clips are distributed, as shares of frames.

    Args:
        original: scores (n,) in [0, 1] without NaN.
        generated: scores (m,).
        emotion: name of the target.
        said: lines in the middle of the plot, such as the EDD and its interval.
    """
    figure, axes = _axes(f"p({emotion})", "frames in %")
    edges = np.linspace(0.0, 1.0, _BINS + 1).tolist()
    sides = ((original, ORIGINAL, "original"), (generated, GENERATED, "generated"))
    means: list[tuple[float, str, str]] = []
    for scores, colour, name in sides:
        weights = np.full(len(scores), 100.0 / max(1, len(scores)))
        axes.hist(scores, edges, weights=weights, color=colour, alpha=0.45, histtype="stepfilled")
        if len(scores):
            means.append((float(scores.mean()), name, colour))
            axes.axvline(means[-1][0], color=colour, lw=1.0, ls="--")
    axes.set_xlim(0, 1)
    for line, (mean, name, colour) in enumerate(sorted(means)):
        # The left one's name stands left of its line, the right one's right of it, if it fits.
        right = mean < 0.8 and (line == len(means) - 1 or mean < 0.2)
        axes.annotate(
            f"mean {name}",
            (mean, 1.0 - 0.09 * line),
            xycoords=("data", "axes fraction"),
            xytext=(4 if right else -4, -2),
            textcoords="offset points",
            ha="left" if right else "right",
            va="top",
            color=colour,
            fontsize=_FONT,
            bbox=_CLEAR,
        )
    for line, words in enumerate(said):
        axes.text(
            0.5,
            0.5 - 0.1 * line,
            words,
            transform=axes.transAxes,
            ha="center",
            fontsize=_FONT,
            fontweight="normal" if line else "bold",
            bbox=_CLEAR,
        )
    return figure


def roc(false: Floats, true: Floats, value: float) -> Figure:
    """Draw a ROC curve; the shaded area above it is EDD.

    Args:
        false: share of original scores above each threshold, ascending.
        true: share of generated scores above it.
        value: EDD.
    """
    figure, axes = _axes("original above threshold", "generated above")
    axes.fill_between(false, true, 1.0, color=GENERATED, alpha=0.25, lw=0)
    axes.plot((0, 1), (0, 1), color="#999999", lw=1.0, ls="--")
    axes.plot(false, true, color="#222222", lw=1.6, clip_on=False)
    axes.text(0.02, 0.88, f"EDD {value:.3f}", fontsize=_FONT, fontweight="bold")
    axes.text(0.62, 0.5, "no change", fontsize=_FONT, color=_SOFT, bbox=_CLEAR)
    axes.set(xlim=(0, 1), ylim=(0, 1))
    return figure


def bars(
    labels: Sequence[str], before: Sequence[float], after: Sequence[float], *, target: str
) -> Figure:
    """Draw the mean probability of every emotion before and after, side by side.

    Args:
        labels: of the emotions.
        before: means in [0, 1], NaN for none.
        after: the same of the generated clip.
        target: the label to stress.
    """
    figure, axes = _axes("", "mean probability")
    positions = np.arange(len(labels))
    axes.bar(positions - 0.17, before, 0.32, color=ORIGINAL)
    axes.bar(positions + 0.17, after, 0.32, color=GENERATED)
    axes.set_xticks(positions, labels)
    for words in axes.get_xticklabels():
        words.set_fontweight("bold" if words.get_text() == target else "normal")
    axes.set_ylim(0, None)
    return figure


def svg(figure: Figure) -> str:
    """Return a figure as SVG; the same figure gives the same text."""
    matplotlib: Any = require("matplotlib", "evaluation")
    buffer = io.StringIO()
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": "emoanim"}):
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    text = buffer.getvalue()
    return text[text.index("<svg") :]


def colour_of(label: str) -> str:
    """Return the colour of an emotion; grey for a label that is none."""
    return COLOURS.get(label, _SOFT)


def _axes(across: str, up: str) -> tuple[Figure, Axes]:
    """Return an empty figure with one plot in it."""
    matplotlib: Any = require("matplotlib", "evaluation")
    figures: Any = require("matplotlib.figure", "evaluation")
    with matplotlib.rc_context({"font.size": _FONT}):
        figure: Figure = figures.Figure(figsize=_SIZE, dpi=100, layout="constrained")
        axes = figure.subplots()
        axes.set_xlabel(across)
        axes.set_ylabel(up)
    axes.grid(color="#ececec", lw=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color("#8a8a8a")
    axes.tick_params(color="#8a8a8a", labelcolor=_SOFT)
    return figure, axes


def _from_end_to_end(axes: Axes, x: Floats) -> None:
    if len(x) and x[-1] > x[0]:
        axes.set_xlim(float(x[0]), float(x[-1]))


def _thinned(times: Floats, values: Floats) -> tuple[Floats, Floats]:
    """Return at most 600 means of neighbouring rows."""
    count = -(-len(times) // _POINTS)
    if count < 2:
        return times, np.asarray(values, np.float64)
    starts = np.arange(0, len(times), count)
    there = ~np.isnan(values)
    sums = np.add.reduceat(np.where(there, values, 0.0), starts)
    known = np.add.reduceat(there.astype(np.float64), starts)
    means = np.divide(sums, known, out=np.full(sums.shape, np.nan), where=known > 0)
    return times[starts], means
