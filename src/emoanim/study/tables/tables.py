"""Tables as data, and their forms: CSV for programs, Markdown and LaTeX for papers."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

__all__ = ["Table", "arrow", "number", "share", "spread", "to_csv", "to_latex", "to_markdown"]

Cell = str | float | int | None


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a study.

    Attributes:
        name: of its files, as "table4_edd".
        title: one line.
        heads: of the columns to read.
        rows: texts to read, one per head.
        records: the same and more as plain values, for CSV.
        notes: what must be read with it.
        missing: why there is no such table; "" if there is one.
    """

    name: str
    title: str
    heads: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    records: tuple[Mapping[str, Cell], ...] = ()
    notes: tuple[str, ...] = ()
    missing: str = ""


def to_csv(table: Table) -> str:
    """Return the records as CSV; an undefined number is empty."""
    file = io.StringIO()
    names = list(dict.fromkeys(name for record in table.records for name in record))
    writer = csv.DictWriter(file, names, lineterminator="\n")
    writer.writeheader()
    for record in table.records:
        writer.writerow({k: _plain(v) for k, v in record.items()})
    return file.getvalue()


def to_markdown(table: Table) -> str:
    """Return the table with its title and notes as GitHub's Markdown."""
    lines = [f"**{table.title}**", ""]
    if table.missing:
        return "\n".join([*lines, f"Left out: {table.missing}", ""])
    cells = [[_barred(c) for c in row] for row in (table.heads, *table.rows)]
    lines.append("| " + " | ".join(cells[0]) + " |")
    lines.append("|" + "|".join("---" if i == 0 else "---:" for i in range(len(cells[0]))) + "|")
    lines += ["| " + " | ".join(row) + " |" for row in cells[1:]]
    return "\n".join([*lines, "", *(f"- {note}" for note in table.notes), ""])


def to_latex(table: Table) -> str:
    """Return the table for the package booktabs; its notes are its caption."""
    caption = " ".join([f"{table.title}.", *(f"{_ended(n)}" for n in table.notes)])
    if table.missing:
        return f"% {table.title}: left out: {table.missing}\n"
    columns = "l" + "r" * (len(table.heads) - 1)
    body = [" & ".join(_escaped(c) for c in row) + r" \\" for row in table.rows]
    return "\n".join(
        [
            r"\begin{table}",
            r"\centering",
            rf"\caption{{{_escaped(caption)}}}",
            rf"\label{{tab:{table.name.replace('_', '-')}}}",
            rf"\begin{{tabular}}{{{columns}}}",
            r"\toprule",
            " & ".join(_escaped(h) for h in table.heads) + r" \\",
            r"\midrule",
            *body,
            r"\bottomrule",
            r"\end{tabular}",
            r"\end{table}",
            "",
        ]
    )


def number(value: float | None, digits: int = 3) -> str:
    """Return a number as text; "-" if it is undefined."""
    return "-" if value is None or math.isnan(value) else f"{value:.{digits}f}"


def share(value: float | None) -> str:
    """Return a share in [0, 1] as a percentage; "-" if it is undefined."""
    return "-" if value is None or math.isnan(value) else f"{value:.0%}"


def arrow(pair: tuple[float, float], form: Callable[[float], str]) -> str:
    """Return "0.012 -> 0.345": before and after, each in a form; "-" if neither is known."""
    return "-" if all(math.isnan(v) for v in pair) else " -> ".join(form(v) for v in pair)


def spread(value: float, ends: Sequence[float], digits: int = 3) -> str:
    """Return "0.123 [0.1, 0.2]"; without ends where there is no interval."""
    if any(math.isnan(e) for e in ends):
        return number(value, digits)
    return f"{number(value, digits)} [{', '.join(number(e, digits) for e in ends)}]"


def _plain(value: Cell) -> Cell:
    if isinstance(value, float):
        return "" if math.isnan(value) else round(value, 6)
    return value


def _barred(text: str) -> str:
    return text.replace("|", r"\|")


def _ended(text: str) -> str:
    return text if text.endswith(".") else f"{text}."


_SPECIAL = {c: f"\\{c}" for c in "&%$#_{}"} | {
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "\\": r"\textbackslash{}",
}


def _escaped(text: str) -> str:
    return "".join(_SPECIAL.get(c, c) for c in text)
