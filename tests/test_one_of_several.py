"""One person of several, through the whole pipeline."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from emoanim import EDAPipeline, study
from emoanim.clips import Animation, EmotionScores, Image, Portrait
from emoanim.errors import FaceError, SettingsError
from emoanim.evaluation import evaluate
from emoanim.media import Video, write_video
from emoanim.persons import PersonClip
from emoanim.study.items import find_clips, items_of
from emoanim.study.plan import plan_of
from emoanim.testing.clips import make_tone
from emoanim.testing.tiny import TinyAnimator, TinyClassifier

pytest.importorskip("ai_edge_litert")

Parts = dict[str, Any]


class WidthAnimator(TinyAnimator):
    """Notes how wide its portraits and sources are."""

    def __init__(self) -> None:
        super().__init__()
        self.widths: set[int] = set()

    def animate(self, portrait: Portrait, *rest: Any) -> Animation:
        self.widths |= {portrait.image.shape[1], rest[-1].size[0]}
        return super().animate(portrait, *rest)


class Recorder(TinyClassifier):
    """Notes the pictures that it is shown."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[Image] = []

    def classify(self, frames: Sequence[Image] | Any) -> EmotionScores:
        self.seen += list(frames)
        return super().classify(frames)


@pytest.mark.parametrize("who", ["right", "left", (0.75, 0.4), "2nd from left"])
def test_one_person_of_two(
    tiny_parts: Parts, two_people: Path, tmp_path: Path, who: str | tuple[float, float]
) -> None:
    """Backends that know nothing of persons get stills and a clip of the one who was chosen."""
    classifier = Recorder()
    pipeline = EDAPipeline(**tiny_parts, classifier=classifier, person=who, stills=2)
    result = pipeline(two_people, "happy", output=tmp_path / "out.mp4")
    assert result.person is not None
    assert (result.person.parts[0].place[0] < 0.5) == (who == "left")
    alone = PersonClip(Video(two_people), result.person)
    for still in result.portraits:
        assert np.array_equal(next(alone.frames_at([still.time])).image, still.original)
    assert all(still.original.shape[1] < 420 for still in result.portraits)
    assert any("is followed, one of 2" in note for note in result.notes)
    assert result.settings is not None
    assert result.settings.person == ("0.75,0.4" if isinstance(who, tuple) else who)
    classifier.seen.clear()
    result.edd()
    sizes = {image.shape[:2] for image in classifier.seen}
    assert all(width < 420 for _, width in sizes)
    assert len(classifier.seen) == 12 + len(list(Video(tmp_path / "out.mp4").frames()))


def test_the_films_own_option_says_who_the_stills_show(two_people: Path) -> None:
    animator = {"name": "film", "options": {"person": [0.75, 0.4]}}
    pipeline = EDAPipeline.from_preset("local", animator=animator, stills=1)
    portraits = pipeline.face.portraits(Video(two_people), "happy")
    assert portraits.best.original.shape[1] < 420
    assert portraits.person is not None
    assert portraits.person.parts[0].place[0] > 0.5


def test_a_person_who_is_not_there(tiny_parts: Parts, two_people: Path, tmp_path: Path) -> None:
    pipeline = EDAPipeline(**tiny_parts, person="3rd from left")
    with pytest.raises(FaceError, match="2 people are seen"):
        pipeline(two_people, "happy", output=tmp_path / "out.mp4")
    assert list(tmp_path.iterdir()) == []


def test_say_takes_the_person_out_of_the_picture(
    tiny_parts: Parts, two_people: Path, tmp_path: Path
) -> None:
    image = next(Video(two_people).frames()).image
    result = EDAPipeline(**tiny_parts, person="right").say(image, "Good day to you.", "happy")
    shown = result.portraits[0].original
    height, width = shown.shape[:2]
    assert width < 420
    assert any(
        np.array_equal(shown, image[y : y + height, x : x + width])
        for y in range(300 - height + 1)
        for x in range(200, 600 - width + 1)
    )


def test_evaluate_measures_the_person_who_is_meant(two_people: Path, tmp_path: Path) -> None:
    """A film of the same size is cut alike; one of another size is taken as it is."""
    frames = [frame.image for frame in Video(two_people).frames()]
    alone = [np.ascontiguousarray(image[:, :300]) for image in frames]
    write_video(
        tmp_path / "alone.mp4", Animation(12, (300, 300), 12, iter(alone)), make_tone(1.0), tags={}
    )
    for generated in (two_people, tmp_path / "alone.mp4"):
        classifier = Recorder()
        result = evaluate(
            two_people, generated, "happy", classifiers=[classifier], second=None, identity=False,
            person="left",
        )  # fmt: skip
        assert [seen.several for seen in result.observations] == [1, 1]
        assert all(image.shape[1] <= 320 for image in classifier.seen)
    with pytest.raises(FaceError, match="2 people are seen"):
        evaluate(two_people, two_people, "happy", classifiers=[Recorder()], person="9th from left")


def test_a_batch_says_who_is_meant_line_by_line(
    tiny_parts: Parts, two_people: Path, tmp_path: Path
) -> None:
    manifest = tmp_path / "m.csv"
    manifest.write_text(
        f"video,emotion,person,id\n{two_people},happy,left,l\n{two_people},happy,right,r\n"
        f'{two_people},happy,"0.75,0.4",p\n{two_people},happy,third from left,none\n'
    )
    animator = WidthAnimator()
    parts = {**tiny_parts, "animator": animator}
    summary = study.run_batch(manifest, tmp_path / "out", objects=parts, progress="none")
    assert (summary.done, summary.failed) == (3, 1)
    assert len(animator.widths) == 2
    assert all(width < 420 for width in animator.widths)
    records = (tmp_path / "out").rglob("*.json*")
    assert any("2 people are seen" in path.read_text(errors="replace") for path in records)


def test_a_manifest_names_its_faults(two_people: Path, tmp_path: Path) -> None:
    manifest = tmp_path / "m.csv"
    manifest.write_text(
        f"video,emotion,person\n{two_people},happy,lefft\n{two_people},happy,nobody.png\n"
    )
    with pytest.raises(SettingsError) as error:
        study.run_batch(manifest, tmp_path / "out")
    assert "line 2: the settings give 'lefft' for 'person'" in str(error.value)
    assert "nobody.png' is not there" in str(error.value)


def test_a_study_names_its_clips_by_the_person(two_people: Path) -> None:
    entries = [{"path": str(two_people), "person": who} for who in ("left", "0.75,0.4", "a.png")]
    plan, _ = plan_of({"clips": entries, "emotions": ["happy"], "systems": {"tiny": {}}})
    clips, faults = find_clips(plan, two_people.parent)
    assert [clip.name for clip in clips] == ["two-left", "two-0.75-0.4", "two-a"]
    assert clips[2].person == str(two_people.parent / "a.png")
    assert faults == []
    chosen = [item.settings.person for item in items_of(plan, clips[:1])]
    assert set(chosen) == {"left"}
