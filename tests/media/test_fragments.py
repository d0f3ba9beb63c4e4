"""A fragmented MP4 plays from any of its first bytes on, and says that it is generated."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from emoanim import provenance
from emoanim.errors import BackendError, SettingsError
from emoanim.media import FragmentedVideo, Video, read_audio


def test_bytes_come_while_it_is_made(tmp_path: Path) -> None:
    stream = FragmentedVideo((64, 48), 25.0, 24000, tags=provenance.avatar_tags(voice="tiny"))
    t = np.arange(960) / 24000
    parts = []
    for i in range(50):
        image = np.full((48, 64, 3), 40 + 4 * i, np.uint8)
        sound = ((i >= 25) * 0.3 * np.sin(2 * np.pi * 300 * (t + i * 0.04))).astype(np.float32)
        parts.append(stream.add(image, sound))
    early = tmp_path / "early.mp4"
    early.write_bytes(b"".join(parts[:30]))  # a player that came so far
    assert Video(early).duration > 0.6
    whole = tmp_path / "whole.mp4"
    whole.write_bytes(b"".join(parts) + stream.finish())
    assert whole.read_bytes().startswith(early.read_bytes())
    assert whole.read_bytes().count(b"moof") >= 10
    frames = list(Video(whole).frames())
    assert [f.time for f in frames] == pytest.approx([i / 25 for i in range(50)], abs=1e-3)
    assert frames[0].image.mean() == pytest.approx(40, abs=3)
    assert frames[-1].image.mean() == pytest.approx(236, abs=4)
    audio = read_audio(whole, 24000)
    assert audio.duration == pytest.approx(2.0, abs=0.06)
    onset = np.flatnonzero(np.abs(audio.samples) > 0.15)[0] / audio.rate
    assert onset == pytest.approx(1.0, abs=0.015)  # in step: a frame is 0.04 s
    assert 0.15 < audio.samples[26400:45600].std() < 0.25
    said = provenance.read(whole)
    assert said.generated
    assert said.details == {"voice": "tiny"}
    assert "did not say this" in said.tags["comment"]


def test_what_is_refused() -> None:
    stream = FragmentedVideo((64, 48), 25.0, 24000)
    with pytest.raises(BackendError, match=r"shape \(64, 48, 3\) given; expected uint8 \(48, 64"):
        stream.add(np.zeros((64, 48, 3), np.uint8), np.zeros(960, np.float32))
    stream.abandon()
    with pytest.raises(SettingsError):
        FragmentedVideo((64, 48), 25.0, 24000, encoder="none")
