"""A program that scores frames: a folder of pictures in, a table of probabilities out."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from emoanim.clips import EmotionScores, Frames, Image
from emoanim.engines.program.command import Command
from emoanim.engines.program.results import read_scores, the_file, write_frames

__all__ = ["CommandClassifier"]


class CommandClassifier(Command):
    """A program that scores frames: a folder of pictures in, a table of probabilities out.

    Args:
        argv: the program and its arguments, filled in without a shell; "{frames}" is a folder
            of PNG files 000.png, 001.png, ...; the program writes one .csv into "{out}": a first
            line of emotions, then one line of probabilities per picture, empty where it sees no
            face.
        cwd: folder to start in.
        timeout: seconds after which it is ended.
        env: environment variables on top of the present ones.

    Raises:
        SettingsError: a line that cannot be filled in.
    """

    PLACES = ("frames",)

    def classify(self, frames: Sequence[Image] | Frames) -> EmotionScores:
        """Return the table that the program wrote.

        Raises:
            BackendError: it failed, or wrote no such table.
        """
        pictures = [np.asarray(frame, np.uint8) for frame in frames]
        with tempfile.TemporaryDirectory(prefix="emoanim-") as folder:
            values = {"frames": write_frames(Path(folder), pictures)}
            with self._program.run(values) as out:
                return read_scores(the_file(out, (".csv",)), len(pictures))
