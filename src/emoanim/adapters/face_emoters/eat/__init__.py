"""EAT: a still of the same face in the target emotion, on the official weights."""

from __future__ import annotations

from emoanim.adapters.face_emoters.eat.emoter import EatFaceEmoter

__all__ = ["EatFaceEmoter"]
