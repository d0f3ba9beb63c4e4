"""What the tests of studies share: small clips with a face, and the log of the backends."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np

from emoanim.clips import Animation, Audio
from emoanim.demo import demo_portrait
from emoanim.media import write_video


def write_clip(path: Path, shift: int = 0, seconds: float = 1.2) -> Path:
    """Write a clip that shows the portrait's face; the shift makes it another one."""
    face = np.ascontiguousarray(demo_portrait()[20:276, 96:352][::2, ::2])
    length = round(seconds * 25)
    frames = (np.roll(face, shift + i % 3, axis=1) for i in range(length))
    time = np.arange(round(seconds * 16000)) / 16000
    sound = 0.2 * np.sin(2 * np.pi * (150 + 10 * shift) * time)
    moving = Animation(25.0, (128, 128), length, frames)
    return write_video(path, moving, Audio(sound, 16000), tags={})


class Log:
    """What the counting backends were asked."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def lines(self) -> list[str]:
        return self.path.read_text().splitlines() if self.path.exists() else []

    @property
    def counts(self) -> Counter[str]:
        return Counter(line.split()[0] for line in self.lines)

    def clear(self) -> None:
        self.path.unlink(missing_ok=True)
