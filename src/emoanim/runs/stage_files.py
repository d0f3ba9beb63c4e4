"""Saving what every stage made, for people who want to look or listen (``--keep DIR``)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import emoanim
from emoanim.arguments import path_of
from emoanim.clips import Frame, Portrait, Speech, Transcript
from emoanim.errors import OutputError
from emoanim.media import write_image, write_wav
from emoanim.outputs import temporary
from emoanim.runs.marking import Marking
from emoanim.steps import Step

__all__ = ["Keeper", "check_keep"]


def check_keep(folder: str | Path | None, *files: Path) -> None:
    """Check before any work that a folder for the artefacts can be made.

    Raises:
        OutputError: it bears the name of one of the run's files, or something else stands there.
    """
    if folder is None:
        return
    given = path_of(folder, "the folder for the artefacts", "a path, such as 'stages'")
    try:
        target = given.resolve()
        taken = any(target == file.resolve() for file in files)
        taken = taken or (target.exists() and not target.is_dir())
    except (OSError, RuntimeError, ValueError) as error:
        raise OutputError(
            f"--keep {folder!s:.60} cannot be a folder: {getattr(error, 'strerror', error)}."
        ) from error
    if taken:
        raise OutputError(
            f"--keep {str(folder)!r} is the name of a file; expected a folder for the artefacts. "
            "Give another name."
        )


_TAKEN = {
    "comment": "A still of the input, taken by emoanim and not changed.",
    "software": f"emoanim {emoanim.__version__}",
}


class Keeper:
    """A step hook that writes each artefact into a folder as soon as it is there.

    All say what they are: pictures and sound by tags and a signed manifest, the others by
    ``about.json``, which lists every file with its hash.

    Files: ``transcript.json``, ``text.txt``, ``speech.wav``, ``phones.json``, ``frames/*.png``,
    ``portraits/*.png``, ``about.json``.

    Raises:
        OutputError: the folder cannot be made or written.
    """

    def __init__(self, folder: str | Path, marking: Marking) -> None:
        self.folder = Path(folder)
        self._marking = marking
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
        artefact = step.artefact
        if step.name == "write":
            self._json("about.json", self._about())
        elif isinstance(artefact, Transcript):
            words = [word._asdict() for word in artefact.words]
            content = {"text": artefact.text, "language": artefact.language, "words": words}
            self._json("transcript.json", content)
        elif step.name == "rewrite":
            self._text("text.txt", str(artefact))
        elif isinstance(artefact, Speech):
            path = self.folder / "speech.wav"
            tags = self._marking.tags(artefact.text)
            write_wav(path, artefact.audio, tags=tags, sign=self._marking.signer(path))
            self._json("phones.json", [phone._asdict() for phone in artefact.phones])
        elif step.name in ("pick", "emote"):
            self._images("frames" if step.name == "pick" else "portraits", artefact)

    def _images(self, name: str, pictures: Sequence[Frame | Portrait]) -> None:
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        changed = name == "portraits"
        tags = self._marking.tags() if changed else _TAKEN
        for number, picture in enumerate(pictures):
            path = folder / f"{number}.png"
            sign = self._marking.signer(path, changed=changed)
            write_image(path, picture.image, tags=tags, sign=sign)

    def _json(self, name: str, content: Any) -> None:
        self._text(name, json.dumps(content, ensure_ascii=False, indent=1))

    def _about(self) -> dict[str, Any]:
        paths = sorted(path for path in self.folder.rglob("*") if path.is_file())
        files = [path for path in paths if path.name != "about.json"]
        return {
            **self._marking.tags(),
            "files": {path.relative_to(self.folder).as_posix(): _sha256(path) for path in files},
        }

    def _text(self, name: str, text: str) -> None:
        path = self.folder / name
        with temporary(path, (path.suffix,)) as hidden:
            hidden.write_text(text + "\n", encoding="utf-8")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
