"""The demo: a public-domain portrait learns to speak, then says it with an emotion, both ways."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import numpy as np

from emoanim.clips import Audio, Image
from emoanim.emotions import Emotion, EmotionPrompt
from emoanim.errors import OutputError
from emoanim.notebook import watching
from emoanim.pipeline import EDAPipeline
from emoanim.result import EDAResult
from emoanim.runs.marking import Marking
from emoanim.steps import StepHook, Stopwatch, ignore

__all__ = [
    "CREDIT",
    "DEMO_TEXT",
    "Demo",
    "contact_sheet",
    "demo_portrait",
    "run_demo",
    "write_neutral_clip",
]

DEMO_TEXT = "We got the job. Nobody told us until this morning, and we have to start on Monday."
"""What the portrait says in the neutral clip."""

CREDIT = "Eileen Collins, official portrait, NASA (public domain)"

# Stills in each row of the contact sheet, and the widest that one is shown.
SHEET_COLUMNS = 6
SHEET_WIDTH = 256


@dataclass(frozen=True, slots=True)
class Demo:
    """What the demo made.

    Attributes:
        before: the neutral talking clip, made from the portrait.
        after: the same person in the emotion, made from ``before`` by preset "local": new words in
            a voice like theirs.
        own: the same by preset "own": their words, their voice and their film, in the emotion.
        sheet: PNG with stills of the three, one row each.
        result: the record of ``after``.
        own_result: the record of ``own``.
    """

    before: Path
    after: Path
    own: Path
    sheet: Path
    result: EDAResult
    own_result: EDAResult

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        paths = {name: str(getattr(self, name)) for name in ("before", "after", "own", "sheet")}
        runs = {"run": self.result.to_dict(), "own_run": self.own_result.to_dict()}
        return {**paths, "portrait": CREDIT, **runs}


def demo_portrait() -> Image:
    """Return the portrait that ships with the package, uint8 (512, 512, 3) RGB."""
    from emoanim.media import read_image

    with as_file(files("emoanim") / "assets" / "astronaut.jpg") as path:
        return read_image(path)


def run_demo(
    folder: str | Path,
    emotion: str | Emotion | EmotionPrompt = "very happy",
    *,
    seed: int = 0,
    on_step: StepHook = ignore,
) -> Demo:
    """Make ``before.mp4``, ``after.mp4``, ``own.mp4`` and ``before_after.png`` in a folder.

    The portrait smiles, so the neutral clip first takes the smile away.

    Raises:
        EmotionError: the prompt names no known emotion.
        OutputError: the folder cannot be made or written.
        MissingExtraError: the packages of the extra "local" are not installed.
    """
    from emoanim.media import Video, write_image

    prompt = EmotionPrompt.parse(emotion)
    target = Path(folder)
    try:
        target.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"the folder {str(target)!r} cannot be made: {error.strerror}. Give another folder."
        ) from error
    pipeline = EDAPipeline.from_preset("local", seed=seed)
    on_step = watching(on_step)
    watch = Stopwatch(on_step)
    before = target / "before.mp4"
    with watch.step("portrait") as report:
        report(write_neutral_clip(before, pipeline))
    after, own = target / "after.mp4", target / "own.mp4"
    result = pipeline(before, prompt, output=after, on_step=on_step)
    # What is loaded serves both.
    loaded: dict[str, Any] = {
        role: pipeline.parts[role].backend for role in ("transcriber", "face_emoter", "animator")
    }
    same = EDAPipeline.from_preset("own", seed=seed, **loaded)
    own_result = same(before, prompt, output=own, on_step=on_step)
    sheet = target / "before_after.png"
    rows = [_stills(Video(path)) for path in (before, after, own)]
    marking = Marking(pipeline.settings, prompt, details={"portrait": CREDIT})
    write_image(sheet, contact_sheet(rows), tags=marking.tags(), sign=marking.signer(sheet))
    return Demo(before, after, own, sheet, result, own_result)


def write_neutral_clip(path: Path, pipeline: EDAPipeline) -> Path:
    """Write a clip in which the portrait speaks calmly, for others to be made from.

    Args:
        path: of the file.
        pipeline: its animator has to take stills.
    """
    from emoanim.media import write_video

    neutral = EmotionPrompt(Emotion.NEUTRAL)
    no_reference = Audio(np.zeros(0, np.float32), 16000)
    speech = pipeline.speech.voice.speak(DEMO_TEXT, neutral, no_reference)
    portrait = pipeline.face.face_emoter.emote([demo_portrait()], neutral)[0]
    clip = pipeline.face.animate(portrait, speech, neutral)
    marking = Marking(pipeline.settings, neutral, details={"portrait": CREDIT})
    write_video(path, clip, speech.audio, tags=marking.tags(), sign=marking.signer(path))
    return path


def contact_sheet(rows: Sequence[Sequence[Image]], width: int = SHEET_WIDTH) -> Image:
    """Put images of one size into rows; each is shown at most ``width`` pixels wide.

    Returns:
        uint8 RGB; shorter rows are filled with white.
    """
    shrunk = [[_shrunk(image, width) for image in row] for row in rows]
    height, across = shrunk[0][0].shape[:2]
    columns = max(len(row) for row in shrunk)
    sheet = np.full((height * len(rows), across * columns, 3), 255, np.uint8)
    for r, row in enumerate(shrunk):
        for c, image in enumerate(row):
            sheet[r * height : (r + 1) * height, c * across : (c + 1) * across] = image
    return sheet


def _stills(clip: Any) -> list[Image]:
    """Frames at the middles of equal parts of a clip."""
    times = [(i + 0.5) * clip.duration / SHEET_COLUMNS for i in range(SHEET_COLUMNS)]
    return [frame.image for frame in clip.frames_at(times)]


def _shrunk(image: Image, width: int) -> Image:
    """The mean of blocks of pixels: sharp enough for a sheet, and exact for whole factors."""
    factor = -(-image.shape[1] // width)
    if factor == 1:
        return image
    h, w = image.shape[0] // factor, image.shape[1] // factor
    blocks = image[: h * factor, : w * factor].reshape(h, factor, w, factor, 3)
    return np.asarray(blocks.mean(axis=(1, 3)).round(), np.uint8)
