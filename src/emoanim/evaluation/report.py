"""The report of an evaluation: one page that needs nothing else, with the plots people look at.

The page is a template, ``pages/report.html.j2``; here is what goes into it.
"""

from __future__ import annotations

import base64
import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emoanim import __version__
from emoanim.clips import EmotionScores, Image
from emoanim.evaluation.clip_measures import ClipMeasures
from emoanim.evaluation.comparison import Evaluation
from emoanim.evaluation.figures import roc_curve
from emoanim.evaluation.plots import (
    GENERATED,
    ORIGINAL,
    bars,
    colour_of,
    densities,
    roc,
    svg,
    timelines,
    two_timelines,
)
from emoanim.evaluation.summary import lag_text
from emoanim.extras import require
from emoanim.media import encoded_jpeg
from emoanim.metrics import Measured, moving_average
from emoanim.outputs import check_writable, temporary, writing
from emoanim.portable_messages import portable
from emoanim.scoring.emotion_change import EmotionChange

__all__ = ["check_report", "render_report", "write_report"]

_SUFFIXES = (".html", ".htm")
_KINDS = (("original", "before"), ("generated", "after"))


def check_report(path: str | Path) -> Path:
    """Return the path of a report, links followed, if it can be written; call it before any work.

    Raises:
        OutputError: it does not end in .html, or no file can be made there.
        MissingExtraError: matplotlib or jinja2 is not installed.
    """
    for module in ("matplotlib", "jinja2"):
        require(module, "evaluation")
    return check_writable(path, _SUFFIXES)


def write_report(path: str | Path, evaluation: Evaluation) -> Path:
    """Write the report, whole or not at all, and return its path.

    Raises:
        OutputError: it cannot be written there, or the name does not end in .html.
    """
    page = render_report(evaluation)
    with temporary(path, _SUFFIXES) as partial, writing(path):
        partial.write_text(page, encoding="utf-8")
    return Path(path)


