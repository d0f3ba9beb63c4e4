"""A voice of somebody else's: louder with the intensity."""

import numpy as np

from emoanim import Audio, EmotionPrompt, Speech
from emoanim.testing.tiny import TinyVoice


class ShoutingVoice:
    """Says a tone per word, as loud as the prompt is intense."""

    licence = "MIT"

    def __init__(self, gain: float = 1.0) -> None:
        self.gain = gain

    def speak(self, text: str, prompt: EmotionPrompt, reference: Audio) -> Speech:
        """Return the tones."""
        plain = TinyVoice().speak(text, prompt, reference)
        loud = np.clip(plain.audio.samples * (1 + self.gain * prompt.intensity), -1, 1)
        return Speech(Audio(loud, plain.audio.rate), text, plain.phones)
