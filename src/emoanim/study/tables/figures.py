"""The paper's figures 2 to 7, from scores alone; matplotlib is imported when one is drawn."""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emoanim.clips import EmotionScores
from emoanim.extras import require
from emoanim.metrics import moving_average
from emoanim.provenance import Manifest
from emoanim.scoring.emotion_change import WINDOW_SECONDS, compare_scores, smoothing_windows
from emoanim.study.storage.stores import Store
from emoanim.study.tables.columns import Columns

__all__ = ["Figure", "draw_figures"]

_ORIGINAL, _GENERATED = "#3b6ea5", "#d1495b"
_MOST_ROWS = 12


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of a study.

    Attributes:
        name: of its files.
        title: one line.
        png: the picture; empty if there is none.
        svg: the same as drawing.
        shown: what a page shows of it: the PNG, or a JPEG where it holds photographs.
        missing: why there is none.
    """

    name: str
    title: str
    png: bytes = b""
    svg: bytes = b""
    shown: bytes = b""
    missing: str = ""


def draw_figures(store: Store, columns: Columns) -> list[Figure]:
    """Draw every figure that the scores are there for; the others say why they are not."""
    figures: list[tuple[str, str, Callable[[], Any]]] = [
        (_WITH_FACES, "Figure 2: first frame in every emotion",
         lambda: _first_frames(store, columns)),
        ("figure3_stills", "Figure 3: classes seen in the stills",
         lambda: _classes(columns, "still")),
        ("figure4_films", "Figure 4: classes seen in the films",
         lambda: _classes(columns, "share")),
        ("figure5_edd", "Figure 5: how an EDD is made", lambda: _how(store, columns)),
        ("figure6_lowest", "Figure 6: the lowest EDD of each emotion",
         lambda: _densities(store, columns, np.nanargmin)),
        ("figure7_highest", "Figure 7: the highest EDD of each emotion",
         lambda: _densities(store, columns, np.nanargmax)),
    ]  # fmt: skip
    return [_drawn(*each) for each in figures]


def _drawn(name: str, title: str, draw: Callable[[], Any]) -> Figure:
    try:
        figure = draw()
    except _NothingToDrawError as why:
        return Figure(name, title, missing=str(why))
    figure.suptitle(title)
    files = {}
    matplotlib: Any = require("matplotlib", "evaluation")
    with matplotlib.rc_context({"svg.hashsalt": name}):
        for ending, options in (("png", {"Software": None}), ("svg", {"Date": None})):
            file = io.BytesIO()
            figure.savefig(file, format=ending, dpi=figure.dpi, metadata=options)
            files[ending] = file.getvalue()
    if name != _WITH_FACES:
        return Figure(name, title, files["png"], files["svg"], files["png"])
    # Photographs are ten times as large as PNG.
    file = io.BytesIO()
    figure.savefig(file, format="jpeg", dpi=figure.dpi, pil_kwargs={"quality": 85})
    png, svg = (_signed(files[ending], ending) for ending in ("png", "svg"))
    return Figure(name, title, png, svg, file.getvalue())


def _signed(picture: bytes, ending: str) -> bytes:
    """Put a manifest into a figure that shows people whose faces were changed."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"figure.{ending}"
        path.write_bytes(picture)
        Manifest("one emotion in each column").sign(path)
        return path.read_bytes()


_WITH_FACES = "figure2_first_frames"
_WIDTH_OF_TITLE = 4.0
"""Inches that the title of figure 2 needs."""


class _NothingToDrawError(Exception):
    """The scores that a figure needs are not there."""


def _figure(width: float, height: float, dpi: int = 110) -> Any:
    figures: Any = require("matplotlib.figure", "evaluation")
    return figures.Figure(figsize=(width, height), dpi=dpi, layout="constrained")


