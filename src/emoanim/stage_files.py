"""Saving what every stage made, for people who want to look or listen (``--keep DIR``)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from emoanim.clips import Frame, Portrait, Speech, Transcript
from emoanim.errors import OutputError
from emoanim.media import write_image, write_wav
from emoanim.outputs import temporary
from emoanim.steps import Step

__all__ = ["Keeper", "check_keep"]


def check_keep(folder: str | Path | None, *files: Path) -> None:
    """Check before any work that a folder for the artefacts can be made.

    Raises:
        OutputError: it bears the name of one of the run's files, or something else stands there.
    """
    if folder is None:
        return
    try:
        place = Path(folder).resolve()
        taken = any(place == file.resolve() for file in files)
        taken = taken or (place.exists() and not place.is_dir())
    except (OSError, RuntimeError, ValueError) as error:
        raise OutputError(
            f"--keep {folder!s:.60} cannot be a folder: {getattr(error, 'strerror', error)}."
        ) from error
    if taken:
        raise OutputError(
            f"--keep {str(folder)!r} is the name of a file; expected a folder for the artefacts. "
            "Give another name."
        )


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
            self._text("text.txt", str(made))
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
        self._text(name, json.dumps(content, ensure_ascii=False, indent=1))

    def _text(self, name: str, text: str) -> None:
        path = self.folder / name
        with temporary(path, (path.suffix,)) as made:
            made.write_text(text + "\n", encoding="utf-8")
