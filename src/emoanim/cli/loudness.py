"""How much a command says on standard error: ``--quiet`` and ``--verbose`` of every command."""

from __future__ import annotations

import functools
import inspect
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Annotated, Any, get_type_hints

import typer
from rich.console import Console

from emoanim.errors import SettingsError

__all__ = ["notices", "quiet", "with_loudness"]

QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="print only results and errors")]
VerboseOption = Annotated[
    bool, typer.Option("--verbose", "-v", help="print every step with its time in seconds")
]

_quiet: ContextVar[bool] = ContextVar("quiet", default=False)


def quiet() -> bool:
    """Whether the command that runs was told to be quiet."""
    return _quiet.get()


def notices() -> Console:
    """Return the console for notes and bars: standard error, or nothing where it is to be quiet."""
    return Console(stderr=True, quiet=quiet())


def with_loudness(command: Callable[..., None]) -> Callable[..., None]:
    """Return a command with the two options besides its own."""

    @functools.wraps(command)
    def louder(*given: Any, quiet: bool = False, verbose: bool = False, **named: Any) -> None:
        if quiet and verbose:
            raise SettingsError("--quiet and --verbose given; expected one of them. Leave one out.")
        token = _quiet.set(quiet)
        try:
            with _logging(logging.ERROR if quiet else logging.INFO if verbose else logging.WARNING):
                command(*given, **named)
        finally:
            _quiet.reset(token)

    own = inspect.signature(command)
    hints = get_type_hints(command, include_extras=True)
    listed = [p.replace(annotation=hints[p.name]) for p in own.parameters.values()]
    for name, kind in (("quiet", QuietOption), ("verbose", VerboseOption)):
        hints[name] = kind
        listed.append(
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=False, annotation=kind)
        )
    vars(louder)["__signature__"] = own.replace(parameters=listed, return_annotation=None)
    louder.__annotations__ = hints
    return louder


@contextmanager
def _logging(level: int) -> Iterator[None]:
    """Let the library's logging be read on standard error while a command runs."""
    log = logging.getLogger("emoanim")
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("emoanim: %(message)s"))
    before = log.level, log.propagate
    log.addHandler(handler)
    log.setLevel(level)
    log.propagate = False
    try:
        yield
    finally:
        log.removeHandler(handler)
        log.setLevel(before[0])
        log.propagate = before[1]
