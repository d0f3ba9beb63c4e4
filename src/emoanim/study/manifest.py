"""The manifest of a batch: one video and emotion a line, as JSON lines or CSV.

::

    {"video": "clips/ada.mp4", "emotion": "very happy"}
    {"video": "clips/ada.mp4", "emotion": "sad", "id": "ada-sad", "seed": 3, "preset": "local"}
    {"video": "clips/ada.mp4", "emotion": "neutral@0 happy@2.5 very sad@6"}

``video`` and ``emotion`` must be there; the emotion may be a blend or a timeline. ``id`` names the
output (video and emotion by default), ``output`` gives its place below the output folder,
``subject`` whom it shows, ``seed`` the seed, ``preset`` or ``settings`` (a table; JSON in a cell of
CSV) what it is made with. Paths are relative to the manifest. Lines are read one by one, never all
at once.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any, TypeVar

from emoanim.arguments import path_of, shown
from emoanim.emotions import Emotion, EmotionPrompt, Timeline, read_prompt
from emoanim.errors import EmoanimError, InputError, SettingsError
from emoanim.outputs import FILM_SUFFIXES
from emoanim.settings import Settings
from emoanim.study.checking import check_backends, check_clip, check_person, late_starts
from emoanim.study.items import FoundClip, Item, settings_of, slug

__all__ = ["items_of_manifest", "read_manifest"]

_KNOWN = ("video", "emotion", "id", "output", "subject", "person", "seed", "preset", "settings")
_MOST_FAULTS = 1000
_LONGEST = 200
"""Bytes of a file's name; what systems allow, less room for a temporary name's ending."""
_SEEDS = 1 << 32

T = TypeVar("T")


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
    manifest = path_of(manifest, "the manifest", "a file, .jsonl or .csv")
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
        item, wrong = _item(record, Path(manifest), base)
        faults += [f"line {line}: {fault}" for fault in wrong]
        if item is None:
            faults += _faults_of_clip(line, record, Path(manifest), looked) if deep else []
            continue
        if item.output in outputs:
            first = outputs[item.output]
            faults.append(f"line {line}: the output {item.output!r} is that of line {first} too.")
        outputs.setdefault(item.output, line)
        if not deep:
            continue
        wrong = _faults_of_clip(line, record, Path(manifest), looked)
        faults += wrong or [f"line {line}: {fault}" for fault in late_starts(item)]
        faults += [f"line {line}: {f}" for f in check_person(item.settings.person or "")]
        targets = [part.emotion for prompt in _prompts(item.asked) for part in prompt.parts]
        parts = f"{item.settings.model_dump_json()} {sorted(set(targets))}"
        if parts not in looked:
            looked[parts] = list(check_backends(item.settings, targets))
        faults += [f"line {line}: {fault}" for fault in looked[parts]]
    if not count:
        faults.append("it holds no lines; expected one video and emotion on each.")
    return count, faults


def _faults_of_clip(
    line: int, record: Mapping[str, Any], manifest: Path, looked: dict[str, list[str]]
) -> list[str]:
    """Return what is wrong with a line's video; each file is looked at once."""
    video = record.get("video")
    if not video or not isinstance(video, str):
        return []
    path = manifest.parent / Path(video).expanduser()
    if str(path) not in looked:
        looked[str(path)] = check_clip(path)
    return [f"line {line}: {fault}" for fault in looked[str(path)]]


def items_of_manifest(manifest: str | Path, base: Settings) -> Iterator[Item]:
    """Yield the items of a manifest that was checked."""
    for _, record in _records(manifest):
        if isinstance(record, dict):
            item, _ = _item(record, Path(manifest), base)
            if item is not None:
                yield item


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
        value = json.loads(line.strip())
    except json.JSONDecodeError as error:
        return f"no JSON: {error.msg}, character {error.colno}"
    except (ValueError, RecursionError) as error:  # a number of 5,000 digits, 5,000 brackets
        return f"no JSON: {error}"
    return value if isinstance(value, dict) else f"{shown(value)} is no table"


