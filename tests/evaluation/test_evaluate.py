"""Whole evaluations of small real-face clips with a classifier that needs no weights."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from synthetic_talk import Brightness, talk

from emoanim import registry
from emoanim.clips import Animation, Audio, EmotionScores, Frame, Image
from emoanim.errors import (
    EmotionError,
    FaceError,
    InputError,
    MediaError,
    MissingExtraError,
    UnknownBackendError,
)
from emoanim.evaluation import comparison, evaluate
from emoanim.evaluation.identity import FaceRecogniser
from emoanim.evaluation.report import render_report
from emoanim.media import Video, write_image, write_video

SILENCE = Audio(np.zeros(16000, np.float32), 16000)


def clip(path: Path, images: list[Image]) -> Path:
    size = (images[0].shape[1], images[0].shape[0])
    sound = Audio(np.zeros(16000 * len(images) // 25, np.float32), 16000)
    write_video(path, Animation(25.0, size, len(images), iter(images)), sound, tags={})
    return path


@pytest.fixture(scope="module")
def bright(portrait: Image, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The drifting portrait, brighter, so that it is "happier"."""
    small = portrait[::2, ::2]
    images = [
        np.clip(np.roll(small, 2 * i, axis=1).astype(int) + 60, 0, 255).astype(np.uint8)
        for i in range(50)
    ]
    return clip(tmp_path_factory.mktemp("bright") / "bright.mp4", images)


@pytest.fixture(scope="module")
def faceless(tmp_path_factory: pytest.TempPathFactory) -> Path:
    y, x = np.mgrid[0:128, 0:128]
    images = [np.stack([x + i, y + i, x], axis=2).astype(np.uint8) for i in range(10)]
    return clip(tmp_path_factory.mktemp("faceless") / "faceless.mp4", images)


def no_dlib(*_: Any) -> Any:
    raise MissingExtraError("no dlib here")


@pytest.fixture
def unknown_person(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FaceRecogniser, "__init__", no_dlib)


def test_a_pair_of_clips(
    moving_portrait: Path, bright: Path, monkeypatch: pytest.MonkeyPatch, unknown_person: None
) -> None:
    passes: list[str] = []
    whole = Video.frames

    def counted(self: Video, *given: Any) -> Iterator[Frame]:
        passes.append(self.path.name)
        return whole(self, *given)

    monkeypatch.setattr(Video, "frames", counted)
    steps: list[tuple[str, int, int]] = []
    classifier = Brightness()
    found = evaluate(
        moving_portrait,
        bright,
        "very happy",
        classifiers=[classifier],
        second=None,
        on_step=lambda s: steps.append((s.name, s.done, s.total)),
    )
    assert passes == ["moving.mp4", "bright.mp4"]  # every file is decoded once
    assert classifier.shown == 100
    assert found.edd < 0.1
    assert found.change.mean[1] > found.change.mean[0] + 0.1
    assert found.change.coverage[0] > 0.8
    assert 0.0 <= found.original.sharpness.value <= 1.0
    assert found.original.head_motion.value > 0.0
    assert found.generated.psnr is None
    assert math.isnan(found.identity.distance)
    assert found.identity.reason == "no dlib here"
    assert steps[0] == ("original", 1, 50)
    assert steps[-1] == ("generated", 50, 50)
    plain = json.dumps(found.to_dict(), allow_nan=False)
    assert json.loads(plain)["edd"] == found.edd
    assert found.seconds["cpu"] > 0.0
    assert len(found.observations[0].pictures) == 8


def test_clips_and_frames_give_what_their_files_give(
    moving_portrait: Path, bright: Path, unknown_person: None
) -> None:
    options: Any = {"classifiers": [Brightness()], "second": None}
    by_path = evaluate(moving_portrait, bright, "happy", **options)
    by_clip = evaluate(Video(moving_portrait), Video(bright), "happy", **options)
    assert by_clip.edd == by_path.edd
    assert by_clip.observations[0].name == str(moving_portrait)
    first, second = (
        np.stack([f.image for f in Video(p).frames()]) for p in (moving_portrait, bright)
    )
    by_frames = evaluate(first, second, "happy", fps=25.0, **options)
    assert by_frames.edd == by_path.edd
    assert by_frames.observations[0].name == "frames in memory"
    with pytest.raises(InputError, match="fps=25"):
        evaluate(first, second, "happy", **options)


