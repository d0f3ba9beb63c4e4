from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
import pytest

from emoanim import EDAPipeline, Emotion, provenance, registry
from emoanim.clips import (
    Animation,
    Audio,
    Clip,
    EmotionScores,
    Frame,
    Image,
    Portrait,
    Speech,
    Transcript,
)
from emoanim.errors import (
    BackendError,
    EmotionError,
    FaceError,
    InputError,
    MediaError,
    NoSpeechError,
    OutputError,
    SettingsError,
    UnknownBackendError,
)
from emoanim.evaluation import evaluate
from emoanim.face import FaceAnimation, pick_frames
from emoanim.media import Video, read_audio, write_video
from emoanim.runs.records import read_record
from emoanim.services import current_ledger
from emoanim.steps import Step
from emoanim.testing.tiny import (
    TinyAnimator,
    TinyClassifier,
    TinyFaceEmoter,
    TinyTextEmoter,
    TinyTranscriber,
    TinyVoice,
)

Parts = dict[str, Any]


@pytest.fixture
def pipeline(tiny_parts: Parts) -> EDAPipeline:
    return EDAPipeline(**tiny_parts, stills=3, seed=5)


def left_in(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir())


def test_a_video_and_an_emotion_in_a_video_out(
    pipeline: EDAPipeline, moving_portrait: Path, tmp_path: Path
) -> None:
    output = tmp_path / "happy.mp4"
    result = pipeline(moving_portrait, "very very happy", output=output)
    made = Video(output)
    assert made.size == (256, 256)
    assert abs(made.duration - result.speech.audio.duration) <= 1 / 25
    assert abs(read_audio(output).duration - made.duration) <= 1 / 25
    assert result.text == "Happy: We meet on Monday."
    assert result.output == output
    assert result.takes == (output,)
    assert result.prompt.emotion is Emotion.HAPPY
    assert len(result.portraits) == 3
    assert [p.time for p in result.portraits] == sorted(p.time or 0 for p in result.portraits)
    assert {"read", "transcribe", "rewrite", "speak", "pick", "emote", "animate", "total"} == set(
        result.timings
    )
    assert result.backends["voice"] == ("TinyVoice", "Apache-2.0")
    assert left_in(tmp_path) == ["happy.mp4"]


def test_the_record_is_plain_json(
    pipeline: EDAPipeline, moving_portrait: Path, tmp_path: Path
) -> None:
    result = pipeline(moving_portrait, "sad", output=tmp_path / "sad.mp4")
    record = json.loads(json.dumps(result.to_dict()))
    assert record["emotion"] == "sad"
    assert record["seed"] == 5
    assert (record["source"], record["output"]) == (str(moving_portrait), str(tmp_path / "sad.mp4"))
    assert record["animated"] == [result.order[0]]
    assert record["backends"]["animator"] == {"name": "TinyAnimator", "licence": "Apache-2.0"}


def test_a_clip_that_is_silent_by_its_kind(pipeline: EDAPipeline, moving_portrait: Path) -> None:
    class Silent:
        """A clip without the ability to give its sound."""

        def __init__(self, video: Video) -> None:
            self.size, self.duration, self.fps = video.size, video.duration, video.fps
            self.frames = video.frames

    with pytest.raises(InputError, match="Silent without sound given"):
        pipeline(Silent(Video(moving_portrait)), "sad")


def test_the_video_says_what_made_it(
    pipeline: EDAPipeline, moving_portrait: Path, tmp_path: Path
) -> None:
    output = tmp_path / "sad.mp4"
    pipeline(moving_portrait, "sad", output=output)
    said = provenance.read(output)
    assert said.generated
    assert said.emotion == "sad"
    assert "TinyVoice" in said.details["backends"]


def test_the_same_seed_gives_the_same_bytes(
    pipeline: EDAPipeline, moving_portrait: Path, tmp_path: Path
) -> None:
    first = pipeline(moving_portrait, "fear", output=tmp_path / "a.mp4")
    second = pipeline(moving_portrait, "fear", output=tmp_path / "b.mp4")
    assert np.array_equal(first.speech.audio.samples, second.speech.audio.samples)
    frames = [[f.image for f in Video(r.output).frames()] for r in (first, second)]
    assert all(np.array_equal(a, b) for a, b in zip(*frames, strict=True))


