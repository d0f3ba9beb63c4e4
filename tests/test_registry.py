from __future__ import annotations

from typing import Any

import pytest

from emoanim import registry
from emoanim.errors import MissingExtraError, SettingsError, UnknownBackendError
from emoanim.registry import BackendInfo


def with_entry(monkeypatch: pytest.MonkeyPatch, **changes: Any) -> None:
    entry = {"role": "voice", "name": "probe", "target": "emoanim.testing.tiny:TinyVoice"}
    table = (*registry._TABLE, BackendInfo(**{**entry, **changes}))
    monkeypatch.setattr(registry, "_TABLE", table)


@pytest.mark.parametrize("about", registry.backends(), ids=lambda b: f"{b.role}-{b.name}")
def test_every_backend_of_ours_says_what_it_is(about: BackendInfo) -> None:
    assert about.summary
    assert about.licence != "unknown"
    assert about.target.startswith(f"emoanim.adapters.{registry._FOLDERS[about.role]}.")
    assert set(about.abilities) <= {"intensity", "surprise", "source", "phones", "offline"}


@pytest.mark.parametrize("about", registry.backends(), ids=lambda b: f"{b.role}-{b.name}")
def test_every_backend_of_ours_can_be_imported(about: BackendInfo) -> None:
    if {"torch", "transformers"} & set(about.missing()):
        pytest.skip("needs torch")
    assert not about.missing()
    assert callable(registry.load(about))


def test_a_backend_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    with_entry(monkeypatch)
    assert registry.backend("voice", "probe", rate=8000).rate == 8000


def test_an_unknown_name_lists_those_there_are() -> None:
    with pytest.raises(UnknownBackendError, match=r"'hibary'; there are: .*hibari.*'hibari'\?"):
        registry.backend("voice", "hibary")


def test_an_unknown_role() -> None:
    with pytest.raises(UnknownBackendError, match="no role is named 'singer'"):
        registry.backends("singer")


def test_a_missing_extra_names_the_pip_line(monkeypatch: pytest.MonkeyPatch) -> None:
    with_entry(monkeypatch, extra="probe", modules=("no_such_module_here",))
    with pytest.raises(MissingExtraError, match=r"no_such_module.*pip install 'emoanim\[probe\]'"):
        registry.backend("voice", "probe")
    assert registry.info("voice", "probe").missing() == ("no_such_module_here",)


def test_an_unknown_option_lists_those_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    with_entry(monkeypatch)
    with pytest.raises(SettingsError, match="has no option 'pitch'; it has: rate"):
        registry.backend("voice", "probe", pitch=3)


def test_a_backend_that_takes_any_option(monkeypatch: pytest.MonkeyPatch) -> None:
    assert registry.parameters(lambda **options: options) is None
    assert registry.parameters(3) is None


def test_a_module_that_is_there_but_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    with_entry(monkeypatch, target="no_such_module_here:Voice")
    with pytest.raises(MissingExtraError, match="cannot be imported"):
        registry.backend("voice", "probe")


def test_require() -> None:
    assert registry.require("json", "any").__name__ == "json"
    with pytest.raises(MissingExtraError, match=r"pip install 'emoanim\[rig\]'"):
        registry.require("no_such_module_here", "rig")