def render_report(evaluation: Evaluation) -> str:
    """Return the page as HTML with everything in it.

    Raises:
        MissingExtraError: matplotlib or jinja2 is not installed.
    """
    jinja2: Any = require("jinja2", "evaluation")
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("emoanim.evaluation", "pages"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters |= {
        "svg": lambda figure: base64.b64encode(svg(figure).encode()).decode(),
        "colour": colour_of,
        "number": _text,
    }
    environment.filters["portable"] = portable
    original, generated = evaluation.observations
    page: str = environment.get_template("report.html.j2").render(
        title=f"{evaluation.emotion}: {Path(generated.name).name} against "
        f"{Path(original.name).name}",
        evaluation=evaluation,
        tiles=_tiles(evaluation),
        sheets=_sheets(evaluation),
        changes=[_change(evaluation, change) for change in evaluation.changes],
        measures=_measures(evaluation),
        made=_provenance_lines(evaluation),
        original_colour=ORIGINAL,
        generated_colour=GENERATED,
    )
    return page


def _tiles(evaluation: Evaluation) -> list[dict[str, str]]:
    change = evaluation.change
    interval = change.edd.interval
    ends = ""
    if interval is not None and not math.isnan(interval.low):
        ends = f"{interval.level:.0%} interval {interval.low:.3f} to {interval.high:.3f}"
    tiles = [
        (f"EDD, {change.classifier}", _text(change.edd.edd), ends),
        ("without smoothing", _text(change.unsmoothed.edd), "window of 1 frame"),
        ("null EDD", _text(change.null.edd), "the original's halves, no change"),
        (f"mean p({change.emotion})", _arrow(change.mean, "{:.2f}"), "before and after"),
        (f"{change.emotion} on top", _arrow(change.top, "{:.0%}"), _read_as(change)),
        ("same person", _text(evaluation.identity.distance), _identity_text(evaluation)),
    ]
    return [{"name": name, "value": value, "note": note} for name, value, note in tiles]


def _read_as(change: EmotionChange) -> str:
    """Return the label that is on top in most of the generated frames."""
    shares = [after for _, after in change.shares]
    if math.isnan(shares[0]):
        return "share of frames, before and after"
    first = max(range(len(shares)), key=shares.__getitem__)
    return f"share of frames; most read as {change.labels[first]} ({shares[first]:.0%})"


def _identity_text(evaluation: Evaluation) -> str:
    distance = evaluation.identity
    if distance.reason is not None:
        return "not measured"
    each = ", picture by picture" if distance.paired else ""
    what = "different people" if distance.different else "up to 0.6 is one person"
    return f"distance{each}; {what}"


def _sheets(evaluation: Evaluation) -> list[dict[str, Any]]:
    """Return the pictures of each clip that has some."""
    return [
        {"name": name, "kind": kind, "pictures": [_data(p) for p in clip.pictures]}
        for (name, kind), clip in zip(_KINDS, evaluation.observations, strict=True)
        if clip.pictures
    ]


def _data(picture: Image) -> str:
    return "data:image/jpeg;base64," + base64.b64encode(encoded_jpeg(picture)).decode("ascii")


def _change(evaluation: Evaluation, change: EmotionChange) -> dict[str, Any]:
    """Return what one classifier's part of the page shows."""
    pair = tuple(o.scores[change.classifier] for o in evaluation.observations)
    still = any(math.isnan(o.fps) for o in evaluation.observations)
    return {
        "classifier": change.classifier,
        "edd": change.edd.edd,
        "frames": change.frames,
        "labels": change.labels,
        "timelines": [
            {
                "name": name,
                "kind": kind,
                "alt": f"probability of each emotion over time, {change.emotion} stressed",
                "figure": timelines(
                    _times(scores),
                    np.asarray(scores.values, np.float64),
                    scores.labels,
                    target=change.emotion,
                    unit="picture" if still else "time in s",
                ),
            }
            for scores, (name, kind) in zip(pair, _KINDS, strict=True)
        ],
        "plots": _plots(change, pair, still=still),
        "emotions": [
            {
                "label": label,
                "before": a,
                "after": b,
                "edd": edd,
                "stressed": label == change.emotion,
            }
            for label, (a, b), edd in zip(change.labels, change.means, change.profile, strict=True)
        ],
    }


def _plots(
    change: EmotionChange, pair: tuple[EmotionScores, ...], *, still: bool
) -> list[dict[str, Any]]:
    """Return the plots of both clips together; what cannot be drawn is left out."""
    target = change.emotion
    spans = change.edd.options.window
    how = "not smoothed" if spans == (1, 1) else f"mean of {spans[0]} and {spans[1]} frames"
    lasting = [_smoothed(s, target, w) for s, w in zip(pair, spans, strict=True)]
    smooth = [scores[~np.isnan(scores)] for _, scores in lasting]
    before, after = zip(*change.means, strict=True)
    drawn = [
        (
            bars(change.labels, before, after, target=target),
            "mean probability of each emotion before and after",
            "mean of every emotion over the clip",
        )
    ]
    if not still:
        over_time = two_timelines(lasting[0], lasting[1], emotion=target)
        alt = f"smoothed probability of {target} over time, before and after"
        drawn.insert(0, (over_time, alt, f"p({target}) of both clips, {how}"))
    if all(len(s) for s in smooth):
        spread = densities(smooth[0], smooth[1], emotion=target, said=_said(change))
        alt = f"distribution of p({target}) before and after"
        drawn.insert(-1, (spread, alt, f"distribution of p({target}), {how}"))
        curve = roc(*roc_curve(smooth[0], smooth[1]), change.edd.edd)
        value = _text(change.edd.edd)
        words = f"ROC: the shaded area above it is EDD, {value}"
        drawn.append((curve, f"ROC curve, EDD {value}", words))
    return [{"figure": figure, "alt": alt, "caption": caption} for figure, alt, caption in drawn]


def _times(scores: EmotionScores) -> NDArray[np.float64]:
    return scores.times if len(scores.times) else np.arange(len(scores.values), dtype=np.float64)


def _smoothed(
    scores: EmotionScores, target: str, window: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the times of the windows' middles, and the target's means, NaN where unknown."""
    column = np.asarray(scores.of(target), np.float64)[:, None]
    mean = np.asarray(moving_average(column, window)[:, 0], np.float64)
    return _times(scores)[window // 2 :][: len(mean)], mean


def _said(change: EmotionChange) -> list[str]:
    """Return the EDD and its interval, as the paper's figures 6 and 7 name them."""
    interval = change.edd.interval
    lines = [f"EDD {_text(change.edd.edd)}"]
    if interval is not None and not math.isnan(interval.low):
        lines.append(f"{interval.level:.0%}: {interval.low:.3f} to {interval.high:.3f}")
    return lines


def _measures(evaluation: Evaluation) -> list[tuple[str, str, str, str]]:
    a, b = evaluation.original, evaluation.generated
    rows = [
        ("frames", str(a.frames), str(b.frames), "looked at"),
        ("frames with a face", _share(a.coverage), _share(b.coverage), ""),
        ("face size, pixels", _text(a.face_size, 0), _text(b.face_size, 0), "median"),
        ("sharpness of the face (CPBD)", *_pair(a, b, "sharpness")),
        ("head motion, degrees", *_pair(a, b, "head_motion")),
        ("beat alignment", *_pair(a, b, "beat_alignment")),
        (
            "lips with sound, correlation",
            _text(a.lips.correlation),
            _text(b.lips.correlation),
            a.lips.reason or b.lips.reason or "mouth opening against loudness, best shift",
        ),
        (
            "sound after lips, s",
            lag_text(a.lips),
            lag_text(b.lips),
            b.lips.lag_reason or a.lips.lag_reason or "at that shift",
        ),
        (
            "identity distance",
            _text(evaluation.identity.within),
            _text(evaluation.identity.distance),
            evaluation.identity.reason or "within the original; to it, up to 0.6 for one person",
        ),
    ]
    if b.psnr is not None:
        rows.append(("PSNR, dB", "", _text(b.psnr.value), b.psnr.reason or b.psnr.method))
    for side, agreed in evaluation.agreements.items():
        ends = ", ".join(_text(v) for v in agreed.interval)
        names = " and ".join(agreed.classifiers)
        cells = (_text(agreed.kappa), "") if side == "original" else ("", _text(agreed.kappa))
        note = f"{names}, {agreed.frames} frames, interval [{ends}]"
        rows.append(("agreement (kappa)", *cells, note))
    return rows


def _pair(a: ClipMeasures, b: ClipMeasures, name: str) -> tuple[str, str, str]:
    before, after = (getattr(side, name) for side in (a, b))
    assert isinstance(before, Measured)
    assert isinstance(after, Measured)
    notes = [r for r in (before.reason, after.reason) if r] or [after.method, *after.notes]
    return _text(before.value), _text(after.value), "; ".join(dict.fromkeys(notes))


def _provenance_lines(evaluation: Evaluation) -> list[str]:
    lines = [f"emoanim {__version__}"]
    lines += [f"{k}: {v}" for k, v in evaluation.settings.items() if v is not None]
    lines += [f"licence of {k}: {v}" for k, v in evaluation.licences.items()]
    for name, weights in evaluation.observations[0].weights.items():
        lines += [f"{name}: {file} {digest}" for file, digest in weights.items()]
    for change in evaluation.changes[:1]:
        options = change.edd.options
        lines.append(
            f"EDD: window {options.window}, edge {options.edge}, ties {options.ties}, "
            f"{change.edd.n} against {change.edd.m} scores"
        )
        if change.edd.interval is not None:
            lines.append(f"interval: {change.edd.interval.method}")
    return lines


def _arrow(pair: tuple[float, float], form: str) -> str:
    return " → ".join("–" if math.isnan(v) else form.format(v) for v in pair)


def _text(value: float, digits: int = 3) -> str:
    return "–" if math.isnan(value) else f"{value:.{digits}f}"


def _share(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.0%}"