def test_a_second_opinion_sees_a_sample(moving_portrait: Path, unknown_person: None) -> None:
    first, other = Brightness(), Brightness()
    other.name = "other"
    found = evaluate(
        moving_portrait, moving_portrait, "happy", classifiers=[first], second=other, every=2
    )
    assert (first.shown, other.shown) == (50, 10)
    assert [c.classifier for c in found.changes] == ["brightness", "other"]
    assert found.agreements["original"].frames == 5
    assert found.agreements["original"].observed == 1.0
    assert found.edd == pytest.approx(0.5)


def test_a_second_opinion_that_cannot_be_had_is_a_warning(
    moving_portrait: Path, monkeypatch: pytest.MonkeyPatch, unknown_person: None
) -> None:
    found = evaluate(
        moving_portrait,
        moving_portrait,
        "happy",
        classifiers=[Brightness()],
        second="no-such",
        every=10,
    )
    assert any("no second opinion: no classifier is named 'no-such'" in w for w in found.warnings)
    with pytest.raises(UnknownBackendError):
        evaluate(moving_portrait, moving_portrait, "happy", classifiers=["no-such"])


def test_one_classifier_by_either_name(moving_portrait: Path, unknown_person: None) -> None:
    pair = (moving_portrait, moving_portrait, "happy")
    registry.register("classifier", "brightness", Brightness)
    ways: tuple[dict[str, Any], ...] = (
        {"classifiers": "brightness"},
        {"classifiers": ["brightness"]},
        {"classifier": "brightness"},
        {"classifier": Brightness()},
        {"classifiers": Brightness()},
    )
    try:
        made = [evaluate(*pair, second=None, every=5, identity=False, **way) for way in ways]
    finally:
        registry.unregister("classifier", "brightness")
    assert len({each.edd for each in made}) == 1
    with pytest.raises(InputError, match="classifier and classifiers given"):
        evaluate(*pair, classifiers=["facex"], classifier="facex")
    with pytest.raises(UnknownBackendError, match="'no-such'"):
        evaluate(*pair, classifiers="no-such")


def test_psnr_needs_an_aligned_reference(
    moving_portrait: Path, bright: Path, tmp_path: Path, unknown_person: None
) -> None:
    parts: dict[str, Any] = {"classifiers": [Brightness()], "second": None, "every": 5}
    found = evaluate(moving_portrait, bright, "happy", reference=moving_portrait, **parts)
    assert found.generated.psnr is not None
    assert 8.0 < found.generated.psnr.value < 20.0
    assert found.original.psnr is None
    same = evaluate(moving_portrait, bright, "happy", reference=bright, **parts)
    assert same.generated.psnr is not None
    assert math.isnan(same.generated.psnr.value)
    assert same.generated.psnr.reason == "every frame is identical to its reference"
    short = clip(tmp_path / "short.mp4", [f.image for f in Video(bright).frames()][:20])
    with pytest.raises(InputError, match="different numbers of frames"):
        evaluate(moving_portrait, bright, "happy", reference=short, **parts)
    small = clip(tmp_path / "small.mp4", [f.image[::2, ::2] for f in Video(bright).frames()])
    with pytest.raises(InputError, match="frames of 128x128 and 256x256"):
        evaluate(moving_portrait, bright, "happy", reference=small, **parts)
    still = write_image(tmp_path / "still.png", np.zeros((64, 64, 3), np.uint8))
    with pytest.raises(InputError, match="expected the same rate"):
        evaluate(moving_portrait, bright, "happy", reference=still, **parts)


