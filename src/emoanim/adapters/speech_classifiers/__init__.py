"""Emotion of voices: ``SpeechEmotionClassifier`` of ``emoanim.evaluation.protocols``."""
