"""Tables 1 and 2: does a classifier read the target in the words, and hear it in the voice."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from emoanim.metrics import EmotionAccuracy, emotion_accuracy
from emoanim.study.tables.columns import Columns
from emoanim.study.tables.published import paper_notes, paper_says
from emoanim.study.tables.tables import Table, share

__all__ = ["accuracy_table"]

_TITLES = {
    "words": ("table1_words", "Table 1: emotion of the words", "texts", "text_key"),
    "voice": ("table2_voice", "Table 2: emotion of the voice", "voices", "voice_key"),
}


def accuracy_table(
    columns: Columns, what: str, reference: Mapping[str, Mapping[str, Mapping[str, float]]]
) -> Table:
    """Return the accuracy per system and emotion.

    Samples that share a text (or a voice) are one observation, however many films it is in.

    Args:
        columns: of the study.
        what: "words" or "voice".
        reference: published numbers, as in study.toml.
    """
    name, title, things, key = _TITLES[what]
    labels = columns.labels(f"{what}:")
    if not labels:
        return Table(name, title, missing=columns.reasons.get(what, "nothing was classified"))
    rows: list[tuple[str, ...]] = []
    records: list[dict[str, str | float | int | None]] = []
    for system in columns.systems:
        accuracy = _accuracy(columns, system, what, labels, key)
        if accuracy is None:
            continue
        for row in accuracy.rows:
            said = paper_says(what, row.target, system, reference)
            ends = (row.interval.low, row.interval.high)
            rows.append(
                (
                    system,
                    row.target,
                    f"{row.hits}/{row.n}" if row.evaluable else f"not evaluable (n={row.n})",
                    f"{share(row.accuracy)} [{share(ends[0])}, {share(ends[1])}]"
                    if row.evaluable
                    else "-",
                    share(row.baseline),
                    share(row.mean_score),
                    said,
                )
            )
            records.append(
                {
                    "system": system,
                    "emotion": row.target,
                    "evaluable": int(row.evaluable),
                    "n": row.n,
                    "hits": row.hits,
                    "accuracy": row.accuracy,
                    "low": ends[0],
                    "high": ends[1],
                    "accuracy_of_original": row.baseline,
                    "mean_probability": row.mean_score,
                    "f1": row.f1,
                }
            )
        said = paper_says(what, "all", system, reference)
        rows.append(
            (system, "mean", "", share(accuracy.macro), share(accuracy.macro_baseline), "", said)
        )
        mean = {"accuracy": accuracy.macro, "accuracy_of_original": accuracy.macro_baseline}
        records.append({"system": system, "emotion": "mean", **mean, "f1": accuracy.macro_f1})
    notes = (
        f"n counts different {things}, not films; the interval is Wilson's, 95 %",
        (
            f"one of {', '.join(labels)}, chance {1 / len(labels):.0%}; another target "
            "is not evaluable, which is neither right nor wrong"
        ),
        *paper_notes(what),
    )
    heads = (
        "system", "emotion", "k/n", "accuracy [95 %]", "of the original", "mean probability",
        "paper",
    )  # fmt: skip
    return Table(name, title, heads, tuple(rows), tuple(records), notes)


def _accuracy(
    columns: Columns, system: str, what: str, labels: tuple[str, ...], key: str
) -> EmotionAccuracy | None:
    mask = columns.where(system=system)
    outputs = columns.table(f"{what}:", labels, mask)
    before = columns.table(f"{what}_original:", labels, mask)
    targets = columns.texts["emotion"][mask]
    shared = columns.texts[key][mask]
    seen: dict[tuple[str, str], int] = {}
    for index, pair in enumerate(zip(shared, targets, strict=True)):
        if not math.isnan(outputs[index, 0]):
            seen.setdefault((str(pair[0]), str(pair[1])), index)
    chosen = np.array(sorted(seen.values()), np.intp)
    if not len(chosen):
        return None
    baseline = before[chosen]
    return emotion_accuracy(
        [str(t) for t in targets[chosen]],
        outputs[chosen],
        labels=labels,
        baseline=None if np.isnan(baseline).any() else baseline,
    )
