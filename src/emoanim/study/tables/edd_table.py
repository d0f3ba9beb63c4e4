"""Table 4: how far each system changes each emotion, and whether two systems differ."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from emoanim.emotions import TARGETS
from emoanim.metrics import cluster_interval, holm, sign_flip_test
from emoanim.metrics.result import HOW_TO_READ
from emoanim.scoring.target_seen import SEEN_SHARE
from emoanim.study.tables.columns import Columns, Floats, Mask
from emoanim.study.tables.published import paper_notes, paper_says
from emoanim.study.tables.tables import Table, arrow, number, share, spread

__all__ = ["Cell", "cell_of", "comparison_table", "edd_table"]

Reference = Mapping[str, Mapping[str, Mapping[str, float]]]
_NAME, _TITLE = "table4_edd", "Table 4: EDD by system and emotion"


@dataclass(frozen=True, slots=True)
class Cell:
    """The EDD of some samples, and what stands beside it.

    Attributes:
        values: EDD by the main classifier, (n,).
        low: end of the interval of their mean; NaN where there is none.
        high: the other end.
        null: mean EDD of the originals' halves.
        wrong: mean EDD against the other targets that the classifier knows; NaN with fewer than
            two of them.
        second: mean EDD by the second classifier.
        mean: mean probability of the target, (original, film), by the main classifier.
        top: share of the frames in which the target is on top, (original, film).
    """

    values: Floats
    low: float
    high: float
    null: float
    wrong: float
    second: float
    mean: tuple[float, float]
    top: tuple[float, float]


def edd_table(columns: Columns, reference: Reference) -> Table:
    """Return mean EDD with its interval, what stands beside it, and the paper's lowest of N."""
    if not columns.classifiers:
        why = columns.reasons.get("classifier", "no sample was scored")
        return Table(_NAME, _TITLE, missing=why)
    main = columns.classifiers[0]
    rows: list[tuple[str, ...]] = []
    records: list[dict[str, str | float | int | None]] = []
    unseen: list[str] = []
    for system in columns.systems:
        for emotion in (*columns.emotions, "all"):
            cell = cell_of(columns, system, emotion)
            values = cell.values
            if not len(values):
                if emotion != "all":
                    rows.append((system, emotion, "not evaluable", *["-"] * 10))
                continue
            said = paper_says("edd", emotion, system, reference)
            median, least = float(np.median(values)), float(values.min())
            deviation = float(values.std(ddof=1)) if len(values) > 1 else math.nan
            mean = float(values.mean())
            rows.append(
                (
                    system,
                    emotion,
                    spread(mean, (cell.low, cell.high)),
                    arrow(cell.mean, number),
                    arrow(cell.top, share),
                    number(median),
                    number(deviation),
                    f"{number(least)} of {len(values)}",
                    number(cell.null),
                    number(cell.wrong),
                    number(cell.second),
                    str(len(values)),
                    said,
                )
            )
            if emotion != "all" and cell.top[1] < SEEN_SHARE:
                unseen.append(f"{system} {emotion} ({share(cell.top[1])})")
            records.append(
                {
                    "system": system,
                    "emotion": emotion,
                    "n": len(values),
                    "mean": mean,
                    "low": cell.low,
                    "high": cell.high,
                    "median": median,
                    "sd": deviation,
                    "paper_min": least,
                    "null": cell.null,
                    "wrong": cell.wrong,
                    "second": cell.second,
                    "p_original": cell.mean[0],
                    "p_generated": cell.mean[1],
                    "top_original": cell.top[0],
                    "top_generated": cell.top[1],
                }
            )
    others = columns.classifiers[1:]
    known = [label for label in columns.labels(f"share:{main}:") if label in set(TARGETS)]
    notes: tuple[str, ...] = (
        (
            f"EDD by {main}: {HOW_TO_READ}; averaged over 0.2 s, whole windows, ties half. It "
            "compares ranks and does not say how much of the emotion there is"
        ),
        (
            "p(target) is the mean probability of the target before and after; on top is the share "
            "of the frames in which the target is the label of the highest probability. Below "
            f"{SEEN_SHARE:.0%} the films are read as something else, however low their EDD"
        ),
        (
            "the interval is a cluster bootstrap over subjects, 95 %; with fewer than two subjects "
            "there is none, and with a handful it is too narrow"
        ),
        (
            '"lowest of N" is what the paper prints as its average; a minimum falls with N even '
            "without any effect"
        ),
        "null is the original's second half against its first: what a clip drifts by itself",
        _on_other_targets(main, known),
        (
            "second opinion, on every fifth frame and so hardly smoothed: "
            f"{', '.join(others) or 'none'}"
            f"{_agreement(columns) if others else _why(columns, 'second')}"
        ),
        *paper_notes("edd"),
    )
    if why := _why(columns, "classifier"):
        notes = (f"the main classifier is lacking{why}: these figures are by {main} alone", *notes)
    if unseen:
        seen = f"not seen by {main} (on top in fewer than {SEEN_SHARE:.0%} of the frames): "
        notes = (f"{seen}{', '.join(unseen)}", *notes)
    heads = (
        "system", "emotion", "mean [95 %]", "p(target)", "on top", "median", "sd", "lowest of N",
        "null", "other targets", "second", "n", "paper",
    )  # fmt: skip
    return Table(_NAME, _TITLE, heads, tuple(rows), tuple(records), notes)


