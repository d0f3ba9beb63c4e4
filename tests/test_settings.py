from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from emoanim import EDAPipeline
from emoanim.adapters.voices.hibari import HibariVoice
from emoanim.errors import SettingsError
from emoanim.registry.parts import make_parts
from emoanim.settings import PRESETS, Settings, load_settings, preset


def test_the_local_preset_is_the_default() -> None:
    assert preset("local") == Settings()
    assert Settings().voice.name == "hibari"
    assert Settings().stills == 5


def test_an_unknown_preset() -> None:
    with pytest.raises(SettingsError, match="'cloud'; there are: local"):
        preset("cloud")


def test_a_name_stands_for_a_backend() -> None:
    assert Settings.of({"voice": "robot"}).voice.name == "robot"


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"frams": 3}, "'frams', which is no setting; there are: transcriber"),
        ({"stills": 0}, "0 for 'stills'"),
        ({"takes": "some"}, "'some' for 'takes'"),
        ({"voice": {"nome": "x"}}, "voice"),
    ],
)
def test_a_wrong_value_is_one_clear_line(values: dict[str, object], message: str) -> None:
    with pytest.raises(SettingsError, match=message) as caught:
        Settings.of(values)
    assert "\n" not in str(caught.value)


def test_changes_merge_backend_options() -> None:
    start = Settings().changed(voice={"options": {"rate": 0.9}})
    more = start.changed(voice={"options": {"pitch": 2}}, seed=4)
    assert more.voice.name == "hibari"
    assert more.voice.options == {"rate": 0.9, "pitch": 2}
    assert more.seed == 4
    other = more.changed(voice={"name": "elsewhere"})
    assert other.voice.options == {}
    assert other.changed(classifier="fer8").classifier.name == "fer8"


def test_a_settings_file(tmp_path: Path) -> None:
    file = tmp_path / "run.toml"
    file.write_text(
        'preset = "local"\nseed = 3\nvoice = {name = "hibari", options = {rate = 1.1}}\n'
    )
    settings = load_settings(file)
    assert settings.seed == 3
    assert settings.voice.options == {"rate": 1.1}
    assert settings.animator == PRESETS["local"].animator
    same = tmp_path / "run.json"
    same.write_text('{"seed": 3, "voice": {"name": "hibari", "options": {"rate": 1.1}}}')
    assert load_settings(same) == settings


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("run.toml", "seed = = 3", "run.toml' is not toml"),
        ("run.json", "[1, 2]", "holds no table"),
        ("run.json", "{", "is not json"),
        ("run.toml", "sed = 3", "settings in run.toml name 'sed'"),
    ],
)
def test_a_broken_settings_file(tmp_path: Path, name: str, text: str, message: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(SettingsError, match=message):
        load_settings(tmp_path / name)


def test_a_missing_settings_file(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        load_settings(tmp_path / "none.toml")


def test_the_old_name_of_a_setting_still_works(tmp_path):
    file = tmp_path / "old.toml"
    file.write_text("frames = 3\n")
    with pytest.warns(DeprecationWarning, match="'stills' since 0.2"):
        assert load_settings(file).stills == 3
    with pytest.warns(DeprecationWarning, match="'stills'"):
        assert Settings().changed(frames=4).stills == 4
    with pytest.warns(DeprecationWarning, match="'stills'"):
        assert EDAPipeline(frames=2).settings.stills == 2


def test_the_device_goes_to_the_parts_that_take_one() -> None:
    settings = Settings(device="cpu")
    parts = make_parts(settings, ("transcriber", "text_emoter"))
    assert parts["transcriber"].backend.device == "cpu"
    own = settings.changed(device="mps", transcriber={"options": {"device": "auto"}})
    assert make_parts(own, ("transcriber",))["transcriber"].backend.device == "auto"
    with pytest.raises(SettingsError, match="'tpu' for 'device'"):
        Settings.of({"device": "tpu"})


def test_a_device_that_is_not_there_is_said_before_any_work(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ctranslate2 = pytest.importorskip("ctranslate2")
    monkeypatch.setattr(ctranslate2, "get_cuda_device_count", lambda: 1)
    assert make_parts(Settings(device="cuda"), ("transcriber",))
    with pytest.raises(SettingsError, match="sees 1 CUDA devices"):
        make_parts(Settings(device="cuda:1"), ("transcriber",))


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"nme": "own"}, r"'voice\.nme', which is no key of a part; .* Did you mean 'name'\?"),
        ({"name": "own", "option": {}}, r"'voice\.option', .* Did you mean 'options'\?"),
        ({"name": "own", "rate": 0.9}, r"goes under options: voice options = \{'rate': 0\.9\}"),
        ({"name": "own", "options": [3]}, r"\[3\] for 'voice\.options'"),
    ],
)
def test_a_mistyped_key_of_a_part_is_refused_everywhere(
    table: dict[str, object], message: str, tmp_path: Path
) -> None:
    file = tmp_path / "run.json"
    file.write_text(json.dumps({"voice": table}))
    for make in (
        lambda: Settings().changed(voice=table),
        lambda: EDAPipeline.from_preset("local", voice=table),
        lambda: EDAPipeline(voice=table),
        lambda: load_settings(file),
    ):
        with pytest.raises(SettingsError, match=message):
            make()


def test_a_part_is_a_table_of_its_name_and_options_everywhere() -> None:
    table = {"name": "hibari", "options": {"rate": 0.9}}
    for pipeline in (EDAPipeline(voice=table), EDAPipeline.from_preset("local", voice=table)):
        voice = pipeline.parts["voice"].backend
        assert isinstance(voice, HibariVoice)
        assert voice.rate == 0.9
    with pytest.raises(SettingsError, match="'voice' without its name; expected a backend's name"):
        EDAPipeline(voice={"options": {"rate": 0.9}})


def test_a_mistyped_argument_of_the_pipeline_names_the_one_that_was_meant() -> None:
    arguments: dict[str, Any] = {"anmator": "rig"}
    with pytest.raises(SettingsError, match=r"'anmator', .*Did you mean 'animator'\?"):
        EDAPipeline(**arguments)
    with pytest.raises(SettingsError, match=r"'gpu' for 'device'; expected auto, cpu, mps, cuda"):
        EDAPipeline(device="gpu")


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        ({"seconds": -2}, "seconds = -2.0 was given; expected a number > 0"),
        ({"second": 2}, "there are: seconds"),
    ],
)
def test_limits_are_looked_at_when_they_are_given(limits: dict[str, float], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        EDAPipeline(limits=limits)


def test_settings_may_be_the_table_of_a_file() -> None:
    settings = EDAPipeline.from_settings({"preset": "own", "seed": 4}).settings
    assert (settings.voice.name, settings.seed) == ("own", 4)
    wrong: Any = 3
    with pytest.raises(SettingsError, match=r"3 given as the settings; expected .* or a file"):
        EDAPipeline.from_settings(wrong)


def test_a_pipeline_shows_its_parts() -> None:
    shown = repr(EDAPipeline(voice="own", seed=3))
    assert shown.startswith("EDAPipeline(transcriber='whisper', text_emoter='lexicon', voice='own'")
    assert shown.endswith("animator='film', seed=3)")
