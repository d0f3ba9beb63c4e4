"""A program that hears speech: a sound file in, its words out."""

from __future__ import annotations

import tempfile
from pathlib import Path

from emoanim.clips import Audio, Transcript
from emoanim.engines.program.command import Command
from emoanim.engines.program.results import read_words, the_file
from emoanim.errors import NoSpeechError
from emoanim.media import write_wav
from emoanim.registry.verbs import verb

__all__ = ["CommandTranscriber"]


class CommandTranscriber(Command):
    """A program that hears speech: a sound file in, its words out.

    Args:
        argv: the program and its arguments, filled in without a shell; "{audio}" is a WAV
            file; the program writes one file of words (.srt, .vtt or .txt) into "{out}".
        cwd: folder to start in.
        timeout: seconds after which it is ended.
        env: environment variables on top of the present ones.

    Raises:
        SettingsError: a line that cannot be filled in.
    """

    PLACES = ("audio",)

    @verb
    def transcribe(self, audio: Audio) -> Transcript:
        """Return the words; with times where the program writes subtitles.

        Raises:
            NoSpeechError: the program wrote no words.
            BackendError: it failed, or wrote no file of words.
        """
        with tempfile.TemporaryDirectory(prefix="emoanim-") as folder:
            sound = write_wav(Path(folder) / "audio.wav", audio)
            with self._program.run({"audio": sound}) as out:
                text, words = read_words(the_file(out, (".srt", ".vtt", ".txt")))
        if not text.strip():
            raise NoSpeechError("the program found no words; expected somebody speaking.")
        return Transcript(text, words=words, duration=audio.duration)
