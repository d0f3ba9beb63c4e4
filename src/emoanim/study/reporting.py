"""``study report``: tables, figures, the page and the run card, from saved scores alone."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

from emoanim.arguments import path_of
from emoanim.errors import InputError
from emoanim.extras import require
from emoanim.study.plan import StudyPlan
from emoanim.study.rows import flat_row, read_rows
from emoanim.study.run_card import run_card
from emoanim.study.storage.stores import Store, open_store
from emoanim.study.summary import read_summary
from emoanim.study.tables.accuracy_tables import accuracy_table
from emoanim.study.tables.columns import Columns, gather
from emoanim.study.tables.edd_table import comparison_table, edd_table
from emoanim.study.tables.figures import Figure, draw_figures
from emoanim.study.tables.quality_table import quality_table
from emoanim.study.tables.subject_table import subject_table
from emoanim.study.tables.tables import Table, to_csv, to_latex, to_markdown

__all__ = ["report", "study_tables", "write_report"]


def report(output: str | Path) -> list[str]:
    """Draw everything anew from a study's folder; no video is read.

    Args:
        output: folder of the study.

    Returns:
        names of the files that were written.

    Raises:
        InputError: there is no study in the folder.
        MissingExtraError: matplotlib or jinja2 is not installed.
    """
    path_of(output, "the output", "a folder of a study")
    if "://" not in str(output) and not Path(output).is_dir():
        raise InputError(
            f"the folder {str(output)!r} was given; there is no such folder. Give one that "
            "emoanim study run has written."
        )
    return write_report(open_store(output))


def study_tables(store: Store, columns: Columns, plan: StudyPlan) -> list[Table]:
    """Return the paper's tables, those that are left out with the reason."""
    return [
        accuracy_table(columns, "words", plan.reference),
        accuracy_table(columns, "voice", plan.reference),
        quality_table(store, columns, plan.reference),
        edd_table(columns, plan.reference),
        subject_table(columns),
        comparison_table(columns),
    ]


def write_report(store: Store) -> list[str]:
    """Write tables, figures, page and run card; each file whole or not at all.

    Raises:
        InputError: there is no study here.
        MissingExtraError: matplotlib or jinja2 is not installed.
    """
    content = store.read("study.json")
    if content is None:
        raise InputError(
            f"{store.location!r} holds no study.json; expected a folder that emoanim study run has "
            "written. Give that folder."
        )
    record = json.loads(content)
    plan = StudyPlan.model_validate(record["plan"])
    columns = gather(read_rows(store))
    tables = study_tables(store, columns, plan)
    figures = draw_figures(store, columns)
    card = run_card(store, plan, record["clips"])
    files: dict[str, bytes] = {"samples.csv": _samples(store).encode()}
    for table in tables:
        for ending, text in (("csv", to_csv), ("md", to_markdown), ("tex", to_latex)):
            files[f"tables/{table.name}.{ending}"] = text(table).encode()
    for figure in figures:
        if not figure.missing:
            files[f"figures/{figure.name}.png"] = figure.png
            files[f"figures/{figure.name}.svg"] = figure.svg
    files["run_card.json"] = (json.dumps(card, ensure_ascii=False, indent=1) + "\n").encode()
    files["index.html"] = render_page(store, plan, record, columns, tables, figures, card).encode()
    for name, written in files.items():
        store.write(name, written)
    return list(files)


def render_page(
    store: Store,
    plan: StudyPlan,
    record: dict[str, Any],
    columns: Columns,
    tables: list[Table],
    figures: list[Figure],
    card: dict[str, Any],
) -> str:
    """Return the page: everything is in it, and it runs no script."""
    jinja2: Any = require("jinja2", "evaluation")
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("emoanim.study", "pages"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["data"] = _data
    page: str = environment.get_template("study.html.j2").render(
        plan=plan,
        items=record["items"],
        clips=record["clips"],
        remarks=record["remarks"],
        columns=columns,
        tables=tables,
        figures=figures,
        card=card,
        summary=read_summary(store),
    )
    return page


def _data(picture: bytes) -> str:
    kind = "jpeg" if picture.startswith(b"\xff\xd8") else "png"
    return f"data:image/{kind};base64,{base64.b64encode(picture).decode()}"


def _samples(store: Store) -> str:
    """Return one line per sample as CSV; the columns are those of the first rows that have them."""
    records = [flat_row(row) for row in read_rows(store)]
    return to_csv(Table("samples", "samples", records=tuple(records)))
