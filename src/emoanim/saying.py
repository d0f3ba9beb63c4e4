"""A picture and a text: the person in it says it in the emotion."""

from __future__ import annotations

from contextlib import suppress
from copy import copy
from dataclasses import replace
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np

from emoanim.arguments import named, path_of
from emoanim.arrays import as_array
from emoanim.clips import Animation, Audio, Image, Portrait, Speech, Transcript, is_picture
from emoanim.emotions import Emotion, EmotionPrompt, Passage, Timeline, read_prompt
from emoanim.errors import InputError, SettingsError
from emoanim.face import chosen_person, notes_on_picture
from emoanim.language.passages import passages_of
from emoanim.memory_clip import MemoryClip
from emoanim.notebook import watching
from emoanim.persons import PersonChoice, PersonClip
from emoanim.registry.checks import checked
from emoanim.registry.parts import make_parts
from emoanim.result import EDAResult
from emoanim.runs.branches import branches
from emoanim.runs.honouring import notes_on_emotions
from emoanim.runs.marking import Marking, backend_names
from emoanim.runs.records import write_record
from emoanim.runs.rendering import animated, one_at_a_time, write_takes
from emoanim.services import accounting
from emoanim.sound.joining import Spoken, joined
from emoanim.steps import Step, StepHook, Stopwatch

if TYPE_CHECKING:
    from emoanim.pipeline import EDAPipeline

__all__ = ["say"]

_NOBODY = Audio(np.zeros(0, np.float32), 16000)
"""The reference of a voice that is to be like nobody's."""


def say(
    pipeline: EDAPipeline,
    image: str | Path | Image,
    text: str,
    emotion: str | Emotion | EmotionPrompt | Timeline,
    output: str | Path | None,
    speech: str | Path | Audio | None,
    voice: str | Path | Audio | None,
    on_step: StepHook,
    keep: str | Path | None,
) -> EDAResult:
    """Do what ``EDAPipeline.say`` promises."""
    begun = perf_counter()
    pipeline, swapped = _for_a_picture(pipeline)
    asked = read_prompt(emotion)
    prompt = asked.main() if isinstance(asked, Timeline) else asked
    source = Path(image) if isinstance(image, str | Path) else None
    target = None if output is None else path_of(output, "the output")
    _check(pipeline, text, speech, source, target, keep)
    if isinstance(asked, Timeline) and speech is None:
        asked.check_for_text(", or a recording (speech=)")
    marking = Marking(pipeline.settings, asked, source, backend_names(pipeline.backends))
    report = one_at_a_time(watching(on_step), keep, marking)
    watch = Stopwatch(report)
    with watch.step("read") as done:
        picture, chosen = _of_person(_picture(image), pipeline.face.person)
        seen = notes_on_picture(picture)
        done(None)
    with accounting(pipeline.settings.budget) as ledger:
        with watch.step("emote") as done:
            # The face comes first: a picture without one must not cost a paid call.
            still = _still(pipeline, picture, prompt)
            done([still])
        with watch.step("speak") as done, branches(report) as (start, _):
            spoken = start(_speech, pipeline, text, asked, speech, voice).result()
            if spoken.passages:
                still = pipeline.face.changeable(still)
            done(spoken)
        started = perf_counter()
        animate = partial(
            animated, pipeline.face, speech=spoken, prompt=prompt, source=None, report=report
        )
        takes: tuple[Path, ...] = ()
        animation: Animation | None = None
        if target is None:
            animation = animate(still)
        else:
            takes = write_takes(target, [still], animate, spoken, marking)
            report(Step("write", target, 1, 1))
        watch.seconds["animate"] = perf_counter() - started
    result = EDAResult(
        source=source,
        output=target,
        takes=takes,
        prompt=prompt,
        transcript=Transcript(spoken.text, spoken.language, (), spoken.audio.duration),
        text=spoken.text,
        speech=spoken,
        portraits=(still,),
        order=(0,),
        timings={**watch.seconds, "total": perf_counter() - begun},
        seed=pipeline.settings.seed,
        backends=pipeline.backends,
        notes=(
            *swapped,
            *_note_on_video(source),
            *chosen,
            *seen,
            *notes_on_emotions(pipeline.parts, asked, prompt),
            *(() if target is None else marking.notes(target)),
        ),
        timeline=asked if isinstance(asked, Timeline) else None,
        costs=ledger.to_dict(),
        animation=animation,
        settings=pipeline.settings,
        objects=tuple(role for role, part in pipeline.parts.items() if not part.by_name),
    )
    if keep is not None:
        write_record(Path(keep) / "run.json", result.to_dict())
    return result


def _for_a_picture(pipeline: EDAPipeline) -> tuple[EDAPipeline, tuple[str, ...]]:
    """Return the pipeline, with the animator of stills where its own needs a film, and a note.

    ``film`` is the default of a pipeline; whoever shows a picture did not choose it for that.
    """
    part = pipeline.parts["animator"]
    if part.about.name != "film" or not part.by_name:
        return pipeline, ()
    changed = copy(pipeline)
    changed.settings = pipeline.settings.for_a_picture()
    changed.parts = {**pipeline.parts, **make_parts(changed.settings, ("animator",))}
    changed.face = replace(pipeline.face, animator=changed.parts["animator"].backend)
    return changed, ("the animator film needs a film: rig moves this picture",)


