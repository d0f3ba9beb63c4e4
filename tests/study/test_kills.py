"""The paper's number of samples on the tiny backends, killed three times and resumed."""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tiny_studies import Log, without_manifest, write_study

from emoanim import study
from emoanim.emotions import TARGETS
from emoanim.media import digest_of_streams, read_image
from emoanim.study.storage.keys import digest_of_file

Plan = Callable[..., dict[str, Any]]


def command(plan: Path, output: Path) -> list[str]:
    run = [sys.executable, "-m", "emoanim", "study", "run", str(plan), "-o", str(output)]
    return [*run, "--progress", "none", "--json"]


def size(log: Log) -> int:
    return sum(line.startswith("animate") for line in log.lines)


def kill_after(process: subprocess.Popen[str], log: Log, films: int) -> None:
    """Kill a run when it has begun as many films."""
    while size(log) < films:
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()


def _digest(path: Path) -> str:
    """Of a file; of a picture of faces, which is signed too, without its signature."""
    if path.name.startswith("figure2") and path.suffix == ".png":
        return hashlib.sha256(read_image(path).tobytes()).hexdigest()
    if path.name.startswith("figure2") and path.suffix == ".svg":
        return hashlib.sha256(without_manifest(path.read_bytes())).hexdigest()
    return digest_of_file(path)


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2], ids=["alone", "pair"])
def test_525_samples_killed_three_times(
    plan: Plan, clips: list[Path], log: Log, tmp_path: Path, workers: int
) -> None:
    samples = 25 if workers == 1 else 2
    values = plan(
        clips=[str(clip) for clip in clips],
        emotions=[str(e) for e in TARGETS],
        samples=samples,
        run={"workers": workers, "chunk": 32},
    )
    total = 3 * 7 * samples
    whole = study.run(values, tmp_path / "whole", progress="none")
    assert (whole.summary.status, whole.summary.done) == ("complete", total)
    log.clear()
    toml = write_study(tmp_path / "study.toml", values)
    points = sorted(random.Random(8 + workers).sample(range(1, total), 3))
    output = tmp_path / "killed"
    for point in points:
        with subprocess.Popen(
            command(toml, output), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process:
            kill_after(process, log, point)
    time.sleep(1.5)  # workers of a driver that was killed end by themselves
    ended = subprocess.run(command(toml, output), capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    summary = json.loads(ended.stdout)
    assert (summary["status"], summary["done"], summary["failed"]) == ("complete", total, 0)
    begun = [line for line in log.lines if line.startswith("animate")]
    assert len(set(begun)) == total
    assert len(begun) <= total + 3 * 2 * workers, "only what was under way is made again"
    assert log.counts["transcribe"] <= 3 + 3
    assert log.counts["speak"] <= 21 + 3 * workers
    rows = list(study.StudyResult(whole.store, whole.summary).rows())
    assert len({row["id"] for row in rows}) == total
    assert not (output / ".partial").exists() or not list((output / ".partial").iterdir())
    for folder in ("samples", "tables", "figures", "scores"):
        # The films are signed, and a signature bears its time.
        digest = digest_of_streams if folder == "samples" else _digest
        first = {p.name: digest(p) for p in (tmp_path / "whole" / folder).iterdir()}
        second = {p.name: digest(p) for p in (output / folder).iterdir()}
        assert first == second, folder
    assert len(list((output / "samples").iterdir())) == total


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_says_so_and_goes_on(
    plan: Plan, log: Log, tmp_path: Path, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EMOANIM_TEST_PAUSE", "0.1")
    toml = write_study(tmp_path / "study.toml", plan(samples=5, run={"chunk": 2}))
    with subprocess.Popen(
        command(toml, tmp_path / "out"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        while size(log) < 3:
            assert process.poll() is None, process.communicate()
            time.sleep(0.02)
        process.send_signal(number)
        _out, _ = process.communicate(timeout=20)
    assert process.returncode in (130, 128 + number)
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert (summary["status"], summary["exit_code"]) == ("interrupted", 130)
    begun = size(log)
    monkeypatch.delenv("EMOANIM_TEST_PAUSE")
    result = study.run(toml, tmp_path / "out", progress="none", report=False)
    assert (result.summary.status, result.summary.done) == ("complete", 10)
    assert size(log) - begun < 10
