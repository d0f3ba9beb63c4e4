"""Text for standard output, on any terminal or pipe: what it cannot show is replaced."""

from __future__ import annotations

import io
import json
import sys
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["one_line", "print_json", "print_words", "replace_what_cannot_be_shown"]


def replace_what_cannot_be_shown() -> None:
    """Let no name with an emoji end a run on a terminal of another encoding."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def print_json(record: Any) -> None:
    """Print plain values as JSON; in ASCII where the output cannot take all characters."""
    text = json.dumps(record, ensure_ascii=False, allow_nan=False)
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "ascii")
    except (UnicodeEncodeError, LookupError):
        text = json.dumps(record, allow_nan=False)
    typer.echo(text)


def print_words(console: Console, before: str, after: str) -> None:
    """Print what was said and, if it differs, what is said now: for people, on standard error."""
    lines = [("said: ", before)]
    if after != before:
        lines.append(("now:  ", after))
    for name, text in lines:
        console.print(f'{name}"{one_line(text)}"', markup=False, highlight=False, soft_wrap=True)


def one_line(text: str) -> str:
    """Return a text as one line that moves no cursor: what cannot be printed is escaped.

    A file's name may hold line breaks and the sequences by which terminals are controlled.
    """
    words = " ".join(text.split())
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in words)
