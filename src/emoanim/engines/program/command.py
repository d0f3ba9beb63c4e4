"""What all ``command`` backends are made of: a line for a program, and the places of their role."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from emoanim.engines.program.running import OutsideProgram

__all__ = ["Command"]


class Command:
    """A program that does one step of a run.

    Args:
        argv: the program and its arguments, filled in without a shell; a subclass says which
            names may stand in braces; results go into "{out}".
        cwd: folder to start in.
        timeout: seconds after which it is ended.
        env: environment variables on top of the present ones.

    Raises:
        SettingsError: a line that cannot be filled in.
    """

    PLACES: ClassVar[tuple[str, ...]]
    """Names that may stand in braces, besides "out"."""

    def __init__(
        self,
        argv: Sequence[str],
        cwd: str | None = None,
        timeout: float = 600.0,
        env: Mapping[str, str] | None = None,
    ) -> None:
        self._program = OutsideProgram(argv, self.PLACES, cwd, timeout, env or {})
