"""What a report of pip-audit is called in the release workflow."""

from __future__ import annotations

import importlib.util
import json
import warnings
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("nox")

_GOOD = {"name": "numpy", "version": "2.0", "vulns": []}
_BAD = {"name": "av", "version": "1.0", "vulns": [{"id": "CVE-1", "fix_versions": []}]}
_SKIPPED = {"name": "torch", "skip_reason": "Dependency not found on PyPI"}

REPORTS = [
    ([_GOOD], 0, "No known fault in 1 packages."),
    ([_GOOD, _BAD, _SKIPPED], 1, "Known faults in 1 packages: av 1.0: CVE-1."),
    ([_GOOD, _SKIPPED], 75, "1 of 2 packages could not be looked up (torch)"),
    ([], 75, "0 of 0 packages"),
    (None, 75, "could not be reached: nothing was audited"),
]


@pytest.fixture(scope="module")
def noxfile() -> Any:
    where = Path(__file__).parents[1] / "noxfile.py"
    spec = importlib.util.spec_from_file_location("noxfile_to_test", where)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # another test may have read it before
        spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(("packages", "status", "words"), REPORTS)
def test_the_status_tells_faults_from_a_list_out_of_reach(
    noxfile: Any, tmp_path: Path, packages: list[Any] | None, status: int, words: str
) -> None:
    report = tmp_path / "audit.json"
    if packages is not None:
        report.write_text(json.dumps({"dependencies": packages, "fixes": []}))
    got, line = noxfile.audit_result(report)
    assert got == status
    assert words in line
    assert line.endswith("sbom.cdx.json is written.")
