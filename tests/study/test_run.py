"""Runs: what is shared is made once, what is finished is kept, what fails is said."""

from __future__ import annotations

import errno
import importlib
import json
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tiny_studies import SYSTEM, Log, write_clip

from emoanim import study
from emoanim.errors import OutputError, SettingsError
from emoanim.media import digest_of_streams
from emoanim.provenance import inspect
from emoanim.study.storage.keys import digest_of_file
from emoanim.study.workers.local_engine import InlineEngine
from emoanim.study.workers.tasks import Done, Failure, Task
from emoanim.testing.tiny import TinyFaceEmoter

Plan = Callable[..., dict[str, Any]]


def run(plan: dict[str, Any], output: Path, **options: Any) -> study.StudyResult:
    return study.run(plan, output, **{"progress": "none", "report": False} | options)


def films(output: Path) -> dict[str, str]:
    return {p.name: digest_of_streams(p) for p in sorted((output / "samples").glob("*.mp4"))}


def tables(output: Path) -> dict[str, str]:
    return {p.name: p.read_text() for p in sorted((output / "tables").iterdir())}


def test_what_samples_share_is_made_once(plan: Plan, log: Log, tmp_path: Path) -> None:
    result = run(plan(samples=3), tmp_path)
    assert result.summary.status == "complete"
    assert result.summary.exit_code == 0
    rows = list(result.rows())
    assert [r["id"] for r in rows][:3] == [f"ada-happy-tiny-s{i}" for i in range(3)]
    counts = log.counts
    assert counts["transcribe"] == 1
    assert counts["rewrite"] == counts["speak"] == 2
    assert counts["emote"] == counts["animate"] == 6
    assert len({r["sha256"] for r in rows}) == 6


def test_a_clip_without_words(plan: Plan, log: Log, tmp_path: Path) -> None:
    """The sound that stays needs none; the tiny voice does, and nobody is asked to write."""
    silent = write_clip(tmp_path / "silent.mp4", sound=0.0)
    face = {**SYSTEM, "stills": 2, "text_emoter": "keep", "voice": "keep"}
    spoken = {**SYSTEM, "stills": 2}
    values = plan(clips=[str(silent)], systems={"face": face, "spoken": spoken}, samples=1)
    for _ in range(2):  # what was kept the first time does not turn one into the other
        result = run(values, tmp_path / "out")
        rows = {row["id"]: row for row in result.rows()}
        made = [rows[f"silent-{emotion}-face-s0"] for emotion in ("happy", "sad")]
        assert all((row["status"], row["text"]) == ("done", "") for row in made), made
        refused = rows["silent-sad-spoken-s0"]
        assert refused["status"] == "failed"
        assert "is silent; expected somebody speaking" in refused["error"]
    assert not log.counts.keys() & {"transcribe", "rewrite", "speak"}


class Emoter:
    """The tiny face emoter without its ability to rate frames."""

    def __init__(self) -> None:
        self.made: list[int] = []

    def emote(self, frames: Any, prompt: Any) -> Any:
        self.made.append(len(frames))
        return TinyFaceEmoter().emote(frames, prompt)


class RatingEmoter(Emoter):
    def rate(self, frames: Any) -> Any:
        return TinyFaceEmoter().rate(frames)


def test_only_the_still_that_is_animated_is_made_where_frames_can_be_rated(
    plan: Plan, log: Log, tmp_path: Path
) -> None:
    values = plan(systems={"tiny": {**SYSTEM, "stills": 4}}, samples=1, emotions=["happy"])
    emoters = {"all": Emoter(), "best": RatingEmoter()}
    for name, emoter in emoters.items():
        result = run(values, tmp_path / name, objects={"face_emoter": emoter})
        assert result.summary.done == 1, result.summary.failures
    assert emoters["all"].made == [4]
    assert emoters["best"].made == [1]
    assert films(tmp_path / "all") == films(tmp_path / "best")


def test_two_systems_share_words_and_voice(plan: Plan, log: Log, tmp_path: Path) -> None:
    systems = plan()["systems"]
    systems["kept"] = systems["tiny"] | {"face_emoter": "keep"}
    run(plan(systems=systems), tmp_path)
    assert log.counts["speak"] == 2
    assert log.counts["transcribe"] == 1
    assert log.counts["animate"] == 8


