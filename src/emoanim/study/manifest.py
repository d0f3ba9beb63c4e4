"""The manifest of a batch: one video and emotion a line, as JSON lines or CSV.

::

    {"video": "clips/ada.mp4", "emotion": "very happy"}
    {"video": "clips/ada.mp4", "emotion": "sad", "id": "ada-sad", "seed": 3, "preset": "local"}

``video`` and ``emotion`` must be there. ``id`` names the output (video and emotion by default),
``output`` gives its place below the output folder, ``subject`` whom it shows, ``seed`` the seed,
``preset`` or ``settings`` (a table, in JSON) what it is made with. Paths are relative to the
manifest. Lines are read one by one, never all at once.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from emoanim.emotions import EmotionPrompt
from emoanim.errors import EmoanimError, InputError, SettingsError
from emoanim.outputs import VIDEO_SUFFIXES
from emoanim.settings import Settings
from emoanim.study.checking import check_backends, check_clip
from emoanim.study.items import FoundClip, Item, settings_of, slug

__all__ = ["items_of_manifest", "read_manifest"]

_KNOWN = ("video", "emotion", "id", "output", "subject", "seed", "preset", "settings")
_MOST_FAULTS = 1000


def read_manifest(
    manifest: str | Path, base: Settings, *, deep: bool = True
) -> tuple[int, list[str]]:
    """Return the number of lines and every fault, each with its line.

    Args:
        manifest: .jsonl or .csv.
        base: settings of lines that name none.
        deep: look at the clips and the backends too.

    Raises:
        InputError: no such file, or another ending.
    """
    faults: list[str] = []
    looked: dict[str, list[str]] = {}
    outputs: dict[str, int] = {}
    count = 0
    for line, record in _records(manifest):
        count += 1
        if len(faults) >= _MOST_FAULTS:
            continue
        if isinstance(record, str):
            faults.append(f"line {line}: {record}.")
            continue
        try:
            item = _item(record, Path(manifest), base)
        except EmoanimError as error:
            faults.append(f"line {line}: {error}")
            continue
        if item.output in outputs:
            first = outputs[item.output]
            faults.append(f"line {line}: the output {item.output!r} is that of line {first} too.")
        outputs.setdefault(item.output, line)
        if not deep:
            continue
        path, parts = str(item.clip.path), item.settings.model_dump_json()
        if path not in looked:
            looked[path] = check_clip(item.clip.path)
        if parts not in looked:
            looked[parts] = list(check_backends(item.settings, [item.prompt.emotion]))
        faults += [f"line {line}: {fault}" for fault in (*looked[path], *looked[parts])]
    if not count:
        faults.append("it holds no lines; expected one video and emotion on each.")
    return count, faults


def items_of_manifest(manifest: str | Path, base: Settings) -> Iterator[Item]:
    """Yield the items of a manifest that was checked."""
    for _, record in _records(manifest):
        if isinstance(record, dict):
            yield _item(record, Path(manifest), base)


def _records(manifest: str | Path) -> Iterator[tuple[int, dict[str, Any] | str]]:
    """Yield line numbers with what stands there, or with what is wrong there."""
    file = Path(manifest)
    if file.suffix.lower() not in (".jsonl", ".csv"):
        raise InputError(f"the manifest {str(file)!r} was given; expected .jsonl or .csv.")
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            if file.suffix.lower() == ".csv":
                reader = csv.DictReader(lines)
                for row in reader:
                    if None in row:
                        yield reader.line_num, "it has more cells than the first line has names"
                    else:
                        yield reader.line_num, {k: v for k, v in row.items() if v}
                return
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield number, _parsed(line)
    except OSError as error:
        raise InputError(f"the manifest {str(file)!r} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise InputError(f"the manifest {str(file)!r} is not UTF-8: {error.reason}.") from error


def _parsed(line: str) -> dict[str, Any] | str:
    try:
        value = json.loads(line)
    except ValueError as error:
        return f"no JSON: {error}"
    return value if isinstance(value, dict) else f"{value!r} is no table"


def _item(record: Mapping[str, Any], manifest: Path, base: Settings) -> Item:
    strange = [name for name in record if name not in _KNOWN]
    if strange:
        raise SettingsError(f"{strange[0]!r} is no name here; there are {', '.join(_KNOWN)}.")
    for name in ("video", "emotion"):
        if not isinstance(record.get(name), str) or not record[name]:
            raise SettingsError(f"{name!r} is missing.")
    prompt = EmotionPrompt.parse(record["emotion"])
    video = Path(record["video"]).expanduser()
    clip = video if video.is_absolute() else manifest.parent / video
    settings = base
    if "preset" in record or "settings" in record:
        own = record.get("settings", {})
        if not isinstance(own, Mapping):
            raise SettingsError(f"'settings' is {own!r}; expected a table.")
        settings = settings_of({"preset": record.get("preset", "local"), "sign": base.sign, **own})
    seed = _seed(record.get("seed", settings.seed))
    strength = f"-{prompt.intensity:g}"
    name = slug(str(record.get("id") or f"{clip.stem}-{prompt.emotion}{strength}-s{seed}"))
    return Item(
        id=name,
        system="batch",
        clip=FoundClip(clip, clip.stem, str(record.get("subject") or clip.stem)),
        prompt=prompt,
        sample=0,
        seed=seed,
        base_seed=seed,
        vary=("words", "voice", "face"),
        settings=settings,
        output=_output(str(record.get("output") or f"{name}.mp4")),
    )


def _seed(given: Any) -> int:
    try:
        seed = int(given)
    except (TypeError, ValueError):
        seed = -1
    if seed < 0:
        raise SettingsError(f"'seed' is {given!r}; expected a whole number from 0 on.")
    return seed


def _output(given: str) -> str:
    path = PurePosixPath(given)
    if path.is_absolute() or ".." in path.parts or path.suffix.lower() not in VIDEO_SUFFIXES:
        raise SettingsError(
            f"'output' is {given!r}; expected a name below the output folder that ends in "
            f"{' or '.join(VIDEO_SUFFIXES)}."
        )
    return str(path)
