"""A program that rewrites: a text file and an emotion in, a text file out."""

from __future__ import annotations

import tempfile
from pathlib import Path

from emoanim.clips import Transcript
from emoanim.emotions import EmotionPrompt
from emoanim.engines.program.command import Command
from emoanim.engines.program.results import read_words, the_file
from emoanim.errors import BackendError
from emoanim.registry.verbs import verb

__all__ = ["CommandTextEmoter"]


class CommandTextEmoter(Command):
    """A program that rewrites: a text file and an emotion in, a text file out.

    Args:
        argv: the program and its arguments, filled in without a shell; "{text}" is a text
            file, "{emotion}" and "{intensity}" (0 to 1) are plain values, "{prompt}" the user's
            own words; the program writes one .txt into "{out}".
        cwd: folder to start in.
        timeout: seconds after which it is ended.
        env: environment variables on top of the present ones.

    Raises:
        SettingsError: a line that cannot be filled in.
    """

    PLACES = ("text", "emotion", "intensity", "prompt")

    @verb
    def rewrite(self, transcript: Transcript, prompt: EmotionPrompt) -> str:
        """Return what the program wrote.

        Raises:
            BackendError: it failed, or wrote no words.
        """
        with tempfile.TemporaryDirectory(prefix="emoanim-") as folder:
            file = Path(folder) / "text.txt"
            file.write_text(transcript.text, encoding="utf-8")
            values = {
                "text": file, "emotion": str(prompt.emotion),
                "intensity": f"{prompt.intensity:g}", "prompt": prompt.text,
            }  # fmt: skip
            with self._program.run(values) as out:
                text, _ = read_words(the_file(out, (".txt",)))
        if not text.strip():
            raise BackendError("the program wrote an empty text; expected the new words.")
        return text
