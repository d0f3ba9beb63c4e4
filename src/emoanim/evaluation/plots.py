"""Plots as SVG text, drawn by a few small functions: no package, no script, nothing fetched."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "COLOURS",
    "GENERATED",
    "ORIGINAL",
    "bars",
    "densities",
    "roc",
    "timelines",
    "two_timelines",
]

ORIGINAL, GENERATED = "#3b6ea5", "#d1495b"
"""Colours of the original and of the generated clip."""

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

Floats = NDArray[np.float64]
_LEFT, _RIGHT, _TOP, _BOTTOM = 46.0, 10.0, 12.0, 34.0
_POINTS = 600
_BINS = 40
_SIZE = (560.0, 230.0)
# Words stand clear of the lines below them.
_HALO = 'paint-order="stroke" stroke="#fff" stroke-width="3"'


class _Axes:
    """A plotting area with linear axes; collects SVG elements."""

    def __init__(
        self,
        size: tuple[float, float],
        x: tuple[float, float],
        y: tuple[float, float],
        names: tuple[str, str],
    ) -> None:
        self.width, self.height = size
        self._x, self._y = x, y
        self._parts: list[str] = []
        self._frame(names)

    def across(self, value: float) -> float:
        low, high = self._x
        span = (high - low) or 1.0
        return _LEFT + (value - low) / span * (self.width - _LEFT - _RIGHT)

    def up(self, value: float) -> float:
        low, high = self._y
        span = (high - low) or 1.0
        return self.height - _BOTTOM - (value - low) / span * (self.height - _TOP - _BOTTOM)

    def add(self, element: str) -> None:
        self._parts.append(element)

    def line(
        self, x: Floats, y: Floats, colour: str, *, width: float = 1.5, dash: str = ""
    ) -> None:
        """Draw a line that is broken where y is NaN."""
        runs: list[list[str]] = [[]]
        for a, b in zip(x, y, strict=True):
            if math.isnan(b):
                runs.append([])
            else:
                runs[-1].append(f"{self.across(float(a)):.1f},{self.up(float(b)):.1f}")
        dashes = f' stroke-dasharray="{dash}"' if dash else ""
        for run in runs:
            if len(run) > 1:
                self.add(
                    f'<polyline points="{" ".join(run)}" fill="none" stroke="{colour}" '
                    f'stroke-width="{width}" stroke-linejoin="round"{dashes}/>'
                )

    def area(self, x: Floats, y: Floats, floor: float, colour: str, opacity: float) -> None:
        points = [f"{self.across(float(a)):.1f},{self.up(float(b)):.1f}" for a, b in _zip(x, y)]
        ends = [
            f"{self.across(float(x[-1])):.1f},{self.up(floor):.1f}",
            f"{self.across(float(x[0])):.1f},{self.up(floor):.1f}",
        ]
        self.add(
            f'<polygon points="{" ".join(points + ends)}" fill="{colour}" '
            f'fill-opacity="{opacity}" stroke="none"/>'
        )

    def text(
        self, x: float, y: float, words: str, *, anchor: str = "start", extra: str = ""
    ) -> None:
        self.add(
            f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {extra}>{escape(words)}</text>'
        )

    def svg(self, title: str) -> str:
        return (
            f'<svg viewBox="0 0 {self.width:g} {self.height:g}" role="img" '
            f'aria-label="{escape(title, quote=True)}"><title>{escape(title)}</title>'
            f"{''.join(self._parts)}</svg>"
        )

    def _frame(self, names: tuple[str, str]) -> None:
        left, right = self.across(self._x[0]), self.across(self._x[1])
        floor, top = self.up(self._y[0]), self.up(self._y[1])
        for value in _ticks(*self._y):
            y = self.up(value)
            self.add(f'<path d="M{left:.1f} {y:.1f}H{right:.1f}" class="grid"/>')
            self.text(left - 6, y + 4, f"{value:g}", anchor="end")
        for value in _ticks(*self._x):
            x = self.across(value)
            self.add(f'<path d="M{x:.1f} {floor:.1f}v4" class="axis"/>')
            self.text(x, floor + 16, f"{value:g}", anchor="middle")
        self.add(f'<path d="M{left:.1f} {top:.1f}V{floor:.1f}H{right:.1f}" class="axis"/>')
        self.text((left + right) / 2, self.height - 3, names[0], anchor="middle")
        middle = (top + floor) / 2
        turn = f'transform="rotate(-90 11 {middle:.1f})"'
        self.text(11, middle, names[1], anchor="middle", extra=turn)


def timelines(
    times: Floats,
    values: Floats,
    labels: Sequence[str],
    *,
    target: str,
    unit: str = "time in s",
    size: tuple[float, float] = _SIZE,
) -> str:
    """Draw the probability of every emotion over time; the target's line is thick.

    Args:
        times: (t,), ascending.
        values: (t, k), NaN where there is no face; at most 600 points are drawn, as means.
        labels: of the columns.
        target: the label to stress.
        unit: name of the axis of time.
        size: width and height.
    """
    x, y = _thinned(times, values)
    end = float(x[-1]) if len(x) and x[-1] > x[0] else (float(x[0]) if len(x) else 0.0) + 1.0
    start = float(x[0]) if len(x) else 0.0
    axes = _Axes(size, (start, end), (0.0, 1.0), (unit, "probability"))
    order = sorted(range(len(labels)), key=lambda i: labels[i] == target)
    for i in order:
        width = 2.6 if labels[i] == target else 1.1
        if len(x) == 1:
            dot = (axes.across(float(x[0])), axes.up(float(y[0, i])))
            if not math.isnan(y[0, i]):
                axes.add(
                    f'<circle cx="{dot[0]:.1f}" cy="{dot[1]:.1f}" r="{2 * width}" '
                    f'fill="{colour_of(labels[i])}"/>'
                )
        else:
            axes.line(x, y[:, i], colour_of(labels[i]), width=width)
    return axes.svg(f"probability of each emotion over time, {target} stressed")


def two_timelines(
    original: tuple[Floats, Floats],
    generated: tuple[Floats, Floats],
    *,
    emotion: str,
    size: tuple[float, float] = _SIZE,
) -> str:
    """Draw the target's smoothed probability over time, of both clips in one plot.

    Args:
        original: times (n,) in seconds, ascending, and scores (n,), NaN where there is no face.
        generated: the same of the generated clip.
        emotion: name of the target.
        size: width and height.
    """
    sides = [_thinned(times, scores[:, None]) for times, scores in (original, generated)]
    end = max([1e-3, *(float(times[-1]) for times, _ in sides if len(times))])
    axes = _Axes(size, (0.0, end), (0.0, 1.0), ("time in s", f"p({emotion})"))
    for (times, scores), colour in zip(sides, (ORIGINAL, GENERATED), strict=True):
        axes.line(times, scores[:, 0], colour, width=1.8)
    return axes.svg(f"smoothed probability of {emotion} over time, before and after")


def densities(
    original: Floats,
    generated: Floats,
    *,
    emotion: str,
    said: Sequence[str] = (),
    size: tuple[float, float] = _SIZE,
) -> str:
    """Draw how the smoothed target scores of both clips are distributed, as shares of frames.

    Args:
        original: scores (n,) in [0, 1] without NaN.
        generated: scores (m,).
        emotion: name of the target.
        said: lines in the middle of the plot, such as the EDD and its interval.
        size: width and height.
    """
    edges = np.linspace(0.0, 1.0, _BINS + 1)
    shares = [np.histogram(s, edges)[0] / max(1, len(s)) * 100.0 for s in (original, generated)]
    highest = max(1.0, *(float(s.max(initial=0.0)) for s in shares))
    names = (f"p({emotion})", "frames in %")
    axes = _Axes(size, (0.0, 1.0), (0.0, highest * 1.05), names)
    means: list[tuple[float, str, str]] = []
    for share, scores, colour, name in zip(
        shares,
        (original, generated),
        (ORIGINAL, GENERATED),
        ("original", "generated"),
        strict=True,
    ):
        x, y = np.repeat(edges, 2)[1:-1], np.repeat(share, 2)
        axes.area(x, y, 0.0, colour, 0.4)
        axes.line(x, y, colour, width=1.2)
        if len(scores):
            mean = axes.across(float(scores.mean()))
            axes.add(
                f'<path d="M{mean:.1f} {axes.up(highest * 1.05):.1f}V{axes.up(0.0):.1f}" '
                f'stroke="{colour}" stroke-dasharray="4 3"/>'
            )
            means.append((mean, name, colour))
    for place, (at, name, colour) in enumerate(sorted(means)):
        # The left one's name stands left of its line, the right one's right of it, if it fits.
        right = axes.width - at > 80 and (place == len(means) - 1 or at < _LEFT + 70)
        start, anchor = (at + 5, "start") if right else (at - 5, "end")
        extra = f'style="fill:{colour}" {_HALO}'
        axes.text(start, _TOP + 9 + 13 * place, f"mean {name}", anchor=anchor, extra=extra)
    for number, line in enumerate(said):
        weight = 'style="font-weight:bold" ' if number == 0 else ""
        height = (_TOP + size[1] - _BOTTOM) / 2 + 14 * number
        middle = (_LEFT + size[0] - _RIGHT) / 2
        axes.text(middle, height, line, anchor="middle", extra=weight + _HALO)
    return axes.svg(f"distribution of p({emotion}) before and after")


def roc(false: Floats, true: Floats, value: float, *, size: tuple[float, float] = _SIZE) -> str:
    """Draw a ROC curve; the shaded area above it is EDD.

    Args:
        false: share of original scores above each threshold, ascending.
        true: share of generated scores above it.
        value: EDD.
        size: width and height.
    """
    names = ("original above threshold", "generated above")
    axes = _Axes(size, (0.0, 1.0), (0.0, 1.0), names)
    axes.area(false, true, 1.0, GENERATED, 0.25)
    axes.line(np.array([0.0, 1.0]), np.array([0.0, 1.0]), "#999999", width=1.0, dash="4 3")
    axes.line(false, true, "#222222", width=1.8)
    axes.text(axes.across(0.02), axes.up(0.9), f"EDD {value:.3f}", extra='style="font-weight:bold"')
    axes.text(axes.across(0.62), axes.up(0.5), "no change", extra=_HALO)
    return axes.svg(f"ROC curve, EDD {value:.3f}")


def bars(
    labels: Sequence[str],
    before: Sequence[float],
    after: Sequence[float],
    *,
    target: str,
    size: tuple[float, float] = _SIZE,
) -> str:
    """Draw the mean probability of every emotion before and after, side by side.

    Args:
        labels: of the emotions.
        before: means in [0, 1], NaN for none.
        after: the same of the generated clip.
        target: the label to stress.
        size: width and height.
    """
    known = [v for v in (*before, *after) if not math.isnan(v)]
    highest = min(1.0, 1.1 * max([0.1, *known]))
    axes = _Axes(size, (0.0, 0.0), (0.0, highest), ("", "mean probability"))
    step = (size[0] - _LEFT - _RIGHT) / max(1, len(labels))
    for i, label in enumerate(labels):
        left = _LEFT + i * step
        for k, (value, colour) in enumerate(((before[i], ORIGINAL), (after[i], GENERATED))):
            if not math.isnan(value):
                top = axes.up(value)
                axes.add(
                    f'<rect x="{left + step * (0.18 + 0.33 * k):.1f}" y="{top:.1f}" '
                    f'width="{step * 0.31:.1f}" height="{axes.up(0.0) - top:.1f}" '
                    f'fill="{colour}"/>'
                )
        weight = 'style="font-weight:bold"' if label == target else ""
        axes.text(left + step / 2, size[1] - 18, label, anchor="middle", extra=weight)
    return axes.svg("mean probability of each emotion before and after")


def colour_of(label: str) -> str:
    """Return the colour of an emotion; grey for a label that is none."""
    return COLOURS.get(label, "#444444")


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


def _ticks(low: float, high: float) -> list[float]:
    """Return 3 to 7 round numbers between two ends; none for an axis without length."""
    if not high > low:
        return []
    rough = (high - low) / 5.0
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(m * power for m in (1.0, 2.0, 2.5, 5.0, 10.0) if m * power >= rough * 0.999)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [round(i * step, 10) for i in range(first, last + 1)]


def _zip(x: Floats, y: Floats) -> list[tuple[float, float]]:
    return [(float(a), float(b)) for a, b in zip(x, y, strict=True)]