def _check(
    pipeline: EDAPipeline,
    text: str,
    speech: object,
    source: Path | None,
    target: Path | None,
    keep: str | Path | None,
) -> None:
    """See before any work that there is something to say and a place for it."""
    from emoanim.media import check_writable
    from emoanim.runs.stage_files import check_keep

    if not isinstance(text, str):
        raise InputError(
            f"{named(text)} given as the text; expected a str that the person is to say."
        )
    if speech is None and not any(c.isalnum() for c in text):
        raise InputError(
            f"the text {text!r} holds no words; expected what the person is to say, or a "
            "recording of it: speech=... in Python, --speech on the command line."
        )
    if pipeline.parts["animator"].about.name == "film":
        raise SettingsError(
            "the animator 'film' needs a film, not a picture; expected one that animates stills. "
            'Choose it: animator="rig".'
        )
    if target is not None:
        check_writable(target, source=source)
    check_keep(keep, *(path for path in (target, source) if path is not None))


def _picture(image: str | Path | Image) -> Image:
    if isinstance(image, str | Path):
        from emoanim.media import read_image

        return read_image(image)
    with suppress(InputError):
        picture = as_array(image)  # Pillow's pictures and tensors, too
        if is_picture(picture):
            return picture
    raise InputError(
        f"{named(image)} given as the picture; expected a file or uint8 (h, w, 3) RGB."
    )


def _note_on_video(source: Path | None) -> tuple[str, ...]:
    """Say that a film given as the picture was taken for its first frame."""
    from emoanim.media import VIDEO_SUFFIXES

    if source is None or source.suffix.lower() not in VIDEO_SUFFIXES or source.suffix == ".gif":
        return ()
    return (f"{source.name} is a film: its first frame is the picture. To change it, animate it",)


def _of_person(picture: Image, choice: PersonChoice | None) -> tuple[Image, tuple[str, ...]]:
    """Cut a picture to the person who is meant; nobody else is in it then."""
    if choice is None:
        return picture, ()
    clip = MemoryClip([picture], 1.0, None)
    person, notes = chosen_person(clip, choice)
    assert person is not None
    return next(PersonClip(clip, person).frames()).image, notes


def _still(pipeline: EDAPipeline, picture: Image, prompt: EmotionPrompt) -> Portrait:
    emoter = pipeline.face.face_emoter
    still = checked("face_emoter", emoter, emoter.emote([picture], prompt), 1)[0]
    return replace(still, prompt=prompt)


def _speech(
    pipeline: EDAPipeline,
    text: str,
    asked: EmotionPrompt | Timeline,
    speech: str | Path | Audio | None,
    voice: str | Path | Audio | None,
) -> Speech:
    """Speak the text, or take a recording as it is and listen to it for the lips."""
    if speech is None:
        like = _sound(voice, _NOBODY)
        if isinstance(asked, EmotionPrompt):
            return _spoken(pipeline, text, asked, like)
        passages, _ = passages_of(Transcript(text), asked, 1.0)
        return joined(
            [
                Spoken(_spoken(pipeline, p.transcript.text, p.prompt, like), p.prompt, 0.3)
                for p in passages
            ]
        )
    audio = _sound(speech, _NOBODY)
    if isinstance(asked, Timeline):
        return _recorded(pipeline, audio, text, asked)
    if text:
        return Speech(audio, text)
    heard = pipeline.speech.transcriber.transcribe(audio)
    heard = checked("transcriber", pipeline.speech.transcriber, heard)
    return Speech(audio, heard.text, language=heard.language)


def _spoken(pipeline: EDAPipeline, text: str, prompt: EmotionPrompt, like: Audio) -> Speech:
    voice = pipeline.speech.voice
    return checked("voice", voice, voice.speak(text, prompt, like))


def _recorded(pipeline: EDAPipeline, audio: Audio, text: str, timeline: Timeline) -> Speech:
    """Return a recording as it is, with the emotions that the face goes through."""
    hearer = pipeline.speech.transcriber
    heard = None
    if not text or timeline.by_sentence:
        heard = checked("transcriber", hearer, hearer.transcribe(audio))
    if heard is not None and timeline.by_sentence:
        passages, _ = passages_of(heard, timeline, audio.duration)
        changes = tuple(Passage(p.start, p.prompt) for p in passages)
    else:
        timeline.check_within(audio.duration)
        changes = tuple(map(Passage, timeline.starts, timeline.prompts))
    said = text or (heard.text if heard is not None else "")
    return Speech(audio, said, language=heard.language if heard else "en", passages=changes)


def _sound(given: str | Path | Audio | None, otherwise: Audio) -> Audio:
    if given is None:
        return otherwise
    if isinstance(given, Audio):
        return given
    from emoanim.media import read_audio

    return read_audio(given)
