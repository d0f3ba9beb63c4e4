"""Table 4 by subject: a mean over people hides the one for whom a system does not work."""

from __future__ import annotations

import math

import numpy as np

from emoanim.study.tables.columns import Columns
from emoanim.study.tables.edd_table import cell_of
from emoanim.study.tables.tables import Table, arrow, number, share

__all__ = ["subject_table"]

_NAME = "table4_subjects"
_TITLE = "Table 4 by subject: EDD, mean probability, null, other targets, second opinion"


def subject_table(columns: Columns) -> Table:
    """Return the EDD of every system for every subject and emotion."""
    if not columns.classifiers:
        why = columns.reasons.get("classifier", "no sample was scored")
        return Table(_NAME, _TITLE, missing=why)
    rows: list[tuple[str, ...]] = []
    records: list[dict[str, str | float | int | None]] = []
    for system in columns.systems:
        for subject in dict.fromkeys(columns.texts["subject"][columns.where(system=system)]):
            for emotion in (*columns.emotions, "all"):
                cell = cell_of(columns, system, emotion, subject)
                if not len(cell.values):
                    continue
                mean = float(cell.values.mean())
                deviation = float(cell.values.std(ddof=1)) if len(cell.values) > 1 else math.nan
                beside = (cell.null, cell.wrong, cell.second)
                shown = (mean, deviation, float(np.min(cell.values)), *beside)
                count = str(len(cell.values))
                amounts = arrow(cell.mean, number), arrow(cell.top, share)
                cells = (number(mean), *amounts, *(number(v) for v in shown[1:]))
                rows.append((system, subject, emotion, *cells, count))
                names = ("mean", "sd", "paper_min", "null", "wrong", "second")
                records.append(
                    {
                        "system": system,
                        "subject": subject,
                        "emotion": emotion,
                        "n": len(cell.values),
                        **dict(zip(names, shown, strict=True)),
                        "p_original": cell.mean[0],
                        "p_generated": cell.mean[1],
                        "top_original": cell.top[0],
                        "top_generated": cell.top[1],
                    }
                )
    if not rows:
        return Table(_NAME, _TITLE, missing="no target is known to the classifier")
    said = (
        f"EDD by {columns.classifiers[0]}; columns as in table 4; one person's samples are no "
        "sample of people, so there is no interval"
    )
    heads = (
        "system", "subject", "emotion", "mean", "p(target)", "on top", "sd", "lowest of N", "null",
        "other targets", "second", "n",
    )  # fmt: skip
    return Table(_NAME, _TITLE, heads, tuple(rows), tuple(records), (said,))
