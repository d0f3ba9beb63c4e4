"""What outside programs are given and what they leave: words, pictures, sound, video, scores."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from emoanim.clips import EmotionScores, Image, Word
from emoanim.emotions import parse_emotion
from emoanim.errors import BackendError, EmotionError, InputError
from emoanim.media import write_image
from emoanim.parsing import read_text

__all__ = [
    "PICTURES",
    "SOUNDS",
    "VIDEOS",
    "files_of",
    "read_scores",
    "read_words",
    "the_file",
    "usable",
    "write_frames",
]

PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".bmp")
SOUNDS = (".wav", ".flac", ".mp3", ".ogg", ".m4a")
VIDEOS = (".mp4", ".mov", ".mkv", ".webm", ".avi")

_TIMES = re.compile(r"(?:(\d+):)?(\d+):(\d+)[.,](\d+)\s*-->\s*(?:(\d+):)?(\d+):(\d+)[.,](\d+)")

T = TypeVar("T")


def files_of(folder: Path, suffixes: Sequence[str]) -> list[Path]:
    """Return the files of a kind in a folder and those below it, sorted by name."""
    return sorted(
        path for path in folder.rglob("*") if path.suffix.lower() in suffixes and path.is_file()
    )


def the_file(folder: Path, suffixes: Sequence[str]) -> Path:
    """Return the file that a program wrote; of several the last written.

    Raises:
        BackendError: there is none.
    """
    files = files_of(folder, suffixes)
    if not files:
        there = ", ".join(sorted(p.name for p in folder.rglob("*") if p.is_file())[:5])
        raise BackendError(
            f"the program wrote {there or 'nothing'} into its folder; expected a file that ends "
            f"in {' or '.join(suffixes)}. Check that argv passes {{out}} on."
        )
    return max(files, key=lambda path: (path.stat().st_mtime_ns, path.name))


def usable(read: Callable[..., T], path: Path, *more: Any) -> T:
    """Read what a program wrote; a fault in it is the program's.

    Raises:
        BackendError: it cannot be read.
    """
    try:
        return read(path, *more)
    except InputError as error:
        raise BackendError(f"what the program wrote cannot be used: {error}") from error


def write_frames(folder: Path, frames: Sequence[Image]) -> Path:
    """Write frames as 000.png, 001.png, ... into a new folder and return it."""
    target = folder / "frames"
    target.mkdir()
    for number, frame in enumerate(frames):
        write_image(target / f"{number:03d}.png", frame)
    return target


def read_words(path: Path) -> tuple[str, tuple[Word, ...]]:
    """Return the text of a .txt, .srt or .vtt file, and its words with times where it has some.

    The words of a cue share its time evenly.

    Raises:
        BackendError: it is no text.
    """
    try:
        text = read_text(path)
    except (OSError, ValueError) as error:
        raise BackendError(f"what the program wrote is no text: {error}.") from error
    if path.suffix.lower() == ".txt":
        return " ".join(text.split()), ()
    words: list[Word] = []
    for block in re.split(r"\n\s*\n", text.replace("\r\n", "\n")):
        times = _TIMES.search(block)
        if times is None:
            continue
        start, end = _seconds(times.groups()[:4]), _seconds(times.groups()[4:])
        said = re.sub(r"<[^>]*>", " ", block[times.end() :].partition("\n")[2]).split()
        step = max(end - start, 0.0) / max(len(said), 1)
        words += [Word(w, start + i * step, start + (i + 1) * step) for i, w in enumerate(said)]
    return " ".join(word.text for word in words), tuple(words)


def _seconds(parts: Sequence[str | None]) -> float:
    hours, minutes, seconds, fraction = parts
    whole = int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds or 0)
    return whole + float(f"0.{fraction}")


def read_scores(path: Path, count: int) -> EmotionScores:
    """Return a table of probabilities, one row per frame.

    Raises:
        BackendError: it is no such table.
    """
    try:
        rows = list(csv.reader(read_text(path).splitlines()))
        labels = tuple(str(parse_emotion(name.strip())) for name in rows[0])
        values = np.array(
            [[float(v) if v.strip() else np.nan for v in row] for row in rows[1:]], np.float64
        ).reshape(-1, len(labels))
    except (OSError, ValueError, IndexError, EmotionError) as error:
        raise BackendError(
            f"the program's table cannot be read ({error}); expected a first line of emotions and "
            "one line of probabilities per picture."
        ) from error
    sums = values.sum(axis=1)
    if len(values) != count or (np.nan_to_num(values) < 0).any():
        raise BackendError(
            f"the program's table has {len(values)} rows for {count} pictures; expected one for "
            "each, of numbers that are not negative."
        )
    if not np.allclose(sums[~np.isnan(sums)], 1.0, atol=0.01):
        raise BackendError("a row of the program's table does not sum to 1; expected it to.")
    return EmotionScores(labels, values / sums[:, None], classifier="command")
