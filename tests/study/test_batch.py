"""``emoanim batch``: manifests, their faults by line, and what a script can trust."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tiny_studies import SYSTEM, Log

from emoanim import EDAPipeline, registry, study
from emoanim.cli import main
from emoanim.clips import Animation
from emoanim.emotions import Emotion, EmotionPrompt, read_prompt
from emoanim.errors import InputError, SettingsError
from emoanim.media import STEREO, Video, digest_of_streams, read_sound, write_video
from emoanim.provenance import inspect
from emoanim.registry.backend_info import BackendInfo
from emoanim.runs.honouring import notes_on_emotions, notes_on_stills
from emoanim.settings import Settings, preset
from emoanim.study.checking import check_backends
from emoanim.study.manifest import read_manifest
from emoanim.study.rows import read_rows
from emoanim.study.storage.stores import FolderStore
from emoanim.study.workers.loaded import LoadedBackends

Plan = Callable[..., dict[str, Any]]


@pytest.fixture
def tiny(log: Log) -> Settings:
    return Settings().changed(**SYSTEM, stills=2)


def lines(path: Path, *records: Any) -> Path:
    text = [r if isinstance(r, str) else json.dumps(r) for r in records]
    path.write_text("\n".join(text) + "\n")
    return path


def test_a_manifest_is_made(clips: list[Path], tiny: Settings, log: Log, tmp_path: Path) -> None:
    manifest = lines(
        tmp_path / "m.jsonl",
        {"video": str(clips[0]), "emotion": "very happy"},
        {"video": str(clips[0]), "emotion": "sad", "output": "deep/down/sad.mp4", "seed": 4},
        "",
        {"video": str(clips[1]), "emotion": "sad", "id": "Bo's own!"},
    )
    summary = study.run_batch(manifest, tmp_path / "out", settings=tiny, progress="none")
    assert (summary.status, summary.done, summary.exit_code) == ("complete", 3, 0)
    for name in ("ada-happy-0.7333-s0.mp4", "deep/down/sad.mp4", "bo-s-own.mp4"):
        assert (tmp_path / "out" / name).is_file(), name
    assert log.counts["transcribe"] == 2
    log.clear()
    again = study.run_batch(manifest, tmp_path / "out", settings=tiny, progress="none")
    assert (again.done, again.kept, log.lines) == (3, 3, [])


@pytest.mark.parametrize(
    "emotion", ["very happy", "happy and surprised", "neutral@0 very happy@0.5", "sentence: sad"]
)
def test_a_batch_makes_what_the_pipeline_makes(
    clips: list[Path], tiny: Settings, tmp_path: Path, emotion: str
) -> None:
    settings = tiny.changed(face_emoter="rig", animator="rig", seed=3, bed=True)
    made, clip = tmp_path / "alone.mp4", tmp_path / "stereo.mp4"
    original = Video(clips[0])
    frames = (frame.image for frame in original.frames())
    moving = Animation(original.fps, original.size, 30, frames)
    write_video(clip, moving, original.audio(), placement=STEREO)
    result = EDAPipeline.from_settings(settings)(clip, emotion, output=made)
    manifest = lines(tmp_path / "m.jsonl", {"video": str(clip), "emotion": emotion})
    summary = study.run_batch(manifest, tmp_path / "out", settings=settings, progress="none")
    assert summary.status == "complete", summary
    (film,) = (tmp_path / "out").glob("*.mp4")
    assert digest_of_streams(film) == digest_of_streams(made)
    assert read_sound(film).placement == STEREO
    (row,) = read_rows(FolderStore(tmp_path / "out"))
    assert (row["prompt"], row["text"]) == (emotion, result.text)
    expected = 2 if "@" in emotion else int("sentence" in emotion)
    assert len(result.speech.passages) == expected
    assert set(row["notes"]) <= set(result.notes), "what the pipeline says, the row says"
    assert any("background" in note for note in row["notes"]), "the bed was tried"


@pytest.mark.parametrize("preset_name", ["local", "own"])
def test_surprise_is_taken_where_every_backend_can_show_it(
    clips: list[Path], tmp_path: Path, preset_name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    video = str(clips[0])
    asked = ("surprised", "happy and surprised", "neutral@0 surprised@0.5")
    manifest = lines(tmp_path / "m.jsonl", *({"video": video, "emotion": e} for e in asked))
    assert read_manifest(manifest, preset(preset_name)) == (3, [])
    known = registry.info

    def without_surprise(role: str, name: str) -> BackendInfo:
        return replace(known(role, name), abilities=("intensity",) if role == "voice" else ())

    monkeypatch.setattr(registry, "info", without_surprise)
    (fault,) = check_backends(preset(preset_name), [Emotion.SURPRISE])
    assert fault.endswith("cannot do surprise.")


def test_timelines_have_names_of_their_own_and_say_what_was_left_out(
    clips: list[Path], tiny: Settings, log: Log, tmp_path: Path
) -> None:
    video = str(clips[0])
    manifest = lines(
        tmp_path / "m.jsonl",
        {"video": video, "emotion": "happy@0 sad@0.4"},
        {"video": video, "emotion": "happy@0 sad@0.8"},
        {"video": video, "emotion": "happy and sad"},
        {"video": video, "emotion": "sentence: happy, sad"},
    )
    summary = study.run_batch(manifest, tmp_path / "out", settings=tiny, progress="none")
    assert (summary.done, summary.failed) == (3, 1), summary
    assert "2 emotions given for 1 sentence" in summary.failures[0]["error"]
    names = sorted(path.name for path in (tmp_path / "out").glob("*.mp4"))
    assert names == [
        "ada-happy-0.6-at-0-then-sad-0.6-at-0.4-s0.mp4",
        "ada-happy-0.6-at-0-then-sad-0.6-at-0.8-s0.mp4",
        "ada-happy-0.6-sad-0.6-s0.mp4",
    ]
    log.clear()
    again = study.run_batch(manifest, tmp_path / "out", settings=tiny, progress="none")
    assert (again.done, again.failed, log.counts["animate"]) == (3, 1, 0)


def test_what_a_backend_leaves_of_a_timeline_stands_in_its_row(
    clips: list[Path], tiny: Settings, tmp_path: Path
) -> None:
    settings = tiny.changed(animator={"name": "command", "options": {"run": "true"}})
    asked = read_prompt("happy@0 sad@0.4")
    parts = LoadedBackends().about(settings)
    notes = notes_on_emotions(parts, asked, EmotionPrompt.parse("sad"))
    assert "the animator 'command' shows one emotion at a time: 'sad' throughout" in notes


def test_stills_that_a_film_does_not_show_are_named() -> None:
    about = LoadedBackends().about
    chosen = Settings.of({"face_emoter": {"name": "command", "options": {"run": "true"}}})
    (note,) = notes_on_stills(about(chosen))
    assert note.startswith("the animator 'film' puts the emotion on the clip's own frames")
    assert notes_on_stills(about(chosen.changed(animator="rig"))) == ()
    assert notes_on_stills(about(Settings.of({"face_emoter": "keep"}))) == ()
    assert notes_on_stills(about(Settings())) == ()


def test_csv_says_the_same(clips: list[Path], tiny: Settings, tmp_path: Path) -> None:
    manifest = tmp_path / "m.csv"
    manifest.write_text(f"video,emotion,seed,id\n{clips[0]},happy,3,first\n{clips[0]},sad,,\n")
    summary = study.run_batch(manifest, tmp_path / "out", settings=tiny, progress="none")
    assert summary.done == 2
    assert (tmp_path / "out" / "first.mp4").is_file()


def test_a_cell_of_csv_holds_settings_in_json(clips: list[Path], tmp_path: Path) -> None:
    manifest = tmp_path / "m.csv"
    cell = '"{""stills"": 0}"'
    manifest.write_text(f"video,emotion,settings\n{clips[0]},happy,{cell}\n{clips[0]},sad,{{\n")
    with pytest.raises(SettingsError) as raised:
        study.run_batch(manifest, tmp_path / "out", progress="none")
    assert "line 2: the settings give 0 for 'stills'" in str(raised.value)
    assert "line 3: 'settings' is no JSON" in str(raised.value)


def test_all_faults_are_said_with_their_lines(
    clips: list[Path], tiny: Settings, tmp_path: Path
) -> None:
    good = {"video": str(clips[0]), "emotion": "happy"}
    manifest = lines(
        tmp_path / "m.jsonl",
        good,
        {"video": "gone.mp4", "emotion": "happy"},
        {"video": str(clips[0]), "emotion": "hapy"},
        "{not json",
        {"emotion": "happy"},
        good,
        {**good, "seed": -1},
        {**good, "output": "../escape.mp4"},
        {**good, "mood": "fine"},
        {**good, "id": "x", "settings": {"voice": "hibary"}},
        "[1]",
        {"video": 5, "emotion": "hapy", "seed": 1.5, "mood": 1, "preset": "loca", "output": "x"},
        {**good, "id": "y" * 300, "seed": True},
    )
    with pytest.raises(SettingsError) as raised:
        study.run_batch(manifest, tmp_path / "out", settings=tiny, progress="none")
    said = str(raised.value)
    assert "18 faults" in said
    for line, part in (
        (2, "gone.mp4"),
        (3, "'hapy' names no emotion"),
        (4, "no JSON"),
        (5, "'video' is missing"),
        (6, "that of line 1 too"),
        (7, "'seed' is -1"),
        (8, "'output' is '../escape.mp4'"),
        (9, "'mood' is no name"),
        (10, "no voice is named 'hibary'"),
        (11, "is no table"),
        (12, "'video' is 5; expected text"),
        (12, "'hapy' names no emotion"),
        (12, "'seed' is 1.5"),
        (12, "'mood' is no name"),
        (12, "no preset is named 'loca'"),
        (12, "'output' is 'x'"),
        (13, "at most 200 bytes"),
        (13, "'seed' is True"),
    ):
        assert f"line {line}: " in said, line
        assert part in said, part
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", ["m.txt", "gone.jsonl"])
def test_a_file_that_is_no_manifest(tiny: Settings, tmp_path: Path, name: str) -> None:
    (tmp_path / "m.txt").write_text("")
    with pytest.raises(InputError):
        study.run_batch(tmp_path / name, tmp_path / "out", settings=tiny, progress="none")


def test_an_empty_manifest_is_a_fault(tiny: Settings, tmp_path: Path) -> None:
    (tmp_path / "m.jsonl").write_text("\n")
    with pytest.raises(SettingsError, match="no lines"):
        study.run_batch(tmp_path / "m.jsonl", tmp_path / "out", settings=tiny, progress="none")


def test_the_command_line(
    clips: list[Path], log: Log, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    manifest = lines(
        tmp_path / "m.jsonl",
        {"video": str(clips[0]), "emotion": "happy"},
        {"video": str(clips[0]), "emotion": "sad"},
    )
    choice = [f"--{role.replace('_', '-')}=counting" for role in SYSTEM]
    output = ["-o", str(tmp_path / "out"), "--set", "animator.broken=sad"]
    with pytest.raises(SystemExit) as ended:
        main(["batch", str(manifest), *output, *choice, "--json", "--no-signature"])
    (film,) = (tmp_path / "out").glob("*.mp4")
    assert inspect(film).state == "tagged", "what animate takes, batch takes"
    summary = json.loads(capsys.readouterr().out)
    assert ended.value.code == 5
    assert (summary["done"], summary["failed"], summary["exit_code"]) == (1, 1, 5)
    assert summary == json.loads((tmp_path / "out" / "summary.json").read_text())
