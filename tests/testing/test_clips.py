"""The clip factory."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emoanim.testing.clips import make_clip, make_tone, pattern, read_number, rotate


@given(number=st.integers(0, 65535), width=st.integers(32, 200), height=st.integers(32, 200))
def test_a_picture_says_its_number(number: int, width: int, height: int) -> None:
    image = pattern(number, (width, height))
    assert image.shape == (height, width, 3)
    assert read_number(image) == number


def test_neighbours_differ() -> None:
    below = slice(30, None)
    assert np.abs(pattern(1)[below].astype(int) - pattern(2)[below]).mean() > 1


def test_tones_and_clicks() -> None:
    tone = make_tone(1.0, 8000, level=0.3)
    assert (len(tone.samples), tone.rate) == (8000, 8000)
    assert np.abs(tone.samples).max() == pytest.approx(0.3, rel=0.01)
    clicks = make_tone(1.0, 8000, clicks=(0.25, 0.5))
    assert np.flatnonzero(np.diff(clicks.samples) > 0).tolist() == [1999, 3999]


def test_rotate_refuses_what_it_does_not_know(tmp_path: Path) -> None:
    path = make_clip(tmp_path / "a.mp4", seconds=0.2)
    data = bytearray(path.read_bytes())
    data[data.index(b"tkhd") + 4] = 1
    path.write_bytes(bytes(data))
    with pytest.raises(ValueError, match="version 1"):
        rotate(path, 90)
