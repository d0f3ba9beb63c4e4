"""The roles that only evaluation knows; they stand in the table of ``emoanim.protocols``."""

from emoanim.protocols import (
    PairMeasure,
    PictureFeatures,
    SpeechEmotionClassifier,
    TextEmotionClassifier,
)

__all__ = ["PairMeasure", "PictureFeatures", "SpeechEmotionClassifier", "TextEmotionClassifier"]
