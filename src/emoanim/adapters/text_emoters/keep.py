"""The words stay: for voices that say the recording itself in the emotion, or for comparison."""

from __future__ import annotations

from emoanim.clips import Transcript
from emoanim.emotions import EmotionPrompt
from emoanim.errors import NoSpeechError
from emoanim.registry.verbs import verb

__all__ = ["KeepTextEmoter"]


class KeepTextEmoter:
    """Return every transcript as it is."""

    keeps_language = True

    @verb
    def rewrite(self, transcript: Transcript, prompt: EmotionPrompt) -> str:
        """Return the words of the transcript, unchanged.

        Raises:
            NoSpeechError: the transcript holds no words.
        """
        if not any(c.isalnum() for c in transcript.text):
            raise NoSpeechError(
                f"a transcript without words given ({transcript.text!r}); expected at least one "
                "word. Check that the clip has speech."
            )
        return transcript.text
