"""Every step that writes, on a small file system that is full: nothing lost, no half file."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import full_disk
import pytest
from full_disk import STEPS, mounted


def test_every_writing_step_on_a_full_file_system(tmp_path: Path) -> None:
    with mounted(tmp_path / "small") as folder:
        if folder is None:
            pytest.skip("no file system can be mounted here (root on Linux can)")
        script = Path(full_disk.__file__)
        done = subprocess.run(
            [sys.executable, str(script), str(folder), "5"], capture_output=True, text=True
        )
    assert done.returncode == 0, done.stderr[-2000:]
    tries = [json.loads(line) for line in done.stdout.splitlines()]
    assert {each["step"] for each in tries} == set(STEPS)
    assert [each for each in tries if each["wrong"]] == []
    for step in STEPS:  # room for less than all was really refused
        assert any(each["refused"] for each in tries if each["step"] == step), step
