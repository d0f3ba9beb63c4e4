"""Curves over time as one SVG element, a few kilobytes each."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["COLOURS", "Curve", "curves_svg", "emotion_curves"]

COLOURS = {
    "anger": "#c1272d",
    "contempt": "#8a5a9e",
    "disgust": "#5f8a2b",
    "fear": "#4b3f8f",
    "happy": "#e0a100",
    "neutral": "#7a7a7a",
    "sad": "#2f6fb3",
    "surprise": "#1a9a8a",
}
"""Colour of each emotion."""

_OTHER = "#444444"
_POINTS = 300
_WIDTH, _HEIGHT = 620, 200
_LEFT, _RIGHT, _TOP, _BOTTOM = 40, 110, 12, 34
_STEPS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600)
_GRID = "#e4e4e4"
_INK = "#333333"


class Curve(NamedTuple):
    """One line of a plot.

    Attributes:
        name: stands in the legend.
        colour: as CSS has it.
        times: (t,), ascending.
        values: (t,) in [0, 1]; a NaN is a gap.
        width: of the line in pixels.
    """

    name: str
    colour: str
    times: NDArray[Any]
    values: NDArray[Any]
    width: float = 1.6


def emotion_curves(
    labels: Sequence[str], values: NDArray[Any], times: NDArray[Any], target: str = ""
) -> str:
    """Return the probability of every emotion over time as SVG.

    Args:
        labels: of the k columns.
        values: (t, k) in [0, 1]; rows of NaN are gaps.
        times: (t,) in seconds; empty counts frames instead.
        target: the label whose line is thick.
    """
    across = "seconds" if len(times) else "frame"
    x = np.asarray(times, np.float64) if len(times) else np.arange(len(values), dtype=np.float64)
    drawn = [
        Curve(
            label,
            COLOURS.get(label, _OTHER),
            x,
            np.asarray(values, np.float64)[:, i],
            2.6 if label == target else 1.5,
        )
        for i, label in enumerate(labels)
    ]
    return curves_svg(drawn, across=across, up="probability")


def curves_svg(curves: Sequence[Curve], *, across: str, up: str) -> str:
    """Return curves in one plot with a legend, as an SVG element.

    Args:
        curves: what is drawn; at most 300 points of each, as means of neighbours.
        across: name of the axis of time.
        up: name of the other axis, which runs from 0 to 1.
    """
    right, bottom = _WIDTH - _RIGHT, _HEIGHT - _BOTTOM
    starts = [float(c.times[0]) for c in curves if len(c.times)]
    ends = [float(c.times[-1]) for c in curves if len(c.times)]
    first, last = min(starts, default=0.0), max(ends, default=1.0)
    span = (last - first) or 1.0

    def x_of(time: float) -> float:
        return _LEFT + (time - first) / span * (right - _LEFT)

    def y_of(value: float) -> float:
        return bottom - min(1.0, max(0.0, value)) * (bottom - _TOP)

    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        f'width="{_WIDTH}" height="{_HEIGHT}" style="max-width:100%;height:auto" role="img" '
        f'aria-label="{escape(up)} over {escape(across)}" font-family="sans-serif" '
        'font-size="11">'
    )
    parts = [head, f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#ffffff"/>']
    for value in (0.0, 0.5, 1.0):
        y = y_of(value)
        parts.append(
            f'<path d="M{_LEFT} {y:.1f}H{right}" stroke="{_GRID}"/>'
            f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" fill="{_INK}" text-anchor="end">{value:g}'
            "</text>"
        )
    for time in _ticks(first, last):
        x = x_of(time)
        parts.append(
            f'<path d="M{x:.1f} {bottom}v4" stroke="{_INK}"/><text x="{x:.1f}" y="{bottom + 16}" '
            f'fill="{_INK}" text-anchor="middle">{time:g}</text>'
        )
    middle = (_LEFT + right) / 2
    parts.append(
        f'<text x="{middle:.0f}" y="{_HEIGHT - 4}" fill="{_INK}" text-anchor="middle">'
        f"{escape(across)}</text>"
        f'<text transform="translate(11 {(_TOP + bottom) / 2:.0f}) rotate(-90)" fill="{_INK}" '
        f'text-anchor="middle">{escape(up)}</text>'
    )
    for index, curve in enumerate(curves):
        style = (
            f'stroke="{escape(curve.colour)}" stroke-width="{curve.width:g}" fill="none" '
            'stroke-linejoin="round" stroke-linecap="round"'
        )
        for run in _runs(*_thinned(curve.times, curve.values)):
            points = " ".join(f"{x_of(t):.1f},{y_of(v):.1f}" for t, v in run)
            if len(run) == 1:  # a line of one point would not be seen
                points = f"{points} {points}"
            parts.append(f'<polyline points="{points}" {style}/>')
        y = _TOP + 6 + 18 * index
        weight = ' font-weight="bold"' if curve.width > 2 else ""
        parts.append(
            f'<path d="M{right + 10} {y}h16" {style}/>'
            f'<text x="{right + 32}" y="{y + 4}" fill="{_INK}"{weight}>{escape(curve.name)}</text>'
        )
    return "".join([*parts, "</svg>"])


def _ticks(first: float, last: float) -> list[float]:
    """Return at most eight round times within a span."""
    step = next((s for s in _STEPS if (last - first) / s <= 7), (last - first) / 7 or 1.0)
    start = int(np.ceil(first / step - 1e-9))
    return [round(i * step, 6) for i in range(start, int(last / step + 1e-9) + 1)]


def _thinned(times: NDArray[Any], values: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return means of neighbours, few enough to draw; a gap stays where all of them are missing."""
    block = -(-len(times) // _POINTS)
    if block < 2:
        return np.asarray(times), np.asarray(values)
    starts = np.arange(0, len(times), block)
    known = ~np.isnan(values)
    sums = np.add.reduceat(np.where(known, values, 0.0), starts)
    counts = np.add.reduceat(known.astype(np.float64), starts)
    means = np.divide(sums, counts, out=np.full(len(starts), np.nan), where=counts > 0)
    return np.asarray(times)[starts], means


def _runs(times: NDArray[Any], values: NDArray[Any]) -> list[list[tuple[float, float]]]:
    """Return the points between gaps."""
    runs: list[list[tuple[float, float]]] = [[]]
    for time, value in zip(times.tolist(), values.tolist(), strict=True):
        if np.isnan(value):
            runs.append([])
        else:
            runs[-1].append((time, value))
    return [run for run in runs if run]
