"""EmoFAN (EmoNet): expression, valence, arousal and landmarks of a face."""

from __future__ import annotations

from emoanim.adapters.classifiers.emofan.classifier import EmofanClassifier, Reading

__all__ = ["EmofanClassifier", "Reading"]
