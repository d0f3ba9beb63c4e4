"""Emotion of words: ``TextEmotionClassifier`` of ``emoanim.evaluation.protocols``."""
