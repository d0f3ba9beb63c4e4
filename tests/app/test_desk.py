"""What stands behind the page: files taken in, words read, films made, everything deleted."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from emoanim.adapters.voices.keep import KeepVoice
from emoanim.app import AppBounds, Choice, Desk
from emoanim.app.desk import Progress
from emoanim.app.workspaces import Workspaces
from emoanim.clips import Animation, Audio, Image
from emoanim.errors import EmotionError, FaceError, InputError, MediaError, NoSpeechError
from emoanim.media import Video, read_audio, read_tags, write_image, write_video, write_wav
from emoanim.settings import Settings
from emoanim.testing.tiny import TinyClassifier

HUM = Audio(0.2 * np.sin(np.arange(32000) / 20).astype(np.float32), 16000)


@pytest.fixture
def spaces(tmp_path: Path) -> Iterator[Workspaces]:
    (tmp_path / "server").mkdir()
    made = Workspaces(30.0, tmp_path / "server")
    yield made
    made.close()


@pytest.fixture
def desk(spaces: Workspaces, tiny_parts: dict[str, Any]) -> Desk:
    objects = {**tiny_parts, "classifier": TinyClassifier()}
    return Desk(Settings(), AppBounds(), spaces, objects=objects)


def dropped(path: Path, folder: Path) -> Path:
    """A copy, as an upload is: the desk moves it away."""
    folder.mkdir(exist_ok=True)
    return Path(shutil.copy(path, folder / path.name))


def last(states: Iterator[Any]) -> Any:
    *before, result = states
    assert before
    assert all(isinstance(state, Progress) for state in before)
    return result


def test_a_clip_is_read_its_words_are_changed_and_spoken(
    desk: Desk, moving_portrait: Path, tmp_path: Path
) -> None:
    upload = dropped(moving_portrait, tmp_path / "up")
    source = desk.take("ann", upload, "my talk.mp4")
    assert (source.kind, source.name, upload.exists()) == ("video", "my talk.mp4", False)
    assert source.seconds == pytest.approx(2.0)
    choice = Choice("happy", 80)
    reading = last(desk.read("ann", choice))
    assert reading.transcript.text == "We meet on Monday."
    assert reading.text == "Happy: We meet on Monday."
    states = list(desk.speak("ann", choice, "We do meet, and on Tuesday!"))
    film = states[-1]
    assert film.text == "We do meet, and on Tuesday!"
    assert Video(film.path).duration == pytest.approx(read_audio(film.speech).duration, abs=0.05)
    record = json.loads(film.record.read_text())
    assert (record["emotion"], record["intensity"]) == ("happy", 0.8)
    assert record["transcript"] == "We meet on Monday."  # of the original still
    assert "Tuesday" in film.subtitles[0].read_text()
    assert read_tags(film.path)  # it says that it was generated
    heard = [s.speech for s in states[:-1] if s.speech]
    assert heard  # before the film was done
    assert "Animating" in states[0].stages
    assert film.comparison is not None
    assert film.comparison.target_curve.startswith("<svg")
    assert "EDD" in " ".join(film.comparison.sentences)


def test_a_portrait_says_a_typed_text(desk: Desk, portrait: Image, tmp_path: Path) -> None:
    source = desk.take("ann", write_image(tmp_path / "me.png", portrait), "me.png")
    assert source.kind == "portrait"
    choice = Choice("sad", typed="  Good day.  ")
    reading = last(desk.read("ann", choice))
    assert (reading.transcript.text, reading.text) == ("Good day.", "Sad: Good day.")
    film = last(desk.speak("ann", choice, reading.text))
    assert film.text == "Sad: Good day."
    assert film.comparison.target_curve == ""
    assert any("none for a portrait" in sentence for sentence in film.comparison.sentences)
    with pytest.raises(InputError, match="Type what the person is to say"):
        list(desk.read("ann", Choice("sad")))


def test_own_keeps_the_words(desk: Desk, portrait: Image, tmp_path: Path) -> None:
    del desk.objects["text_emoter"]  # the settings' own counts
    desk.take("ann", write_image(tmp_path / "me.png", portrait), "me.png")
    reading = last(desk.read("ann", Choice("sad", own=True, typed="I won a prize.")))
    assert reading.text == "I won a prize."
    source = desk.workspaces.of("ann").content["source"]
    assert desk._settings(source, Choice("sad")).text_emoter.name == "lexicon"


def test_own_says_a_clip_again(desk: Desk, moving_portrait: Path, tmp_path: Path) -> None:
    settings = desk._settings(
        desk.take("ann", dropped(moving_portrait, tmp_path / "up"), "a.mp4"), Choice(own=True)
    )
    chosen = (settings.text_emoter.name, settings.voice.name, settings.animator.name)
    assert chosen == ("keep", "own", "film")


def test_a_portrait_with_a_recording(desk: Desk, portrait: Image, tmp_path: Path) -> None:
    desk.take("ann", write_image(tmp_path / "me.png", portrait), "me.png")
    desk.take_recording("ann", write_wav(tmp_path / "hum.wav", HUM))
    choice = Choice("sad", as_recorded=True)
    reading = last(desk.read("ann", choice))
    assert reading.transcript.text == "We meet on Monday."
    film = last(desk.speak("ann", choice, reading.transcript.text))
    assert read_audio(film.speech).duration == pytest.approx(HUM.duration)
    spoken = last(desk.speak("ann", Choice("sad"), "Hello."))
    assert read_audio(spoken.speech).duration != pytest.approx(HUM.duration)
    desk.take_recording("ann", None)
    with pytest.raises(InputError, match="no words have been read"):
        list(desk.speak("ann", choice, "Hello."))


def test_a_clip_without_a_face_is_said_before_anything_else(desk: Desk, tmp_path: Path) -> None:
    grey = [np.full((96, 128, 3), 90, np.uint8)] * 30
    clip = Animation(25.0, (128, 96), 30, iter(grey))
    desk.take("ann", write_video(tmp_path / "grey.mp4", clip, HUM), "grey.mp4")
    with pytest.raises(FaceError, match="no face was found"):
        list(desk.read("ann", Choice()))


@pytest.fixture
def silent_film(moving_portrait: Path, tmp_path: Path) -> Path:
    frames = [f.image for f in Video(moving_portrait).frames(0, 0.4)]
    clip = Animation(25.0, (256, 256), len(frames), iter(frames))
    return write_video(tmp_path / "quiet.mp4", clip, Audio(np.zeros(8000, np.float32), 16000))


def test_a_silent_clip(desk: Desk, silent_film: Path) -> None:
    desk.take("ann", silent_film, "quiet.mp4")
    with pytest.raises(NoSpeechError, match="silent"):
        list(desk.read("ann", Choice()))


def test_a_silent_clip_whose_sound_stays(desk: Desk, silent_film: Path) -> None:
    desk.objects["voice"] = KeepVoice()
    desk.take("ann", silent_film, "quiet.mp4")
    reading = last(desk.read("ann", Choice("sad")))
    assert (reading.transcript.text, reading.text) == ("", "")
    assert reading.notes == ("no words were heard; the sound stays as it is",)
    with pytest.raises(InputError, match="'Hello!', given for a clip in which nobody says a word"):
        list(desk.speak("ann", Choice("sad"), " Hello! "))
    film = last(desk.speak("ann", Choice("sad"), reading.text))
    assert film.text == ""
    assert not read_audio(film.speech).samples.any()
    with pytest.raises(NoSpeechError, match="silent"):  # nothing to divide the emotions at
        list(desk.read("ann", Choice(described="sad@0 happy@0.2")))


def test_bounds(spaces: Workspaces, moving_portrait: Path, tmp_path: Path, tiny_parts: Any) -> None:
    bounds = AppBounds(seconds=1.5, characters=20)
    desk = Desk(Settings(), bounds, spaces, objects=tiny_parts)
    with pytest.raises(MediaError, match=r"2\.0 s long; at most 1\.5 s"):
        desk.take("ann", dropped(moving_portrait, tmp_path / "up"), "long.mp4")
    with pytest.raises(MediaError, match=r"at most 0\.001 MB"):
        Desk(Settings(), AppBounds(megabytes=0.001), spaces).take(
            "ann", dropped(moving_portrait, tmp_path / "up"), "large.mp4"
        )
    assert not list((tmp_path / "up").iterdir())
    with pytest.raises(InputError, match="no clip or portrait"):
        list(desk.read("ann", Choice()))
    desk.take_example_portrait("ann")
    with pytest.raises(InputError, match="at most 20"):
        list(desk.read("ann", Choice(typed="x" * 21)))
    with pytest.raises(EmotionError):
        list(desk.read("ann", Choice("hungry", typed="x")))


def test_what_is_no_picture_is_refused_by_its_visitors_name(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "notes.mp4").write_text("no film")
    with pytest.raises(MediaError) as caught:
        desk.take("ann", tmp_path / "notes.mp4", "notes.mp4")
    assert desk.plain("ann", caught.value).startswith("notes.mp4 cannot be read")


def test_a_recording_is_refused_by_its_visitors_name(desk: Desk, tmp_path: Path) -> None:
    desk.take_example_portrait("ann")
    (tmp_path / "song.wav").write_text("no sound")
    with pytest.raises(MediaError) as caught:
        desk.take_recording("ann", tmp_path / "song.wav")
    assert desk.plain("ann", caught.value).startswith("song.wav cannot be read")


def test_own_words_for_the_emotion(desk: Desk) -> None:
    assert Choice("happy", 10, described="very sad").prompt.emotion == "sad"
    assert Choice("happy", 10).prompt.intensity == 0.1


def test_the_example_clip_is_made_once(desk: Desk, moving_portrait: Path) -> None:
    shutil.copy(moving_portrait, desk._example)  # as if somebody had asked before
    source = last(desk.take_example_clip("ann"))
    assert (source.kind, source.name) == ("video", "example clip")
    assert desk._example.is_file()


def test_a_visitor_who_leaves_ends_the_job(
    desk: Desk, moving_portrait: Path, tmp_path: Path
) -> None:
    desk.take("ann", dropped(moving_portrait, tmp_path / "up"), "a.mp4")
    last(desk.read("ann", Choice()))
    folder = desk.workspaces.of("ann").folder
    states = desk.speak("ann", Choice(), "One two three four five six seven eight nine ten.")
    next(states)
    desk.workspaces.remove("ann")
    with pytest.raises(Exception, match="was stopped"):
        list(states)
    assert not folder.exists()
