"""The second half of a run: the words are spoken, the face says them, the change is measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from emoanim import registry
from emoanim.app.comparing import Comparison, compare_clips, compare_passages, compare_portrait
from emoanim.app.given_words import ApprovedText, KnownTranscript
from emoanim.app.reading import Reading
from emoanim.app.sources import Source
from emoanim.clips import Audio, Recording, Speech
from emoanim.emotions import EmotionPrompt, Timeline
from emoanim.language.passages import timeline_of
from emoanim.language.subtitles import subtitles, write_beside
from emoanim.pipeline import EDAPipeline
from emoanim.result import EDAResult
from emoanim.runs.records import write_record
from emoanim.settings import Settings
from emoanim.steps import StepHook

__all__ = ["Film", "Order", "make_film"]


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be made.

    Attributes:
        source: a clip or a portrait.
        recording: for a portrait, sound to speak like, or to say again.
        as_recorded: the recording is heard as it is; only the face changes.
        reading: what was said in either.
        texts: what is to be said; of a timeline one text for each passage.
        asked: how.
        settings: with what.
        scorer: name of the classifier that measures the change, "" for none.
        objects: backends in the place of the settings' ones, by role.
    """

    source: Source
    recording: Path | None
    as_recorded: bool
    reading: Reading
    texts: tuple[str, ...]
    asked: EmotionPrompt | Timeline
    settings: Settings
    scorer: str = ""
    objects: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Film:
    """What was made.

    Attributes:
        path: the film.
        speech: its sound alone, a WAV file.
        subtitles: of it, as .srt and .vtt.
        record: how it was made, a JSON file.
        text: what is said in it.
        notes: what the visitor should know.
        seconds: that it took.
        comparison: what a classifier says of the change; None if none was asked.
    """

    path: Path
    speech: Path
    subtitles: tuple[Path, ...]
    record: Path
    text: str
    notes: tuple[str, ...]
    seconds: float
    comparison: Comparison | None


def make_film(order: Order, folder: Path, hook: StepHook) -> Film:
    """Run the pipeline on words that are known, and compare what came of it.

    Args:
        order: what is to be made.
        folder: where the files go; older ones are replaced.
        hook: told of every step.

    Raises:
        EmoanimError: as ``EDAPipeline`` does.
    """
    pipeline = _pipeline(order)
    output = folder / "film.mp4"
    if order.source.kind == "video":
        result = pipeline(
            order.source.path, order.asked, output=output, on_step=hook, keep=folder / "stages"
        )
    else:
        result = _said(order, pipeline, output, folder, hook)
    speech = folder / "stages" / "speech.wav"
    (folder / "captions.vtt").write_text(_captions(order, result), encoding="utf-8")
    record = folder / "record.json"
    write_record(record, result.to_dict())
    return Film(
        output,
        speech.replace(folder / "speech.wav"),
        write_beside(output, result.speech),
        record,
        result.text,
        result.notes,
        result.timings["total"],
        _compared(order, pipeline, result, hook),
    )


def _pipeline(order: Order) -> EDAPipeline:
    known = KnownTranscript(order.reading.transcript)
    objects = {
        **(order.objects or {}),
        "transcriber": known,
        "text_emoter": ApprovedText(order.texts),
    }
    names = {name: getattr(order.settings, name) for name in Settings.model_fields}
    return EDAPipeline(**{**names, **objects})


def _said(
    order: Order, pipeline: EDAPipeline, output: Path, folder: Path, hook: StepHook
) -> EDAResult:
    from emoanim.media import read_audio

    sound = None if order.recording is None else read_audio(order.recording)
    how: dict[str, Any] = {}
    text, asked = " ".join(order.texts), order.asked
    if isinstance(asked, Timeline) and order.reading.passages:
        text, asked = timeline_of(order.texts, order.reading.passages, asked.text)
    if sound is not None and order.as_recorded:
        how["speech"] = sound
        text = order.reading.transcript.text
    elif sound is not None:
        how["voice"] = Recording(sound.samples, sound.rate, order.reading.transcript)
    return pipeline.say(
        order.source.path, text, asked, output=output, on_step=hook,
        keep=folder / "stages", **how,
    )  # fmt: skip


def _captions(order: Order, result: EDAResult) -> str:
    """Return the words of the original as WebVTT; nothing if it has no sound."""
    if order.source.kind != "video":
        return "WEBVTT\n"
    from emoanim.media import Video

    sound: Audio = Video(order.source.path).audio()
    return subtitles(Speech(sound, order.reading.transcript.text), "vtt")


def _compared(
    order: Order, pipeline: EDAPipeline, result: EDAResult, hook: StepHook
) -> Comparison | None:
    scorer: Any = pipeline.classifier
    if scorer is None and order.scorer:
        scorer = registry.backend("classifier", order.scorer)
    if scorer is None or result.output is None:
        return None
    if result.clip is not None:
        from emoanim.media import Video

        before, after = result.of_the_person(result.clip, Video(result.output))
        if result.speech.passages:
            return compare_passages(scorer, before, after, result.speech, hook)
        return compare_clips(scorer, before, after, result.prompt, hook)
    return compare_portrait(scorer, order.source.path, result, hook)