def test_a_seed_that_reaches_the_words_makes_them_anew(
    plan: Plan, log: Log, tmp_path: Path
) -> None:
    run(plan(vary=["words", "voice", "face"]), tmp_path)
    assert log.counts["rewrite"] == 4
    # The tiny text emoter says the same again, and one text has one voice per seed.
    assert log.counts["speak"] == 4


def test_nothing_finished_is_made_again(plan: Plan, log: Log, tmp_path: Path) -> None:
    run(plan(), tmp_path)
    before = films(tmp_path)
    log.clear()
    result = run(plan(), tmp_path)
    assert (result.summary.done, result.summary.kept) == (4, 4)
    assert log.lines == []
    assert films(tmp_path) == before


def test_films_are_signed_and_equal_but_for_that(plan: Plan, log: Log, tmp_path: Path) -> None:
    systems = plan()["systems"]
    systems["bare"] = systems["tiny"] | {"sign": False}
    result = run(plan(systems=systems, samples=1, emotions=["happy"]), tmp_path)
    signed, bare = ({r["system"]: r for r in result.rows()}[name] for name in ("tiny", "bare"))
    assert inspect(tmp_path / signed["video"]).state == "signed"
    assert inspect(tmp_path / bare["video"]).state == "tagged"
    assert signed["content"] == bare["content"] == digest_of_streams(tmp_path / signed["video"])
    assert signed["sha256"] == digest_of_file(tmp_path / signed["video"]) != bare["sha256"]


def test_a_lost_film_is_signed_anew_and_not_scored_again(
    plan: Plan, log: Log, tmp_path: Path
) -> None:
    values = plan(samples=1, emotions=["happy"])
    (first,) = run(values, tmp_path).rows()
    (tmp_path / first["video"]).unlink()
    log.clear()
    (second,) = run(values, tmp_path).rows()
    assert second["content"] == first["content"]
    assert second["sha256"] == digest_of_file(tmp_path / first["video"])
    assert log.counts == {"animate": 1}


def test_a_larger_study_makes_only_what_is_new(plan: Plan, log: Log, tmp_path: Path) -> None:
    run(plan(), tmp_path)
    log.clear()
    result = run(plan(samples=3), tmp_path)
    assert result.summary.done == 6
    assert log.counts["animate"] == 2
    assert log.counts["speak"] == 0
    assert len(list(result.rows())) == 6


def test_a_run_elsewhere_gives_the_same_bytes(plan: Plan, log: Log, tmp_path: Path) -> None:
    run(plan(), tmp_path / "a", report=True)
    run(plan(run={"workers": 2, "chunk": 1}), tmp_path / "b", report=True)
    assert films(tmp_path / "a") == films(tmp_path / "b")
    assert len(films(tmp_path / "a")) == 4
    assert tables(tmp_path / "a") == tables(tmp_path / "b")
    for name in ("figure5_edd.svg", "figure6_lowest.svg", "figure4_films.png"):
        first, second = (tmp_path / side / "figures" / name for side in ("a", "b"))
        assert first.read_bytes() == second.read_bytes()


def test_a_failed_sample_is_reported_and_the_rest_go_on(
    plan: Plan, log: Log, tmp_path: Path
) -> None:
    broken = plan()["systems"]["tiny"] | {
        "animator": {"name": "counting", "options": {"broken": "sad"}}
    }
    result = run(plan(systems={"tiny": broken}), tmp_path, report=True)
    summary = json.loads((tmp_path / "summary.json").read_text())
    assert summary == result.summary.to_dict() | {"failures": summary["failures"]}
    assert (summary["status"], summary["exit_code"]) == ("partial", 5)
    assert (summary["done"], summary["failed"]) == (2, 2)
    assert summary["failures"][0]["id"] == "ada-sad-tiny-s0"
    assert "broken on purpose" in summary["failures"][0]["error"]
    assert "2 samples failed" in (tmp_path / "index.html").read_text()
    log.clear()
    assert run(plan(systems={"tiny": broken}), tmp_path).summary.failed == 2
    assert log.counts["animate"] == 2, "only what failed is tried again"


