"""What the tests of studies share: small clips with a face, and the log of the backends."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from emoanim.clips import Animation, Audio
from emoanim.demo import demo_portrait
from emoanim.media import write_video

ROLES = ("transcriber", "text_emoter", "voice", "face_emoter", "animator")
SYSTEM = dict.fromkeys(ROLES, "counting")


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


def write_study(path: Path, values: dict[str, Any]) -> Path:
    """Write the values of a study as TOML."""
    tables = {k: v for k, v in values.items() if isinstance(v, dict)}
    lines = [f"{k} = {json.dumps(v)}" for k, v in values.items() if k not in tables]
    for name, table in tables.items():
        inner = {k: v for k, v in table.items() if isinstance(v, dict)}
        lines.append(f"[{name}]")
        lines += [f"{k} = {json.dumps(v)}" for k, v in table.items() if k not in inner]
        for key, settings in inner.items():
            lines.append(f"[{name}.{json.dumps(key)}]")
            lines += [f"{k} = {_toml(v)}" for k, v in settings.items()]
    path.write_text("\n".join(lines) + "\n")
    return path


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{k} = {_toml(v)}" for k, v in value.items()) + " }"
    return json.dumps(value)