def test_another_seed_picks_other_frames(
    tiny_parts: Parts, moving_portrait: Path, tmp_path: Path
) -> None:
    times = []
    for seed in (1, 2):
        run = EDAPipeline(**tiny_parts, stills=3, seed=seed)
        result = run(moving_portrait, "sad", output=tmp_path / "x.mp4")
        times.append([p.time for p in result.portraits])
    assert times[0] != times[1]


def test_all_takes(tiny_parts: Parts, moving_portrait: Path, tmp_path: Path) -> None:
    pipeline = EDAPipeline(**tiny_parts, stills=3, takes="all")
    result = pipeline(moving_portrait, "sad", output=tmp_path / "sad.mp4")
    assert [t.name for t in result.takes] == ["sad.mp4", "sad.take2.mp4", "sad.take3.mp4"]
    assert all(Video(t).duration > 0.5 for t in result.takes)
    assert sorted(result.order) == [0, 1, 2]


def test_a_take_that_fails_takes_the_others_with_it(
    tiny_parts: Parts, moving_portrait: Path, tmp_path: Path
) -> None:
    class Tires(TinyAnimator):
        calls = 0

        def animate(self, portrait: Portrait, *given: Any) -> Animation:
            self.calls += 1
            if self.calls == 2:
                raise FaceError("the second face is no good.")
            return super().animate(portrait, *given)

    pipeline = EDAPipeline(**{**tiny_parts, "animator": Tires()}, stills=3, takes="all")
    with pytest.raises(FaceError, match="second"):
        pipeline(moving_portrait, "sad", output=tmp_path / "sad.mp4")
    assert left_in(tmp_path) == []


def test_the_best_still_is_animated(
    tiny_parts: Parts, moving_portrait: Path, tmp_path: Path
) -> None:
    class Likes:
        """The classifier is sure of the emotion in the middle one of three."""

        def classify(self, frames: Any) -> Any:
            scores = TinyClassifier().classify(frames)
            scores.values[:] = 1 / 7
            scores.values[1] = np.eye(7)[scores.labels.index("sad")]
            return scores

    seen: list[Portrait] = []

    class Watches(TinyAnimator):
        def animate(self, portrait: Portrait, *given: Any) -> Animation:
            seen.append(portrait)
            return super().animate(portrait, *given)

    parts = {**tiny_parts, "animator": Watches(), "classifier": Likes()}
    result = EDAPipeline(**parts, stills=3)(moving_portrait, "sad", output=tmp_path / "x.mp4")
    assert result.order[0] == 1
    assert seen[0] is result.portraits[1]


def test_the_branches_run_side_by_side(
    tiny_parts: Parts, moving_portrait: Path, tmp_path: Path
) -> None:
    meeting = threading.Barrier(2, timeout=20)

    class WaitingVoice:
        def speak(self, *given: Any) -> Speech:
            meeting.wait()
            return tiny_parts["voice"].speak(*given)

    class WaitingEmoter:
        def emote(self, *given: Any) -> list[Portrait]:
            meeting.wait()
            return tiny_parts["face_emoter"].emote(*given)

    parts = {**tiny_parts, "voice": WaitingVoice(), "face_emoter": WaitingEmoter()}
    assert EDAPipeline(**parts)(moving_portrait, "sad", output=tmp_path / "x.mp4").output.exists()


def test_steps_and_artefacts(pipeline: EDAPipeline, moving_portrait: Path, tmp_path: Path) -> None:
    seen: list[Step] = []
    keep = tmp_path / "kept"
    pipeline(moving_portrait, "sad", output=tmp_path / "x.mp4", on_step=seen.append, keep=keep)
    names = [s.name for s in seen]
    assert names[:2] == ["read", "read"]
    assert names[-1] == "write"
    animated = [s for s in seen if s.name == "animate"]
    assert [s.done for s in animated] == list(range(1, animated[-1].total + 1))
    assert left_in(keep) == [
        "about.json",
        "frames",
        "phones.json",
        "portraits",
        "run.json",
        "speech.wav",
        "text.txt",
        "transcript.json",
    ]
    assert left_in(keep / "portraits") == ["0.png", "1.png", "2.png"]
    assert (keep / "text.txt").read_text() == "Sad: We meet on Monday.\n"
    assert json.loads((keep / "transcript.json").read_text())["words"][0]["text"] == "We"
    about = json.loads((keep / "about.json").read_text())
    kept = {p.relative_to(keep).as_posix() for p in keep.rglob("*") if p.is_file()}
    assert set(about["files"]) == kept - {"about.json", "run.json"}