@pytest.mark.parametrize("stage", ["transcribe", "speak", "emote", "observe"])
def test_a_damaged_entry_is_found_and_made_again(
    plan: Plan, log: Log, tmp_path: Path, stage: str
) -> None:
    run(plan(), tmp_path)
    before = films(tmp_path)
    for entry in (tmp_path / "cache" / stage).rglob("*"):
        if entry.is_file():
            content = bytearray(entry.read_bytes())
            content[-20] ^= 1
            entry.write_bytes(content)
    for film in (tmp_path / "samples").iterdir():
        film.unlink()
    shutil.rmtree(tmp_path / "cache" / "film")
    shutil.rmtree(tmp_path / "cache" / "score")
    shutil.rmtree(tmp_path / "rows")
    if stage == "transcribe":
        shutil.rmtree(tmp_path / "cache" / "speak")
    result = run(plan(), tmp_path)
    assert result.summary.status == "complete", result.summary.failures
    assert films(tmp_path) == before


@pytest.mark.parametrize("stage", ["clip", "pick", "rewrite", "film", "score"])
def test_a_digit_changed_in_an_entrys_facts_is_found(
    plan: Plan, log: Log, tmp_path: Path, stage: str
) -> None:
    before = list(run(plan(), tmp_path).rows())
    for entry in (tmp_path / "cache" / stage).rglob("*"):
        if entry.is_file():
            head, end, payload = entry.read_bytes().partition(b"\n")
            at = next(i for i in range(len(head) - 1, 0, -1) if head[i : i + 1].isdigit())
            digit = b"1" if head[at : at + 1] != b"1" else b"2"
            entry.write_bytes(head[:at] + digit + head[at + 1 :] + end + payload)
    shutil.rmtree(tmp_path / "rows")
    result = run(plan(), tmp_path)
    assert result.summary.stages[stage]["made"] > 0
    for name in ("content", "faces", "text"):
        assert [row[name] for row in result.rows()] == [row[name] for row in before]


def test_a_head_that_cannot_be_read_is_no_entry(plan: Plan, log: Log, tmp_path: Path) -> None:
    run(plan(), tmp_path)
    (entry,) = (e for e in (tmp_path / "cache" / "transcribe").rglob("*") if e.is_file())
    entry.write_bytes(b"nonsense")
    shutil.rmtree(tmp_path / "rows")
    log.clear()
    assert run(plan(), tmp_path).summary.status == "complete"
    assert log.counts == {"transcribe": 1}


def test_a_film_that_was_changed_or_lost_is_made_again(
    plan: Plan, log: Log, tmp_path: Path
) -> None:
    run(plan(), tmp_path)
    before = films(tmp_path)
    changed, lost = sorted((tmp_path / "samples").iterdir())[:2]
    changed.write_bytes(changed.read_bytes()[:-1] + b"x")
    lost.unlink()
    log.clear()
    result = run(plan(), tmp_path)
    assert log.counts["animate"] == 2
    assert result.summary.status == "complete"
    assert films(tmp_path) == before


def test_a_study_without_any_evaluator_is_made(plan: Plan, log: Log, tmp_path: Path) -> None:
    none = dict.fromkeys(("classifier", "second", "words", "voice"), "none")
    result = run(plan(scoring=none), tmp_path, report=True)
    assert (result.summary.status, result.summary.done) == ("complete", 4), result.summary
    assert "Left out" in (tmp_path / "tables" / "table4_edd.md").read_text()