def _item(
    record: Mapping[str, Any], manifest: Path, base: Settings
) -> tuple[Item | None, list[str]]:
    """Return what a line asks for, or everything that is wrong with it."""
    faults = [
        f"{name!r} is no name here; there are {', '.join(_KNOWN)}."
        for name in record
        if name not in _KNOWN
    ]
    for name in ("video", "emotion"):
        if not record.get(name):
            faults.append(f"{name!r} is missing.")
        elif not isinstance(record[name], str):
            faults.append(f"{name!r} is {shown(record[name])}; expected text.")
    emotion = record.get("emotion")
    asked: EmotionPrompt | Timeline = EmotionPrompt(Emotion.NEUTRAL)
    if emotion and isinstance(emotion, str):
        asked = _tried(lambda: read_prompt(emotion), faults) or asked
    settings = _tried(lambda: _settings(record, base, manifest), faults) or base
    seed = _tried(lambda: _seed(record.get("seed", settings.seed)), faults) or 0
    video = Path(str(record.get("video"))).expanduser()
    clip = video if video.is_absolute() else manifest.parent / video
    timeline = asked if isinstance(asked, Timeline) else None
    name = f"{clip.stem}-{_label(asked)}-s{seed}"
    name = slug(str(record.get("id") or name))
    given = str(record.get("output") or f"{name}.mp4")
    output = _tried(lambda: _output(given), faults)
    if faults or output is None:
        return None, faults
    item = Item(
        id=name,
        system="batch",
        clip=FoundClip(clip, clip.stem, str(record.get("subject") or clip.stem)),
        prompt=asked.main() if isinstance(asked, Timeline) else asked,
        sample=0,
        seed=seed,
        base_seed=seed,
        vary=("words", "voice", "face"),
        settings=settings,
        output=output,
        timeline=timeline,
    )
    return item, []


def _prompts(asked: EmotionPrompt | Timeline) -> tuple[EmotionPrompt, ...]:
    return asked.prompts if isinstance(asked, Timeline) else (asked,)


def _label(asked: EmotionPrompt | Timeline) -> str:
    """Return what an output is named for: its emotions, and when they begin."""
    labels = [
        "-".join(f"{part.emotion}-{part.intensity:g}" for part in prompt.parts)
        for prompt in _prompts(asked)
    ]
    if isinstance(asked, Timeline) and asked.starts:
        labels = [f"{label}-at-{at:g}" for label, at in zip(labels, asked.starts, strict=True)]
    return "-then-".join(labels)


def _tried(read: Callable[[], T], faults: list[str]) -> T | None:
    """Return what is read; None, with one more fault, if it cannot be."""
    try:
        return read()
    except EmoanimError as error:
        faults.append(str(error))
        return None


def _settings(record: Mapping[str, Any], base: Settings, manifest: Path) -> Settings:
    settings = _plain_settings(record, base)
    if "person" not in record:
        return settings
    settings = settings.changed(person=record["person"])
    choice = settings.chosen_person
    if choice is None or choice.picture is None:
        return settings
    return settings.changed(person=str(manifest.parent / choice.picture.expanduser()))


def _plain_settings(record: Mapping[str, Any], base: Settings) -> Settings:
    if "preset" not in record and "settings" not in record:
        return base
    own = record.get("settings", {})
    if isinstance(own, str):  # a cell of a CSV file
        try:
            own = json.loads(own)
        except (ValueError, RecursionError) as error:
            raise SettingsError(f"'settings' is no JSON: {error}.") from error
    if not isinstance(own, Mapping):
        raise SettingsError(f"'settings' is {shown(own)}; expected a table.")
    return settings_of({"preset": record.get("preset", "local"), "sign": base.sign, **own})


def _seed(given: Any) -> int:
    """Return a seed; text is what a CSV file holds."""
    try:
        seed = int(given) if isinstance(given, str) else given
    except ValueError:
        seed = given
    if not isinstance(seed, int) or isinstance(seed, bool) or not 0 <= seed < _SEEDS:
        raise SettingsError(f"'seed' is {shown(given)}; expected a whole number from 0 to 2**32-1.")
    return seed


def _output(given: str) -> str:
    path = PurePosixPath(given)
    if path.is_absolute() or ".." in path.parts or path.suffix.lower() not in FILM_SUFFIXES:
        raise SettingsError(
            f"'output' is {shown(given)}; expected a name below the output folder that ends in "
            f"{' or '.join(FILM_SUFFIXES)}."
        )
    if "\0" in given or any(len(part.encode()) > _LONGEST for part in path.parts):
        raise SettingsError(
            f"the output {shown(given)} is no usable name; expected at most {_LONGEST} bytes "
            "between two slashes. Give a shorter 'id' or 'output'."
        )
    return str(path)