def comparison_table(columns: Columns) -> Table:
    """Return paired tests between systems: sign flips per subject, Holm over the emotions."""
    name, title = "table4_tests", "Table 4, tests: do two systems differ in EDD"
    if len(columns.systems) < 2 or not columns.classifiers:
        return Table(name, title, missing="two systems that were scored are needed")
    main = columns.classifiers[0]
    rows: list[tuple[str, ...]] = []
    records: list[dict[str, str | float | int | None]] = []
    unpaired = 0
    for first, other in itertools.combinations(columns.systems, 2):
        rows_by_pair = {}
        for emotion in columns.emotions:
            a, b, subjects = _paired(columns, first, other, emotion, f"edd:{main}")
            if len(a):
                interval = cluster_interval(a - b, subjects)
                rows_by_pair[emotion] = (sign_flip_test(a, b, subjects), interval, len(a))
        unpaired += _unpaired(columns, first, other)
        adjusted = holm({emotion: test.p for emotion, (test, _, _) in rows_by_pair.items()})
        for emotion, (test, interval, count) in rows_by_pair.items():
            rows.append(
                (
                    f"{first} - {other}",
                    emotion,
                    spread(test.difference, (interval.low, interval.high)),
                    number(test.p),
                    number(adjusted[emotion]),
                    str(test.sources),
                    str(count),
                )
            )
            records.append(
                {
                    "first": first,
                    "second": other,
                    "emotion": emotion,
                    "difference": test.difference,
                    "low": interval.low,
                    "high": interval.high,
                    "p": test.p,
                    "p_holm": adjusted[emotion],
                    "subjects": test.sources,
                    "pairs": count,
                }
            )
    if not rows:
        return Table(name, title, missing="no sample was made by two systems")
    people = len(set(columns.texts["subject"]))
    notes: tuple[str, ...] = (
        "a negative difference says that the first system changes more",
        (
            f"with {people} subjects p is never below {2.0 ** (1 - people):g}, however large the "
            "difference; Holm's adjustment is over the emotions"
        ),
    )
    if unpaired:
        said = f"{unpaired} samples have no counterpart in the other system and are left out"
        notes = (*notes, said)
    heads = ("systems", "emotion", "difference [95 %]", "p", "p (Holm)", "subjects", "pairs")
    return Table(name, title, heads, tuple(rows), tuple(records), notes)


