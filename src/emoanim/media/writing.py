"""Pictures and sound into a video file, streamed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from emoanim.arguments import texts_of
from emoanim.clips import Animation, Audio, Image
from emoanim.errors import BackendError, InputError, SettingsError, did_you_mean
from emoanim.media.encoders import Encoder, chosen_encoder
from emoanim.media.gif import GifFile
from emoanim.media.layouts import MONO, Placement, check_audio
from emoanim.media.pictures import YUVWriter
from emoanim.media.sound_stream import SoundStream, with_headroom
from emoanim.memory import HD_PICTURE, LARGE_PICTURE
from emoanim.outputs import temporary, writing

__all__ = ["write_video"]

_FORMATS = {".mp4": "mp4", ".mov": "mov", ".mkv": "matroska", ".webm": "webm"}
_BT709, _LIMITED = 1, 1
_PRESETS = (
    "ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow",
    "placebo",
)  # fmt: skip
_SLICED = "sliced-threads=1:sync-lookahead=0"
"""The threads of x264 share one picture beyond HD, instead of having one each: 197 MB become 132 at
1920x1080, bytes and quality within 0.2 % and 0.01 dB."""
_SPARING = f"bframes=0:{_SLICED}"
"""Of large pictures x264 holds as few as it can: 744 MB become 255 at 4096x2304, an eighth more
bytes."""


def write_video(
    path: str | Path,
    animation: Animation,
    audio: Audio,
    *,
    tags: Mapping[str, str] | None = None,
    crf: float = 18.0,
    preset: str = "superfast",
    encoder: str = "auto",
    sign: Callable[[Path], None] | None = None,
    placement: Placement = MONO,
    progress: Callable[[int, int], None] | None = None,
) -> Path:
    """Encode an animation with its sound: H.264 (yuv420p, BT.709) and AAC; WebM: VP9 and Opus.

    A GIF (see ``emoanim.media.gif``) has no sound, at most 400 pixels across and 12.5 pictures a
    second; of the tags it holds the comment.

    Where FFmpeg was built without x264 another encoder takes its place, see ``encoder``.

    Frames are encoded as they come, so memory does not grow with the clip. An odd width or height
    is made even by repeating the last column or row. The sound is cut or padded with silence to
    the length of the pictures, and turned down around peaks that would be decoded over -1 dBFS. The
    file appears under its name when it is whole; on any error nothing is left.

    Args:
        path: ends in .mp4, .mov, .mkv, .webm or .gif; a file that is there is replaced.
        animation: its frames are read once.
        audio: the sound from the first frame on.
        tags: container tags, see ``emoanim.provenance.tags``.
        crf: constant rate factor of x264, 0 (lossless) to 51; 18 looks like the original.
        preset: of x264, "ultrafast" to "veryslow".
        encoder: "libx264", "libopenh264", "libvpx-vp9" (not in .mov) or "mpeg4"; "auto" takes the
            first of them that this build of FFmpeg has. The others turn ``crf`` into their own
            measure of quality.
        sign: called with the finished file before it gets its name, see
            ``emoanim.provenance.Manifest.sign``.
        placement: the channels of the sound, and which of them hold it.
        progress: called with (done, total) after each frame.

    Returns:
        The path that was given.

    Raises:
        OutputError: it cannot be written (checked before the first frame is asked for).
        InputError: no animation or no sound.
        SettingsError: no such encoder, or not in this build of FFmpeg; crf or preset out of range.
        BackendError: the animation has no frames, or one of another shape than it said.
    """
    if not isinstance(animation, Animation):
        raise InputError(
            f"a {type(animation).__name__} given as the pictures; expected emoanim.clips.Animation:"
            " Animation(25.0, (width, height), len(frames), iter(frames))."
        )
    check_audio(audio)
    if not 0.0 <= crf <= 51.0:
        raise SettingsError(f"crf {crf!r} given; expected 0 (lossless) to 51; 18 is the default.")
    if preset not in _PRESETS:
        raise SettingsError(
            f"preset {preset!r} given; expected one of x264's: {', '.join(_PRESETS)}."
            f"{did_you_mean(str(preset), _PRESETS)}"
        )
    tags = {} if tags is None else texts_of(tags, "the tags")
    with temporary(path) as hidden:
        muxer: _Muxer | GifFile | None = None
        try:
            with writing(path):
                if hidden.suffix.lower() == ".gif":
                    muxer = _gif(hidden, animation, tags, encoder)
                else:
                    chosen = chosen_encoder(encoder, hidden.suffix.lower())
                    muxer = _Muxer(
                        hidden, animation, audio, dict(tags), chosen, crf, preset, placement
                    )
            count = 0
            for image in _checked(animation):
                with writing(path):
                    muxer.add(image)
                count += 1
                if progress is not None:
                    progress(count, max(count, animation.length))
            if count == 0:
                raise BackendError("the animation holds no frames; expected at least one.")
            with writing(path):
                muxer.finish()
            muxer = None  # what signs the file needs the memory of the encoder
            if sign is not None:
                sign(hidden)
        except BaseException:
            if muxer is not None:
                muxer.abandon()
            raise
    return Path(path)


def _checked(animation: Animation) -> Iterator[Image]:
    width, height = animation.size
    for image in animation.frames:
        if image.dtype != np.uint8 or image.shape != (height, width, 3):
            raise BackendError(
                f"the animation gave a {image.dtype} frame of shape {image.shape}; expected uint8 "
                f"({height}, {width}, 3), as its size (width, height) = ({width}, {height}) says."
            )
        yield image


def _gif(path: Path, animation: Animation, tags: Mapping[str, str], encoder: str) -> GifFile:
    if encoder != "auto":
        raise SettingsError(
            f"encoder {encoder!r} given for a GIF, which has one of its own; expected auto. Leave "
            "it out, or write an .mp4."
        )
    return GifFile(path, animation.fps, animation.size, tags.get("comment", ""))


class _Muxer:
    """An open file with its two encoders; sound is kept level with the pictures."""

    def __init__(
        self,
        path: Path,
        animation: Animation,
        audio: Audio,
        tags: dict[str, str],
        encoder: Encoder,
        crf: float,
        preset: str,
        placement: Placement,
    ) -> None:
        options = (
            {"movflags": "faststart+use_metadata_tags"}
            if path.suffix.lower() in (".mp4", ".mov")
            else {}
        )
        self._file = av.open(
            str(path), "w", format=_FORMATS[path.suffix.lower()], container_options=options
        )
        self._file.metadata.update(tags)
        self._rate = Fraction(animation.fps).limit_denominator(1001)
        self._video = _video_stream(self._file, self._rate, animation.size, encoder, crf, preset)
        self._colours = YUVWriter()
        self._frames = 0
        self._audio = audio
        webm = path.suffix.lower() == ".webm"
        self._samples = with_headroom(audio, placement, webm)
        self._sound = SoundStream(self._file, audio.rate, placement, webm)
        self._read = 0

    def add(self, image: Image) -> None:
        """Encode one picture and the sound up to it."""
        frame = self._colours.write(image)
        frame.pts = self._frames
        frame.time_base = 1 / self._rate
        self._frames += 1
        self._file.mux(self._video.encode(frame))
        self._sound_up_to(self._frames - 1)

    def finish(self) -> None:
        """Encode what is left and close the file."""
        self._file.mux(self._video.encode(None))
        self._sound_up_to(self._frames)
        self._sound.finish()
        self._file.close()

    def abandon(self) -> None:
        """Close the file without caring for what is in it."""
        with suppress(Exception):
            self._file.close()

    def _sound_up_to(self, frames: int) -> None:
        """Feed the samples that belong to the first ``frames`` pictures; silence after the end."""
        audio = self._audio
        until = round(frames / self._rate * audio.rate)
        if until <= self._read:
            return
        block = np.zeros(until - self._read, np.float32)
        given = self._samples[self._read : until]
        block[: len(given)] = given
        self._read = until
        self._sound.add(block)


def _video_stream(
    file: Any,
    rate: Fraction,
    size: tuple[int, int],
    encoder: Encoder,
    crf: float,
    preset: str,
) -> Any:
    options = dict(encoder.options(crf, preset))
    if encoder.name == "libx264" and size[0] * size[1] > HD_PICTURE:
        options["x264-params"] = _SPARING if size[0] * size[1] > LARGE_PICTURE else _SLICED
    stream = file.add_stream(encoder.name, rate=rate, options=options)
    stream.width, stream.height = (side + side % 2 for side in size)
    stream.pix_fmt = "yuv420p"
    if encoder.bits:
        # As with x264, six steps of crf halve the rate.
        pixels = size[0] * size[1] * float(rate)
        stream.bit_rate = round(pixels * encoder.bits * 2.0 ** ((18.0 - crf) / 6.0))
    context = stream.codec_context
    context.time_base = 1 / rate
    context.thread_type = "AUTO"
    context.color_range = _LIMITED
    context.colorspace = context.color_primaries = context.color_trc = _BT709
    return stream
