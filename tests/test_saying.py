"""A picture and a text in, a talking video out."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from emoanim import EDAPipeline, backend, cli
from emoanim.clips import Audio, Image
from emoanim.errors import BackendError, FaceError, InputError, OutputError, SettingsError
from emoanim.media import Video, read_audio, write_image, write_wav
from emoanim.testing.tiny import TinyFaceEmoter, TinyVoice

Parts = dict[str, Any]
HUM = Audio(0.2 * np.sin(np.arange(16000) / 20).astype(np.float32), 16000)


@pytest.fixture
def pipeline(tiny_parts: Parts) -> EDAPipeline:
    return EDAPipeline(**tiny_parts)


def test_a_picture_says_a_text(pipeline: EDAPipeline, portrait: Image, tmp_path: Path) -> None:
    picture = write_image(tmp_path / "in.png", portrait)
    steps: list[str] = []
    output = tmp_path / "out.mp4"
    result = pipeline.say(
        picture, "Good day to you.", "very happy", output=output, keep=tmp_path / "kept",
        on_step=lambda s: steps.append(s.name),
    )  # fmt: skip
    assert result.text == result.transcript.text == "Good day to you."  # nothing is rewritten
    assert abs(Video(output).duration - read_audio(output).duration) <= 1 / 25
    assert (result.source, result.takes) == (picture, (output,))
    assert list(dict.fromkeys(steps)) == ["read", "emote", "speak", "animate", "write"]
    assert (tmp_path / "kept" / "run.json").is_file()
    with pytest.raises(SettingsError, match="no classifier"):
        result.edd()


def test_without_a_file_the_frames_come_back(pipeline: EDAPipeline, portrait: Image) -> None:
    result = pipeline.say(portrait, "Good day.", "sad")
    assert result.animation is not None
    assert len(list(result.animation.frames)) == result.animation.length
    assert result.output is None


@pytest.mark.parametrize("stills", [[], ["a picture"]])
def test_a_face_emoter_that_gives_no_portrait(
    tiny_parts: Parts, portrait: Image, stills: list[Any]
) -> None:
    emoter = SimpleNamespace(emote=lambda frames, prompt: stills)
    with pytest.raises(BackendError, match="expected one Portrait per frame"):
        EDAPipeline(**{**tiny_parts, "face_emoter": emoter}).say(portrait, "Good day.", "sad")


def test_a_recording_instead_of_a_text(
    pipeline: EDAPipeline, portrait: Image, tmp_path: Path
) -> None:
    result = pipeline.say(portrait, "", "sad", speech=HUM)
    assert np.array_equal(result.speech.audio.samples, HUM.samples)
    assert result.text == "We meet on Monday."  # as the transcriber heard it
    file = write_wav(tmp_path / "a.wav", HUM)
    given = pipeline.say(portrait, "Hello there.", "sad", speech=file)
    assert given.text == "Hello there."
    assert abs(given.speech.audio.duration - 1.0) < 1e-3


def test_the_voice_is_told_whom_to_be_like(tiny_parts: Parts, portrait: Image) -> None:
    heard: list[Audio] = []

    class Listens(TinyVoice):
        def speak(self, text: str, prompt: Any, reference: Audio) -> Any:
            heard.append(reference)
            return super().speak(text, prompt, reference)

    EDAPipeline(**{**tiny_parts, "voice": Listens()}).say(portrait, "Hi.", "sad", voice=HUM)
    assert heard == [HUM]


@pytest.mark.parametrize(
    ("image", "text", "message"),
    [
        (np.zeros((64, 64, 3), np.uint8), "", "holds no words"),
        (np.zeros((64, 64, 3), np.uint8), " ... ", "holds no words"),
        (np.zeros((64, 64)), "Hi.", r"array of float64 \(64, 64\)"),
    ],
)
def test_what_cannot_be_said(
    pipeline: EDAPipeline, image: Any, text: str, message: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=message):
        pipeline.say(image, text, "sad", output=tmp_path / "x.mp4")
    assert list(tmp_path.iterdir()) == []


def test_no_face_costs_no_call(tiny_parts: Parts, tmp_path: Path) -> None:
    class Faceless(TinyFaceEmoter):
        def emote(self, *given: Any) -> Any:
            raise FaceError("no face")

    class Paid:
        def speak(self, text: str, prompt: Any, reference: Audio) -> Any:
            raise AssertionError("asked for speech although there is no face")

    pipeline = EDAPipeline(**{**tiny_parts, "face_emoter": Faceless(), "voice": Paid()})
    with pytest.raises(FaceError, match="no face"):
        pipeline.say(np.zeros((64, 64, 3), np.uint8), "Hi.", "sad", output=tmp_path / "x.mp4")


def test_a_picture_that_numpy_can_read_will_do(pipeline: EDAPipeline, portrait: Image) -> None:
    class Pillow:
        def __array__(self, dtype: object = None, copy: object = None) -> Image:
            return portrait

    result = pipeline.say(Pillow(), "Good day.", "sad")
    assert np.array_equal(result.portraits[0].original, portrait)


def test_the_picture_is_not_overwritten(
    pipeline: EDAPipeline, portrait: Image, tmp_path: Path
) -> None:
    picture = write_image(tmp_path / "in.png", portrait)
    with pytest.raises(OutputError):
        pipeline.say(picture, "Hi.", "sad", output=picture)


def test_a_pipeline_of_films_animates_a_picture_with_the_rig(
    tiny_parts: Parts, portrait: Image
) -> None:
    parts = {key: part for key, part in tiny_parts.items() if key not in ("animator", "voice")}
    pipeline = EDAPipeline(**parts, voice=tiny_parts["voice"])
    result = pipeline.say(portrait[::2, ::2], "Hi.", "sad")
    assert result.backends["animator"][0] == "rig"
    assert "the animator film needs a film: rig moves this picture" in result.notes
    assert pipeline.parts["animator"].about.name == "film"  # films are still animated as films
    assert pipeline.settings.animator.name == "film"


def test_a_film_animator_that_was_given_is_refused(tiny_parts: Parts, portrait: Image) -> None:
    film = backend("animator", "film")
    with pytest.raises(SettingsError, match="needs a film, not a picture"):
        EDAPipeline(**{**tiny_parts, "animator": film}).say(portrait, "Hi.", "sad")


def test_the_command(portrait: Image, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The offline backends, as a user runs them; preset own animates films, pictures go anyway."""
    picture = write_image(tmp_path / "in.png", portrait[::2, ::2].copy())
    speech = write_wav(tmp_path / "hum.wav", HUM)
    output = tmp_path / "x.mp4"
    given = [picture, "Good day.", "--speech", speech, "-e", "happy", "-o", output]
    with pytest.raises(SystemExit) as ended:
        cli.main(["say", *map(str, given), "--preset", "own", "--no-signature"])
    assert not ended.value.code
    assert capsys.readouterr().out.strip() == str(output)
    assert abs(Video(output).duration - 1.0) < 0.1
    with pytest.raises(SystemExit) as ended:
        cli.main(["say", str(picture), "-e", "happy", "-o", str(output)])
    assert ended.value.code == 2
    assert "holds no words" in capsys.readouterr().err


def test_a_film_given_as_the_picture_is_noted(pipeline: EDAPipeline, moving_portrait: Path) -> None:
    result = pipeline.say(moving_portrait, "Hi.", "sad")
    assert any("is a film: its first frame is the picture" in note for note in result.notes)
    assert repr(result).endswith("output=None)")
