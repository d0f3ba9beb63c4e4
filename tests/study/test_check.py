"""``study check``: every fault at once, before any work."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tiny_studies import Log, write_study

from emoanim import registry, study
from emoanim.cli import main
from emoanim.errors import OutputError, SettingsError
from emoanim.study.plan import read_plan
from emoanim.study.template import write_template
from emoanim.testing.clips import make_clip

Plan = Callable[..., dict[str, Any]]


def test_a_sound_study_has_no_fault(plan: Plan, log: Log) -> None:
    checked = study.check(plan())
    assert checked.faults == ()
    assert checked.items == 4


def test_all_faults_are_said_at_once(plan: Plan, log: Log, tmp_path: Path) -> None:
    silent = make_clip(tmp_path / "silent.mp4", seconds=0.4, sound=None)
    (tmp_path / "words.mp4").write_text("no video")
    values = plan(
        clips=[str(silent), str(tmp_path / "words.mp4"), "gone.mp4", "none*.mp4"],
        emotions=["happy", "joy", "hapy", "happy@0 sad@2", "happy and sad"],
        intensities=[0.5, 1.5, 0.5],
        seeds=[1, 1],
        systems={
            "a b": {"preset": "loca"},
            "a-b": {"voice": "hibary"},
            "c": {"animator": {"name": "rig", "options": {"fsp": 1}}, "takes": "all"},
            "d": {"preset": "paper"},
        },
        budjet=3,
        samples=0,
        run={"pools": {"flim": {}, "film": {"workers": 0.5, "cpu": 1}, "score": {"gpus": -1}}},
    )
    faults = "\n".join(study.check(values).faults)
    for part in (
        "silent.mp4' has no sound",
        "words.mp4",
        "gone.mp4",
        "no file matches the clips 'none*.mp4'",
        "names happy a second time",
        "'hapy' names no emotion",
        "the timeline 'happy@0 sad@2' given; expected one emotion",
        "the blend 'happy and sad' given; expected one emotion",
        "1.5 given; expected 0 to 1",
        "given twice",
        "seeds: [1, 1]",
        "no preset is named 'loca'",
        "no voice is named 'hibary'",
        "has no option 'fsp'",
        'takes = "all"',
        "OPENAI_API_KEY",
        "too much alike",
        "'budjet' is no setting",
        "'samples' is 0",
        "'flim' is no stage",
        "workers = 0.5; expected a whole number",
        "run.pools.film: 'cpu' given",
        "gpus = -1; expected 0 or more",
    ):
        assert part in faults, part


def test_what_will_be_left_out_is_a_remark(plan: Plan, log: Log) -> None:
    checked = study.check(plan(scoring={"words": "nobody", "voice": "none", "second": "none"}))
    assert not any("second opinion" in r for r in checked.remarks)
    assert checked.faults == ()
    assert any("table 1 is left out" in r and "nobody" in r for r in checked.remarks)
    assert any("table 2 is left out" in r for r in checked.remarks)


@pytest.fixture
def nothing_accepted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No licence was accepted before, neither in the cache nor by the environment."""
    pytest.importorskip("onnxruntime")
    monkeypatch.setenv("EMOANIM_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("EMOANIM_ACCEPT_LICENCES", raising=False)


FER8 = {"classifier": "fer8", "second": "none"}


@pytest.mark.usefixtures("nothing_accepted")
def test_a_licence_that_is_not_accepted_is_a_fault(plan: Plan, log: Log) -> None:
    """Not a table that is filled by the other classifier without a word."""
    (fault,) = study.check(plan(scoring=FER8)).faults
    assert fault.startswith("scoring.classifier 'fer8' is under AGPL-3.0")
    assert "accept_licence = true under [scoring]" in fault
    for options in ({"accept_licence": True}, {"weights": "own.onnx"}):
        assert study.check(plan(scoring={**FER8, "options": {"fer8": options}})).faults == ()
    assert study.check(plan(scoring={**FER8, "accept_licence": True})).faults == ()


@pytest.mark.usefixtures("nothing_accepted")
def test_a_system_whose_licence_is_not_accepted_is_a_fault(plan: Plan, log: Log) -> None:
    system = {**plan()["systems"]["tiny"], "classifier": "fer8"}
    (fault,) = study.check(plan(systems={"tiny": system})).faults
    assert fault.startswith("system 'tiny': classifier 'fer8' is under AGPL-3.0")
    system["classifier"] = {"name": "fer8", "options": {"accept_licence": True}}
    assert study.check(plan(systems={"tiny": system})).faults == ()


@pytest.mark.usefixtures("nothing_accepted")
def test_an_object_in_its_place_needs_no_licence(plan: Plan, log: Log, tmp_path: Path) -> None:
    values = plan(scoring=FER8, samples=1, emotions=["happy"])
    with pytest.raises(SettingsError, match=r"1 faults.*scoring\.classifier 'fer8'"):
        study.run(values, tmp_path / "without", progress="none", report=False)
    own = registry.backend("classifier", "counting")
    made = study.run(
        values, tmp_path / "with", progress="none", report=False,
        objects={"scoring.classifier": own},
    )  # fmt: skip
    assert made.summary.done == 1


def test_a_target_without_a_label_is_a_remark(plan: Plan, log: Log) -> None:
    asked = {"classifier": "facex", "second": "none"}
    remarks = study.check(plan(scoring=asked, emotions=["contempt", "happy"])).remarks
    assert "'facex' has no label contempt: there it measures nothing." in remarks


def test_a_run_with_faults_makes_nothing(plan: Plan, log: Log, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="2 faults"):
        study.run(plan(emotions=["hapy"], clips=["gone.mp4"]), tmp_path / "out", progress="none")
    assert not (tmp_path / "out").exists()


def test_paths_are_relative_to_the_file(
    plan: Plan, clips: list[Path], log: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(clips[0], tmp_path / "ada.mp4")
    file = write_study(tmp_path / "study.toml", plan(clips=["*.mp4"]))
    monkeypatch.chdir("/")
    assert [c.path.name for c in study.check(file).clips] == ["ada.mp4"]


def test_the_template_is_the_papers_design(tmp_path: Path) -> None:
    path = write_template(tmp_path / "study.toml")
    plan, faults = read_plan(path)
    assert faults == []
    assert len(plan.emotions) == 7
    assert len(plan.clips) * len(plan.emotions) * len(plan.sample_seeds) == 525
    baseline = plan.systems["animator only"]
    assert baseline == {"preset": "local", "face_emoter": "keep"}  # one part differs from eda
    checked = study.check(path)
    assert len(checked.faults) == 3, "only the clips are missing"
    with pytest.raises(OutputError, match="there already"):
        write_template(path)


@pytest.mark.parametrize(
    ("text", "said"),
    [("clips = [", "is not TOML"), ("", "'clips' is missing"), ("clips = 3", "'clips'")],
)
def test_a_file_that_is_no_study(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "study.toml").write_text(text)
    with pytest.raises(SettingsError, match=said):
        study.check(tmp_path / "study.toml")


def test_the_command_line(
    plan: Plan, log: Log, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def call(*words: str) -> tuple[int, str]:
        with pytest.raises(SystemExit) as ended:
            main(["study", *words])
        return int(ended.value.code or 0), capsys.readouterr().out

    file = write_study(tmp_path / "study.toml", plan())
    assert call("check", str(file)) == (0, "4 samples of 1 clip can be made\n")
    status, out = call("run", str(file), "-o", str(tmp_path / "out"), "--json")
    assert status == 0
    assert json.loads(out)["done"] == 4
    status, out = call("report", str(tmp_path / "out"))
    assert status == 0
    assert "index.html" in out
    bad = write_study(tmp_path / "bad.toml", plan(emotions=["hapy", "sda"]))
    status, out = call("check", str(bad), "--json")
    assert status == 2
    assert len(json.loads(out)["faults"]) == 2
    assert call("run", str(bad), "-o", str(tmp_path / "no"))[0] == 2
    assert call("report", str(tmp_path / "nothing"))[0] == 2


@pytest.mark.parametrize(("animator", "said"), [("film", 1), ("rig", 0)])
def test_a_baseline_whose_animator_lays_the_emotion_on(
    plan: Plan, log: Log, animator: str, said: int
) -> None:
    pytest.importorskip("cv2")
    systems = {"baseline": {"preset": "local", "face_emoter": "keep", "animator": animator}}
    checked = study.check(plan(systems=systems))
    assert sum("lays the emotion on the film" in remark for remark in checked.remarks) == said


def test_a_file_of_another_kind_is_refused_with_each_fault_once(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text("emotion = ['sad']\n")
    with pytest.raises(SettingsError) as refused:
        read_plan(file)
    assert str(refused.value) == (
        "settings.toml: 'clips' is missing. "
        "settings.toml: 'emotion' is no setting of a study. Did you mean 'emotions'?"
    )
