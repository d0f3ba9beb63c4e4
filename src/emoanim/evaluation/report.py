"""The report of an evaluation: one page that needs nothing else, with the plots people look at."""

from __future__ import annotations

import base64
import math
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emoanim import __version__
from emoanim.clips import EmotionScores, Image
from emoanim.evaluation.clip_measures import ClipMeasures
from emoanim.evaluation.comparison import Evaluation
from emoanim.evaluation.figures import roc_curve
from emoanim.evaluation.observation import Observation
from emoanim.evaluation.plots import (
    GENERATED,
    ORIGINAL,
    bars,
    colour_of,
    densities,
    roc,
    timelines,
    two_timelines,
)
from emoanim.metrics import Measured, moving_average
from emoanim.outputs import check_writable, temporary, writing
from emoanim.scoring.emotion_change import EmotionChange

__all__ = ["check_report", "render_report", "write_report"]

_SUFFIXES = (".html", ".htm")
_EXPLAINED = (
    "EDD is the chance that a frame of the original shows more of the emotion than a frame of the "
    "generated clip: 0 is fully changed, 0.5 no change, 1 the opposite."
)

_STYLE = f"""
:root {{ color-scheme: light; --line: #d9d9d9; --soft: #5c5c5c; --card: #fff; }}
* {{ box-sizing: border-box; }}
body {{ margin: 0 auto; max-width: 1180px; padding: 24px 20px 60px; background: #f6f6f4;
  color: #1d1d1d; font: 15px/1.5 system-ui, sans-serif; }}
h1 {{ font-size: 25px; margin: 0 0 4px; }} h2 {{ font-size: 18px; margin: 30px 0 10px; }}
h3 {{ font-size: 14px; margin: 0 0 6px; font-weight: 600; }}
.soft, figcaption {{ color: var(--soft); font-size: 13px; }}
.card {{ background: var(--card); border: 1px solid var(--line); border-radius: 8px;
  padding: 14px 16px; }}
.row {{ display: grid; gap: 14px; grid-template-columns: repeat(auto-fit, minmax(440px, 1fr)); }}
.tiles {{ display: grid; gap: 12px; grid-template-columns: repeat(auto-fit, minmax(170px, 1fr)); }}
.tiles b {{ display: block; font-size: 22px; line-height: 1.35; font-weight: 650;
  white-space: nowrap; }}
.warn {{ border-left: 4px solid #d98e04; background: #fff8e6; }}
.warn ul {{ margin: 4px 0 0; padding-left: 20px; }}
table {{ border-collapse: collapse; width: 100%; font-size: 14px; }}
th, td {{ text-align: left; padding: 5px 10px 5px 0; border-bottom: 1px solid var(--line);
  vertical-align: top; }}
td.n, th.n {{ text-align: right; font-variant-numeric: tabular-nums; }}
figure {{ margin: 0; }} svg {{ width: 100%; height: auto; display: block; }}
svg text {{ font: 11px system-ui, sans-serif; fill: #444; }}
svg .grid {{ stroke: #ececec; }} svg .axis {{ stroke: #8a8a8a; fill: none; }}
.key span {{ display: inline-block; margin-right: 14px; font-size: 13px; }}
.key i {{ display: inline-block; width: 12px; height: 12px; border-radius: 3px; margin-right: 5px;
  vertical-align: -1px; }}
.sheet {{ display: grid; gap: 4px; grid-template-columns: repeat(8, 1fr); }}
.sheet img {{ width: 100%; display: block; border-radius: 3px; }}
.before {{ color: {ORIGINAL}; }} .after {{ color: {GENERATED}; }}
@media (max-width: 700px) {{ .sheet {{ grid-template-columns: repeat(4, 1fr); }} }}
"""


