"""What a run starts from: a file, a clip or frames in memory."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from emoanim.arguments import named
from emoanim.clips import Audio, Clip, FileClip, Frames, Image, NotedClip, SoundClip
from emoanim.errors import InputError
from emoanim.memory_clip import MemoryClip

__all__ = ["Footage", "RunInput", "open_input"]

Footage = str | Path | Clip | Frames | Sequence[Image]
"""A path, a clip, or frames: uint8 (t, h, w, 3) RGB or a sequence of uint8 (h, w, 3)."""


class RunInput(NamedTuple):
    """A clip, its sound where it was given beside it, and the file it comes from, if any."""

    clip: Clip
    sound: Audio | None
    path: Path | None

    def audio(self) -> Audio:
        """Return the sound.

        Raises:
            InputError: there is none.
        """
        if self.sound is not None:
            return self.sound
        if isinstance(self.clip, SoundClip):
            return self.clip.audio()
        raise InputError(
            f"a {type(self.clip).__name__} without sound given; expected a clip with a method "
            "audio(), or the sound beside it. Give it: audio=Audio(samples, rate)."
        )

    @property
    def notes(self) -> tuple[str, ...]:
        """What a user should know of how the clip was read."""
        return tuple(self.clip.notes) if isinstance(self.clip, NotedClip) else ()


def open_input(
    video: Footage,
    *,
    fps: float | None = None,
    audio: Audio | None = None,
    audio_track: int | None = None,
) -> RunInput:
    """Open whatever was given as the video.

    Args:
        video: a path, a clip or frames.
        fps: frames per second, of frames only.
        audio: the sound instead of the clip's own; needed with frames.
        audio_track: sound track of a file, from 1.

    Raises:
        InputError: nothing of the kind, frames without their rate, or a file that cannot be used.
    """
    if audio is not None and not isinstance(audio, Audio):
        raise InputError(
            f"{named(audio)} given as the sound; expected emoanim.Audio. Read it: "
            "audio=read_audio('talk.wav'), of emoanim.media."
        )
    if isinstance(video, str | Path):
        from emoanim.media import Video

        return RunInput(Video(video, audio_track=audio_track), audio, Path(video))
    if isinstance(video, Clip):
        return RunInput(video, audio, Path(video.path) if isinstance(video, FileClip) else None)
    if isinstance(video, np.ndarray | list | tuple):
        if fps is None:
            raise InputError("frames without a rate given; expected frames per second: fps=25.")
        return RunInput(MemoryClip(video, fps, audio), audio, None)
    raise InputError(
        f"{named(video)} given as the video; expected a path, a clip "
        "(emoanim.clips.Clip), or frames, uint8 (t, h, w, 3) RGB, with fps= and audio=."
    )
