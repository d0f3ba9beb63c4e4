"""EAT: a face, speech and an emotion to an emotional talking head, on the official weights."""

from __future__ import annotations

from emoanim.adapters.animators.eat.animator import EatAnimator
from emoanim.adapters.face_emoters.eat.verification import verify

__all__ = ["EatAnimator", "verify"]
