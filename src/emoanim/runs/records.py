"""The record of a run: enough to tell what made a file, and to make it again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import emoanim
from emoanim import registry
from emoanim.emotions import EmotionPrompt, Timeline
from emoanim.errors import InputError, SettingsError
from emoanim.outputs import temporary, writing
from emoanim.parsing import parse_json, read_text
from emoanim.settings import Settings

__all__ = [
    "RecordedRun",
    "file_hash",
    "made_with",
    "prompt_of",
    "prompt_record",
    "read_record",
    "timeline_record",
    "write_record",
]


class RecordedRun(NamedTuple):
    """What a record asks for.

    Attributes:
        settings: of the pipeline.
        prompt: the emotion and its strength, or the timeline.
        source: the video, as it was named.
        source_sha256: its hash; "" if there was no file.
        version: of emoanim.
        weights: name -> sha256 of the weight files.
    """

    settings: Settings
    prompt: EmotionPrompt | Timeline
    source: Path
    source_sha256: str
    version: str
    weights: Mapping[str, str]

    def check_source(self, path: Path) -> None:
        """Compare a video with the one of the record.

        Raises:
            InputError: it is another one, or cannot be read.
        """
        there = file_hash(path)
        if there != self.source_sha256:
            raise InputError(
                f"{path} has sha256 {there[:16]}..., the record was made from one with "
                f"{self.source_sha256[:16]}...; expected the same file. Give that one, or run "
                "without --from-record."
            )

    def differences(self) -> tuple[str, ...]:
        """Say what is not as it was when the record was made, so that the bytes may differ."""
        notes = []
        if self.version != emoanim.__version__:
            notes.append(f"the record is of emoanim {self.version}, this is {emoanim.__version__}")
        now = weight_hashes(self.settings)
        changed = sorted(name for name, digest in self.weights.items() if now.get(name) != digest)
        if changed:
            notes.append(f"the weights {', '.join(changed)} are not those of the record")
        return tuple(notes)


def prompt_record(prompt: EmotionPrompt) -> dict[str, Any]:
    """Return a prompt as plain values."""
    others = [{"emotion": str(emotion), "intensity": part} for emotion, part in prompt.others]
    blend = {"others": others} if others else {}
    return {
        "emotion": str(prompt.emotion),
        "intensity": prompt.intensity,
        "prompt": prompt.text,
        **blend,
    }


def timeline_record(timeline: Timeline) -> dict[str, Any]:
    """Return a timeline as plain values."""
    return {
        "text": timeline.text,
        "starts": list(timeline.starts),
        "prompts": [prompt_record(prompt) for prompt in timeline.prompts],
    }


def prompt_of(record: Mapping[str, Any]) -> EmotionPrompt:
    """Return the prompt that ``prompt_record`` made a record of."""
    others = tuple((part["emotion"], part["intensity"]) for part in record.get("others", ()))
    return EmotionPrompt(record["emotion"], record["intensity"], record.get("prompt", ""), others)


def _timeline(record: Mapping[str, Any]) -> Timeline:
    prompts = tuple(prompt_of(prompt) for prompt in record["prompts"])
    return Timeline(prompts, tuple(record["starts"]), record["text"])


def made_with(settings: Settings) -> dict[str, Any]:
    """Return the part of a record that says what made it: version, settings, weights."""
    return {
        "emoanim": emoanim.__version__,
        "settings": settings.model_dump(mode="json"),
        "weights": weight_hashes(settings),
    }


def weight_hashes(settings: Settings) -> dict[str, str]:
    """Return the names and hashes of the weight files that the settings' backends need."""
    from emoanim.weights import expected, known

    choices = ((role, getattr(settings, role)) for role in registry.ROLES)
    names = {
        name
        for role, choice in choices
        if choice is not None
        for name in registry.info(role, choice.name).weights
    }
    return {name: expected(known(name)) for name in sorted(names)}


def file_hash(path: str | Path) -> str:
    """Return the SHA-256 of a file in hexadecimal digits.

    Raises:
        InputError: it cannot be read.
    """
    try:
        with Path(path).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}.") from error


def write_record(path: Path, record: Mapping[str, Any]) -> None:
    """Write a record as JSON, whole or not at all.

    Raises:
        OutputError: it cannot be written there.
    """
    text = json.dumps(record, ensure_ascii=False, indent=1, default=str) + "\n"
    with temporary(path, (".json",)) as hidden, writing(path):
        hidden.write_text(text, encoding="utf-8")


def read_record(path: str | Path) -> RecordedRun:
    """Read what ``--keep`` or ``--json`` wrote.

    Raises:
        InputError: no such file, no record, or one of a run that cannot be repeated by it.
    """
    try:
        record = parse_json(read_text(Path(path)))
        if not isinstance(record, dict):
            raise TypeError("no table of values")
        settings = record["settings"]
        line = record.get("timeline")
        prompt = prompt_of(record) if line is None else _timeline(line)
        source, digest = record["source"], record["source_sha256"]
        version, weights = str(record["emoanim"]), dict(record["weights"])
        objects = list(record["objects"])
    except OSError as error:
        raise InputError(f"the record {path} cannot be read: {error.strerror}.") from error
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise InputError(
            f"{path} is no record of a run ({type(error).__name__}: {error}); expected the "
            "run.json that --keep wrote, or what --json printed."
        ) from error
    if objects or source is None:
        why = f"{', '.join(objects)} given as an object" if objects else "frames in memory"
        raise SettingsError(
            f"the run of {path} was made with {why}, which a file cannot hold; expected a run of "
            "backends by name on a file. Repeat it from Python."
        )
    checked = Settings.of(settings, f"the settings in {path}")
    return RecordedRun(checked, prompt, Path(source), str(digest), version, weights)
