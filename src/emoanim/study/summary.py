"""How a run ended: a summary that a script can trust, and the status it exits with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from emoanim.study.storage.stores import Store

__all__ = ["SOME_FAILED", "RunSummary", "read_summary", "write_summary"]

SOME_FAILED = 5
"""Exit status of a run that is finished, but not with every sample."""

_STATUS = {"complete": 0, "partial": SOME_FAILED, "stopped": 3, "interrupted": 130}
_NAME = "summary.json"


@dataclass(frozen=True, slots=True)
class RunSummary:
    """How a run ended.

    Attributes:
        status: "complete", "partial" (some samples failed, the rest are there), "stopped" (a
            result could not be written) or "interrupted"; the last two go on where they ended
            when the same command is given again.
        items: samples of the run.
        done: that are there, of which ``kept`` were there before.
        kept: see above.
        failed: that could not be made.
        failures: the first hundred of them: id, stage, error.
        error: why it stopped.
        seconds: wall-clock of this run.
        usd: cost of this run's paid calls; None if one's price is not known.
        stages: stage -> what this run made, found, and spent on it.
        driver_peak: most bytes of memory that the driver had.
        output: the folder.
    """

    status: str
    items: int
    done: int
    kept: int
    failed: int
    failures: tuple[Mapping[str, str], ...] = ()
    error: str = ""
    seconds: float = 0.0
    usd: float | None = 0.0
    stages: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    driver_peak: int = 0
    output: str = ""

    @property
    def exit_code(self) -> int:
        """What the command line exits with: 0 complete, 5 partial, 3 stopped, 130 interrupted."""
        return _STATUS[self.status]

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        return {**asdict(self), "exit_code": self.exit_code}


def write_summary(store: Store, summary: RunSummary) -> None:
    """Write ``summary.json``.

    Raises:
        OutputError: it cannot be written.
    """
    text = json.dumps(summary.to_dict(), ensure_ascii=False, indent=1)
    store.write(_NAME, (text + "\n").encode())


def read_summary(store: Store) -> dict[str, Any]:
    """Return the last run's summary as plain values; empty if there is none."""
    content = store.read(_NAME)
    record: dict[str, Any] = {} if content is None else json.loads(content)
    return record
