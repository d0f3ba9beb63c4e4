"""Files that are made: whole or absent, and what a killed process left is swept away."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from emoanim import outputs
from emoanim.errors import OutputError
from emoanim.outputs import check_writable, discard_all, temporary, writing

_WRITE_AND_WAIT = """
import sys, time
from pathlib import Path
from emoanim.outputs import temporary
with temporary(sys.argv[1]) as made:
    made.write_bytes(b"half")
    print("writing", flush=True)
    time.sleep(60)
"""


def _writer(path: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", _WRITE_AND_WAIT, str(path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "writing\n"
    return process


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_what_a_killed_process_left_goes_with_the_next_run(tmp_path: Path) -> None:
    process = _writer(tmp_path / "a.mp4")
    process.kill()
    process.communicate()
    assert len(_names(tmp_path)) == 1
    with temporary(tmp_path / "b.mp4") as made:
        made.write_bytes(b"whole")
    assert _names(tmp_path) == ["b.mp4"]


_REPLACE_AND_DIE = """
import os, signal, sys
from pathlib import Path
from emoanim import outputs
real, calls = Path.replace, []
def replace(self, target):
    calls.append(1)
    if len(calls) == int(sys.argv[3]):
        os.kill(os.getpid(), signal.SIGKILL)
    return real(self, target)
Path.replace = replace
with outputs.together(sys.argv[1:3]) as made:
    for path in made:
        path.write_bytes(b"new")
"""


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize("moment", [1, 2, 3, 4])
def test_an_old_file_is_never_lost(tmp_path: Path, moment: int) -> None:
    """Killed outright between putting old files aside and new ones in their place."""
    paths = [tmp_path / name for name in ("a.mp4", "a.take2.mp4")]
    for path in paths:
        path.write_bytes(b"old")
    command = [sys.executable, "-c", _REPLACE_AND_DIE, *map(str, paths), str(moment)]
    assert subprocess.run(command, check=False).returncode == -9
    check_writable(tmp_path / "b.mp4")
    assert _names(tmp_path) == ["a.mp4", "a.take2.mp4"]
    assert all(path.read_bytes() in (b"old", b"new") for path in paths)


def test_what_a_live_process_is_writing_stays(tmp_path: Path) -> None:
    process = _writer(tmp_path / "a.mp4")
    try:
        check_writable(tmp_path / "b.mp4")
        assert len(_names(tmp_path)) == 1
        with temporary(tmp_path / "c.mp4") as made:
            made.write_bytes(b"whole")
        assert len(_names(tmp_path)) == 2
    finally:
        process.kill()
        process.communicate()


def test_files_of_another_machine_stay_for_a_day(tmp_path: Path) -> None:
    fresh = tmp_path / ".emoanim-00000000-1-0123abcd.mp4"
    old = tmp_path / ".emoanim-00000000-2-0123abcd.mp4"
    for path in (fresh, old):
        path.write_bytes(b"half")
    os.utime(old, (time.time() - 90_000,) * 2)
    check_writable(tmp_path / "b.mp4")
    assert _names(tmp_path) == [fresh.name]


@pytest.mark.parametrize(
    "name", [".emoanim-notes.mp4", ".emoanim-12345678-1.mp4", "emoanim-00000000-2-0123abcd.mp4"]
)
def test_files_of_other_names_are_left_alone(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"the user's")
    os.utime(tmp_path / name, (0, 0))
    check_writable(tmp_path / "b.mp4")
    assert _names(tmp_path) == [name]


def test_folders_and_links_of_such_a_name_stay(tmp_path: Path) -> None:
    name = f".emoanim-{outputs._owner()}-999999999-0123abcd.mp4"
    (tmp_path / name).mkdir()
    check_writable(tmp_path / "b.mp4")
    assert _names(tmp_path) == [name]


def test_all_that_is_being_written_can_be_discarded(tmp_path: Path) -> None:
    with temporary(tmp_path / "a.mp4") as one, temporary(tmp_path / "b.mp4") as two:
        one.write_bytes(b"half")
        two.write_bytes(b"half")
        assert len(_names(tmp_path)) == 2
        discard_all()
        assert _names(tmp_path) == []
        one.write_bytes(b"1")
        two.write_bytes(b"2")


@pytest.mark.parametrize("name", ["a" * 300 + ".mp4", "a\0b.mp4", "d/" * 3000 + "a.mp4"])
def test_names_that_no_system_takes(tmp_path: Path, name: str) -> None:
    with pytest.raises(OutputError) as caught:
        check_writable(tmp_path / name)
    assert "\n" not in str(caught.value)


def test_a_loop_of_links(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").symlink_to(tmp_path / "b.mp4")
    (tmp_path / "b.mp4").symlink_to(tmp_path / "a.mp4")
    with pytest.raises(OutputError, match=r"a\.mp4"):
        check_writable(tmp_path / "a.mp4")


def test_what_the_system_refuses_is_told_of_the_path(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"x\.csv"), writing(tmp_path / "x.csv"):
        (tmp_path / "no folder" / "x.csv").write_text("")
