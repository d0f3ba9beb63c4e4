"""Visitors' files: their own, and gone afterwards."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from emoanim.app.bounds import AppBounds
from emoanim.app.workspaces import Workspaces
from emoanim.errors import SettingsError


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_files_go_after_a_while_and_with_their_visitor(tmp_path: Path) -> None:
    clock = Clock()
    spaces = Workspaces(1.0, tmp_path, clock)
    ann, ben = spaces.of("ann"), spaces.of("ben")
    (ann.folder / "a.txt").write_text("a")
    (ben.folder / "b.txt").write_text("b")
    assert spaces.file(ann.token, "a.txt") == ann.folder / "a.txt"
    assert spaces.file(ben.token, "a.txt") is None
    assert spaces.file(ann.token, "../x") is spaces.file("ünknown", "a.txt") is None
    spaces.remove("ben")
    assert not ben.folder.exists()
    clock.now = 59.0
    spaces.sweep()
    assert ann.folder.exists()
    clock.now = 61.0
    with spaces.working(ann):
        spaces.sweep()
        assert ann.folder.exists()  # a job runs in it
    clock.now = 200.0
    spaces.sweep()
    assert not ann.folder.exists()
    assert spaces.of("ann").token != ann.token
    spaces.close()
    assert not list(tmp_path.iterdir())


def test_uploads_that_nobody_took_go_too(tmp_path: Path) -> None:
    spaces = Workspaces(1.0, tmp_path)
    old, new = spaces.uploads / "old.mp4", spaces.uploads / "new.mp4"
    for path in (old, new):
        path.write_bytes(b"x" * 1000)
    os.utime(old, (0, 0))
    assert spaces.megabytes() == pytest.approx(0.002, rel=20)
    spaces.sweep()
    assert (old.exists(), new.exists()) == (False, True)
    spaces.close()


def test_what_a_killed_server_left_is_deleted_by_the_next(tmp_path: Path) -> None:
    left = tmp_path / "emoanim-app-killed"
    (left / "token").mkdir(parents=True)
    os.utime(left, (0, 0))
    living = Workspaces(1.0, tmp_path)
    os.utime(living.root, (0, 0))
    assert not left.exists()
    other = Workspaces(1.0, tmp_path)
    assert living.root.exists()  # it holds its lock
    other.close()
    living.close()


def test_bounds_are_above_nothing() -> None:
    with pytest.raises(SettingsError, match="waiting"):
        AppBounds(waiting=0)
    assert "60 s" in AppBounds().in_words()
