"""The first half of a run: is there a face, what was said, and how it could be said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from emoanim.app.sources import Source
from emoanim.clips import Audio, Transcript
from emoanim.emotions import EmotionPrompt, Timeline
from emoanim.errors import FaceError, InputError
from emoanim.language.passages import passages_of
from emoanim.protocols import Voice
from emoanim.registry.parts import make_parts
from emoanim.services import accounting
from emoanim.settings import Settings
from emoanim.speech import check_said, hear_words, write_words
from emoanim.steps import StepHook, Stopwatch

__all__ = ["Reading", "read"]


@dataclass(frozen=True, slots=True)
class Reading:
    """What was found in a clip, or in a portrait with a text or a recording.

    Attributes:
        transcript: what was said.
        text: the new words, as they were proposed; of a timeline a line for each passage.
        asked: the emotion or the timeline that they were written for.
        passages: the emotions of the lines; () without a timeline.
        notes: what the visitor should know.
    """

    transcript: Transcript
    text: str
    asked: EmotionPrompt | Timeline
    passages: tuple[EmotionPrompt, ...] = ()
    notes: tuple[str, ...] = ()

    def texts(self, words: str) -> tuple[str, ...]:
        """Return what is to be said in each passage, from the words as the visitor left them.

        Raises:
            InputError: not one line for each emotion of a timeline.
        """
        if not self.passages:
            return (words.strip(),)
        lines = tuple(" ".join(line.split()) for line in words.splitlines() if line.strip())
        if len(lines) != len(self.passages) or not all(
            any(c.isalnum() for c in line) for line in lines
        ):
            emotions = ", ".join(prompt.text for prompt in self.passages)
            raise InputError(
                f"new words in {len(lines)} line{'s' * (len(lines) != 1)} given for "
                f"{len(self.passages)} emotions; expected a line of words for each: {emotions}."
            )
        return lines


def read(
    source: Source,
    recording: Path | None,
    typed: str,
    asked: EmotionPrompt | Timeline,
    settings: Settings,
    hook: StepHook,
    objects: Mapping[str, object] | None = None,
    *,
    as_recorded: bool = False,
) -> Reading:
    """Look for the face, listen, and write the new words.

    Args:
        source: a clip or a portrait.
        recording: for a portrait, sound whose words are said.
        typed: for a portrait, what is said.
        asked: the target emotion, or several one after the other.
        settings: of the run; its transcriber and text emoter are asked, and its voice whether
            a clip without words will do.
        hook: told of every step.
        objects: backends in the place of the settings' ones, by role.
        as_recorded: the recording stays as it is, so there are no new words.

    Raises:
        EmotionError: a timeline that does not fit what is said.
        FaceError: nobody can be seen, or not the person who is meant.
        NoSpeechError: nobody can be heard.
        InputError: a portrait without anything to say.
    """
    from emoanim.media import Video, read_audio, read_image

    watch = Stopwatch(hook)
    with watch.step("open") as done:
        clip = Video(source.path) if source.kind == "video" else None
        sound: Audio | None = None
        if clip is not None:
            sound = clip.audio()
        elif recording is not None:
            sound = read_audio(recording)
        done(sound)
    followed: tuple[str, ...] = ()
    with watch.step("face") as done:
        if clip is not None:
            from emoanim.face import chosen_person, pick_frames

            person, followed = chosen_person(clip, settings.chosen_person)
            _, seen = pick_frames(clip, 1, settings.seed, person=person)
            followed += seen
        else:
            _check_portrait(read_image(source.path))
        done(None)
    chosen = {k: v for k, v in (objects or {}).items() if k in ("transcriber", "text_emoter")}
    parts = make_parts(settings, ("transcriber", "text_emoter"), chosen)
    with accounting(settings.budget):
        with watch.step("transcribe") as done:
            typed = typed.strip()
            if clip is None and typed:
                transcript = Transcript(typed, duration=sound.duration if sound else 0.0)
            else:
                transcript = _heard(sound, parts["transcriber"].backend)
                if sound is not None and not transcript.text.strip():
                    voice = _voice(settings, objects) if clip is not None else None
                    check_said(transcript, sound, voice, asked)
            done(transcript)
        with watch.step("rewrite") as done:
            if as_recorded:
                reading = Reading(transcript, transcript.text, asked)
            elif isinstance(asked, Timeline):
                seconds = None if clip is None or sound is None else sound.duration
                reading = _in_passages(parts["text_emoter"].backend, transcript, asked, seconds)
            else:
                new = write_words(
                    parts["text_emoter"].backend, transcript, asked, transcript.duration
                )
                reading = Reading(transcript, new.text, asked, (), new.notes)
            done(reading.text)
    of_clip = clip.notes if clip is not None else ()
    return replace(reading, notes=(*of_clip, *followed, *reading.notes))


def _in_passages(
    emoter: Any, transcript: Transcript, asked: Timeline, seconds: float | None
) -> Reading:
    """Write the new words of each passage; ``seconds`` of a film, None for a text."""
    if seconds is None:
        asked.check_for_text()
    passages, _ = passages_of(transcript, asked, seconds or 1.0)
    new = write_words(emoter, transcript, asked, seconds or 1.0)
    lines = "\n".join(" ".join(text.split()) for text in new.texts)
    prompts = tuple(passage.prompt for passage in passages)
    return Reading(transcript, lines, asked, prompts, tuple(dict.fromkeys(new.notes)))


def _heard(sound: Audio | None, transcriber: Any) -> Transcript:
    if sound is None:
        raise InputError(
            "a portrait without words was given; expected a text, or a recording. Type what the "
            "person is to say."
        )
    return hear_words(transcriber, sound)


def _voice(settings: Settings, objects: Mapping[str, object] | None) -> Voice:
    given = {role: part for role, part in (objects or {}).items() if role == "voice"}
    voice: Voice = make_parts(settings, ("voice",), given)["voice"].backend
    return voice


def _check_portrait(image: Any) -> None:
    from emoanim.face import MIN_FACE
    from emoanim.faces import shared_finder

    faces = shared_finder().find(image)
    if not faces:
        raise FaceError(
            "no face was found in the picture; expected a person facing the camera. Give another "
            "picture, or cut it to the person."
        )
    if faces[0].size < MIN_FACE:
        raise FaceError(
            f"the face in the picture is {faces[0].size:.0f} pixels wide; expected at least "
            f"{MIN_FACE}. Give a larger picture."
        )
