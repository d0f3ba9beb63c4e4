"""Every step that writes, on a file system that is really full after some bytes.

    python full_disk.py FOLDER TRIES [STEP ...]

Prints a line of JSON for each try: the step, the kilobytes that were free, and what was wrong (an
empty list if nothing was). ``mounted`` gives a small file system of its own, for root on Linux.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np

MEGABYTES = 6


@contextmanager
def mounted(at: Path) -> Iterator[Path | None]:
    """Mount an empty file system of some megabytes; None where that is not allowed."""
    at.mkdir(exist_ok=True)
    mount = shutil.which("mount")
    command = [mount or "", "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "tmpfs", str(at)]
    if mount is None or subprocess.run(command, capture_output=True).returncode:
        yield None
        return
    try:
        yield at
    finally:
        subprocess.run(["umount", str(at)], check=True, capture_output=True)


class Steps:
    """What writes, by name; each writes into ``folder`` only."""

    def __init__(self, elsewhere: Path) -> None:
        from emoanim.clips import Animation
        from emoanim.demo import demo_portrait
        from emoanim.media import write_video
        from emoanim.provenance import Manifest
        from emoanim.testing import tiny
        from emoanim.testing.clips import make_tone

        self.elsewhere = elsewhere
        self.tone = make_tone(2.0)
        self.sign = Manifest("sad").sign
        self.clip = elsewhere / "in.mp4"
        image = demo_portrait()[::2, ::2]
        frames = (np.roll(image, i, axis=1) for i in range(12))
        write_video(self.clip, Animation(25, (256, 256), 12, frames), make_tone(0.5, level=0.2))
        self.parts: dict[str, Any] = {
            "transcriber": tiny.TinyTranscriber(),
            "text_emoter": tiny.TinyTextEmoter(),
            "voice": tiny.TinyVoice(),
            "face_emoter": tiny.TinyFaceEmoter(),
            "animator": tiny.TinyAnimator(),
        }

    def video(self, folder: Path) -> None:
        """A signed video."""
        from emoanim.clips import Animation
        from emoanim.media import write_video
        from emoanim.testing.clips import pattern

        frames = (pattern(i) for i in range(50))
        animation = Animation(25, (128, 96), 50, frames)
        write_video(folder / "a.mp4", animation, self.tone, sign=self.sign)

    def wav(self, folder: Path) -> None:
        """A signed sound."""
        from emoanim.media import write_wav

        write_wav(folder / "a.wav", self.tone, sign=self.sign)

    def png(self, folder: Path) -> None:
        """A signed picture."""
        from emoanim.media import write_image
        from emoanim.testing.clips import pattern

        write_image(folder / "a.png", pattern(1, (640, 480)), sign=self.sign)

    def takes(self, folder: Path) -> None:
        """Every take of a run: all or none."""
        from emoanim import EDAPipeline

        pipeline = EDAPipeline(**self.parts, stills=2, takes="all")
        pipeline(self.clip, "sad", output=folder / "a.mp4")

    def keep(self, folder: Path) -> None:
        """The artefacts of a run."""
        from emoanim import EDAPipeline

        with tempfile.TemporaryDirectory(dir=self.elsewhere) as name:
            EDAPipeline(**self.parts, stills=1)(
                self.clip, "sad", output=Path(name) / "a.mp4", keep=folder / "kept"
            )

    def scores(self, folder: Path) -> None:
        """A table of scores."""
        from emoanim.clips import EmotionScores

        values = np.random.default_rng(0).dirichlet(np.ones(3), 4000)
        scores = EmotionScores(("neutral", "sad", "happy"), values, times=np.arange(4000) / 25)
        scores.to_csv(folder / "a.csv")

    def score_file(self, folder: Path) -> None:
        """Two clips' measurements."""
        from emoanim.clips import EmotionScores
        from emoanim.evaluation.observation import Observation
        from emoanim.evaluation.score_files import write_observations

        count = 3000
        random = np.random.default_rng(0)
        scores = EmotionScores(
            ("neutral", "sad"), random.dirichlet(np.ones(2), count), times=np.arange(count) / 25
        )  # fmt: skip
        values: dict[str, Any] = {
            "name": "a", "fps": 25.0, "times": scores.times, "scores": {"x": scores},
            "weights": {"x": {"one.onnx": "sha256:00"}},
            "angles": random.normal(size=(count, 3)), "mouth": random.random(count),
            "face_size": random.random(count), "sharpness": np.array([0.4]),
            "embeddings": random.normal(size=(3, 128)),
            "loudness": random.random(4 * count), "onsets": np.array([0.5]),
        }  # fmt: skip
        clip = Observation(**values)
        write_observations(folder / "a.npz", clip, clip)

    def record(self, folder: Path) -> None:
        """The record of a run."""
        from emoanim.runs.records import write_record

        write_record(folder / "run.json", {"text": "word " * 40_000})

    def subtitles(self, folder: Path) -> None:
        """Subtitles of both kinds."""
        from emoanim.clips import Audio, Speech
        from emoanim.language.subtitles import write_beside

        text = "We meet on Monday at the old mill. " * 1500
        write_beside(folder / "a.mp4", Speech(Audio(np.zeros(16000 * 900), 16000), text))

    def report(self, folder: Path) -> None:
        """The page of an evaluation, as it is written: rendering has its own tests."""
        from unittest.mock import patch

        from emoanim.evaluation import report

        unread: Any = None
        with patch.object(report, "render_report", lambda evaluation: "<p>line</p>\n" * 20_000):
            report.write_report(folder / "a.html", unread)

    def weight(self, folder: Path) -> None:
        """A file of weights, downloaded into the cache."""
        from unittest.mock import patch

        from emoanim import weights
        from emoanim.weights import Weight, resolver
        from emoanim.weights.sources import Url

        data = bytes(range(256)) * 1000
        pieces = [data[i : i + 9999] for i in range(0, len(data), 9999)]
        digest = hashlib.sha256(data).hexdigest()
        with (
            patch.object(resolver, "read", lambda source, scratch: iter(pieces)),
            patch.dict(
                os.environ, {"EMOANIM_CACHE": str(folder / "cache"), "EMOANIM_OFFLINE": "0"}
            ),
        ):
            weights.fetch(Weight("w", Url("https://x.invalid/w"), licence="MIT", sha256=digest))

    def clone(self, folder: Path) -> None:
        """The record of a cloned voice, written before the service is asked."""
        from unittest.mock import patch

        from emoanim.services.clones import written_down

        with (
            patch.dict(os.environ, {"EMOANIM_CACHE": str(folder / "cache")}),
            written_down("elevenlabs", "https://x.invalid/" + "t" * 90_000),
        ):
            pass

    def batch(self, folder: Path) -> None:
        """Many videos: stage cache, films, tables."""
        from emoanim.errors import OutputError
        from emoanim.settings import Settings
        from emoanim.study.batch import run_batch

        manifest = self.elsewhere / "m.jsonl"
        manifest.write_text(
            "".join(
                json.dumps({"video": str(self.clip), "emotion": e}) + "\n" for e in ("sad", "happy")
            )
        )
        summary = run_batch(
            manifest, folder / "batch", settings=Settings().changed(stills=1), progress="none",
            objects=self.parts,
        )  # fmt: skip
        if summary.exit_code:
            raise OutputError(summary.error or str(summary.failures))