def cell_of(columns: Columns, system: str, emotion: str, subject: str | None = None) -> Cell:
    """Return the samples of a system and an emotion ("all" for every one), of one subject or all.

    The columns must hold the scores of a classifier.
    """
    mask = columns.where(system=system)
    if emotion != "all":
        mask &= columns.where(emotion=emotion)
    if subject is not None:
        mask &= columns.where(subject=subject)
    main = columns.classifiers[0]
    values = columns.number(f"edd:{main}")
    mask = mask & ~np.isnan(values)
    interval = cluster_interval(values[mask], columns.texts["subject"][mask])
    second = columns.classifiers[1:2]
    return Cell(
        values[mask],
        interval.low,
        interval.high,
        _mean(columns.number(f"null:{main}")[mask]),
        _mean(columns.number(f"wrong:{main}")[mask]),
        _mean(columns.number(f"edd:{second[0]}")[mask]) if second else math.nan,
        _both(columns, "mean", main, mask),
        _both(columns, "top", main, mask),
    )


def _paired(
    columns: Columns, first: str, other: str, emotion: str, name: str
) -> tuple[Floats, Floats, list[str]]:
    """Return a column of two systems for the same clips, intensities and samples."""
    sides = []
    for system in (first, other):
        mask = columns.where(system=system, emotion=emotion)
        rows = np.flatnonzero(mask)
        sides.append({_cell_key(columns, int(p)): int(p) for p in rows})
    shared = [key for key in sides[0] if key in sides[1]]
    values = columns.number(name)
    pairs = [(sides[0][k], sides[1][k]) for k in shared]
    valid = [(p, q) for p, q in pairs if not math.isnan(values[p]) and not math.isnan(values[q])]
    a = np.array([values[p] for p, _ in valid], np.float64)
    b = np.array([values[q] for _, q in valid], np.float64)
    return a, b, [str(columns.texts["subject"][p]) for p, _ in valid]


def _unpaired(columns: Columns, first: str, other: str) -> int:
    sides = [
        {(*_cell_key(columns, int(p)), columns.texts["emotion"][p]) for p in np.flatnonzero(mask)}
        for mask in (columns.where(system=first), columns.where(system=other))
    ]
    return len(sides[0] ^ sides[1])


def _cell_key(columns: Columns, row: int) -> tuple[str, float, float]:
    intensity, sample = columns.number("intensity")[row], columns.number("sample")[row]
    return str(columns.texts["clip"][row]), float(intensity), float(sample)


def _mean(values: Floats) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else math.nan


def _both(columns: Columns, name: str, classifier: str, mask: Mask) -> tuple[float, float]:
    """Return the mean of a column over the originals and over the films."""
    return (
        _mean(columns.number(f"{name}_original:{classifier}")[mask]),
        _mean(columns.number(f"{name}:{classifier}")[mask]),
    )


def _on_other_targets(classifier: str, known: Sequence[str]) -> str:
    if len(known) < 3:
        return (
            f"there is no EDD against other targets: {classifier} knows {len(known)} of the "
            "targets, and where two probabilities sum to 1 it is 1 - EDD"
        )
    return (
        "other targets (wrong in the CSV) is the mean EDD of the same films against each target "
        f"but their own that {classifier} knows ({', '.join(known)}). Probabilities sum to 1, so "
        "others fall where the target rises: a value above 0.5 follows from a low EDD by itself "
        "and is no evidence for the target; one below 0.5 says that others rose as well"
    )


def _agreement(columns: Columns) -> str:
    """Say how far the two classifiers agree about the films' frames, if that is defined."""
    kappa = columns.number("kappa")
    known = kappa[~np.isnan(kappa)]
    if not len(known):
        return ""
    return (
        f", which agrees with the first at a mean kappa of {known.mean():.2f} over {len(known)} "
        "films (1 full agreement, 0 chance)"
    )


def _why(columns: Columns, what: str) -> str:
    return f" ({columns.reasons[what]})" if what in columns.reasons else ""
