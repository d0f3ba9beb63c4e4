"""HDR and wide gamut, as phones record them: the colours of the same clip in BT.709 come out."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from emoanim.media import Video
from emoanim.media.tone_mapping import Grading, light
from emoanim.testing.clips import pattern

_HLG, _PQ, _SDR = 18, 16, 1
_BT2020, _P3 = 9, 12
_TO_2020 = np.array(
    [[0.627404, 0.329283, 0.043313], [0.069097, 0.919540, 0.011362], [0.016391, 0.088013, 0.895595]]
)
_TO_P3 = np.array(
    [[0.822462, 0.177538, 0.0], [0.033194, 0.966806, 0.0], [0.017083, 0.072397, 0.910520]]
)


def _signal(nits: NDArray[np.float64], transfer: int) -> NDArray[np.float64]:
    """Light in cd/m2 to the coded value, by the definitions of BT.2100."""
    if transfer == _PQ:
        y = np.power(nits / 10_000, 0.1593017578125)
        return np.power((0.8359375 + 18.8515625 * y) / (1 + 18.6875 * y), 78.84375)
    if transfer == _SDR:
        return np.power(nits / 100, 1 / 2.4)
    luma = np.maximum(nits @ np.array([0.2627, 0.6780, 0.0593]) / 1000, 1e-12)[..., None]
    scene = nits / 1000 * luma ** (1 / 1.2 - 1)
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    above = a * np.log(np.maximum(12 * scene - b, 1e-9)) + c
    return np.asarray(np.where(scene <= 1 / 12, np.sqrt(3 * scene), above))


def _clip(path: Path, nits: NDArray[np.float64], transfer: int, primaries: int, full: bool) -> Path:
    """Ten-bit HEVC of still light, tagged as a phone tags it."""
    r, g, b = np.moveaxis(_signal(nits, transfer), -1, 0)
    luma = 0.2627 * r + 0.6780 * g + 0.0593 * b
    blue, red = (b - luma) / 1.8814, (r - luma) / 1.4746
    scale, low, wide = (1023, 0, 1023) if full else (876, 64, 896)
    planes = [
        np.round(low + scale * luma),
        np.round(512 + wide * blue)[::2, ::2],
        np.round(512 + wide * red)[::2, ::2],
    ]
    height, width = luma.shape
    frame = av.VideoFrame(width, height, "yuv420p10le")
    for plane, values in zip(frame.planes, planes, strict=True):
        rows = np.zeros((plane.height, plane.line_size // 2), "<u2")
        rows[:, : values.shape[1]] = np.clip(values, 0, 1023)
        plane.update(rows.tobytes())
    with av.open(str(path), "w") as file:
        stream = file.add_stream(
            "libx265", rate=25, options={"x265-params": "lossless=1:log-level=0"}
        )
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p10le"
        context = stream.codec_context
        context.color_range = 2 if full else 1
        context.colorspace, context.color_primaries, context.color_trc = 9, primaries, transfer
        context.time_base = Fraction(1, 25)
        for number in range(5):
            frame.pts, frame.time_base = number, Fraction(1, 25)
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    return path


def _smooth() -> NDArray[np.uint8]:
    """Colours without edges, which chroma of half the size would smear."""
    image = pattern(0, (128, 96))
    image[:24] = image[24]
    return image


@pytest.mark.parametrize("full", [False, True], ids=["limited", "full"])
@pytest.mark.parametrize(
    ("transfer", "primaries", "note"),
    [
        (_HLG, _BT2020, "HDR (HLG)"),
        (_PQ, _BT2020, "HDR (PQ)"),
        (_SDR, _BT2020, "wide gamut"),
        (_SDR, _P3, "wide gamut"),
    ],
)
def test_a_graded_clip_comes_out_as_it_was(
    tmp_path: Path, transfer: int, primaries: int, note: str, full: bool
) -> None:
    image = _smooth()
    matrix = _TO_2020 if primaries == _BT2020 else _TO_P3
    nits = 100 * np.power(image / 255, 2.4) @ matrix.T
    video = Video(_clip(tmp_path / "phone.mov", nits, transfer, primaries, full))
    found = next(video.frames()).image.astype(float)
    assert any(note in said for said in video.notes)
    # BT.2020's luma and chroma in 10 bits with half the chroma: the edges of the picture aside
    difference = np.abs(found - image)[4:-4, 4:-4]
    assert difference.mean() < 2.0
    assert np.percentile(difference, 99) < 9


def test_highlights_keep_their_order_and_skin_its_level(tmp_path: Path) -> None:
    ramp = np.geomspace(1.0, 1000.0, 128)
    nits = np.repeat(np.repeat(ramp[None, :, None], 96, axis=0), 3, axis=2)
    video = Video(_clip(tmp_path / "bright.mov", nits, _PQ, _BT2020, False))
    row = next(video.frames()).image[48].astype(float)
    assert np.ptp(row, axis=1).max() <= 3  # grey stays grey
    level = row.mean(axis=1)
    assert (np.diff(level) >= -1).all()
    # 50 cd/m2 under a reference white of 203: below the knee, exactly what the gamma says
    assert level[np.searchsorted(ramp, 50)] == pytest.approx(255 * (50 / 203) ** (1 / 2.4), abs=3)
    assert level[-1] == pytest.approx(255, abs=3)
    assert level[np.searchsorted(ramp, 400)] < 252


def test_an_ordinary_clip_is_left_alone(tmp_path: Path) -> None:
    nits = 100 * np.power(_smooth() / 255, 2.4)
    video = Video(_clip(tmp_path / "a.mov", nits, _SDR, 1, False))
    assert video.notes == ()


@pytest.mark.parametrize("transfer", ["HLG", "PQ"])
def test_light_and_signal_are_inverse(transfer: str) -> None:
    nits = np.geomspace(0.1, 900, 60).reshape(-1, 1).repeat(3, axis=1)
    code = {"HLG": _HLG, "PQ": _PQ}[transfer]
    back = light(_signal(nits, code), Grading(transfer, _BT2020))
    np.testing.assert_allclose(back, nits, rtol=1e-4)
