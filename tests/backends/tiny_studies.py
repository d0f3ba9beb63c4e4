"""What the tests of studies share: small clips with a face, and the log of the backends."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from emoanim.clips import Animation, Audio
from emoanim.demo import demo_portrait
from emoanim.media import write_video

ROLES = ("transcriber", "text_emoter", "voice", "face_emoter", "animator")
SYSTEM = dict.fromkeys(ROLES, "counting")

ENTRY_POINTS = {
    "transcribers": "counting = counting_backends:Transcriber",
    "text_emoters": "counting = counting_backends:TextEmoter",
    "voices": "counting = counting_backends:Voice",
    "face_emoters": "counting = counting_backends:FaceEmoter",
    "animators": "counting = counting_backends:Animator",
    "classifiers": "counting = counting_backends:Classifier",
    "text_classifiers": "counting = counting_backends:Words\nabsent = counting_backends:Absent"
    "\nlate = counting_backends:Late",
    "speech_classifiers": "absent = counting_backends:Absent",
    "picture_distances": "counting = counting_backends:Distance",
    "measures": "loudness = counting_backends:Loudness",
}


def install_backends(folder: Path, source: Path) -> Path:
    """Write a package whose entry points make the counting backends known; return its folder."""
    about = folder / "counting_backends-1.0.dist-info"
    about.mkdir(parents=True, exist_ok=True)
    named = "Metadata-Version: 2.1\nName: counting-backends\nVersion: 1.0\n"
    (about / "METADATA").write_text(named)
    lines = [f"[emoanim.{group}]\n{line}\n" for group, line in ENTRY_POINTS.items()]
    (about / "entry_points.txt").write_text("\n".join(lines))
    code = (source / "counting_backends.py").read_text()
    (folder / "counting_backends.py").write_text(code)
    return folder


def write_clip(path: Path, shift: int = 0, seconds: float = 1.2, sound: float = 0.2) -> Path:
    """Write a clip that shows the portrait's face; the shift makes it another one."""
    face = np.ascontiguousarray(demo_portrait()[20:276, 96:352][::2, ::2])
    length = round(seconds * 25)
    frames = (np.roll(face, shift + i % 3, axis=1) for i in range(length))
    time = np.arange(round(seconds * 16000)) / 16000
    samples = sound * np.sin(2 * np.pi * (150 + 10 * shift) * time)
    moving = Animation(25.0, (128, 128), length, frames)
    return write_video(path, moving, Audio(samples, 16000), tags={})


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


def without_manifest(svg: bytes) -> bytes:
    """Return an SVG without its signed manifest, which bears the time."""
    return re.sub(rb"<c2pa:manifest.*?</c2pa:manifest>", b"", svg, flags=re.DOTALL)
