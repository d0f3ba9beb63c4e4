"""``emoanim fetch`` brings all that a preset needs; what is missing names that one command."""

from __future__ import annotations

from pathlib import Path

import pytest

from emoanim import weights
from emoanim.cli import main
from emoanim.cli.fetch import weights_of
from emoanim.errors import WeightsError
from emoanim.settings import PRESETS
from emoanim.weights.table import WEIGHTS


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("EMOANIM_CACHE", str(tmp_path))
    monkeypatch.delenv("EMOANIM_ACCEPT_LICENCES", raising=False)
    return tmp_path


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Nothing is fetched; the names that would be are kept."""
    names: list[str] = []

    def fetch(name: str, *, accept_licence: bool = False) -> Path:
        names.append(name)
        weights.check_licence(WEIGHTS[name], accepted=accept_licence)
        return Path("there", name)

    monkeypatch.setattr(weights, "fetch", fetch)
    monkeypatch.setattr(weights, "in_packages", lambda name: None)
    return names


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["fetch", *arguments])
    return int(ended.value.code or 0)


@pytest.mark.parametrize("arguments", [(), ("--preset", "local")])
def test_all_of_the_offline_preset(
    asked: list[str], capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    assert run(*arguments) == 0
    assert "face_landmark_with_attention.tflite" in asked
    assert "whisper-base/model.bin" in asked
    assert len(asked) == len(set(asked))
    assert capsys.readouterr().out.splitlines() == [str(Path("there", n)) for n in asked]


def test_what_is_installed_as_a_package_is_not_copied(
    cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if weights.in_packages("whisper-base/model.bin") is None:
        pytest.skip("the packaged Whisper weights are not installed")
    assert run("whisper-base/model.bin") == 0
    assert capsys.readouterr().out.endswith("model.bin.part1\n")
    assert not (cache / "weights").exists()


def test_names_alone_and_beside_a_preset(asked: list[str]) -> None:
    assert run("facex") == 0
    assert asked == ["facex"]
    assert run("facex", "--preset", "local") == 0
    assert asked[1] == "facex"
    assert len(asked) > 8


def test_what_cannot_be_had_does_not_keep_the_rest_away(
    asked: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("--preset", "paper") == WeightsError.exit_code
    err = capsys.readouterr().err
    assert "sadtalker/mapping_00109-model.pth.tar" in asked
    assert err.count("CC-BY-NC-4.0 (https") == len([n for n in asked if n.startswith("eat/")])
    assert err.splitlines()[-1].startswith("emoanim: error: eat/")
    assert run("--preset", "paper", "--accept-licence") == 0


def test_an_unknown_preset(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--preset", "nothing") == 2
    assert "there are: local" in capsys.readouterr().err


def test_the_table_marks_what_the_offline_presets_need() -> None:
    marked = {name for name, weight in WEIGHTS.items() if weight.local}
    assert marked == set(weights_of(PRESETS["local"]))


@pytest.mark.parametrize("name", ["face_landmark.tflite", "face_detection_short_range.tflite"])
def test_offline_the_error_names_one_command(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("EMOANIM_OFFLINE", "1")
    with pytest.raises(WeightsError, match="with a network: EMOANIM_OFFLINE=0 emoanim fetch --pre"):
        weights.fetch(name)
    assert weights.status(name).fix == "EMOANIM_OFFLINE=0 emoanim fetch --preset local"
    with pytest.raises(WeightsError, match="EMOANIM_OFFLINE=0 emoanim fetch facex "):
        weights.fetch("facex")
