"""Words that are known already, in the place of the backends that would find them.

The page reads a clip and writes the new words first and speaks them later, after its visitor has
had a look; the pipeline then runs as always, with these two in their roles.
"""

from __future__ import annotations

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
        text: what is to be spoken.
    """

    licence = "that of what wrote it"

    def __init__(self, text: str) -> None:
        self.text = text

    def rewrite(self, transcript: Transcript, prompt: EmotionPrompt) -> str:
        """Return the text."""
        return self.text
