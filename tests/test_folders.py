"""Where the cache is, on every system."""

from __future__ import annotations

import sys
from pathlib import Path

import platformdirs
import pytest

from emoanim.folders import cache_folder


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of this test's own, and none of the user's settings."""
    for name in ("EMOANIM_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"EMOANIM_CACHE": "/a/b", "XDG_CACHE_HOME": "/x"}, "/a/b"),
        ({"XDG_CACHE_HOME": "/x"}, "/x/emoanim"),
        ({"HOME": "/home/me", "EMOANIM_CACHE": "~/w"}, "/home/me/w"),
    ],
)
def test_where_the_cache_is(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], expected: str
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    assert cache_folder() == Path(expected)


def test_an_unset_linux_machine_keeps_the_place_it_always_had(home: Path) -> None:
    if sys.platform != "linux":
        pytest.skip("of Linux alone")
    assert cache_folder() == home / ".cache" / "emoanim"
    (home / ".cache" / "emoanim").mkdir(parents=True)
    assert cache_folder() == home / ".cache" / "emoanim"


@pytest.mark.parametrize("earlier", [False, True])
def test_another_system_has_its_own_place_unless_a_cache_is_there(
    home: Path, monkeypatch: pytest.MonkeyPatch, earlier: bool
) -> None:
    library = home / "Library" / "Caches" / "emoanim"
    monkeypatch.setattr(platformdirs, "user_cache_path", lambda *_, **__: library)
    old = home / ".cache" / "emoanim"
    if earlier:
        old.mkdir(parents=True)
    assert cache_folder() == (old if earlier else library)
