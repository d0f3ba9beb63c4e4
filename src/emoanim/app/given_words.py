"""Words that are known already, in the place of the backends that would find them.

The page reads a clip and writes the new words first and speaks them later, after its visitor has
had a look; the pipeline then runs as always, with these two in their roles.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle

from emoanim.clips import Transcript
from emoanim.emotions import EmotionPrompt

__all__ = ["ApprovedText", "KnownTranscript"]


class KnownTranscript:
    """A transcriber for one recording that was transcribed before.

    Args:
        transcript: of it.
    """

    licence = "that of what transcribed it"

    def __init__(self, transcript: Transcript) -> None:
        self.transcript = transcript

    def transcribe(self, audio: object) -> Transcript:
        """Return the words."""
        return self.transcript


class ApprovedText:
    """A text emoter whose text somebody has seen, and may have changed.

    Args:
        texts: what is to be spoken; of a timeline one text for each passage, in order.
    """

    licence = "that of what wrote it"
    abilities = ("intensity", "blend", "surprise")  # the visitor saw them in the words

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = cycle(texts)

    def rewrite(self, transcript: Transcript, prompt: EmotionPrompt) -> str:
        """Return the text of the next passage."""
        return next(self._texts)
