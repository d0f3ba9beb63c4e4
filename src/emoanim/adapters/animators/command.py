"""A program that animates: a picture and a sound file in, a video out."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from emoanim.clips import Animation, Clip, Image, Portrait, Speech
from emoanim.emotions import EmotionPrompt
from emoanim.engines.program.command import Command
from emoanim.engines.program.results import VIDEOS, the_file, usable
from emoanim.errors import BackendError
from emoanim.media import Video, write_image, write_wav
from emoanim.registry.verbs import verb

SLACK = 0.2
"""Seconds by which a program's video may be shorter than the speech."""

__all__ = ["CommandAnimator"]


class CommandAnimator(Command):
    """A program that animates: a picture and a sound file in, a video out.

    Args:
        argv: the program and its arguments, filled in without a shell; "{portrait}" is a PNG,
            "{speech}" a WAV, "{emotion}" and "{intensity}" (0 to 1) are plain values; the program
            writes one video into "{out}", whose pictures are used and whose sound is not.
        cwd: folder to start in.
        timeout: seconds after which it is ended.
        env: environment variables on top of the present ones.

    Raises:
        SettingsError: a line that cannot be filled in.
    """

    PLACES = ("portrait", "speech", "emotion", "intensity")

    @verb
    def animate(
        self,
        portrait: Portrait,
        speech: Speech,
        prompt: EmotionPrompt,
        source: Clip | None = None,
    ) -> Animation:
        """Return the frames of the video that the program wrote, as long as the speech.

        A video that is shorter by up to a fifth of a second is held at its last frame; a longer
        one is cut.

        Raises:
            BackendError: it failed, wrote no video, or one that does not cover the speech.
        """
        keeping = ExitStack()
        try:
            folder = Path(keeping.enter_context(tempfile.TemporaryDirectory(prefix="emoanim-")))
            values = {
                "portrait": write_image(folder / "portrait.png", portrait.image),
                "speech": write_wav(folder / "speech.wav", speech.audio),
                "emotion": str(prompt.emotion), "intensity": f"{prompt.intensity:g}",
            }  # fmt: skip
            out = keeping.enter_context(self._program.run(values))
            video = usable(Video, the_file(out, VIDEOS))
            missing = speech.audio.duration - video.duration
            if missing > SLACK:
                raise BackendError(
                    f"the program's video lasts {video.duration:.2f} s for "
                    f"{speech.audio.duration:.2f} s of speech; expected one that covers it."
                )
        except BaseException:
            keeping.close()
            raise
        length = math.ceil(speech.audio.duration * video.fps - 1e-6)
        return Animation(video.fps, video.size, length, _frames(video, length, keeping))


def _frames(video: Video, length: int, keeping: ExitStack) -> Iterator[Image]:
    """Yield frames at the video's mean rate; what was kept for it is removed at the end."""
    with keeping:
        for frame in video.frames_at([i / video.fps for i in range(length)]):
            yield frame.image
