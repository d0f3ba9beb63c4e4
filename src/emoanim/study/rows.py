"""One row per sample: written in shards as the chunks of a run are finished, read as a stream."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from emoanim.study.items import Item
from emoanim.study.stages import MAKING, SCORING
from emoanim.study.storage.cache import Entry
from emoanim.study.storage.stores import Store
from emoanim.study.workers.tasks import Failure

__all__ = ["Work", "flat_row", "read_rows", "read_shard", "row_of", "write_shard"]

Row = dict[str, Any]
_FOLDER = "rows"
_SHORT = 16


@dataclass(slots=True)
class Work:
    """A sample on its way: what has been made of it, or why it ended."""

    item: Item
    entries: dict[str, Entry] = field(default_factory=dict)
    failure: Failure | None = None


def row_of(work: Work) -> Row:
    """Return a sample's row: what it is, how it ended, its measures and what it took."""
    item, facts = work.item, {name: entry.facts for name, entry in work.entries.items()}
    row: Row = {
        "id": item.id,
        "system": item.system,
        "clip": item.clip.name,
        "subject": item.clip.subject,
        "emotion": str(item.prompt.emotion),
        "intensity": item.prompt.intensity,
        "prompt": item.asked.text,
        "sample": item.sample,
        "seed": item.seed,
        "original": str(item.clip.path),
        "status": "done" if work.failure is None else "failed",
        "stage": "" if work.failure is None else work.failure.stage,
        "error": "" if work.failure is None else work.failure.message,
        "kind": "" if work.failure is None else work.failure.kind,
    }
    if "clip" in facts:
        row["clip_bytes"] = facts["clip"]["bytes"]
        row["duration_original"] = facts["clip"]["duration"]
    if "transcribe" in facts:
        row["transcript"] = facts["transcribe"]["text"]
    if "rewrite" in facts:
        row["text"] = facts["rewrite"]["text"]
    for stage, names in _KEPT.items():
        row |= {name: facts[stage][name] for name in names if name in facts.get(stage, {})}
    row["notes"] = [note for part in facts.values() for note in part.get("notes", ())]
    if "observe" in facts:
        row["words_original"] = facts["observe"].get("words")
        row["voice_original"] = facts["observe"].get("voice")
        row["features_by"] = facts["observe"].get("features_by", "")
    lacking = {what for stage in SCORING for what in facts.get(stage, {}).get("lacking", ())}
    if lacking:
        row["lacking"] = sorted(lacking)
    stages = [s for s in (*MAKING, *SCORING) if s in facts]
    row["keys"] = {s: work.entries[s].key[:_SHORT] for s in stages}
    row["seconds"] = {s: facts[s].get("seconds", 0.0) for s in stages}
    row["cpu"] = {s: facts[s].get("cpu", 0.0) for s in stages}
    return row


_KEPT: Mapping[str, tuple[str, ...]] = {
    "speak": ("duration",),
    "film": ("video", "sha256", "content", "bytes", "frames", "fps"),
    "score": (
        "scores", "scores_sha256", "faces", "kappa", "cpbd", "cpbd_still", "psnr_still",
        "perceptual_still",
        "head_motion", "beat_alignment", "lips", "lag", "identity", "coverage", "words", "voice",
        "measures", "reasons",
    ),
}  # fmt: skip


def shard_name(number: int, key: str) -> str:
    """Return the name of a chunk's shard; it says what the chunk was, too."""
    return f"{_FOLDER}/{number:06d}-{key[:_SHORT]}.jsonl"


def write_shard(store: Store, name: str, works: Sequence[Work]) -> None:
    """Write the rows of a chunk.

    Raises:
        OutputError: they cannot be written.
    """
    lines = [json.dumps(row_of(work), ensure_ascii=False) + "\n" for work in works]
    store.write(name, "".join(lines).encode())


def read_shard(store: Store, name: str) -> list[Row] | None:
    """Return the rows of a shard; None if there is none, or it is damaged."""
    content = store.read(name)
    if content is None:
        return None
    try:
        return [json.loads(line) for line in content.decode().splitlines()]
    except ValueError:
        return None


def read_rows(store: Store) -> Iterator[Row]:
    """Yield every row of a run, in order, shard by shard."""
    for name in store.names(_FOLDER):
        yield from read_shard(store, f"{_FOLDER}/{name}") or ()


def drop_other_shards(store: Store, names: set[str]) -> None:
    """Remove the shards of chunks that are no part of the run any more."""
    for name in list(store.names(_FOLDER)):
        if f"{_FOLDER}/{name}" not in names:
            store.remove(f"{_FOLDER}/{name}")


def flat_row(row: Row) -> Row:
    """Return a row with one plain value per name: {"faces": {"fer8": {"edd": 1}}} -> "fer8.edd"."""
    flat: Row = {}
    for name, value in row.items():
        if name in ("keys", "reasons", "lacking", "notes", "original"):
            continue
        if name == "faces":
            for classifier, seen in value.items():
                flat |= _face(classifier, seen)
        elif isinstance(value, dict):
            flat |= {f"{name}.{key}": each for key, each in value.items()}
        elif isinstance(value, list):
            before, after = value
            flat |= {f"{name}_original": before, name: after}
        else:
            flat[name] = value
    return flat


def _face(classifier: str, seen: Mapping[str, Any]) -> Row:
    flat: Row = {
        f"{classifier}.{n}": seen.get(n) for n in ("edd", "edd_unsmoothed", "null", "wrong")
    }
    for name in ("mean", "top"):
        before, after = seen.get(name) or (None, None)
        flat |= {f"{classifier}.{name}_original": before, f"{classifier}.{name}": after}
    return flat
