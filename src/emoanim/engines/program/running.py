"""Any program that reads and writes files, as one step of a run: its arguments filled in, no shell.

A program gets a folder of its own for what it makes, which goes when its work was read. It runs
in a process group of its own, so that what it started ends with it.
"""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from emoanim.errors import BackendError, SettingsError

__all__ = ["OutsideProgram"]

_TAIL = 300
"""Characters of a program's last words that an error repeats."""


@dataclass(frozen=True, slots=True)
class OutsideProgram:
    """A program's line, with places for files.

    Args:
        argv: the program and its arguments; "{out}" is the folder for its results, further names
            depend on the role ("{portrait}", "{speech}", ...); "{{" is a brace.
        places: the names that may stand in the line, besides "out".
        cwd: folder to start in; None for the present one.
        timeout: seconds after which it is ended.
        env: environment variables on top of the present ones.

    Raises:
        SettingsError: no program, an unknown name in braces, or a time that is not positive.
    """

    argv: Sequence[str]
    places: Sequence[str]
    cwd: str | None = None
    timeout: float = 600.0
    env: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        line = self.argv
        if isinstance(line, str) or not line or not all(isinstance(a, str) for a in line):
            raise SettingsError(
                f"argv {line!r} given; expected a list of texts, the program first, such as "
                '["python", "inference.py", "--out", "{out}"].'
            )
        if not self.timeout > 0:
            raise SettingsError(f"timeout {self.timeout!r} given; expected seconds, such as 600.")
        self._filled(dict.fromkeys((*self.places, "out"), ""))

    @contextmanager
    def run(self, files: Mapping[str, object]) -> Iterator[Path]:
        """Run the program and give the folder of its results; it is removed after the block.

        Args:
            files: what stands in each place; "out" is made here.

        Raises:
            BackendError: it cannot be started, fails, or takes too long; its last words are
                repeated.
        """
        with tempfile.TemporaryDirectory(prefix="emoanim-program-") as folder:
            out = Path(folder) / "out"
            out.mkdir()
            argv = self._filled({**{k: str(v) for k, v in files.items()}, "out": str(out)})
            with (Path(folder) / "log").open("w+b") as log:
                status = self._wait(argv, log)
                if status:
                    raise BackendError(
                        f"the program {shlex.join(argv)[:_TAIL]} ended with status {status}: "
                        f"{_last_words(log)}. Run it by hand to see more."
                    )
            yield out

    def _wait(self, argv: Sequence[str], log: IO[bytes]) -> int:
        try:
            process = subprocess.Popen(  # noqa: S603 - the user's own line, and no shell
                argv,
                cwd=self.cwd,
                env={**os.environ, **self.env},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=os.name != "nt",
            )
        except OSError as error:
            raise BackendError(
                f"the program {argv[0]!r} cannot be started ({error.strerror or error}); expected "
                "one that is installed. Check argv and cwd."
            ) from error
        try:
            return process.wait(self.timeout)
        except subprocess.TimeoutExpired:
            raise BackendError(
                f"the program {argv[0]!r} took longer than {self.timeout:g} s and was ended: "
                f"{_last_words(log)}. Give it more: timeout={2 * self.timeout:g}."
            ) from None
        finally:
            _end(process)

    def _filled(self, values: Mapping[str, str]) -> list[str]:
        try:
            return [argument.format_map(values) for argument in self.argv]
        except (KeyError, IndexError, ValueError, AttributeError) as error:
            raise SettingsError(
                f"argv {list(self.argv)!r} cannot be filled in ({type(error).__name__}: {error}); "
                f"expected only {', '.join(f'{{{p}}}' for p in (*self.places, 'out'))} in braces."
            ) from None


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a program and what it started, if it is still there."""
    if process.poll() is not None:
        return
    with suppress(OSError):
        if os.name == "nt":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _last_words(log: IO[bytes]) -> str:
    log.flush()
    size = log.seek(0, os.SEEK_END)
    log.seek(max(size - 4 * _TAIL, 0))
    text = " ".join(log.read().decode("utf-8", "replace").split())
    return text[-_TAIL:] or "it said nothing"