def check_report(path: str | Path) -> Path:
    """Return the path of a report, links followed, if it can be written; call it before any work.

    Raises:
        OutputError: it does not end in .html, or no file can be made there.
    """
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
    """Return the page as HTML with everything in it."""
    original, generated = evaluation.observations
    title = f"{evaluation.emotion}: {Path(generated.name).name} against {Path(original.name).name}"
    body = [
        f"<h1>{escape(title)}</h1>",
        f'<p class="soft">{_EXPLAINED}</p>',
        _tiles(evaluation),
        _warnings(evaluation.warnings),
        _sheet(original, generated),
    ]
    body += [_change(evaluation, change) for change in evaluation.changes]
    body += [_measures(evaluation), _made(evaluation)]
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>"
        f"<body>{''.join(body)}</body></html>\n"
    )


def _tiles(evaluation: Evaluation) -> str:
    change = evaluation.change
    interval = change.edd.interval
    ends = ""
    if interval is not None and not math.isnan(interval.low):
        ends = f"{interval.level:.0%} interval {interval.low:.3f} to {interval.high:.3f}"
    cells = [
        (f"EDD, {change.classifier}", _text(change.edd.edd), ends),
        ("without smoothing", _text(change.unsmoothed.edd), "window of 1 frame"),
        ("null EDD", _text(change.null.edd), "the original's halves, no change"),
        (f"mean p({change.emotion})", _arrow(change.mean, "{:.2f}"), "before and after"),
        ("top label", _arrow(change.top, "{:.0%}"), "share of frames"),
        ("same person", _text(evaluation.identity.distance), _identity_text(evaluation)),
    ]
    tiles = "".join(
        f'<div class="card"><span class="soft">{escape(name)}</span><b>{escape(value)}</b>'
        f'<span class="soft">{escape(note)}</span></div>'
        for name, value, note in cells
    )
    return f'<div class="tiles">{tiles}</div>'


def _identity_text(evaluation: Evaluation) -> str:
    distance = evaluation.identity
    if distance.reason is not None:
        return "not measured"
    each = ", picture by picture" if distance.paired else ""
    what = "different people" if distance.different else "up to 0.6 is one person"
    return f"distance{each}; {what}"


def _warnings(warnings: Sequence[str]) -> str:
    if not warnings:
        return ""
    items = "".join(f"<li>{escape(w)}</li>" for w in warnings)
    return f'<h2>Read this first</h2><div class="card warn"><ul>{items}</ul></div>'


def _sheet(original: Observation, generated: Observation) -> str:
    rows = []
    for name, kind, clip in (("original", "before", original), ("generated", "after", generated)):
        if clip.pictures:
            images = "".join(f'<img alt="" src="{_data(p)}">' for p in clip.pictures)
            rows.append(f'<h3 class="{kind}">{name}</h3><div class="sheet">{images}</div>')
    if not rows:
        return '<p class="soft">Read from a score file, which holds no pictures.</p>'
    return f'<h2>Frames</h2><div class="card">{"".join(rows)}</div>'


def _data(picture: Image) -> str:
    from emoanim.extras import require

    cv2: Any = require("cv2", "rig")
    encoded = cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 82])[1]
    return "data:image/jpeg;base64," + base64.b64encode(encoded.tobytes()).decode("ascii")


