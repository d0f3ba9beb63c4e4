"""What was learnt of a clip is kept: the same films, learnt once, damage and changes noticed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tiny_studies import SYSTEM, Log

from emoanim import study
from emoanim.adapters.animators.film import FilmAnimator
from emoanim.adapters.animators.rig import RigAnimator
from emoanim.adapters.face_emoters.rig import RigFaceEmoter
from emoanim.clips import Audio, Phone, Portrait, Speech
from emoanim.emotions import EmotionPrompt
from emoanim.engines.film import film as film_module
from emoanim.engines.film.film import Film
from emoanim.engines.film.film_record import film_from, record_of
from emoanim.engines.rig.mouth.inside import MouthInterior
from emoanim.errors import FaceError
from emoanim.faces import shared_finder
from emoanim.media import Video, digest_of_streams
from emoanim.study.storage.cache import StageCache
from emoanim.study.storage.encoding import decode_record, encode_record
from emoanim.study.storage.kept_analyses import KeptAnalyses
from emoanim.study.storage.stores import FolderStore

HAPPY = EmotionPrompt.parse("happy")
SPEECH = Speech(
    Audio(np.zeros(4800, np.float32), 16000), "ma", (Phone("M", 0.0, 0.1), Phone("AA", 0.1, 0.3))
)


def kept(folder: Path, **options: Any) -> KeptAnalyses:
    return KeptAnalyses(StageCache(FolderStore(folder)), **options)


def entries(folder: Path) -> list[Path]:
    return sorted((folder / "analysis").glob("??/*"))


def pictures(animator: Any, clip: Video, analyses: KeptAnalyses | None) -> list[np.ndarray]:
    if analyses is not None:
        animator.keep_analyses(analyses)
    first = next(iter(clip.frames())).image
    still = Portrait(image=first, original=first, time=0.2)
    return list(animator.animate(still, SPEECH, HAPPY, clip).frames)


def never(*given: Any, **more: Any) -> Any:
    raise AssertionError("it was learnt already")


@pytest.mark.parametrize("animator", [FilmAnimator, RigAnimator])
def test_another_process_makes_the_same_film_without_learning(
    clips: list[Path], tmp_path: Path, animator: type[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = pictures(animator(threads=1), Video(clips[0]), None)
    first = pictures(animator(threads=1), Video(clips[0]), kept(tmp_path))
    monkeypatch.setattr(film_module, "followed", never)
    monkeypatch.setattr("emoanim.adapters.animators.rig.track_head", never)
    monkeypatch.setattr(MouthInterior, "from_clip", never)
    again = pictures(animator(threads=1), Video(clips[0]), kept(tmp_path))
    assert len(plain) == len(again) > 5
    for one, two, three in zip(plain, first, again, strict=True):
        assert np.array_equal(one, two)
        assert np.array_equal(one, three)


def test_a_film_comes_back_whole_and_reads_its_pictures_when_they_are_wanted(
    clips: list[Path],
) -> None:
    clip = Video(clips[0])
    film = Film(clip, shared_finder())
    again = film_from(decode_record(encode_record(record_of(film))), clip, shared_finder())
    assert again is not None
    assert not again.reel._pictures
    assert len(again.reel) == len(film.reel) == 30
    for k in (0, 7, 29):
        one, two = film.reel[k], again.reel[k]
        assert (one.time, one.strength, one.shot) == (two.time, two.strength, two.shot)
        for name in ("image", "points", "irises", "fast", "lasting"):
            assert np.array_equal(getattr(one, name), getattr(two, name)), name
            assert getattr(one, name).dtype == getattr(two, name).dtype
    assert np.array_equal(film.mouth.teeth, again.mouth.teeth)
    assert (film.person.towards, film.person.open) == (again.person.towards, again.person.open)
    assert film.person.skin is not None
    assert again.person.skin is not None
    assert np.array_equal(film.person.skin.folds, again.person.skin.folds)
    assert np.array_equal(
        film.person.expression(film.reel[3]), again.person.expression(again.reel[3])
    )


def test_a_face_that_is_lost_now_and_then_comes_back_so(
    clips: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = Video(clips[0])
    looked_at = film_module.FaceTracker.update

    def lost(self: Any, image: Any, time: float) -> Any:
        return None if 0.3 < time < 0.5 else looked_at(self, image, time)

    monkeypatch.setattr(film_module.FaceTracker, "update", lost)
    film = Film(clip, shared_finder())
    again = film_from(decode_record(encode_record(record_of(film))), clip, shared_finder())
    assert again is not None
    for one, two in zip(film.reel.frames, again.reel.frames, strict=True):
        assert (one.points is None) == (two.points is None)
        assert one.points is None or np.array_equal(one.points, two.points)
    assert {seen.points is None for seen in again.reel.frames} == {True, False}


def test_a_clip_that_shows_nobody_is_known_too(
    clips: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = []

    def nobody(*given: Any) -> Any:
        looks.append(given)
        raise FaceError("nobody")

    monkeypatch.setattr("emoanim.adapters.animators.film.Film", nobody)
    for _ in range(2):
        animator = FilmAnimator()
        animator.keep_analyses(kept(tmp_path))
        assert animator._read(Video(clips[0])) is None
    assert len(looks) == 1


def counted(folder: Path, clip: Path, **settings: Any) -> tuple[int, list[int]]:
    """Recall a number; return it and how often it was learnt."""
    times: list[int] = []

    def learn() -> int:
        times.append(1)
        return len(clip.read_bytes())

    number = kept(folder).recall("size/1", Video(clip), learn, int, int, **settings)
    return number, times


def test_content_and_settings_are_the_key(clips: list[Path], tmp_path: Path) -> None:
    store, clip = tmp_path / "cache", tmp_path / "clip.mp4"
    shutil.copy(clips[0], clip)
    assert counted(store, clip) == (clip.stat().st_size, [1])
    assert counted(store, clip)[1] == []
    assert counted(store, clips[0])[1] == [], "equal content is the same clip"
    assert counted(store, clip, person=(0.2, 0.5))[1] == [1]
    shutil.copy(clips[1], clip)
    assert counted(store, clip) == (clip.stat().st_size, [1])


@pytest.mark.parametrize("damage", ["flipped", "cut", "empty"])
def test_a_damaged_entry_is_learnt_again(clips: list[Path], tmp_path: Path, damage: str) -> None:
    counted(tmp_path, clips[0])
    (entry,) = entries(tmp_path)
    whole = entry.read_bytes()
    spoilt = {"flipped": whole[:-3] + b"x" + whole[-2:], "cut": whole[:-20], "empty": b""}
    entry.write_bytes(spoilt[damage])
    assert counted(tmp_path, clips[0]) == (clips[0].stat().st_size, [1])
    assert entry.read_bytes() == whole
    assert counted(tmp_path, clips[0])[1] == []


def test_an_entry_of_another_form_is_learnt_again(clips: list[Path], tmp_path: Path) -> None:
    clip, store = Video(clips[0]), tmp_path
    kept(store).recall("form/1", clip, lambda: 5, lambda v: {"number": v}, lambda r: r["number"])
    again = kept(store).recall("form/1", clip, lambda: 6, lambda v: {"n": v}, lambda r: r["n"])
    assert again == 6
    known = kept(store).recall("form/1", clip, never, lambda v: {"n": v}, lambda r: r["n"])
    assert known == 6


SLOW_LEARNER = """
import sys, time
from pathlib import Path
from emoanim.media import Video
from emoanim.study.storage.cache import StageCache
from emoanim.study.storage.kept_analyses import KeptAnalyses
from emoanim.study.storage.stores import FolderStore

