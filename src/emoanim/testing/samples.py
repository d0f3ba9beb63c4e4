"""What contracts are tried on where a test gives nothing of its own: a face, a spoken sentence."""

from __future__ import annotations

from functools import cache
from importlib.resources import as_file, files

import numpy as np

from emoanim import registry
from emoanim.clips import Audio, Image
from emoanim.emotions import Emotion, EmotionPrompt
from emoanim.media import read_image

__all__ = ["SENTENCE", "frames_with_a_face", "spoken_sentence"]

SENTENCE = "We are going to meet the new team on Monday."


def frames_with_a_face() -> list[Image]:
    """Return two frames, uint8 (512, 512, 3) RGB, of the portrait that comes with the package."""
    with as_file(files("emoanim") / "assets" / "astronaut.jpg") as path:
        picture = read_image(path)
    return [picture, np.ascontiguousarray(picture[:, ::-1])]


@cache
def spoken_sentence() -> Audio:
    """Return ``SENTENCE`` said by the offline voice.

    Raises:
        MissingExtraError: its packages are not installed.
    """
    nobody = Audio(np.zeros(0, np.float32), 16000)
    prompt = EmotionPrompt(Emotion.NEUTRAL)
    return registry.backend("voice", "hibari").speak(SENTENCE, prompt, nobody).audio
