"""The first half of a run: is there a face, what was said, and how it could be said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from emoanim.app.sources import Source
from emoanim.clips import Audio, Rewrite, Transcript
from emoanim.emotions import EmotionPrompt
from emoanim.errors import FaceError, InputError
from emoanim.protocols import RewritesWithRecord
from emoanim.registry.parts import make_parts
from emoanim.services import accounting
from emoanim.settings import Settings
from emoanim.speech import check_sound, check_words
from emoanim.steps import StepHook, Stopwatch

__all__ = ["Reading", "read"]


@dataclass(frozen=True, slots=True)
class Reading:
    """What was found in a clip, or in a portrait with a text or a recording.

    Attributes:
        transcript: what was said.
        text: the new words, as they were proposed.
        prompt: the emotion that they were written for.
        notes: what the visitor should know.
    """

    transcript: Transcript
    text: str
    prompt: EmotionPrompt
    notes: tuple[str, ...] = ()


def read(
    source: Source,
    recording: Path | None,
    typed: str,
    prompt: EmotionPrompt,
    settings: Settings,
    hook: StepHook,
    objects: Mapping[str, object] | None = None,
) -> Reading:
    """Look for the face, listen, and write the new words.

    Args:
        source: a clip or a portrait.
        recording: for a portrait, sound whose words are said.
        typed: for a portrait, what is said.
        prompt: the target emotion.
        settings: of the run; its transcriber and text emoter are asked.
        hook: told of every step.
        objects: backends in the place of the settings' ones, by role.

    Raises:
        FaceError: nobody can be seen.
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
    with watch.step("face") as done:
        if clip is not None:
            from emoanim.face import pick_frames

            pick_frames(clip, 1, settings.seed)
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
            done(transcript)
        with watch.step("rewrite") as done:
            rewrite = _rewritten(parts["text_emoter"].backend, transcript, prompt)
            done(rewrite.text)
    notes = (*(clip.notes if clip is not None else ()), *rewrite.notes)
    return Reading(transcript, rewrite.text, prompt, notes)


def _heard(sound: Audio | None, transcriber: Any) -> Transcript:
    if sound is None:
        raise InputError(
            "a portrait without words was given; expected a text, or a recording. Type what the "
            "person is to say."
        )
    check_sound(sound)
    transcript: Transcript = transcriber.transcribe(sound)
    check_words(transcript, sound)
    return transcript


def _rewritten(emoter: Any, transcript: Transcript, prompt: EmotionPrompt) -> Rewrite:
    if isinstance(emoter, RewritesWithRecord):
        return emoter.rewrite_with_record(transcript, prompt)
    return Rewrite(emoter.rewrite(transcript, prompt))


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