def test_other_people_are_told_apart(
    moving_portrait: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    far = iter(np.repeat(np.eye(128)[:2], 2, axis=0))
    monkeypatch.setattr(FaceRecogniser, "__init__", lambda self: None)
    monkeypatch.setattr(FaceRecogniser, "embed", lambda self, image, face: next(far))
    found = evaluate(
        moving_portrait, moving_portrait, "happy", classifiers=[Brightness()], second=None
    )
    assert found.identity.different
    assert found.identity.faces == (2, 2)
    assert found.warnings[0].startswith("these seem to be different people: identity distance 1.41")


def test_a_late_sound_is_said(moving_portrait: Path, unknown_person: None) -> None:
    whole = evaluate(
        moving_portrait, moving_portrait, "happy", classifiers=[Brightness()], second=None
    )
    clip = whole.observations[0]
    times = np.arange(250) / 25.0
    sounds = np.arange(1100) / 100.0
    late = replace(
        clip,
        times=times,
        angles=np.zeros((250, 3)),
        face_size=np.full(250, 200.0),
        mouth=0.1 + 0.1 * np.sin(times * 7.0) * np.sin(times * 1.7),
        loudness=1.0 + np.sin((sounds - 0.24) * 7.0) * np.sin((sounds - 0.24) * 1.7),
    )
    found = comparison.compare(clip, late, "happy")
    assert "in the generated the sound comes 0.24 s after the lips" in found.warnings


def test_stills_and_folders(portrait: Image, tmp_path: Path, unknown_person: None) -> None:
    before, after = tmp_path / "before", tmp_path / "after"
    for folder, light in ((before, 0), (after, 60)):
        folder.mkdir()
        for number in range(3):
            image = np.clip(portrait[::2, ::2].astype(int) + light + number, 0, 255)
            write_image(folder / f"{number}.png", image.astype(np.uint8))
    (before / "notes.txt").write_text("not a picture")
    other = Brightness()
    other.name = "other"
    found = evaluate(before, after, "happy", classifiers=[Brightness()], second=other)
    assert other.shown == 6  # a second opinion on every still
    assert found.edd == 0.0
    assert found.change.frames == (3, 3)
    assert math.isnan(found.original.fps)
    assert found.original.lips.reason is not None
    assert found.original.beat_alignment.reason is not None
    assert found.original.head_motion.reason is not None
    assert any("stills are not smoothed" in w for w in found.warnings)
    single = evaluate(
        before / "0.png", after / "0.png", "happy", classifiers=[Brightness()], second=None
    )
    assert single.edd == 0.0
    assert any("no interval" in w for w in single.warnings)


def test_a_face_that_is_rarely_seen_is_flagged(
    portrait: Image, moving_portrait: Path, tmp_path: Path, unknown_person: None
) -> None:
    class Picky(Brightness):
        """Finds no face in most frames."""

        def classify(self, frames: Any) -> Any:
            found = super().classify(frames)
            found.values[1:] = np.nan
            return found

    found = evaluate(moving_portrait, moving_portrait, "happy", classifiers=[Picky()], second=None)
    assert found.change.coverage[0] == pytest.approx(0.14)
    assert any("do not rely on any number here" in w for w in found.warnings)


def test_no_face_no_frames_no_file(
    moving_portrait: Path,
    faceless: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    unknown_person: None,
) -> None:
    parts: dict[str, Any] = {"classifiers": [Brightness()], "second": None}
    with pytest.raises(FaceError, match=r"no face was found in any of the 10 frames of .*faceless"):
        evaluate(moving_portrait, faceless, "happy", **{**parts, "every": 1})
    with pytest.raises(MediaError, match="no such file"):
        evaluate(moving_portrait, tmp_path / "none.mp4", "happy", **parts)
    with pytest.raises(InputError, match="holds no pictures"):
        evaluate(moving_portrait, tmp_path, "happy", **parts)
    monkeypatch.setattr(Video, "frames", lambda self: iter(()))
    with pytest.raises(InputError, match=r"moving\.mp4 has no frames"):
        evaluate(moving_portrait, faceless, "happy", **parts)


def test_what_is_asked_must_make_sense(moving_portrait: Path, unknown_person: None) -> None:
    pair = moving_portrait, moving_portrait
    with pytest.raises(EmotionError, match="banana"):
        evaluate(*pair, "banana", classifiers=[Brightness()])
    with pytest.raises(InputError, match="brightness does not know contempt; it knows anger"):
        evaluate(*pair, "contempt", classifiers=[Brightness()])
    with pytest.raises(InputError, match="no classifier given"):
        evaluate(*pair, "happy", classifiers=[])
    with pytest.raises(InputError, match="each of them once"):
        evaluate(*pair, "happy", classifiers=[Brightness(), Brightness()], second=None)
    with pytest.raises(InputError, match="every 0"):
        evaluate(*pair, "happy", classifiers=[Brightness()], second=None, every=0)


def test_kept_scores_against_a_new_clip(
    moving_portrait: Path, bright: Path, tmp_path: Path, unknown_person: None
) -> None:
    from emoanim.evaluation.score_files import write_observations

    parts: dict[str, Any] = {"classifiers": [Brightness()], "second": None}
    whole = evaluate(moving_portrait, bright, "happy", **parts)
    path = write_observations(tmp_path / "kept.npz", *whole.observations)
    mixed = evaluate(path, bright, "happy", **parts)
    assert mixed.edd == whole.edd
    assert evaluate(path, path, "sad").edd == comparison.compare(*whole.observations, "sad").edd
    other = Brightness()
    other.name = "other"
    with pytest.raises(InputError, match="has scores of brightness, not of other"):
        evaluate(path, bright, "happy", classifiers=[other], second=None)
    told = evaluate(path, path, "happy", reference=bright)
    assert any("the reference was not compared" in w for w in told.warnings)


def test_doubts_are_said(observed: Any) -> None:
    base, rise, fall = talk(200, 0.0, 1), talk(200, 2.0, 2), talk(200, -2.0, 3)
    values = rise.values.copy()
    values[:30] = np.nan
    rise = EmotionScores(rise.labels, values, rise.times, rise.classifier)
    other = EmotionScores(base.labels, base.values[:, [1, 0, 2, 3]], base.times, "two")
    lower = EmotionScores(fall.labels, fall.values, fall.times, "two")
    before = observed(base, scores={"one": base, "two": other}, face_size=np.full(200, 90.0))
    after = observed(rise, scores={"one": rise, "two": lower}, several=3)
    found = comparison.compare(before, after, "happy")
    told = "\n".join(found.warnings)
    assert "a face was found in 85% of the generated frames: read the bounds" in told
    assert "3 faces are seen in the generated" in told
    assert "one and two agree little on the original (kappa" in told
    assert "faces of 90 pixels were enlarged, which blurs" in found.original.sharpness.notes
    opposite = EmotionScores(base.labels, base.values, base.times, "two")
    before = observed(base, scores={"one": base, "two": opposite})
    told = "\n".join(comparison.compare(before, after, "happy").warnings)
    assert "two sees the opposite change" in told
    page = render_report(found)
    assert "agreement (kappa)" in page


def test_a_target_that_is_hardly_there_is_the_first_warning(observed: Any) -> None:
    rng = np.random.default_rng(0)
    clips = []
    for level, name in ((0.001, "before"), (0.1, "after")):
        happy = level * rng.uniform(0.8, 1.2, 100)
        values = np.stack([happy, 0.9 * (1 - happy), 0.1 * (1 - happy)], axis=1)
        scores = EmotionScores(("happy", "surprise", "sad"), values, np.arange(100) / 25.0, "fer8")
        clips.append(observed(scores, name))
    found = comparison.compare(clips[0], clips[1], "happy", notes=["no second opinion: it is away"])
    assert found.edd == 0.0
    assert found.warnings[0].startswith("happy is not what fer8 sees")
    assert "surprise (100%)" in found.warnings[0]
    assert "no second opinion: it is away" in found.warnings
    record = found.to_dict()["classifiers"][0]
    assert record["target_seen"] is False
    assert record["emotions"]["surprise"]["top1_rate"] == [1.0, 1.0]
    assert record["edd"]["edd"] == record["edd"]["value"] == 0.0
    page = render_report(found)
    assert page.index("happy is not what fer8 sees") < page.index("EDD 0.000")
    assert "most read as surprise (100%)" in page
    assert "fully changed" not in page


def test_agreement_on_one_label_is_no_disagreement(observed: Any) -> None:
    """Kappa falls to 0 where nearly every frame bears one label, however alike the labels are."""
    first = talk(100, 8.0, 1)
    values = first.values.copy()
    values[40] = (0.7, 0.1, 0.1, 0.1)
    second = replace(first, values=values, classifier="two")
    clip = observed(first, scores={"one": first, "two": second})
    told = " ".join(comparison.compare(clip, clip, "happy").warnings)
    assert "one and two give the same label on 99% of the frames of the original" in told
    assert "agree little" not in told


def test_stills_of_several_people_are_compared_in_their_order(observed: Any) -> None:
    scores = replace(talk(4, 0.0, 1), times=np.arange(4.0))
    people = observed(scores, fps=math.nan, embeddings=np.eye(128)[:4])
    found = comparison.compare(people, people, "happy")
    assert found.identity.paired
    assert not any("different people" in w for w in found.warnings)
    turned = observed(scores, fps=math.nan, embeddings=np.eye(128)[3::-1])
    assert comparison.compare(people, turned, "happy").identity.different
    lacking = observed(scores, fps=math.nan, embeddings=np.eye(128)[:3])
    assert not comparison.compare(people, lacking, "happy").identity.paired


def test_a_classifier_that_does_not_know_the_target_is_asked_for_agreement(observed: Any) -> None:
    scores = talk(100, 0.0, 1)
    fewer = EmotionScores(("anger", "sad"), np.full((100, 2), 0.5), scores.times, "two")
    clip = observed(scores, scores={"one": scores, "two": fewer})
    found = comparison.compare(clip, clip, "happy")
    assert [c.classifier for c in found.changes] == ["one"]
    assert "two does not know happy and was asked for agreement only" in found.warnings