def test_edd_of_the_result(tiny_parts: Parts, moving_portrait: Path, tmp_path: Path) -> None:
    pipeline = EDAPipeline(**tiny_parts, classifier=TinyClassifier())
    result = pipeline(moving_portrait, "sad", output=tmp_path / "x.mp4")
    measured = result.edd(window=1)
    assert 0.0 <= measured.edd <= 1.0
    assert (measured.n, measured.m) == (50, len(list(Video(result.output).frames())))


def test_edd_needs_a_classifier(
    pipeline: EDAPipeline, moving_portrait: Path, tmp_path: Path
) -> None:
    result = pipeline(moving_portrait, "sad", output=tmp_path / "x.mp4")
    with pytest.raises(SettingsError, match="no classifier"):
        result.edd()


def test_an_emotion_that_the_classifier_lacks(
    tiny_parts: Parts, moving_portrait: Path, tmp_path: Path
) -> None:
    pipeline = EDAPipeline(**tiny_parts, classifier=TinyClassifier())
    steps: list[Step] = []
    with pytest.raises(SettingsError, match="TinyClassifier does not know surprise; it knows"):
        pipeline(moving_portrait, "surprise", output=tmp_path / "x.mp4", on_step=steps.append)
    assert steps == []
    assert left_in(tmp_path) == []


class Silent:
    """A classifier that does not say its labels, and finds a face in every other frame."""

    def __init__(self, share: float = 1.0) -> None:
        self._share = share

    def classify(self, frames: Any) -> EmotionScores:
        scores = TinyClassifier().classify(frames)
        values = np.array(scores.values)
        values[round(self._share * len(values)) :] = np.nan
        return EmotionScores(scores.labels, values)


def test_an_emotion_that_turns_out_to_be_unknown(
    tiny_parts: Parts, moving_portrait: Path, tmp_path: Path
) -> None:
    pipeline = EDAPipeline(**tiny_parts, classifier=Silent())
    result = pipeline(moving_portrait, "surprise", output=tmp_path / "x.mp4")
    with pytest.raises(SettingsError, match=r"it cannot score surprise in .*x\.mp4"):
        result.edd()


def test_few_faces_end_in_a_note_not_in_a_traceback(
    tiny_parts: Parts, moving_portrait: Path, tmp_path: Path
) -> None:
    pipeline = EDAPipeline(**tiny_parts, classifier=Silent(0.3))
    measured = pipeline(moving_portrait, "sad", output=tmp_path / "x.mp4").edd()
    assert measured.notes or measured.reason


def test_one_edd_for_one_pair(tiny_parts: Parts, moving_portrait: Path, tmp_path: Path) -> None:
    pipeline = EDAPipeline(**tiny_parts, classifier=TinyClassifier())
    result = pipeline(moving_portrait, "happy", output=tmp_path / "x.mp4")
    by_evaluation = evaluate(
        moving_portrait, result.output, "happy", classifiers=[TinyClassifier()], second=None,
        identity=False,
    )  # fmt: skip
    assert result.edd().edd == by_evaluation.edd


# Whatever is given as the video.


def test_a_clip_gives_what_its_file_gives(
    tiny_parts: Parts, moving_portrait: Path, tmp_path: Path
) -> None:
    pipeline = EDAPipeline(**tiny_parts, stills=3, seed=5, sign=False)
    by_path = pipeline(moving_portrait, "sad", output=tmp_path / "a.mp4")
    by_clip = pipeline(Video(moving_portrait), "sad", output=tmp_path / "b.mp4")
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()
    assert by_clip.source == by_path.source == moving_portrait


def test_frames_with_their_sound(pipeline: EDAPipeline, moving_portrait: Path) -> None:
    clip = Video(moving_portrait)
    frames = np.stack([frame.image for frame in clip.frames()])
    result = pipeline(frames, "sad", fps=25.0, audio=clip.audio())
    assert (result.source, result.output, result.takes) == (None, None, ())
    assert result.animation is not None
    made = list(result.animation.frames)
    assert len(made) == result.animation.length
    assert made[0].shape == frames[0].shape
    with pytest.raises(SettingsError, match="given back, not written"):
        EDAPipeline(
            transcriber=TinyTranscriber(), text_emoter=TinyTextEmoter(), voice=TinyVoice(),
            face_emoter=TinyFaceEmoter(), animator=TinyAnimator(), classifier=TinyClassifier(),
        )(frames, "sad", fps=25.0, audio=clip.audio()).edd()  # fmt: skip


