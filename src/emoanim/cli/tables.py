"""Tables for people on a terminal, tab-separated lines with a head for programs."""

from __future__ import annotations

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

__all__ = ["print_table"]


def print_table(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    """Print rows under their heads; a pipe gets a line for each, a tab between cells."""
    console = Console()
    if not console.is_terminal:
        for row in (heads, *rows):
            typer.echo("\t".join(row))
        return
    table = Table(*heads)
    for row in rows:
        table.add_row(*(escape(cell) for cell in row))
    console.print(table)
