"""High dynamic range and wide gamut to BT.709.

HLG (ARIB STD-B67) and PQ (SMPTE ST 2084) are decoded as ITU-R BT.2100 says, HLG with the system
gamma of a display of 1000 cd/m2. The light that becomes white is 203 cd/m2 (BT.2408), or less where
the clip never gets that bright, but never under 100 cd/m2: a clip that was graded in SDR and
packed as HDR comes out as it was. Above a knee the brightest component is rolled off so that the
clip's peak just fits; hue is kept. BT.2020 and P3 primaries become those of BT.709, what lies
outside is drawn to grey until it fits, and the result is encoded for the gamma of 2.4 (BT.1886).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Grading", "ToneMapper", "grading_of", "light"]

_PQ, _HLG = 16, 18
_BT2020, _DCI_P3, _DISPLAY_P3 = 9, 11, 12
_HLG_PEAK = 1000.0
_SYSTEM_GAMMA = 1.2
_REFERENCE_WHITE = 203.0
_SDR_WHITE = 100.0
_KNEE = 0.75
_GAMMA = 2.4
_ROWS = 32
_LUMA_2020 = np.array([0.2627, 0.6780, 0.0593], np.float32)
_LUMA_709 = np.array([0.2126, 0.7152, 0.0722], np.float32)

_TO_709 = {
    _BT2020: np.array(
        [[1.660491, -0.587641, -0.072850],
         [-0.124550, 1.132900, -0.008349],
         [-0.018151, -0.100579, 1.118730]]
    ),
    _DISPLAY_P3: np.array(
        [[1.224940, -0.224940, 0.0],
         [-0.042057, 1.042057, 0.0],
         [-0.019638, -0.078636, 1.098273]]
    ),
}  # fmt: skip
_TO_709[_DCI_P3] = _TO_709[_DISPLAY_P3]

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Grading:
    """How the numbers of a picture stand for light.

    Attributes:
        transfer: "HLG", "PQ" or "SDR".
        primaries: of FFmpeg's list; 1 is BT.709.
        peak: brightest light of the clip in cd/m2 (HLG and PQ).
    """

    transfer: str
    primaries: int
    peak: float = _SDR_WHITE

    @property
    def name(self) -> str:
        """What a note calls it."""
        return "wide gamut" if self.transfer == "SDR" else f"HDR ({self.transfer})"

    @property
    def white(self) -> float:
        """Light in cd/m2 that becomes white."""
        return float(np.clip(self.peak, _SDR_WHITE, _REFERENCE_WHITE))


def grading_of(stream: Any) -> Grading | None:
    """Return the grading that a video stream is tagged with; None where it is ordinary BT.709."""
    context = stream.codec_context
    transfer = {_PQ: "PQ", _HLG: "HLG"}.get(int(context.color_trc), "SDR")
    primaries = int(context.color_primaries)
    if transfer != "SDR" and primaries not in _TO_709:
        primaries = _BT2020  # HDR without a word on its primaries
    if transfer == "SDR" and primaries not in _TO_709:
        return None
    return Grading(transfer, primaries)


def light(signal: Array, grading: Grading) -> Array:
    """Return the light of R'G'B' values in [0, 1], shape (..., 3), in cd/m2."""
    if grading.transfer == "PQ":
        root = np.power(signal, 1 / 78.84375)
        ratio = np.maximum(root - 0.8359375, 0) / (18.8515625 - 18.6875 * root)
        return np.asarray(10_000.0 * np.power(ratio, 1 / 0.1593017578125))
    if grading.transfer == "HLG":
        scene = _hlg_scene(signal)
        luma = np.maximum(scene @ _LUMA_2020, 1e-9)[..., None]
        return np.asarray(_HLG_PEAK * luma ** (_SYSTEM_GAMMA - 1) * scene)
    return np.asarray(_SDR_WHITE * np.power(signal, _GAMMA))


class ToneMapper:
    """Turns R'G'B' pictures of one clip into 8-bit BT.709."""

    def __init__(self, grading: Grading) -> None:
        self._grading = grading
        self._peak = max(1.0, grading.peak / grading.white)
        self._matrix = _TO_709[grading.primaries].T.astype(np.float32)
        codes = np.linspace(0.0, 1.0, 1 << 16)
        if grading.transfer == "HLG":
            linear = _hlg_scene(codes) * (_HLG_PEAK / grading.white)
        else:
            linear = light(codes[:, None], grading)[:, 0] / grading.white
        self._linear = linear.astype(np.float32)
        # a table over the square root of light keeps the dark levels apart
        self._coded = np.round(255 * codes ** (2 / _GAMMA)).astype(np.uint8)

    def map(self, image: NDArray[np.uint16]) -> NDArray[np.uint8]:
        """Return uint8 (h, w, 3) for a picture of uint16 (h, w, 3), 65535 being full scale."""
        mapped = np.empty(image.shape, np.uint8)
        for top in range(0, len(image), _ROWS):  # rows that fit a processor's cache
            mapped[top : top + _ROWS] = self._part(image[top : top + _ROWS])
        return mapped

    def _part(self, image: NDArray[np.uint16]) -> NDArray[np.uint8]:
        linear = self._linear[image]
        if self._grading.transfer == "HLG":
            luma = linear @ _LUMA_2020 * np.float32(self._grading.white / _HLG_PEAK)
            linear *= np.power(luma, np.float32(_SYSTEM_GAMMA - 1))[..., None]
        linear = linear @ self._matrix
        self._fit(linear)
        np.sqrt(linear, out=linear)
        linear *= 65535
        return self._coded[np.minimum(linear, 65535).astype(np.uint16)]

    def _fit(self, linear: NDArray[np.float32]) -> None:
        """Bring light into what BT.709 can show, in place: no negative part, none above white."""
        outside = linear.min(axis=-1) < 0
        if outside.any():
            colours = linear[outside]
            luma = np.maximum(colours @ _LUMA_709, 0)[:, None]
            share = luma / np.maximum(luma - colours.min(axis=-1, keepdims=True), 1e-9)
            linear[outside] = np.maximum(luma + (colours - luma) * share, 0)
        brightest = linear.max(axis=-1)
        bright = brightest > _KNEE
        if bright.any():
            scale = _rolled_off(brightest[bright], self._peak) / brightest[bright]
            linear[bright] *= scale[:, None]


def _hlg_scene(signal: Array) -> Array:
    """Scene light in [0, 1] of an HLG signal."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    upper = (np.exp((np.maximum(signal, 0.5) - c) / a) + b) / 12
    return np.where(signal <= 0.5, signal * signal / 3, upper)


def _rolled_off(value: NDArray[np.float32], peak: float) -> NDArray[np.float32]:
    """Reinhard's extended curve above the knee: slope 1 at the knee, 1 at the peak."""
    top = (peak - _KNEE) / (1 - _KNEE)
    over = np.minimum((value - _KNEE) / (1 - _KNEE), top)
    return np.asarray(_KNEE + (1 - _KNEE) * over * (1 + over / top**2) / (1 + over), np.float32)