STEPS = [name for name in vars(Steps) if not name.startswith("_")]
_SMALL = {"locks", "records", "licences", "signing"}
"""Folders of the cache that hold no bytes of what is written."""
_RESUMED = ("batch", "keep")
"""Steps of many files: each is whole or absent, and what is finished stays."""


def tries(folder: Path, count: int, names: list[str]) -> Iterator[dict[str, Any]]:
    """Run each step with room for none, some and nearly all of what it writes."""
    with tempfile.TemporaryDirectory() as elsewhere:
        os.environ["EMOANIM_OFFLINE"] = "1"
        steps = Steps(Path(elsewhere))
        for name in names:
            step = getattr(steps, name)
            _empty(folder)
            room = shutil.disk_usage(folder).free
            step(folder)
            needed = room - shutil.disk_usage(folder).free
            for number in range(count):
                _empty(folder)
                free = round(needed * (number + 0.3) / count)
                refused, wrong = _try(step, folder, free)
                yield {"step": name, "free_kb": free // 1000, "refused": refused, "wrong": wrong}


def _try(step: Callable[[Path], None], folder: Path, free: int) -> tuple[bool, list[str]]:
    """Fill the file system but for some bytes over older outputs, run, and look."""
    from emoanim.errors import EmoanimError, OutputError, WeightsError
    from emoanim.outputs import sweep

    name = step.__name__
    old = {} if name in (*_RESUMED, "weight", "clone") else _olds(folder, name)
    ballast = folder / "ballast"
    with ballast.open("wb") as file:
        left = shutil.disk_usage(folder).free - free
        file.write(bytes(max(left, 0)))
    wrong = []
    try:
        step(folder)
        return False, []  # it was enough after all
    except (OutputError, WeightsError) as error:
        said = str(error)
        if "No space left" not in said and "disk is full" not in said:
            wrong.append(f"does not say that the disk is full: {said[:300]}")
        if "ertificate" in said:
            wrong.append(f"blames the certificate: {said[:300]}")
        if "\n" in said.strip():
            wrong.append(f"more than one line: {said[:300]}")
    except EmoanimError as error:
        wrong.append(f"{type(error).__name__}: {str(error)[:300]}")
    except BaseException as error:
        wrong.append(f"TRACEBACK {type(error).__name__}: {str(error)[:300]}")
    with suppress(OSError):
        sweep(folder)
    for path, content in old.items():
        if not path.is_file() or path.read_bytes() != content:
            wrong.append(f"the older {path.name} is lost")
    for path in folder.rglob("*"):
        if not path.is_file() or path == ballast or path in old or _SMALL & set(path.parts):
            continue
        if (
            path.name.startswith(".emoanim-")
            or ".partial" in path.parts
            or (name not in _RESUMED and path.stat().st_size)
        ):
            wrong.append(f"{path.relative_to(folder)} was left behind")
        elif name in _RESUMED and not _is_whole(path):
            wrong.append(f"{path.relative_to(folder)} is half-written")
    return True, wrong


def _olds(folder: Path, name: str) -> dict[Path, bytes]:
    """What the step would replace, each a few bytes of the user's."""
    files = {
        "video": ["a.mp4"], "takes": ["a.mp4", "a.take2.mp4"], "wav": ["a.wav"], "png": ["a.png"],
        "scores": ["a.csv"], "score_file": ["a.npz"], "record": ["run.json"],
        "subtitles": ["a.srt", "a.vtt"], "report": ["a.html"],
    }[name]  # fmt: skip
    for each in files:
        (folder / each).write_bytes(b"the user's " + each.encode())
    return {folder / each: (folder / each).read_bytes() for each in files}


def _is_whole(path: Path) -> bool:
    from emoanim import provenance

    if path.suffix in (".mp4", ".wav", ".png"):
        return provenance.inspect(path).state == "signed"
    if path.suffix == ".json":
        with suppress(ValueError):
            return bool(json.loads(path.read_text() or "null")) or True
        return False
    return True


def _empty(folder: Path) -> None:
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


if __name__ == "__main__":
    for result in tries(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:] or STEPS):
        print(json.dumps(result), flush=True)
