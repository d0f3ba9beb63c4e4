"""A program that speaks: a text file and the speaker's voice in, a sound file out."""

from __future__ import annotations

import tempfile
from pathlib import Path

from emoanim.clips import Audio, Speech
from emoanim.emotions import EmotionPrompt
from emoanim.engines.program.command import Command
from emoanim.engines.program.results import SOUNDS, the_file, usable
from emoanim.media import read_audio, write_wav
from emoanim.registry.verbs import verb

__all__ = ["CommandVoice"]


class CommandVoice(Command):
    """A program that speaks: a text file and the speaker's voice in, a sound file out.

    Args:
        argv: the program and its arguments, filled in without a shell; "{text}" is a text
            file, "{reference}" a WAV of the speaker, "{emotion}" and "{intensity}" (0 to 1) are
            plain values; the program writes one sound file into "{out}".
        cwd: folder to start in.
        timeout: seconds after which it is ended.
        env: environment variables on top of the present ones.

    Raises:
        SettingsError: a line that cannot be filled in.
    """

    PLACES = ("text", "reference", "emotion", "intensity")

    @verb
    def speak(self, text: str, prompt: EmotionPrompt, reference: Audio) -> Speech:
        """Return the sound that the program wrote.

        Raises:
            BackendError: it failed, or wrote no sound.
        """
        with tempfile.TemporaryDirectory(prefix="emoanim-") as folder:
            file = Path(folder) / "text.txt"
            file.write_text(text, encoding="utf-8")
            values = {
                "text": file, "emotion": str(prompt.emotion),
                "intensity": f"{prompt.intensity:g}",
                "reference": write_wav(Path(folder) / "reference.wav", reference),
            }  # fmt: skip
            with self._program.run(values) as out:
                audio = usable(read_audio, the_file(out, SOUNDS), None)
        return Speech(audio, text)
