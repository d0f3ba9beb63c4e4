"""Whatever a file holds: frames and sound, or one clear error; no crash, no hang, no half truth."""

from __future__ import annotations

import sys
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from time import perf_counter

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from hostile_media import DAMAGES, WHOLE, kinds

from emoanim import provenance
from emoanim.errors import EmoanimError, MediaError
from emoanim.media import Video, read_audio, read_image


def _video(path: Path) -> None:
    video = Video(path)
    assert video.duration > 0
    assert video.fps > 0
    for frame in islice(video.frames(), 40):
        assert frame.image.dtype == np.uint8
        assert frame.image.shape == (video.size[1], video.size[0], 3)
    if video.has_audio:
        assert np.isfinite(video.audio(16000).samples).all()


def _sound(path: Path) -> None:
    assert np.isfinite(read_audio(path).samples).all()


def test_there_are_enough_kinds() -> None:
    assert len(WHOLE) * len(DAMAGES) >= 250


@pytest.mark.slow
@pytest.mark.parametrize(
    "read",
    [_video, _sound, read_image, provenance.inspect],
    ids=["video", "sound", "still", "mark"],
)
def test_every_kind(
    tmp_path: Path, read: Callable[[Path], object], capfd: pytest.CaptureFixture[str]
) -> None:
    slowest = 0.0
    for name, path in kinds(tmp_path):
        capfd.readouterr()  # what the encoder of the whole file said
        started = perf_counter()
        try:
            read(path)
        except MediaError as error:
            message = str(error)
            assert "\n" not in message, name
            assert len(message) < 1000, name
        except EmoanimError as error:
            pytest.fail(f"{name}: {error!r}")
        slowest = max(slowest, perf_counter() - started)
        assert capfd.readouterr() == ("", ""), name
    assert slowest < 60.0  # a hang would be longer; no claim of speed
