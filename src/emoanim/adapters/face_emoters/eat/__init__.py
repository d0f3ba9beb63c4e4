"""EAT: a still of the same face in the target emotion, on the official weights."""

from __future__ import annotations

from emoanim.adapters.face_emoters.eat.emoter import EatFaceEmoter
from emoanim.adapters.face_emoters.eat.verification import verify

__all__ = ["EatFaceEmoter", "verify"]
