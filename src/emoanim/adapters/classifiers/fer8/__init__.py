"""``fer8``: the packaged 8-class frame classifier; importing this loads nothing heavy."""

from __future__ import annotations

from emoanim.adapters.classifiers.fer8.classifier import Fer8Classifier

__all__ = ["Fer8Classifier"]
