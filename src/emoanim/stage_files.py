"""Saving what every stage made, for people who want to look or listen (``--keep DIR``)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from emoanim.clips import Frame, Portrait, Speech, Transcript
from emoanim.errors import OutputError
from emoanim.media import write_image, write_wav
from emoanim.steps import Step

__all__ = ["Keeper"]


class Keeper:
    """A step hook that writes each artefact into a folder as soon as it is there.

    Files: ``transcript.json``, ``text.txt``, ``speech.wav``, ``phones.json``, ``frames/*.png``,
    ``portraits/*.png``.

    Raises:
        OutputError: the folder cannot be made or written.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(
                f"the folder {str(self.folder)!r} cannot be made: {error.strerror}. "
                "Give another --keep folder."
            ) from error

    def __call__(self, step: Step) -> None:
        """Write the artefact of a finished step."""
        if step.artefact is None:
            return
        try:
            self._write(step)
        except OSError as error:
            raise OutputError(
                f"the {step.name} artefact cannot be written into {str(self.folder)!r}: {error}."
            ) from error

    def _write(self, step: Step) -> None:
        made = step.artefact
        if isinstance(made, Transcript):
            words = [word._asdict() for word in made.words]
            content = {"text": made.text, "language": made.language, "words": words}
            self._json("transcript.json", content)
        elif step.name == "rewrite":
            (self.folder / "text.txt").write_text(str(made) + "\n", encoding="utf-8")
        elif isinstance(made, Speech):
            write_wav(self.folder / "speech.wav", made.audio)
            self._json("phones.json", [phone._asdict() for phone in made.phones])
        elif step.name in ("pick", "emote"):
            self._images("frames" if step.name == "pick" else "portraits", made)

    def _images(self, name: str, made: Sequence[Frame | Portrait]) -> None:
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        for number, picture in enumerate(made):
            write_image(folder / f"{number}.png", picture.image)

    def _json(self, name: str, content: Any) -> None:
        text = json.dumps(content, ensure_ascii=False, indent=1)
        (self.folder / name).write_text(text + "\n", encoding="utf-8")
