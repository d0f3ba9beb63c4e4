"""Table 3: pictures and motion, the originals' beside every system's."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from emoanim.metrics import Measured, cluster_interval
from emoanim.study.storage.stores import Store
from emoanim.study.tables.columns import Columns, Mask
from emoanim.study.tables.frechet_sets import frechet_of
from emoanim.study.tables.published import WHY_NOT_EQUAL, paper_says
from emoanim.study.tables.tables import Table, number, spread

__all__ = ["quality_table"]


class _Measure(NamedTuple):
    name: str
    title: str
    digits: int
    has_original: bool


_MEASURES = (
    _Measure("cpbd_still", "CPBD, still", 3, False),
    _Measure("cpbd", "CPBD, film", 3, True),
    _Measure("psnr_still", "PSNR of the still, dB", 1, False),
    _Measure("perceptual_still", "perceptual distance of the still", 3, False),
    _Measure("head_motion", "head motion, degrees", 2, True),
    _Measure("beat_alignment", "beat alignment", 3, True),
    _Measure("lips", "lips with sound", 3, True),
    _Measure("identity", "identity distance", 3, False),
    _Measure("coverage", "frames with a face", 3, True),
)

_OPTIONAL = "perceptual_still"
_SAID_ELSEWHERE = ("classifier", "second", "words", "voice")
_UNWANTED = "not asked for"


def quality_table(
    store: Store, columns: Columns, reference: Mapping[str, Mapping[str, Mapping[str, float]]]
) -> Table:
    """Return a row per measure, a column per system."""
    name, title = "table3_quality", "Table 3: pictures and motion"
    if not len(columns):
        return Table(name, title, missing="no sample was scored")
    records: list[dict[str, str | float | int | None]] = []
    rows: list[tuple[str, ...]] = []
    heads = ("measure", "originals", *columns.systems, "paper")
    measures = [m for m in _MEASURES if m.name != _OPTIONAL or m.name in _known(columns)]
    third = [_Measure(n, n.removeprefix("measure:"), 3, False) for n in columns.numbers
             if n.startswith("measure:")]  # fmt: skip
    for measure in (*measures, *third):
        cells = [_original(columns, measure)]
        for system in columns.systems:
            value, low, high, n = _mean(columns, measure.name, columns.where(system=system))
            cells.append(spread(value, (low, high), measure.digits))
            records.append(
                {
                    "measure": measure.name,
                    "system": system,
                    "n": n,
                    "mean": value,
                    "low": low,
                    "high": high,
                }
            )
        said = paper_says(measure.name, "all", columns.systems[0], reference)
        if said == "-":  # beside no system here, so whatever they are
            said = paper_says(measure.name, "all", "eda", {})
        rows.append((measure.title, *cells, said))
    notes = list(_notes(columns))
    distances = [frechet_of(store, columns, system) for system in columns.systems]
    called = "FID" if all(d.is_fid for d in distances) else "Fréchet distance"
    for what, measured in (
        ("stills", [d.stills for d in distances]),
        ("films", [d.films for d in distances]),
    ):
        rows.append((f"{called}, {what}", "0", *(_distance(f) for f in measured), "-"))
        records += [
            {"measure": f"frechet_{what}", "system": s, "n": f.n, "mean": f.value}
            for s, f in zip(columns.systems, measured, strict=True)
        ]
    features = sorted({d.features for d in distances})
    notes.append(f"{called}: on {', '.join(features)}; it falls with n, the smaller side, so that "
                 "values of different n do not compare")  # fmt: skip
    notes.append(f"the paper's column, its EDA, cannot be equal: {WHY_NOT_EQUAL['quality']}")
    return Table(name, title, heads, tuple(rows), tuple(records), tuple(notes))


def _known(columns: Columns) -> set[str]:
    return {name for name, values in columns.numbers.items() if not np.isnan(values).all()}


def _notes(columns: Columns) -> list[str]:
    notes = [
        "means over samples with a cluster bootstrap over subjects, 95 %",
        "CPBD of the face crop at 256x256, 0 to 1, higher is sharper; noise counts as sharp",
        (
            "PSNR of the still against the frame it was made from; a film says other words than "
            "its original and has no aligned reference, so it has no PSNR"
        ),
        (
            "head motion: deviation of the face mesh's yaw, pitch and roll, not Hopenet's; beat "
            "alignment: onsets of the sound, sigma 0.1 s"
        ),
        "identity: median distance of dlib's embeddings, one person stays below 0.6",
    ]
    for what, why in columns.reasons.items():
        if what not in _SAID_ELSEWHERE and (why != _UNWANTED or what in ("faces", "identity")):
            notes.append(f"{what}: {why}")
    return notes


def _original(columns: Columns, measure: _Measure) -> str:
    """Return the mean over the originals, each counted once."""
    if not measure.has_original:
        return "-"
    values = columns.number(f"{measure.name}_original")
    _, rows = np.unique(columns.texts["clip"].astype(str), return_index=True)
    known = values[rows][~np.isnan(values[rows])]
    return number(float(known.mean()), measure.digits) if len(known) else "-"


def _mean(columns: Columns, name: str, mask: Mask) -> tuple[float, float, float, int]:
    values = columns.number(name)
    mask = mask & ~np.isnan(values)
    n = int(mask.sum())
    if not n:
        return math.nan, math.nan, math.nan, 0
    interval = cluster_interval(values[mask], columns.texts["subject"][mask])
    return float(values[mask].mean()), interval.low, interval.high, n


def _distance(measured: Measured) -> str:
    return "-" if math.isnan(measured.value) else f"{measured.value:.3g} (n={measured.n})"
