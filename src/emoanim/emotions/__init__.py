"""The emotions, the words people use for them, and the prompt that a user gives.

A prompt is one emotion with its strength, a blend of a few ("happy but a little sad"), or a
timeline of several ("neutral@0 happy@2.5").
"""

from emoanim.emotions.prompts import PLAIN_INTENSITY, EmotionPrompt
from emoanim.emotions.timeline import Passage, Timeline, read_prompt
from emoanim.emotions.words import ALIASES, TARGETS, Emotion, parse_emotion

__all__ = [
    "ALIASES",
    "PLAIN_INTENSITY",
    "TARGETS",
    "Emotion",
    "EmotionPrompt",
    "Passage",
    "Timeline",
    "parse_emotion",
    "read_prompt",
]
