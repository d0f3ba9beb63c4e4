"""The words of a recording that is said again: they must be the recording's own."""

from __future__ import annotations

from emoanim.clips import Audio, Recording, Transcript
from emoanim.errors import InputError
from emoanim.language.word_errors import word_error_rate

__all__ = ["transcript_of"]

_SHOWN = 60


def transcript_of(text: str, reference: Audio, voice: str) -> Transcript:
    """Return the transcript of a recording; without one, the text itself.

    Args:
        text: what is to be said.
        reference: the recording; of a ``Recording`` with a ``part``, that part.
        voice: name of the voice that says recordings only, for the error.

    Raises:
        InputError: the text is not what the recording says.
    """
    known = reference.transcript if isinstance(reference, Recording) else None
    if known is None:
        return Transcript(text, duration=reference.duration)
    said = known.text
    part = reference.part if isinstance(reference, Recording) else None
    if part is not None:
        inside = [w.text for w in known.words if part[0] <= (w.start + w.end) / 2.0 < part[1]]
        said = " ".join(word.strip() for word in inside)
    if word_error_rate(said, text, known.language) > 0.0:
        raise InputError(
            f"the text {_short(text)} given for a recording that says {_short(said)}; the "
            f"voice {voice!r} can say only what was said. Take the text emoter 'keep' "
            "(--text-emoter keep, or --preset own), or another voice for new words."
        )
    return known


def _short(text: str) -> str:
    return repr(text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "...")
