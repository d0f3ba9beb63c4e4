"""An evaluation in a few lines: for the command line and for a notebook."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from emoanim.evaluation.lip_lag import LipLag
from emoanim.evaluation.plots import GENERATED, ORIGINAL
from emoanim.metrics.result import HOW_TO_READ
from emoanim.notebook import Curve, curves_svg, facts_table, listed, titled

if TYPE_CHECKING:
    from emoanim.evaluation.comparison import Evaluation

__all__ = ["lag_text", "rows", "summary_html"]


def summary_html(result: Evaluation) -> str:
    """Return the table, the target's curves of both clips and the warnings as HTML."""
    change = result.change
    curves = []
    for observation, colour, name in zip(
        result.observations, (ORIGINAL, GENERATED), ("original", "generated"), strict=True
    ):
        scores = observation.scores[change.classifier]
        times = scores.times if len(scores.times) else np.arange(len(scores.values))
        curves.append(Curve(name, colour, times, scores.of(str(result.emotion)), 2.0))
    timed = all(len(o.scores[change.classifier].times) for o in result.observations)
    plot = curves_svg(curves, across="seconds" if timed else "frame", up=f"p({result.emotion})")
    facts: dict[str, Any] = {"": ("original", "generated")}
    facts |= {name: tuple(values) for name, *values in rows(result)}
    title = f"EDD of {result.emotion}: {result.edd:.4f} ({HOW_TO_READ})"
    return titled(title, plot, facts_table(facts), listed(result.warnings))


def rows(result: Evaluation) -> list[tuple[str, ...]]:
    """Return the results as lines of a table: name, value of the original, of the generated clip.

    What compares the two stands under the generated clip; "" is no value.
    """
    lines: list[tuple[str, ...]] = []
    for change in result.changes:
        value, interval = change.edd, change.edd.interval
        ends = "" if interval is None else f" [{_text(interval.low)}, {_text(interval.high)}]"
        lines += [
            (f"EDD of {result.emotion} by {change.classifier}", "", f"{_text(value.edd)}{ends}"),
            ("  without smoothing", "", _text(change.unsmoothed.edd)),
            ("  of the original's halves", _text(change.null.edd), ""),
            (f"  mean p({result.emotion})", *(_text(v) for v in change.mean)),
            (f"  {result.emotion} on top, frames", *(_share(v) for v in change.top)),
            ("  frames with a face", *(_share(v) for v in change.coverage)),
        ]
    if result.agreements:
        names = " and ".join(next(iter(result.agreements.values())).classifiers)
        kappas = [result.agreements.get(side) for side in ("original", "generated")]
        cells = ("" if kappa is None else _text(kappa.kappa) for kappa in kappas)
        lines.append((f"kappa of {names}", *cells))
    sides: tuple[Any, ...] = (result.original, result.generated)
    lines += [
        ("CPBD of the face at 256 px", *(_text(s.sharpness.value) for s in sides)),
        ("head motion, degrees", *(_text(s.head_motion.value) for s in sides)),
        ("beat alignment", *(_text(s.beat_alignment.value) for s in sides)),
        ("lips with sound, correlation", *(_text(s.lips.correlation) for s in sides)),
        ("sound after lips, s", *(lag_text(s.lips) for s in sides)),
        ("identity distance", "", _text(result.identity.distance)),
    ]
    if result.generated.psnr is not None:
        lines.append(("PSNR, dB", "", _text(result.generated.psnr.value)))
    return lines


def lag_text(lips: LipLag) -> str:
    """Return the lag in seconds, or that it cannot be measured."""
    return "not measurable" if lips.lag_reason else _text(lips.lag)


def _text(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.3f}"


def _share(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.0%}"
