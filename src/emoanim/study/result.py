"""What a study gives back to Python."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from emoanim.study.rows import flat_row, read_rows
from emoanim.study.storage.stores import Store
from emoanim.study.summary import RunSummary

__all__ = ["StudyResult"]


@dataclass(frozen=True, slots=True)
class StudyResult:
    """A study's folder and how its run ended.

    Attributes:
        store: the folder.
        summary: how the run ended.
    """

    store: Store
    summary: RunSummary

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield one row per sample, read from the folder."""
        return read_rows(self.store)

    def to_frame(self) -> Any:
        """Return a pandas DataFrame with one flat row per sample.

        Raises:
            MissingExtraError: pandas is not installed.
        """
        from emoanim.extras import require

        pandas = require("pandas", "study")
        return pandas.DataFrame([flat_row(row) for row in self.rows()])
