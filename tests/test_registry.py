from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest

from emoanim import EDAPipeline, Emotion, registry
from emoanim.adapters.text_emoters.lexicon import LexiconTextEmoter
from emoanim.errors import MissingExtraError, SettingsError, UnknownBackendError
from emoanim.media import limited
from emoanim.registry import BackendInfo
from emoanim.roles import ROLES
from emoanim.settings import preset
from emoanim.testing.tiny import TinyVoice


def with_entry(monkeypatch: pytest.MonkeyPatch, **changes: Any) -> None:
    entry = {"role": "voice", "name": "probe", "target": "emoanim.testing.tiny:TinyVoice"}
    table = (*registry.BACKENDS, BackendInfo(**{**entry, **changes}))
    monkeypatch.setattr(registry, "BACKENDS", table)


@pytest.mark.parametrize("about", registry.backends(), ids=lambda b: f"{b.role}-{b.name}")
def test_every_backend_of_ours_says_what_it_is(about: BackendInfo) -> None:
    assert about.summary
    assert about.licence != "unknown"
    assert about.target.startswith(f"emoanim.adapters.{ROLES[about.role].group}.")
    known = {"intensity", "surprise", "blend", "timeline", "source", "film"}
    known |= {"phones", "offline"}
    assert set(about.abilities) <= known


@pytest.mark.parametrize(
    "about",
    [
        pytest.param(
            about,
            id=f"{about.role}-{about.name}",
            marks=[pytest.mark.torch] if "torch" in about.modules else [],
        )
        for about in registry.backends()
    ],
)
def test_every_backend_of_ours_can_be_imported(about: BackendInfo) -> None:
    if {"torch_fidelity", "torchvision"} & set(about.missing()):
        pytest.skip("needs torchvision, which has no build for every torch")
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
    with pytest.raises(MissingExtraError, match=r"no_such_module.*pip install .*\[probe\]'"):
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
    with pytest.raises(MissingExtraError, match=r"pip install .*\[local\]'"):
        registry.require("no_such_module_here", "rig")


@pytest.fixture
def undone() -> Iterator[None]:
    """Whatever is registered as the voice "probe" is forgotten again."""
    yield
    registry.unregister("voice", "probe")


class ProbeVoice(TinyVoice):
    licence = "MIT"
    abilities = ("offline",)
    summary = "a probe"


@pytest.mark.usefixtures("undone")
@pytest.mark.parametrize("target", [ProbeVoice, "emoanim.testing.tiny:TinyVoice"])
def test_a_backend_registered_at_run_time(target: Any) -> None:
    registry.register("voice", "probe", target)
    assert "probe" in {b.name for b in registry.backends("voice")}
    assert isinstance(registry.backend("voice", "probe", rate=8000), TinyVoice)
    with pytest.raises(SettingsError, match="has no option 'pitch'"):
        registry.backend("voice", "probe", pitch=3)


@pytest.mark.usefixtures("undone")
def test_what_a_class_says_of_itself_is_shown() -> None:
    registry.register("voice", "probe", ProbeVoice)
    about = registry.info("voice", "probe")
    assert (about.licence, about.abilities, about.summary) == ("MIT", ("offline",), "a probe")


@pytest.mark.usefixtures("undone")
def test_what_a_class_registered_by_its_place_says_of_itself_is_shown_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "beeping.py").write_text(
        "from emoanim.testing.tiny import TinyVoice\n\n\n"
        'class Beeps(TinyVoice):\n    """Beeps once for each word.\n\n    More.\n    """\n\n'
        '    licence = "MIT"\n'
    )
    monkeypatch.syspath_prepend(tmp_path)
    registry.register("voice", "probe", "beeping:Beeps")
    assert "beeping" not in sys.modules
    shown = {b.name: b for b in registry.backends("voice")}["probe"]
    assert (shown.licence, shown.summary) == ("MIT", "Beeps once for each word.")
    assert EDAPipeline(voice="probe").backends["voice"] == ("probe", "MIT")
    sys.modules.pop("beeping")


@pytest.mark.usefixtures("undone")
def test_a_registered_place_where_nothing_is_is_listed_with_the_reason() -> None:
    registry.register("voice", "probe", "no_such_module_here:Beeps")
    assert "cannot be imported: " in registry.info("voice", "probe").summary


@pytest.mark.usefixtures("undone")
def test_a_name_that_is_taken() -> None:
    registry.register("voice", "probe", TinyVoice)
    with pytest.raises(SettingsError, match="clobber=True"):
        registry.register("voice", "probe", ProbeVoice)
    registry.register("voice", "probe", ProbeVoice, clobber=True)
    assert registry.info("voice", "probe").licence == "MIT"
    with pytest.raises(SettingsError, match="clobber=True"):
        registry.register("voice", "hibari", TinyVoice)


@pytest.mark.usefixtures("undone")
def test_what_cannot_be_registered() -> None:
    with pytest.raises(UnknownBackendError, match="no role is named 'singer'"):
        registry.register("singer", "probe", TinyVoice)
    with pytest.raises(SettingsError, match="module:Class"):
        registry.register("voice", "probe", "emoanim.testing.tiny.TinyVoice")


def test_an_object_is_described_by_its_class() -> None:
    assert registry.describe("text_emoter", LexiconTextEmoter()).name == "lexicon"
    assert registry.describe("voice", ProbeVoice()).licence == "MIT"
    assert registry.describe("voice", TinyVoice()).name == "TinyVoice"


def test_a_third_party_that_cannot_be_imported_is_listed_with_the_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    points = {"emoanim.voices": [EntryPoint("broken", "no_such_module_here:V", "emoanim.voices")]}
    monkeypatch.setattr(registry, "entry_points", lambda group: points.get(group, []))
    about = registry.info("voice", "broken")
    assert "cannot be imported: No module named 'no_such_module_here'" in about.summary


def test_every_role_has_one_row_and_a_protocol_with_its_verb() -> None:
    for name, role in ROLES.items():
        assert name == role.name
        assert callable(getattr(role.protocol, role.verb))


@pytest.mark.parametrize(
    ("wrong", "guess"),
    [
        (lambda: registry.backend("vioce", "hibari"), "voice"),
        (lambda: registry.backend("voice", "hibari", rat=1.0), "rate"),
        (lambda: preset("locl"), "local"),
        (lambda: limited({"second": 3.0}).__enter__(), "seconds"),
        (lambda: Emotion("hapy"), "happy"),
    ],
)
def test_what_was_meant_is_said(wrong: Callable[[], object], guess: str) -> None:
    with pytest.raises((SettingsError, UnknownBackendError, ValueError)) as refused:
        wrong()
    assert f"Did you mean {guess!r}?" in str(refused.value)
