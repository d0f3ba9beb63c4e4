"""A film's digest heeds what is shown and heard, and nothing beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from emoanim.clips import Animation, Audio
from emoanim.errors import MediaError
from emoanim.media import digest_of_streams, write_video
from emoanim.provenance import Manifest


def film(path: Path, shade: int = 0, loud: float = 0.1, fps: float = 25.0, title: str = "") -> Path:
    frames = (np.full((48, 64, 3), 60 + 20 * n + shade, np.uint8) for n in range(4))
    hum = Audio(loud * np.sin(np.arange(4000) / 8), 16000)
    return write_video(path, Animation(fps, (64, 48), 4, frames), hum, tags={"title": title})


def test_tags_and_signatures_have_no_part_in_it(tmp_path: Path) -> None:
    plain, other = film(tmp_path / "a.mp4"), film(tmp_path / "b.mp4", title="another")
    before = digest_of_streams(plain)
    assert digest_of_streams(other) == before
    Manifest("happy").sign(other)
    assert plain.stat().st_size < other.stat().st_size
    assert digest_of_streams(other) == before


@pytest.mark.parametrize("change", [{"shade": 9}, {"loud": 0.2}, {"fps": 24.0}], ids=str)
def test_pictures_sound_and_times_do(tmp_path: Path, change: dict[str, Any]) -> None:
    plain, other = film(tmp_path / "a.mp4"), film(tmp_path / "b.mp4", **change)
    assert digest_of_streams(plain) != digest_of_streams(other)


def test_what_is_no_film_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_text("no film")
    with pytest.raises(MediaError):
        digest_of_streams(tmp_path / "a.mp4")
