"""The voice ``keep``: the recording as it is, for a face alone or for comparison."""

from __future__ import annotations

from emoanim.clips import Audio, Recording, Speech
from emoanim.emotions import EmotionPrompt
from emoanim.errors import NoSpeechError
from emoanim.language.said_again import transcript_of
from emoanim.registry.verbs import verb

__all__ = ["KeepVoice"]


class KeepVoice:
    """Return the recording as it was made, whatever the emotion; the words stay.

    With the text emoter ``keep`` and the animator ``film`` only the face changes. A recording
    without words will do: music, laughter, a silent face.
    """

    wordless = True

    @verb
    def speak(self, text: str, prompt: EmotionPrompt, reference: Audio) -> Speech:
        """Return the recording, or the part of it that the text stands for.

        Args:
            text: what is said in the recording, as it is; "" if nothing is.
            prompt: changes nothing.
            reference: the recording. A ``Recording`` with a transcript must hold these words.

        Returns:
            The recording's samples at its rate, with a ``time_map`` from its seconds to the
            recording's; without phones.

        Raises:
            InputError: other words than the recording's.
            NoSpeechError: there is no recording.
        """
        if not len(reference.samples):
            raise NoSpeechError(
                "no recording given; the voice 'keep' gives back what was recorded. Give a film "
                "or a recording, or another voice (--voice hibari)."
            )
        transcript = transcript_of(text, reference, "keep")
        audio, start = Audio(reference.samples, reference.rate), 0.0
        if isinstance(reference, Recording) and reference.part is not None:
            first, last = (round(second * audio.rate) for second in reference.part)
            audio = Audio(audio.samples[first:last], audio.rate)
            start = first / reference.rate
        ends = (0.0, start), (audio.duration, start + audio.duration)
        return Speech(
            audio,
            text,
            language=transcript.language,
            details={"voice": "recording as it is", "cloned": False},
            time_map=ends,
        )
