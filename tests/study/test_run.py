from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from emoanim import study


def test_every_sample_is_made_and_scored(plan, log, tmp_path: Path) -> None:
    result = study.run(plan(), tmp_path / "out", progress="none")
    assert result.summary.status == "complete", result.summary
    rows = list(result.rows())
    assert len(rows) == 4
    print(rows[0])
    print(log.counts)
    print(sorted(str(p) for p in (tmp_path / "out").rglob("*") if p.is_file() and "cache" not in str(p)))