def learn():
    with open(sys.argv[3], "a") as log:
        log.write("learnt\\n")
    time.sleep(1.0)
    return 7

analyses = KeptAnalyses(StageCache(FolderStore(sys.argv[1])))
assert analyses.recall("seven/1", Video(Path(sys.argv[2])), learn, int, int) == 7
"""


def test_two_processes_learn_a_clip_once(clips: list[Path], tmp_path: Path) -> None:
    log = tmp_path / "log"
    command = [sys.executable, "-c", SLOW_LEARNER, tmp_path / "cache", clips[0], log]
    pair = [subprocess.Popen([str(part) for part in command]) for _ in range(2)]
    assert [process.wait(60) for process in pair] == [0, 0]
    assert log.read_text() == "learnt\n"


def test_what_was_used_longest_ago_goes_when_there_is_too_much(
    clips: list[Path], tmp_path: Path
) -> None:
    analyses = kept(tmp_path, most=40_000)
    clip = Video(clips[0])

    def recall(number: int) -> bool:
        learnt: list[int] = []

        def learn() -> np.ndarray:
            learnt.append(1)
            return np.zeros(2500, np.float32)

        analyses.recall("zeros/1", clip, learn, lambda v: v, np.asarray, number=number)
        return bool(learnt)

    assert recall(0)
    assert recall(1)
    assert recall(2)
    for age, entry in enumerate(sorted(entries(tmp_path), key=lambda e: e.stat().st_mtime_ns)):
        os.utime(entry, (1000 + age, 1000 + age))
    assert not recall(0), "used just now"
    assert recall(3)
    assert sum(e.stat().st_size for e in entries(tmp_path)) <= 40_000
    assert not recall(0)
    assert recall(1), "it was used longest ago"


def test_an_address_without_locks_holds_them_too(clips: list[Path]) -> None:
    pytest.importorskip("fsspec")
    from emoanim.study.storage.stores import FsspecStore

    learnt: list[int] = []
    for _ in range(2):
        analyses = KeptAnalyses(StageCache(FsspecStore("memory://analyses")))

        def learn() -> int:
            learnt.append(3)
            return 3

        assert analyses.recall("three/1", Video(clips[0]), learn, int, int) == 3
    assert learnt == [3]


def test_a_run_that_goes_on_learns_nothing_again(
    plan: Callable[..., dict[str, Any]], log: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    system = {**SYSTEM, "face_emoter": "rig", "animator": "film", "stills": 2}
    values = plan(systems={"film": system}, emotions=["happy"])
    first = study.run(values, tmp_path, progress="none", report=False)
    assert (first.summary.status, first.summary.done) == ("complete", 2), first.summary
    films = {path: digest_of_streams(path) for path in (tmp_path / "samples").iterdir()}
    for path in films:
        path.unlink()
    for still in (tmp_path / "cache" / "emote").glob("??/*"):
        still.unlink()
    monkeypatch.setattr(film_module, "followed", never)
    monkeypatch.setattr(RigFaceEmoter, "rate", never)
    again = study.run(values, tmp_path, progress="none", report=False)
    assert (again.summary.status, again.summary.kept) == ("complete", 0), again.summary
    assert {path: digest_of_streams(path) for path in films} == films
