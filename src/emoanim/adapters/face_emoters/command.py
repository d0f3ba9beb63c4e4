"""A program that puts an emotion on stills: a folder of pictures in, one of the same out."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from emoanim.clips import Frames, Image, Portrait
from emoanim.emotions import EmotionPrompt
from emoanim.engines.program.command import Command
from emoanim.engines.program.results import PICTURES, files_of, usable, write_frames
from emoanim.errors import BackendError
from emoanim.media import read_image
from emoanim.registry.verbs import verb

__all__ = ["CommandFaceEmoter"]


class CommandFaceEmoter(Command):
    """A program that puts an emotion on stills: a folder of pictures in, one of the same out.

    Args:
        argv: the program and its arguments, filled in without a shell; "{frames}" is a folder
            of PNG files 000.png, 001.png, ...; "{emotion}" and "{intensity}" (0 to 1) are plain
            values; the program writes as many pictures, in the order of their names, into
            "{out}".
        cwd: folder to start in.
        timeout: seconds after which it is ended.
        env: environment variables on top of the present ones.

    Raises:
        SettingsError: a line that cannot be filled in.
    """

    PLACES = ("frames", "emotion", "intensity")

    @verb
    def emote(self, frames: Sequence[Image] | Frames, prompt: EmotionPrompt) -> list[Portrait]:
        """Return the pictures that the program wrote.

        Raises:
            BackendError: it failed, or wrote another number of pictures.
        """
        pictures = [np.asarray(frame, np.uint8) for frame in frames]
        with tempfile.TemporaryDirectory(prefix="emoanim-") as folder:
            values = {
                "frames": write_frames(Path(folder), pictures), "emotion": str(prompt.emotion),
                "intensity": f"{prompt.intensity:g}",
            }  # fmt: skip
            with self._program.run(values) as out:
                files = files_of(out, PICTURES)
                if len(files) != len(pictures):
                    raise BackendError(
                        f"the program wrote {len(files)} pictures for {len(pictures)} frames; "
                        "expected one for each, in the order of their names."
                    )
                stills = [usable(read_image, file) for file in files]
        return [
            Portrait(still, original, emoter="command")
            for still, original in zip(stills, pictures, strict=True)
        ]