def _first_frames(store: Store, columns: Columns) -> Any:
    """A row per clip and system, a column per emotion; sample 0 of the first intensity."""
    pictures: dict[tuple[str, str], dict[str, NDArray[np.uint8]]] = {}
    for index in np.flatnonzero(columns.number("sample") == 0):
        row = str(columns.texts["clip"][index]), str(columns.texts["system"][index])
        emotion = str(columns.texts["emotion"][index])
        if emotion in pictures.get(row, {}) or len(pictures) > _MOST_ROWS:
            continue
        arrays = _arrays(store, str(columns.texts["scores"][index]))
        if arrays is not None and "picture.first" in arrays:
            pictures.setdefault(row, {})[emotion] = arrays["picture.first"]
    if not pictures:
        raise _NothingToDrawError("no pictures were kept")
    emotions = columns.emotions
    width = max(1.2 * len(emotions) + 0.6, _WIDTH_OF_TITLE)
    figure = _figure(width, 1.25 * len(pictures) + 0.5, 75)
    grid = figure.subplots(len(pictures), len(emotions), squeeze=False)
    for number, ((clip, system), shown) in enumerate(pictures.items()):
        axes = grid[number]
        axes[0].set_ylabel(f"{clip}\n{system}", fontsize=8)
        for emotion, each in zip(emotions, axes, strict=True):
            each.set(xticks=[], yticks=[])
            if number == 0:
                each.set_title(emotion, fontsize=9)
            if emotion in shown:
                each.imshow(shown[emotion])
    return figure


def _classes(columns: Columns, what: str) -> Any:
    """Share of each class per target: a panel per system, the same colours everywhere."""
    if not columns.classifiers:
        raise _NothingToDrawError("no frame classifier scored the samples")
    main = columns.classifiers[0]
    labels = columns.labels(f"{what}:{main}:")
    if not labels:
        raise _NothingToDrawError(f"{main} found no face to classify")
    matplotlib: Any = require("matplotlib", "evaluation")
    colours = matplotlib.colormaps["tab10"].colors
    figure = _figure(4.2 * len(columns.systems) + 1.6, 3.8)
    panels = figure.subplots(1, len(columns.systems), squeeze=False, sharey=True)[0]
    for system, axes in zip(columns.systems, panels, strict=True):
        names = [*columns.emotions]
        shares = [_mean_shares(columns, what, main, labels, system, e) for e in names]
        if what == "share":
            names.insert(0, "original")
            shares.insert(0, _mean_shares(columns, "share_original", main, labels, system, None))
        bottom = np.zeros(len(names))
        for number, label in enumerate(labels):
            height = np.array([s[number] for s in shares])
            axes.bar(names, height, bottom=bottom, label=label, color=colours[number % 10])
            bottom += np.nan_to_num(height)
        axes.set(title=system, ylim=(0, 1))
        axes.tick_params(axis="x", rotation=60)
    panels[0].set_ylabel(f"share of {'stills' if what == 'still' else 'frames'} ({main})")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside right center", fontsize=8)
    return figure


def _mean_shares(
    columns: Columns,
    what: str,
    main: str,
    labels: tuple[str, ...],
    system: str,
    emotion: str | None,
) -> NDArray[np.float64]:
    mask = columns.where(system=system)
    if emotion is not None:
        mask &= columns.where(emotion=emotion)
    table = columns.table(f"{what}:{main}:", labels, mask)
    known = table[~np.isnan(table).any(axis=1)]
    return known.mean(axis=0) if len(known) else np.full(len(labels), math.nan)


