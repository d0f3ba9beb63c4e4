"""The stages of a sample, in order, and what the result of each depends on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from emoanim import __version__
from emoanim.errors import MediaError
from emoanim.runs.records import timeline_record
from emoanim.settings import BackendChoice
from emoanim.study.items import Item
from emoanim.study.plan import ScoringOptions
from emoanim.study.storage.cache import Entry
from emoanim.study.storage.keys import digest_of_file, key_of

__all__ = ["MAKING", "SCORING", "stage_key"]

MAKING = ("clip", "transcribe", "pick", "rewrite", "speak", "emote", "film")
"""What makes a video: the file's hash, its words, frames with a face, the new words, their sound,
the stills with the emotion, and the film."""

SCORING = ("observe", "score")
"""What scores it: the original once, and the film against it."""

Entries = Mapping[str, Entry]


def stage_key(stage: str, item: Item, entries: Entries, scoring: ScoringOptions) -> str:
    """Return the key of a stage's result for a sample.

    Args:
        stage: one of ``MAKING`` or ``SCORING``.
        item: the sample.
        entries: of the stages before.
        scoring: of the study.

    Raises:
        MediaError: the clip is not there.
    """
    parts = _PARTS[stage](item, entries, scoring)
    return key_of(f"{stage}/{_VERSIONS.get(stage, 4)}", version=__version__, **parts)


_VERSIONS = {"score": 5}
"""Stages of which results kept before are not what the program makes now."""


def _clip(item: Item, entries: Entries, scoring: ScoringOptions) -> dict[str, Any]:
    path = Path(item.clip.path).absolute()
    try:
        state = path.stat()
    except OSError as error:
        raise MediaError(
            f"the clip {str(path)!r} cannot be read: {error.strerror}. Was it moved or deleted?"
        ) from error
    return {"path": str(path), "bytes": state.st_size, "changed": state.st_mtime_ns}


def _transcribe(item: Item, entries: Entries, scoring: ScoringOptions) -> dict[str, Any]:
    return {
        "clip": _content(entries, "clip"),
        "track": item.settings.audio_track,
        "by": _choice(item.settings.transcriber),
    }


def _pick(item: Item, entries: Entries, scoring: ScoringOptions) -> dict[str, Any]:
    return {
        "clip": _content(entries, "clip"),
        "count": item.settings.stills,
        "seed": item.seed_of("face"),
        **_person(item),
    }


def _rewrite(item: Item, entries: Entries, scoring: ScoringOptions) -> dict[str, Any]:
    # Where nobody says a word, it depends on the voice whether words are needed.
    wordless = not str(entries["transcribe"].facts["text"]).strip()
    return {
        **({"voice": _choice(item.settings.voice)} if wordless else {}),
        "transcript": _content(entries, "transcribe"),
        "by": _choice(item.settings.text_emoter),
        "seed": item.seed_of("words"),
        **_prompt(item),
    }


def _speak(item: Item, entries: Entries, scoring: ScoringOptions) -> dict[str, Any]:
    return {
        "clip": _content(entries, "clip"),
        "transcript": _content(entries, "transcribe"),
        "text": _content(entries, "rewrite"),
        "by": _choice(item.settings.voice),
        "seed": item.seed_of("voice"),
        "bed": item.settings.bed,
        **_prompt(item),
    }


def _emote(item: Item, entries: Entries, scoring: ScoringOptions) -> dict[str, Any]:
    ranker = item.settings.classifier
    return {
        "clip": _content(entries, "clip"),
        "times": entries["pick"].facts["times"],
        **_person(item),
        "by": _choice(item.settings.face_emoter),
        "ranked": None if ranker is None else _choice(ranker),
        "seed": item.seed_of("face"),
        **_prompt(item),
    }


def _film(item: Item, entries: Entries, scoring: ScoringOptions) -> dict[str, Any]:
    return {
        "clip": _content(entries, "clip"),
        "still": entries["emote"].key,
        "speech": _content(entries, "speak"),
        "by": _choice(item.settings.animator),
        "seed": item.seed_of("face"),
        "output": item.output,
        "marks": [item.settings.sign, item.settings.words_in_tags],
        "encoder": item.settings.encoder,
        **_person(item),
        **_prompt(item),
    }


def _observe(item: Item, entries: Entries, scoring: ScoringOptions) -> dict[str, Any]:
    return {
        "clip": _content(entries, "clip"),
        "transcript": _content(entries, "transcribe"),
        "by": scoring.model_dump(mode="json"),
        **_person(item),
    }


def _score(item: Item, entries: Entries, scoring: ScoringOptions) -> dict[str, Any]:
    return {
        "film": _content(entries, "film"),
        "original": entries["observe"].key,
        "still": entries["emote"].key,
        "text": _content(entries, "rewrite"),
        "output": item.output,
        "pictures": item.sample == 0,
        **_prompt(item),
    }


_PARTS: Mapping[str, Callable[[Item, Entries, ScoringOptions], dict[str, Any]]] = {
    "clip": _clip,
    "transcribe": _transcribe,
    "pick": _pick,
    "rewrite": _rewrite,
    "speak": _speak,
    "emote": _emote,
    "film": _film,
    "observe": _observe,
    "score": _score,
}


def _person(item: Item) -> dict[str, Any]:
    """Return who is meant, if anybody; a picture counts by its content."""
    choice = item.settings.chosen_person
    if choice is None:
        return {}
    if choice.picture is None:
        return {"person": choice.text}
    return {"person": digest_of_file(choice.picture)}


def _content(entries: Entries, stage: str) -> str:
    """Return what identifies a result's content; equal contents of other keys are the same."""
    entry = entries[stage]
    return str(entry.facts.get("content", entry.digest))


def _choice(choice: BackendChoice) -> dict[str, Any]:
    return {"name": choice.name, "options": choice.options}


def _prompt(item: Item) -> dict[str, Any]:
    prompt = item.prompt
    others = {"others": [(str(emotion), part) for emotion, part in prompt.others]}
    return {
        "emotion": str(prompt.emotion),
        "intensity": prompt.intensity,
        "prompt": prompt.text,
        **(others if prompt.others else {}),
        **({} if item.timeline is None else {"timeline": timeline_record(item.timeline)}),
    }
