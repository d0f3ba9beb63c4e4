"""SadTalker: a still face and speech to a talking head, on the official weights."""

from __future__ import annotations

from emoanim.adapters.animators.sadtalker.animator import SadtalkerAnimator
from emoanim.adapters.animators.sadtalker.verification import verify

__all__ = ["SadtalkerAnimator", "verify"]
