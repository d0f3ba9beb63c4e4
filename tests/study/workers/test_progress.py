"""Progress: in a log, on a terminal, in a notebook; counts and time left."""

from __future__ import annotations

import sys
import types
from typing import Any

import pytest

from emoanim.study.workers import progress
from emoanim.study.workers.progress import Counts, Progress, show_progress


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr(progress, "monotonic", lambda: now[0])
    return now


def test_time_left_comes_from_what_was_made_now(clock: list[float]) -> None:
    counts = Counts(100, begun=100.0)
    assert counts.seconds_left is None
    counts.done = counts.kept = 40
    assert counts.seconds_left is None, "what was there before says nothing of the speed"
    counts.done, counts.failed = 55, 5
    clock[0] = 160.0
    assert counts.seconds_left == pytest.approx(60.0 / 20 * 40)


def test_the_line_says_all(clock: list[float]) -> None:
    counts = Counts(10, begun=100.0)
    clock[0] = 100.0 + 3700
    counts.done, counts.kept, counts.failed, counts.usd = 5, 1, 2, 1.234
    counts.stages["film"] = 4
    line = counts.line()
    for part in ("5/10", "1 there before", "2 failed", "1:01:40 so far", "$1.23", "film 4"):
        assert part in line, part
    counts.usd = None
    assert "cost not known" in counts.line()


def test_a_log_gets_a_line_now_and_then(
    clock: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    with show_progress(3, "log") as shown:
        for _ in range(5):
            clock[0] += 10.0
            shown.counts.done += 1
            shown.show()
    lines = capsys.readouterr().err.splitlines()
    assert [line.split()[1] for line in lines] == ["0/3", "3/3", "5/3"]


def test_none_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with show_progress(3, "none") as shown:
        shown.show(at_once=True)
    assert capsys.readouterr() == ("", "")


def test_a_notebook_renews_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []

    class Handle:
        def update(self, data: dict[str, str], raw: bool) -> None:
            shown.append(data["text/plain"])

    shell = types.SimpleNamespace(kernel=object())
    package: Any = types.ModuleType("IPython")
    package.get_ipython = lambda: shell
    inner: Any = types.ModuleType("IPython.display")
    inner.display = lambda data, raw, display_id: Handle()
    monkeypatch.setitem(sys.modules, "IPython", package)
    monkeypatch.setitem(sys.modules, "IPython.display", inner)
    with Progress(Counts(2)) as running:
        running.counts.done = 2
    assert "0/2" in shown[0]
    assert "2/2" in shown[-1]


def test_a_terminal_is_drawn(capsys: pytest.CaptureFixture[str]) -> None:
    with show_progress(4, "terminal") as shown:
        shown.counts.done = 4
    assert "4/4 samples" in capsys.readouterr().err
