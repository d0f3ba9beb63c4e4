"""A film of the astronaut who ships with the package: she sways, and may leave the picture."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.resources import as_file, files

import numpy as np
import pytest

pytest.importorskip("cv2")
pytest.importorskip("ai_edge_litert")

import cv2

from emoanim.clips import Frame, Image
from emoanim.faces import FaceFinder
from emoanim.media import read_image


@dataclass
class SwayingFilm:
    """A clip in memory; its person is away between two times."""

    still: Image
    duration: float = 1.2
    fps: float = 20.0
    away: tuple[float, float] = (9.0, 9.0)
    sway: float = 3.0
    read: list[float] = field(default_factory=list)

    @property
    def size(self) -> tuple[int, int]:
        return self.still.shape[1], self.still.shape[0]

    def frames(self, start: float = 0.0, end: float | None = None) -> Iterator[Frame]:
        for number in range(round(self.duration * self.fps)):
            time = number / self.fps
            if time < start - 1e-6 or (end is not None and time >= end - 1e-6):
                continue
            self.read.append(time)
            yield Frame(time, self.at(time))

    def at(self, time: float) -> Image:
        if self.away[0] <= time < self.away[1]:
            return np.full_like(self.still, 90)
        shift = self.sway * np.sin(2 * np.pi * time)
        turn = np.array([[1, 0, shift], [0, 1, 0]], np.float64)
        return cv2.warpAffine(
            self.still, turn, self.size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
        )


@pytest.fixture(scope="session")
def finder() -> FaceFinder:
    return FaceFinder()


@pytest.fixture(scope="session")
def still() -> Image:
    with as_file(files("emoanim") / "assets" / "astronaut.jpg") as path:
        image = read_image(path)
    return np.ascontiguousarray(cv2.resize(image, (320, 320), interpolation=cv2.INTER_AREA))


@pytest.fixture(scope="session")
def swaying() -> type[SwayingFilm]:
    return SwayingFilm
