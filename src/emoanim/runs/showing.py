"""A run in a notebook: both clips side by side, the words, the sound, and a sheet of stills.

Where a page cannot play a film (a page that was kept, a viewer that drops scripts and players),
the sheet is what is seen.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from emoanim.clips import Clip, Image, SeekableClip
from emoanim.errors import EmoanimError
from emoanim.notebook import (
    audio_player,
    facts_table,
    listed,
    picture,
    side_by_side,
    titled,
    video_player,
)

if TYPE_CHECKING:
    from emoanim.result import EDAResult

__all__ = ["shown_result", "stills_sheet"]

_COLUMNS, _WIDTH = 5, 160
_STILLS = (".png", ".jpg", ".jpeg", ".webp", ".bmp")


def shown_result(result: EDAResult) -> dict[str, str]:
    """Return what a notebook shows of a run, by media type."""
    import base64

    shown = {"text/html": result_html(result)}
    sheet = stills_sheet(result)
    if sheet is not None:
        from emoanim.media import encoded_jpeg

        shown["image/jpeg"] = base64.b64encode(encoded_jpeg(sheet)).decode("ascii")
    return shown


def result_html(result: EDAResult) -> str:
    """Return both clips, the words and the notes as HTML."""
    from emoanim.media import encoded_jpeg

    cells = []
    if result.source is not None:
        cells.append(("before", video_player(result.source)))
    for number, take in enumerate(result.takes, 1):
        title = "after" if len(result.takes) == 1 else f"after, take {number}"
        cells.append((title, video_player(take)))
    if not result.takes:  # the frames are made as they are read, so none is taken from them here
        best = result.portraits[result.order[0]]
        for title, image in (("a frame", best.original), (str(result.prompt), best.image)):
            cells.append((title, picture(encoded_jpeg(image), title)))
    facts: dict[str, Any] = {
        "said": result.transcript.text,
        "now": result.text,
        "made with": ", ".join(f"{role} {name}" for role, (name, _) in result.backends.items()),
        "took": f"{result.timings.get('total', sum(result.timings.values())):.1f} s",
    }
    title = f"{result.prompt.emotion}, intensity {result.prompt.intensity:.2g}"
    sound = audio_player(result.speech.audio.samples, result.speech.audio.rate)
    return titled(title, side_by_side(cells), sound, facts_table(facts), listed(result.notes))


def stills_sheet(result: EDAResult) -> Image | None:
    """Return frames of the clip in one row and of what was made of it in the next.

    Returns:
        uint8 (h, w, 3) RGB, five frames across; None if there is no file to take them from.
    """
    from emoanim.media import Video

    clips: list[Clip] = []
    if result.clip is not None and (
        result.source is None or result.source.suffix.lower() not in _STILLS
    ):
        clips.append(result.clip)
    try:
        if result.output is not None:
            clips.append(Video(result.output))
        rows = [np.hstack([_small(image) for image in _stills(clip)]) for clip in clips]
    except (EmoanimError, OSError):  # moved or deleted since
        return None
    rows = [row for row in rows if row.shape == rows[0].shape]
    return np.vstack(rows) if rows else None


def _stills(clip: Clip) -> Iterator[Image]:
    times = [(i + 0.5) * clip.duration / _COLUMNS for i in range(_COLUMNS)]
    if isinstance(clip, SeekableClip):
        yield from (frame.image for frame in clip.frames_at(times))
        return
    for time in times:
        frame = next(iter(clip.frames(time)), None)
        if frame is not None:
            yield frame.image


def _small(image: Image) -> Image:
    """The mean of blocks of pixels, at most 160 wide."""
    factor = max(1, -(-image.shape[1] // _WIDTH))
    h, w = image.shape[0] // factor, image.shape[1] // factor
    blocks = image[: h * factor, : w * factor].reshape(h, factor, w, factor, 3)
    return np.asarray(blocks.mean(axis=(1, 3)).round(), np.uint8)
