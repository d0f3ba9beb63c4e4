"""Speech with known phones, made of buzz, hiss and silence; faces drawn from the canonical mesh."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from emoanim.clips import Audio, Phone, Speech
from emoanim.engines.rig.geometry.landmarks import (
    BROWS,
    INNER_LOWER,
    INNER_UPPER,
    LEFT_EYE,
    OUTER_LOWER,
    OUTER_UPPER,
    RIGHT_EYE,
)
from emoanim.faces import OUTLINE, canonical_mesh

HISSES = frozenset(["S", "Z", "F", "SH", "CH", "TH", "T", "K"])
CLOSED = frozenset(["P", "B"])
RATE = 16000

MakeSpeech = Callable[..., Speech]


def _speech(
    script: str | Sequence[tuple[str, float]],
    *,
    gains: Sequence[float] | None = None,
    pitch: float = 120.0,
    phones: bool = True,
) -> Speech:
    """Return a speech from "SIL 0.3 M 0.08 AA 0.2" or pairs; gains scale the phones' loudness."""
    if isinstance(script, str):
        words = script.split()
        script = [(s, float(d)) for s, d in zip(words[::2], words[1::2], strict=True)]
    rng = np.random.default_rng(7)
    pieces, said, clock = [], [], 0.0
    for i, (symbol, duration) in enumerate(script):
        count = round(duration * RATE)
        t = clock + np.arange(count) / RATE
        gain = 1.0 if gains is None else gains[i]
        if symbol == "SIL" or symbol in CLOSED:
            sound = np.zeros(count)
        elif symbol in HISSES:
            sound = 0.03 * np.diff(rng.standard_normal(count + 1))
        else:
            strength = 0.05 if symbol in {"M", "N"} else 0.25
            harmonics = (np.sin(2 * np.pi * pitch * k * t) / k for k in range(1, 12))
            sound = strength * sum(harmonics)
        pieces.append(gain * sound)
        said.append(Phone(symbol, clock, clock + duration))
        clock += duration
    audio = Audio(np.concatenate(pieces).astype(np.float32), RATE)
    return Speech(audio, "made for a test", tuple(said) if phones else ())


@pytest.fixture(scope="session")
def make_speech() -> MakeSpeech:
    """Maker of speech with known phones."""
    return _speech


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """A picture and its mesh."""

    image: NDArray[np.uint8]
    points: NDArray[np.float32]
    scale: float


def _drawn_face(
    size: int = 320, *, gap: float = 0.0, smile: float = 0.0, yaw: float = 0.0
) -> Drawn:
    """Draw a face in the middle of a picture.

    Args:
        size: side of the picture, pixels.
        gap: between the lips, cm.
        smile: how far up and out the corners of the mouth are drawn, cm.
        yaw: degrees to the right.
    """
    mesh = canonical_mesh()[0].astype(np.float64).copy()
    middle = mesh[list(INNER_UPPER + INNER_LOWER)]
    line = np.interp(mesh[:, 0], *zip(*sorted((p[0], p[1]) for p in middle[:11]), strict=True))
    for row, side in ((INNER_UPPER, 0.0), (INNER_LOWER, 1.0)):
        for v in row[1:-1]:
            shut = (mesh[v, 0] / mesh[row[-1], 0]) ** 2
            mesh[v, 1] = line[v] - 0.25 - side * gap * (1 - shut)
    near = np.exp(
        -0.5 * (((np.abs(mesh[:, 0]) - 2.3) / 0.9) ** 2 + ((mesh[:, 1] + 4.3) / 0.9) ** 2)
    )
    mesh[:, 0] += smile * near * np.sign(mesh[:, 0])
    mesh[:, 1] += smile * near
    c, s = np.cos(np.radians(yaw)), np.sin(np.radians(yaw))
    turned = mesh @ np.array([[c, 0, -s], [0, 1, 0], [s, 0, c]])
    scale = size / 32.0
    points = turned * (scale, -scale, -scale) + (size / 2, size / 2, 0)
    image = _painted(points, size, scale)
    return Drawn(image, points.astype(np.float32), scale)


def _painted(points: NDArray[np.float64], size: int, scale: float) -> NDArray[np.uint8]:
    rng = np.random.default_rng(3)
    image = np.full((size, size, 3), (70, 90, 120), np.uint8)
    image[::16] = image[:, ::16] = (110, 130, 150)  # a grid that shows any bending

    def fill(vertices: tuple[int, ...], colour: tuple[int, int, int]) -> None:
        corners = np.round(points[list(vertices), :2] * 16).astype(np.int32)
        cv2.fillPoly(image, [corners], colour, lineType=cv2.LINE_AA, shift=4)

    fill(OUTLINE, (205, 165, 140))
    for brow in BROWS:
        corners = np.round(points[list(brow), :2] * 16).astype(np.int32)
        width = max(round(0.35 * scale), 1)
        cv2.polylines(image, [corners], False, (70, 50, 40), width, cv2.LINE_AA, shift=4)
    for upper, lower in (LEFT_EYE, RIGHT_EYE):
        fill((*upper, *lower[::-1]), (235, 235, 235))
        ball = points[list(upper[3:6] + lower[3:6]), :2].mean(0)
        at = tuple(int(v) for v in np.round(ball * 16))
        cv2.circle(image, at, round(0.45 * scale * 16), (60, 40, 30), -1, cv2.LINE_AA, shift=4)
    fill((*OUTER_UPPER, *INNER_UPPER[::-1]), (170, 85, 85))
    fill((*OUTER_LOWER, *INNER_LOWER[::-1]), (180, 90, 90))
    fill((*INNER_UPPER, *INNER_LOWER[::-1]), (40, 15, 15))
    grain = rng.integers(-6, 7, image.shape, np.int16)
    return np.clip(image + grain, 0, 255).astype(np.uint8)


@pytest.fixture(scope="session")
def drawn_face() -> Callable[..., Drawn]:
    """Drawer of faces whose every measure is known."""
    return _drawn_face
