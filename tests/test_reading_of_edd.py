"""Wherever EDD is explained: it compares ranks, so 0 does not mean that the emotion is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from emoanim.metrics.result import HOW_TO_READ

ROOT = Path(__file__).resolve().parents[1]
TEXTS = sorted(
    path
    for folder in ("docs", "src", "examples")
    for path in (ROOT / folder).rglob("*")
    if path.suffix in (".md", ".py", ".j2", ".ipynb", ".html", ".toml")
)


@pytest.mark.parametrize("path", [ROOT / "README.md", *TEXTS], ids=lambda p: p.name)
def test_no_text_takes_separated_ranks_for_a_full_change(path: Path) -> None:
    wrong = re.compile(r"fully\s+changed|full\s+change\b|every\s+frame\s+changed")
    assert not wrong.search(path.read_text(encoding="utf-8"))
    assert "0 ranks fully separated" in HOW_TO_READ
