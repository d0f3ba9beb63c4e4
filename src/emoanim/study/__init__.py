"""Many samples: a study's grid, its stage cache, its tables and figures (paper 4).

::

    from emoanim import study

    result = study.run("study.toml", "out")
    result.to_frame().groupby(["system", "emotion"])["fer8.edd"].mean()

It stands above the pipeline and is never imported by it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from emoanim.study.batch import run_batch
    from emoanim.study.reporting import report
    from emoanim.study.result import StudyResult
    from emoanim.study.running import check, run
    from emoanim.study.summary import RunSummary

__all__ = ["RunSummary", "StudyResult", "check", "report", "run", "run_batch"]

_PLACES = {
    "RunSummary": "summary",
    "StudyResult": "result",
    "check": "running",
    "report": "reporting",
    "run": "running",
    "run_batch": "batch",
}


def __getattr__(name: str) -> Any:
    """Import what is asked for; the rest stays out of memory."""
    if name in _PLACES:
        return getattr(import_module(f"emoanim.study.{_PLACES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