@pytest.mark.parametrize(
    ("video", "options", "message"),
    [
        (3, {}, "3 given as the video; expected a path, a clip"),
        (np.zeros((2, 64, 64, 3), np.uint8), {}, "fps=25"),
        (np.zeros((2, 64, 64, 3), np.uint8), {"fps": 25.0}, r"audio=Audio\(samples, rate\)"),
        (np.zeros((2, 64, 64, 3)), {"fps": 25.0}, "frame 0 is float64"),
        ([], {"fps": 25.0}, "no frames given"),
        (np.zeros((2, 64, 64, 3), np.uint8), {"fps": 0.0}, "fps 0.0 given"),
    ],
)
def test_what_is_no_video(
    pipeline: EDAPipeline, tmp_path: Path, video: Any, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        pipeline(video, "sad", output=tmp_path / "x.mp4", **options)


def test_all_takes_need_a_file(tiny_parts: Parts, moving_portrait: Path) -> None:
    with pytest.raises(SettingsError, match="without an output"):
        EDAPipeline(**tiny_parts, takes="all")(moving_portrait, "sad")


def test_a_take_that_fails_leaves_the_older_files(
    tiny_parts: Parts, moving_portrait: Path, tmp_path: Path
) -> None:
    class Failing(TinyAnimator):
        """Fails at its second portrait."""

        calls = 0

        def animate(self, *given: Any) -> Animation:
            self.calls += 1
            if self.calls == 2:
                raise FaceError("the second one cannot be animated")
            return super().animate(*given)

    output = tmp_path / "x.mp4"
    output.write_bytes(b"older")
    pipeline = EDAPipeline(**{**tiny_parts, "animator": Failing()}, takes="all", stills=3)
    with pytest.raises(FaceError, match="second one"):
        pipeline(moving_portrait, "sad", output=output)
    assert left_in(tmp_path) == ["x.mp4"]
    assert output.read_bytes() == b"older"


# What a backend has to be and to give back.


@pytest.mark.parametrize(
    ("role", "part", "message"),
    [
        ("voice", TinyVoice, r"the class TinyVoice given as voice.*instance: TinyVoice\("),
        ("text_emoter", SimpleNamespace(rewrite=lambda text: text), r"rewrite\(text\).*rewrite\("),
    ],
)
def test_what_cannot_fill_a_role(tiny_parts: Parts, role: str, part: Any, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        EDAPipeline(**{**tiny_parts, role: part})


@pytest.mark.parametrize(
    ("role", "part", "message"),
    [
        ("transcriber", SimpleNamespace(transcribe=lambda a: "words"), "returned a str from trans"),
        ("text_emoter", SimpleNamespace(rewrite=lambda t, p: None), r"returned nothing \(None\)"),
        ("voice", SimpleNamespace(speak=lambda t, p, r: r), "expected a Speech"),
        ("face_emoter", SimpleNamespace(emote=lambda f, p: []), "0 items for 5 frames"),
        ("animator", SimpleNamespace(animate=lambda p, s, e, c: [p]), "expected an Animation"),
    ],
)
def test_a_backend_that_gives_back_something_else(
    tiny_parts: Parts, moving_portrait: Path, tmp_path: Path, role: str, part: Any, message: str
) -> None:
    with pytest.raises(BackendError, match=message):
        EDAPipeline(**{**tiny_parts, role: part})(moving_portrait, "sad", output=tmp_path / "x.mp4")
    assert left_in(tmp_path) == []


def sound_of(samples: Any) -> SimpleNamespace:
    """A voice that gives these samples for any words."""
    return SimpleNamespace(speak=lambda t, p, r: Speech(Audio(samples, 16000), t))


def film_of(length: int, frames: int) -> SimpleNamespace:
    """An animator that promises a number of frames and gives another."""
    image = np.zeros((64, 64, 3), np.uint8)
    return SimpleNamespace(
        animate=lambda p, s, e, c: Animation(25.0, (64, 64), length, iter([image] * frames))
    )


@pytest.mark.parametrize(
    ("role", "part", "message"),
    [
        ("text_emoter", SimpleNamespace(rewrite=lambda t, p: " "), "a text without words"),
        ("voice", sound_of(np.zeros(0)), "speech of 0 s from speak"),
        ("voice", sound_of(np.full(16000, np.nan)), "samples that are no numbers"),
        ("face_emoter", SimpleNamespace(emote=lambda f, p: list(f)), "a.* ndarray in its list"),
        ("animator", film_of(38, 5), "5 of 38 frames"),
        ("animator", film_of(38, 500), "more than 38 frames"),
        ("animator", film_of(76, 76), "3.04 s of frames for 1.50 s of speech"),
        (
            "classifier",
            SimpleNamespace(
                classify=lambda f: EmotionScores(("happy", "sad"), np.full((1, 2), 0.5))
            ),
            "1 rows for 5 frames",
        ),
    ],
)
def test_a_backend_that_gives_back_what_would_spoil_the_film(
    tiny_parts: Parts, moving_portrait: Path, tmp_path: Path, role: str, part: Any, message: str
) -> None:
    with pytest.raises(BackendError, match=f"{message}.*check_{role}"):
        EDAPipeline(**{**tiny_parts, role: part})(moving_portrait, "sad", output=tmp_path / "x.mp4")
    assert left_in(tmp_path) == []


def test_a_preset_with_an_object(tiny_parts: Parts) -> None:
    voice = TinyVoice()
    pipeline = EDAPipeline.from_preset("local", voice=voice, animator=tiny_parts["animator"])
    assert pipeline.speech.voice is voice
    assert pipeline.backends["voice"][0] == "TinyVoice"
    assert not pipeline.parts["voice"].by_name


# The record of a run.


@pytest.fixture
def tiny_names() -> Iterator[dict[str, str]]:
    """The tiny backends by name."""
    kinds = {
        "transcriber": TinyTranscriber, "text_emoter": TinyTextEmoter, "voice": TinyVoice,
        "face_emoter": TinyFaceEmoter, "animator": TinyAnimator,
    }  # fmt: skip
    for role, kind in kinds.items():
        registry.register(role, "tiny", kind, clobber=True)
    yield dict.fromkeys(kinds, "tiny")
    for role in kinds:
        registry.unregister(role, "tiny")


def test_a_record_repeats_the_run(
    tiny_names: dict[str, str], moving_portrait: Path, tmp_path: Path
) -> None:
    pipeline = EDAPipeline(**tiny_names, seed=3, sign=False)
    pipeline(moving_portrait, "very sad", output=tmp_path / "a.mp4", keep=tmp_path / "kept")
    recorded = read_record(tmp_path / "kept" / "run.json")
    assert recorded.settings.seed == 3
    assert str(recorded.prompt.emotion) == "sad"
    recorded.check_source(moving_portrait)
    assert recorded.differences() == ()
    again = EDAPipeline.from_settings(recorded.settings)
    again(recorded.source, recorded.prompt, output=tmp_path / "b.mp4")
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()


def test_a_record_of_another_file_or_version(
    tiny_names: dict[str, str], moving_portrait: Path, tmp_path: Path
) -> None:
    result = EDAPipeline(**tiny_names)(moving_portrait, "sad", output=tmp_path / "a.mp4")
    record = {**result.to_dict(), "emoanim": "0.0.1", "weights": {"x": "1"}}
    (tmp_path / "run.json").write_text(json.dumps(record))
    recorded = read_record(tmp_path / "run.json")
    assert any("0.0.1" in note for note in recorded.differences())
    assert any("weights x" in note for note in recorded.differences())
    with pytest.raises(InputError, match="expected the same file"):
        recorded.check_source(tmp_path / "a.mp4")


@pytest.mark.parametrize("text", ["", "[]", "{}", "not json", "[" * 100_000])
def test_what_is_no_record(tmp_path: Path, text: str) -> None:
    (tmp_path / "run.json").write_text(text)
    with pytest.raises(InputError, match="no record of a run"):
        read_record(tmp_path / "run.json")
    with pytest.raises(InputError, match="cannot be read"):
        read_record(tmp_path / "none.json")


def test_a_record_with_objects_says_so(
    pipeline: EDAPipeline, moving_portrait: Path, tmp_path: Path
) -> None:
    pipeline(moving_portrait, "sad", output=tmp_path / "a.mp4", keep=tmp_path / "kept")
    with pytest.raises(SettingsError, match=r"voice.* given as an object"):
        read_record(tmp_path / "kept" / "run.json")


# Bad input: a typed error, and nothing is left behind.


def test_no_such_file(pipeline: EDAPipeline, tmp_path: Path) -> None:
    with pytest.raises(MediaError, match=r"none\.mp4"):
        pipeline(tmp_path / "none.mp4", "sad", output=tmp_path / "x.mp4")
    assert left_in(tmp_path) == []


def test_an_unknown_emotion(pipeline: EDAPipeline, moving_portrait: Path, tmp_path: Path) -> None:
    with pytest.raises(EmotionError, match="'peckish' names no emotion; expected one of anger"):
        pipeline(moving_portrait, "peckish", output=tmp_path / "x.mp4")


@pytest.mark.parametrize("name", ["none/x.mp4", "x.txt", "."])
def test_an_output_that_cannot_be_written(
    pipeline: EDAPipeline, moving_portrait: Path, tmp_path: Path, name: str
) -> None:
    with pytest.raises(OutputError):
        pipeline(moving_portrait, "sad", output=tmp_path / name)
    assert left_in(tmp_path) == []


def test_the_input_is_not_overwritten(pipeline: EDAPipeline, moving_portrait: Path) -> None:
    before = moving_portrait.read_bytes()
    with pytest.raises(OutputError):
        pipeline(moving_portrait, "sad", output=moving_portrait)
    assert moving_portrait.read_bytes() == before


def write(path: Path, frame: Any, sound: Any, seconds: float = 1.0) -> Path:
    count = round(25 * seconds)
    height, width = frame.shape[:2]
    images = (frame for _ in range(count))
    write_video(path, Animation(25.0, (width, height), count, images), Audio(sound, 16000), tags={})
    return path


NOISE = np.random.default_rng(0).normal(0, 0.1, 16000).astype(np.float32)


def test_silence(pipeline: EDAPipeline, portrait: Any, tmp_path: Path) -> None:
    video = write(tmp_path / "in.mp4", portrait[::2, ::2], np.zeros(16000, np.float32))
    with pytest.raises(NoSpeechError, match="silent"):
        pipeline(video, "sad", output=tmp_path / "x.mp4")
    assert left_in(tmp_path) == ["in.mp4"]


def test_no_face(pipeline: EDAPipeline, tmp_path: Path) -> None:
    video = write(tmp_path / "in.mp4", np.full((128, 128, 3), 90, np.uint8), NOISE)
    with pytest.raises(FaceError, match="no face was found in any of 25 frames"):
        pipeline(video, "sad", output=tmp_path / "x.mp4")
    assert left_in(tmp_path) == ["in.mp4"]


def test_a_face_that_is_too_small(pipeline: EDAPipeline, portrait: Any, tmp_path: Path) -> None:
    frame = np.full((240, 240, 3), 150, np.uint8)
    frame[60:162, 60:162] = (
        portrait[:510].reshape(102, 5, 512, 3).mean(1)[:, :510].reshape(102, 102, 5, 3).mean(2)
    )
    video = write(tmp_path / "in.mp4", frame, NOISE)
    with pytest.raises(FaceError, match="pixels wide; expected at least 64"):
        pipeline(video, "sad", output=tmp_path / "x.mp4")


def test_several_faces_are_noted(pipeline: EDAPipeline, portrait: Any, tmp_path: Path) -> None:
    frame = np.hstack([portrait, portrait[:, ::-1]])[::2, ::2]
    video = write(tmp_path / "in.mp4", np.ascontiguousarray(frame), NOISE)
    result = pipeline(video, "sad", output=tmp_path / "x.mp4")
    assert any("several faces" in note for note in result.notes)


# Putting it together.


def test_unknown_names(tiny_parts: Parts) -> None:
    with pytest.raises(UnknownBackendError, match="no voice is named 'opera'"):
        EDAPipeline(**{**tiny_parts, "voice": "opera"})


def test_an_object_without_the_verb(tiny_parts: Parts) -> None:
    with pytest.raises(SettingsError, match=r"object given as voice; expected.*emoanim\.Voice"):
        EDAPipeline(**{**tiny_parts, "voice": object()})


def test_from_preset_and_file(tmp_path: Path) -> None:
    pipeline = EDAPipeline.from_preset("local", seed=9, voice={"options": {"rate": 1.1}})
    assert pipeline.settings.seed == 9
    assert {role: name for role, (name, _) in pipeline.backends.items()} == {
        "transcriber": "whisper",
        "text_emoter": "lexicon",
        "voice": "hibari",
        "face_emoter": "rig",
        "animator": "film",
    }
    file = tmp_path / "run.toml"
    file.write_text("seed = 9\nstills = 2\n")
    assert EDAPipeline.from_settings(file).settings.stills == 2
    with pytest.raises(SettingsError, match="no preset"):
        EDAPipeline.from_preset("cloud")


def test_backends_take_the_seed_of_the_run_but_keep_their_own() -> None:
    own = {"options": {"seed": 4}}
    pipeline = EDAPipeline.from_preset("local", seed=9, text_emoter=own)
    assert pipeline.speech.voice.seed == 9
    assert pipeline.speech.text_emoter.seed == 4


def test_the_budget_holds_in_the_branch_that_speaks(
    tiny_parts: Parts, moving_portrait: Path, tmp_path: Path
) -> None:
    budgets: list[float | None] = []

    class Counts(TinyVoice):
        def speak(self, *given: Any) -> Speech:
            budgets.append(current_ledger().budget)
            return super().speak(*given)

    pipeline = EDAPipeline(**{**tiny_parts, "voice": Counts()}, stills=1, budget=0.25)
    pipeline(moving_portrait, "sad", output=tmp_path / "sad.mp4")
    assert budgets == [0.25]


def test_hooks_are_told_one_at_a_time(
    pipeline: EDAPipeline, moving_portrait: Path, tmp_path: Path
) -> None:
    inside = threading.Semaphore(1)
    alone: list[bool] = []

    def hook(step: Step) -> None:
        alone.append(inside.acquire(blocking=False))
        if step.name != "animate":
            time.sleep(0.05)
        inside.release()

    pipeline(moving_portrait, "sad", output=tmp_path / "sad.mp4", on_step=hook)
    assert all(alone)


def test_frames_are_drawn_over_the_whole_clip(moving_portrait: Path) -> None:
    clip = Video(moving_portrait)
    length = round(clip.duration * clip.fps)
    drawn = np.random.default_rng(7).permutation(length)[:3] / clip.fps
    picked, _ = pick_frames(clip, 3, 7)
    assert [f.time for f in picked] == pytest.approx(sorted(drawn))


class Fixed:
    """Finds the target in one still only."""

    licence = "Apache-2.0"

    def classify(self, frames: Sequence[Image]) -> EmotionScores:
        rows = np.zeros((len(frames), 2))
        rows[1:, 0] = np.nan
        rows[2, 0] = 0.9
        return EmotionScores(("sad", "happy"), rows, classifier="fixed")


def test_the_still_that_shows_the_emotion_best_comes_first(
    tiny_parts: Parts, moving_portrait: Path
) -> None:
    parts = tiny_parts["face_emoter"], tiny_parts["animator"], Fixed()
    branch = FaceAnimation(*parts, stills=4, seed=3)
    assert branch.portraits(Video(moving_portrait), "sad").order[0] == 2


def test_an_animator_learns_while_the_speech_is_made(
    tiny_parts: Parts, moving_portrait: Path
) -> None:
    learnt: list[tuple[Portrait, Clip]] = []

    class Learns(TinyAnimator):
        def prepare(self, portrait: Portrait, source: Clip) -> None:
            learnt.append((portrait, source))

    clip = Video(moving_portrait)
    made = FaceAnimation(tiny_parts["face_emoter"], Learns(), stills=2).portraits(clip, "sad")
    assert learnt == [(made.best, clip)]
    assert "prepare" in made.timings


@pytest.mark.parametrize(("size", "times"), [((640, 360), 0), ((1280, 720), 0), ((1920, 1080), 1)])
def test_memory_is_saved_with_large_pictures_only(
    pipeline: EDAPipeline, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int], times: int
) -> None:
    class Damaged:
        duration, fps = 1.0, 10.0

        def __init__(self) -> None:
            self.size = size

        def frames(self, start: float = 0.0, end: float | None = None) -> Iterator[Frame]:
            raise MediaError("damaged")

    asked: list[bool] = []
    monkeypatch.setattr("emoanim.pipeline.map_large", lambda: asked.append(True))
    with pytest.raises((MediaError, NoSpeechError)):
        pipeline(Damaged(), "happy", audio=Audio(np.zeros(4000, np.float32), 16000))
    assert len(asked) == times


@pytest.mark.parametrize(("side", "let_go"), [(256, False), (1080, True)])
def test_models_of_speech_are_let_go_before_large_pictures_are_rendered(
    tiny_parts: Parts, moving_portrait: Path, side: int, let_go: bool
) -> None:
    order: list[str] = []

    class Transcriber(TinyTranscriber):
        def release(self) -> None:
            order.append("transcriber")

    class Voice(TinyVoice):
        def speak(self, *given: Any) -> Speech:
            order.append("speak")
            return super().speak(*given)

        def release(self) -> None:
            order.append("voice")

    class Animator(TinyAnimator):
        def animate(self, *given: Any) -> Animation:
            order.append("animate")
            return super().animate(*given)

    mine = {"transcriber": Transcriber(), "voice": Voice(), "animator": Animator()}
    pictures = [frame.image for frame in islice(Video(moving_portrait).frames(), 3)]
    frames = [cv2.resize(picture, (side, side)) for picture in pictures]
    sound = Audio(np.full(8000, 0.1, np.float32), 16000)
    EDAPipeline(**{**tiny_parts, **mine}, stills=2)(frames, "sad", fps=10, audio=sound)
    spared = ["transcriber", "speak", "voice", "animate"]
    assert order == (spared if let_go else ["speak", "animate"])


def test_a_picture_of_a_person_is_looked_for_before_any_work(
    tiny_parts: Parts, moving_portrait: Path
) -> None:
    steps: list[Step] = []
    pipeline = EDAPipeline(**tiny_parts, person="nobody.jpg")
    with pytest.raises(InputError, match=r"'nobody\.jpg' given; there is no such picture"):
        pipeline(moving_portrait, "sad", on_step=steps.append)
    assert not steps


class Hears(TinyTranscriber):
    """Knows at once which language is spoken, and counts what it is asked."""

    def __init__(self, language: str, probability: float) -> None:
        super().__init__()
        self.told = language, probability
        self.transcribed = 0

    def detect_language(self, audio: Audio) -> tuple[str, float]:
        return self.told

    def transcribe(self, audio: Audio) -> Transcript:
        self.transcribed += 1
        return super().transcribe(audio)


@pytest.mark.parametrize(
    ("language", "probability", "keeps", "refused"),
    [
        ("de", 0.98, True, True),
        ("de", 0.6, True, False),
        ("de", 0.98, False, False),
        ("en", 0.98, True, False),
        ("", 0.0, True, False),
    ],
)
def test_a_language_that_the_voice_cannot_say_is_refused_before_any_word_is_written_down(
    tiny_parts: Parts, moving_portrait: Path, language: str, probability: float, keeps: bool,
    refused: bool,
) -> None:  # fmt: skip
    hears, words = Hears(language, probability), TinyTextEmoter()
    vars(words)["keeps_language"] = keeps
    voice = TinyVoice()
    vars(voice)["languages"] = ("en",)
    parts = {**tiny_parts, "transcriber": hears, "text_emoter": words, "voice": voice}
    steps: list[str] = []
    run = EDAPipeline(**parts)
    if not refused:
        run(moving_portrait, "happy", on_step=lambda step: steps.append(step.name))
        assert hears.transcribed == 1
        return
    with pytest.raises(InputError, match=r"language 'de' given.*expected en, which is what the"):
        run(moving_portrait, "happy", on_step=lambda step: steps.append(step.name))
    # The face branch ran meanwhile; it is left at the next step that it would report.
    assert not {"transcribe", "rewrite", "speak", "animate"} & set(steps)
    assert hears.transcribed == 0


def test_the_packaged_parts_can_tell_the_language_at_once() -> None:
    from emoanim.protocols import DetectsLanguage, KeepsLanguage, SpeaksLanguages
    from emoanim.testing.samples import spoken_sentence

    parts = EDAPipeline.from_preset("local").speech
    assert isinstance(parts.transcriber, DetectsLanguage)
    assert isinstance(parts.text_emoter, KeepsLanguage)
    assert isinstance(parts.voice, SpeaksLanguages)
    language, probability = parts.transcriber.detect_language(spoken_sentence())
    assert language == "en"
    assert 0.5 < probability <= 1.0
    assert parts.transcriber.detect_language(Audio(np.zeros(32000, np.float32), 16000)) == ("", 0.0)
    assert not isinstance(EDAPipeline.from_preset("own").speech.voice, SpeaksLanguages)