def test_what_was_lacking_is_scored_when_it_came(
    plan: Plan, log: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output, packages = tmp_path / "out", tmp_path / "packages"
    packages.mkdir()
    monkeypatch.syspath_prepend(str(packages))
    values = plan(scoring={"words": "late", "voice": "absent"})
    run(values, output, report=True)
    table = (output / "tables" / "table1_words.md").read_text()
    assert "Left out" in table
    assert "pip install 'emoanim[transformers]'" in table
    log.clear()
    run(values, output)
    assert not log.counts  # still lacking: nothing is tried on every sample
    (packages / "late_model.py").touch()
    importlib.invalidate_caches()
    result = run(values, output, report=True)
    assert set(log.counts) == {"classify"}  # scored again; no voice and no film is made again
    assert result.summary.done == 4
    assert "happy" in (output / "tables" / "table1_words.md").read_text()
    assert {tuple(row["lacking"]) for row in result.rows()} == {("voice",)}
    log.clear()
    run(values, output)
    assert not log.counts
    monkeypatch.delitem(sys.modules, "late_model")


def test_no_kept_reason_names_a_folder_of_this_machine(
    plan: Plan, log: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("late_model", "skimage", "dlib"):
        monkeypatch.setitem(sys.modules, name, None)
    folder = tmp_path / "elsewhere"  # pip is named by its interpreter, emoanim by its checkout
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("PATH", "")
    scoring = {"words": "late", "voice": "absent", "faces": True, "identity": True}
    system = {**SYSTEM, "animator": {"name": "counting", "options": {"broken": "sad"}}}
    run(plan(scoring=scoring, systems={"tiny": system}), tmp_path, report=True)
    quality = (tmp_path / "tables" / "table3_quality.md").read_text()
    assert "sharpness: the package of 'skimage' is not usable here" in quality
    assert "identity: " in quality
    places = (sys.executable, sys.prefix, str(Path(study.__file__).parents[3]), str(Path.home()))
    for path in (p for p in tmp_path.rglob("*") if p.is_file() and p.suffix != ".mp4"):
        content = path.read_bytes()
        if path.suffix == ".npz":
            with np.load(path, allow_pickle=False) as arrays:
                content = str({n: arrays[n] for n in arrays.files if "reasons" in n}).encode()
        assert not [place for place in places if place.encode() in content], path


def test_a_clip_that_goes_away_fails_alone(
    plan: Plan, log: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    going = write_clip(tmp_path / "going.mp4", 5)
    clips = [*plan()["clips"], str(going)]
    values = plan(clips=clips, run={"chunk": 4})
    import counting_backends

    speak = counting_backends.Voice.speak

    def deleting(self: Any, *given: Any) -> Any:
        going.unlink(missing_ok=True)
        return speak(self, *given)

    monkeypatch.setattr(counting_backends.Voice, "speak", deleting)
    result = run(values, tmp_path / "out")
    assert (result.summary.done, result.summary.failed) == (4, 4)
    assert "going.mp4" in result.summary.failures[0]["error"]


def test_a_changed_clip_is_made_anew(plan: Plan, log: Log, tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "ada.mp4", 1)
    run(plan(clips=[str(clip)]), tmp_path / "out")
    before = films(tmp_path / "out")
    write_clip(clip, 2, seconds=1.6)
    run(plan(clips=[str(clip)]), tmp_path / "out")
    assert not set(before.values()) & set(films(tmp_path / "out").values())


def test_a_full_disk_stops_the_run_and_keeps_what_is_finished(
    plan: Plan, log: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from emoanim.study.storage import stores

    take, taken = stores.FolderStore.take, []

    def full(self: Any, name: str, made: Path) -> None:
        taken.append(name)
        if len(taken) > 2:
            raise OutputError(f"{name!r} cannot be written: {errno.ENOSPC}")
        take(self, name, made)

    monkeypatch.setattr(stores.FolderStore, "take", full)
    result = run(plan(), tmp_path)
    assert (result.summary.status, result.summary.exit_code) == ("stopped", 3)
    monkeypatch.undo()
    left = [p for p in (tmp_path / ".partial").iterdir() if p.is_file()]
    assert not left, "no partial file is left"


def test_it_goes_on_after_the_disk_was_full(
    plan: Plan, log: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from emoanim.study.storage import stores

    take, taken = stores.FolderStore.take, []

    def full(self: Any, name: str, made: Path) -> None:
        taken.append(name)
        if len(taken) > 2:
            raise OSError(errno.ENOSPC, "No space left on device")
        take(self, name, made)

    with monkeypatch.context() as patch:
        patch.setattr(stores.FolderStore, "take", full)
        assert run(plan(), tmp_path).summary.status == "stopped"
    log.clear()
    assert run(plan(), tmp_path).summary.status == "complete"
    assert log.counts["animate"] == 2


def test_a_second_run_into_one_folder_refuses(plan: Plan, log: Log, tmp_path: Path) -> None:
    from emoanim.study.storage.lock import only_run
    from emoanim.study.storage.stores import open_store

    with only_run(open_store(tmp_path)), pytest.raises(OutputError, match="another run"):
        run(plan(), tmp_path)
    assert run(plan(), tmp_path).summary.status == "complete"


def test_a_worker_that_dies_is_replaced(plan: Plan, log: Log, tmp_path: Path) -> None:
    dying = plan()["systems"]["tiny"] | {
        "animator": {"name": "counting", "options": {"dies_once": str(tmp_path / "died")}}
    }
    result = run(plan(systems={"tiny": dying}, run={"workers": 2}), tmp_path / "out")
    assert result.summary.status == "complete", result.summary.failures
    assert (tmp_path / "died").exists()


def test_a_sample_that_kills_its_worker_fails_alone(plan: Plan, log: Log, tmp_path: Path) -> None:
    deadly = plan()["systems"]["tiny"] | {
        "animator": {"name": "counting", "options": {"broken": "dies on sad"}}
    }
    values = plan(systems={"tiny": deadly}, samples=1, run={"workers": 2, "chunk": 4})
    values["emotions"] = ["happy", "sad", "fear", "neutral"]
    result = run(values, tmp_path)
    assert [f["id"] for f in result.summary.failures] == ["ada-sad-tiny-s0"]
    assert result.summary.failures[0]["error"] == "the worker died"
    assert result.summary.done == 3


def test_what_was_lost_beside_a_deadly_sample_is_made_alone_at_last(
    plan: Plan, log: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Workers share a pool: one that dies takes what the others were at with it, every time."""
    whole = InlineEngine.map

    def shared(self: InlineEngine, stage: str, tasks: Iterable[Task]) -> Iterator[Done]:
        lot = list(tasks)
        if stage == "film" and any("sad" in task.item.id for task in lot):
            for task in lot:
                yield Done(task.key, None, Failure(stage, "the worker died", "lost"))
        else:
            yield from whole(self, stage, lot)

    monkeypatch.setattr(InlineEngine, "map", shared)
    values = plan(samples=1, run={"workers": 1, "chunk": 4})
    values["emotions"] = ["happy", "sad", "fear", "neutral"]
    result = run(values, tmp_path)
    assert [f["id"] for f in result.summary.failures] == ["ada-sad-tiny-s0"]
    assert result.summary.done == 3


def test_objects_need_one_worker_here(plan: Plan, log: Log, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="one local worker"):
        run(plan(run={"workers": 2}), tmp_path, objects={"voice": object()})


def test_a_frame_holds_a_flat_row_per_sample(plan: Plan, log: Log, tmp_path: Path) -> None:
    pytest.importorskip("pandas")
    frame = run(plan(), tmp_path).to_frame()
    assert len(frame) == 4
    assert set(frame["emotion"]) == {"happy", "sad"}
    assert frame["counting.edd"].between(0, 1).all()
    assert not any(frame[name].map(lambda v: isinstance(v, dict | list)).any() for name in frame)


def test_a_budget_bounds_the_whole_run(
    plan: Plan, log: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import counting_backends

    from emoanim.services import Charge, Price, Usage, current_ledger

    speak = counting_backends.Voice.speak

    def paying(self: Any, *given: Any) -> Any:
        draft = Charge("shop", "speak", "voice", Usage(characters=1000), None)
        price = Price(characters=1.0)
        with current_ledger().reserved(draft, price) as made:
            made.append(draft)
        return speak(self, *given)

    monkeypatch.setattr(counting_backends.Voice, "speak", paying)
    emotions = ["happy", "sad", "fear"]
    result = run(plan(emotions=emotions, samples=1, budget=2.5), tmp_path)
    assert result.summary.usd == pytest.approx(2.0), result.summary.failures
    assert (result.summary.done, result.summary.failed) == (2, 1)
    assert "budget" in result.summary.failures[0]["error"]