def _change(evaluation: Evaluation, change: EmotionChange) -> str:
    pair = tuple(o.scores[change.classifier] for o in evaluation.observations)
    still = any(math.isnan(o.fps) for o in evaluation.observations)
    target = change.emotion
    lines = [
        _figure(
            timelines(
                _times(scores),
                np.asarray(scores.values, np.float64),
                scores.labels,
                target=target,
                unit="picture" if still else "time in s",
            ),
            f'<span class="{kind}">{name}</span>: every emotion, frame by frame',
        )
        for scores, name, kind in zip(
            pair, ("original", "generated"), ("before", "after"), strict=True
        )
    ]
    spans = change.edd.options.window
    how = "not smoothed" if spans == (1, 1) else f"mean of {spans[0]} and {spans[1]} frames"
    lasting = [_smoothed(s, target, w) for s, w in zip(pair, spans, strict=True)]
    smooth = [scores[~np.isnan(scores)] for _, scores in lasting]
    before, after = zip(*change.means, strict=True)
    plots = []
    if not still:
        plots.append(
            _figure(
                two_timelines(lasting[0], lasting[1], emotion=target),
                f"p({target}) of both clips, {how}",
            )
        )
    if all(len(s) for s in smooth):
        plots.append(
            _figure(
                densities(smooth[0], smooth[1], emotion=target, said=_said(change)),
                f"distribution of p({target}), {how}",
            )
        )
    plots.append(
        _figure(
            bars(change.labels, before, after, target=target), "mean of every emotion over the clip"
        )
    )
    if all(len(s) for s in smooth):
        curve = roc_curve(smooth[0], smooth[1])
        plots.append(
            _figure(
                roc(*curve, change.edd.edd),
                f"ROC: the shaded area above it is EDD, {_text(change.edd.edd)}",
            )
        )
    emotions = "".join(_swatch(colour_of(label), label) for label in change.labels)
    sides = _swatch(ORIGINAL, "original") + _swatch(GENERATED, "generated")
    return (
        f"<h2>{escape(change.classifier)}: EDD {_text(change.edd.edd)} "
        f'<span class="soft">on {change.frames[0]} and {change.frames[1]} frames</span></h2>'
        f'<p class="key">{emotions}</p><div class="row">{"".join(lines)}</div>'
        f'<p class="key">{sides}</p><div class="row">{"".join(plots)}</div>'
        f"{_emotions(change)}"
    )


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


def _emotions(change: EmotionChange) -> str:
    rows = "".join(
        f"<tr><td>{_stressed(label, change.emotion)}</td>"
        f'<td class="n">{_text(before)}</td><td class="n">{_text(after)}</td>'
        f'<td class="n">{_text(value)}</td></tr>'
        for label, (before, after), value in zip(
            change.labels, change.means, change.profile, strict=True
        )
    )
    head = (
        '<tr><th>emotion</th><th class="n">mean before</th><th class="n">mean after</th>'
        '<th class="n">EDD</th></tr>'
    )
    return (
        '<div class="card" style="margin-top:14px"><table>'
        f"<thead>{head}</thead><tbody>{rows}</tbody></table></div>"
    )


def _stressed(label: str, target: str) -> str:
    return f"<b>{escape(label)}</b>" if label == target else escape(label)


def _measures(evaluation: Evaluation) -> str:
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
        ("sound after lips, s", _text(a.lips.lag), _text(b.lips.lag), "at that shift"),
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
    lines = "".join(
        f'<tr><td>{escape(name)}</td><td class="n">{escape(before)}</td>'
        f'<td class="n">{escape(after)}</td><td class="soft">{escape(note)}</td></tr>'
        for name, before, after, note in rows
    )
    return (
        '<h2>Besides emotion</h2><div class="card"><table><thead><tr><th></th>'
        '<th class="n before">original</th><th class="n after">generated</th><th></th></tr>'
        f"</thead><tbody>{lines}</tbody></table></div>"
    )


def _pair(a: ClipMeasures, b: ClipMeasures, name: str) -> tuple[str, str, str]:
    before, after = (getattr(side, name) for side in (a, b))
    assert isinstance(before, Measured)
    assert isinstance(after, Measured)
    notes = [r for r in (before.reason, after.reason) if r] or [after.method, *after.notes]
    return _text(before.value), _text(after.value), "; ".join(dict.fromkeys(notes))


def _made(evaluation: Evaluation) -> str:
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
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return f'<h2>How it was made</h2><ul class="soft">{items}</ul>'


def _figure(svg: str, caption: str) -> str:
    return f'<figure class="card">{svg}<figcaption>{caption}</figcaption></figure>'


def _swatch(colour: str, name: str) -> str:
    return f'<span><i style="background:{colour}"></i>{escape(name)}</span>'


def _arrow(pair: tuple[float, float], form: str) -> str:
    return " → ".join("–" if math.isnan(v) else form.format(v) for v in pair)


def _text(value: float, digits: int = 3) -> str:
    return "–" if math.isnan(value) else f"{value:.{digits}f}"


def _share(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.0%}"