def _how(store: Store, columns: Columns) -> Any:
    """The sample with the median EDD, from its frames to its ROC curve."""
    values = _edds(columns)
    known = np.flatnonzero(~np.isnan(values))
    if not len(known):
        raise _NothingToDrawError("no sample has an EDD")
    index = int(known[np.argsort(values[known], kind="stable")[(len(known) - 1) // 2]])
    from emoanim.evaluation.figures import roc_curve

    sides, emotion = _scores_of(store, columns, index)
    figure = _figure(13, 3.6)
    raw, smooth, spread, curve = figure.subplots(1, 4)
    smoothed = []
    windows = smoothing_windows(*sides, WINDOW_SECONDS)[0]
    for scores, colour, name, window in zip(
        sides, (_ORIGINAL, _GENERATED), ("original", "generated"), windows, strict=True
    ):
        column = np.asarray(scores.of(emotion), np.float64)
        mean = moving_average(column[:, None], window)[:, 0]
        raw.plot(scores.times, column, color=colour, lw=0.8, label=name)
        half = (window - 1) // 2
        smooth.plot(scores.times[half : half + len(mean)], mean, color=colour, lw=1.2)
        smoothed.append(mean[~np.isnan(mean)])
    raw.set(xlabel="time in s", ylabel=f"p({emotion})", title="each frame", ylim=(0, 1))
    smooth.set(xlabel="time in s", title=f"mean of {windows[1]} frames", ylim=(0, 1))
    raw.legend(fontsize=8)
    _histograms(spread, smoothed, emotion)
    spread.set(title="distributions", ylabel="share of frames")
    false, true = roc_curve(*smoothed)
    curve.plot([0, 1], [0, 1], color="0.7", lw=0.8, ls="--")
    curve.plot(false, true, color="0.15")
    curve.fill_between(false, true, 1.0, color=_GENERATED, alpha=0.25, lw=0)
    curve.set(xlabel="original above threshold", ylabel="generated above threshold", aspect="equal",
              title=f"EDD {values[index]:.3f} (shaded)", xlim=(0, 1), ylim=(0, 1))  # fmt: skip
    figure.supxlabel(f"{columns.texts['id'][index]}: the median sample", fontsize=8)
    return figure


def _densities(store: Store, columns: Columns, choose: Callable[[Any], Any]) -> Any:
    """Per emotion the sample that the rule chooses among all systems."""
    values = _edds(columns)
    chosen = []
    for emotion in columns.emotions:
        mask = columns.where(emotion=emotion) & ~np.isnan(values)
        if mask.any():
            rows = np.flatnonzero(mask)
            chosen.append(int(rows[choose(values[rows])]))
    if not chosen:
        raise _NothingToDrawError("no sample has an EDD")
    figure = _figure(2.7 * min(4, len(chosen)), 2.6 * -(-len(chosen) // 4) + 0.3)
    panels = figure.subplots(-(-len(chosen) // 4), min(4, len(chosen)), squeeze=False).ravel()
    for axes in panels[len(chosen) :]:
        axes.set_axis_off()
    for index, axes in zip(chosen, panels, strict=False):
        sides, emotion = _scores_of(store, columns, index)
        change = compare_scores(*sides, emotion)
        windows = smoothing_windows(*sides, WINDOW_SECONDS)[0]
        smoothed = [
            moving_average(np.asarray(s.of(emotion), np.float64)[:, None], w)[:, 0]
            for s, w in zip(sides, windows, strict=True)
        ]
        _histograms(axes, [s[~np.isnan(s)] for s in smoothed], emotion)
        interval = change.edd.interval
        ends = ""
        if interval is not None and not math.isnan(interval.low):
            ends = f" [{interval.low:.2f}, {interval.high:.2f}]"
        who = f"{columns.texts['clip'][index]}, {columns.texts['system'][index]}"
        axes.set_title(f"{emotion}: EDD {values[index]:.3f}{ends}\n{who}", fontsize=8)
    panels[0].legend(["original", "generated"], fontsize=7)
    return figure


def _histograms(axes: Any, sides: list[NDArray[np.float64]], emotion: str) -> None:
    bins = np.histogram_bin_edges(np.concatenate(sides), bins=30)
    for scores, colour in zip(sides, (_ORIGINAL, _GENERATED), strict=True):
        weights = np.full(len(scores), 1.0 / max(1, len(scores)))
        axes.hist(scores, bins, weights=weights, color=colour, alpha=0.55)
    axes.set_xlabel(f"p({emotion})", fontsize=8)


def _edds(columns: Columns) -> NDArray[np.float64]:
    if not columns.classifiers:
        raise _NothingToDrawError("no frame classifier scored the samples")
    return columns.number(f"edd:{columns.classifiers[0]}")


def _scores_of(
    store: Store, columns: Columns, row: int
) -> tuple[tuple[EmotionScores, EmotionScores], str]:
    name = str(columns.texts["scores"][row])
    arrays, main = _arrays(store, name), columns.classifiers[0]
    if arrays is None:
        raise _NothingToDrawError(f"{name} is missing")
    sides = []
    for side in ("original", "generated"):
        start = f"{side}.scores.{main}"
        labels = tuple(str(v) for v in arrays[f"{start}.labels"])
        scores = EmotionScores(labels, arrays[f"{start}.values"], arrays[f"{start}.times"], main)
        sides.append(scores)
    return (sides[0], sides[1]), str(columns.texts["emotion"][row])


def _arrays(store: Store, name: str) -> dict[str, NDArray[Any]] | None:
    content = store.read(name) if name else None
    if content is None:
        return None
    with np.load(io.BytesIO(content), allow_pickle=False) as archive:
        return {key: archive[key] for key in archive.files}
