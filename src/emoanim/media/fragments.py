"""Pictures and sound as a fragmented MP4, given out in bytes while it is being made.

A player can begin with the first fragment, and there need be no last one. It is what browsers take
piece by piece (Media Source Extensions).
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from contextlib import suppress
from fractions import Fraction
from typing import Any, Self

import av
import numpy as np
from numpy.typing import NDArray

from emoanim.clips import Image
from emoanim.errors import BackendError
from emoanim.media.encoders import chosen_encoder
from emoanim.media.pictures import YUVWriter

__all__ = ["FragmentedVideo"]

_BT709, _LIMITED = 1, 1
_SOUND_BITRATE = 96_000
_SUFFIX = ".mp4"


class FragmentedVideo:
    """H.264 (or what this build of FFmpeg has in its place) and AAC, as they are made.

    Every fragment begins with a key frame, so a player can join at any. As a context manager it is
    given up where the block ends before ``finish``.

    Args:
        size: width and height in pixels; both even.
        fps: frames per second.
        rate: Hz of the sound: 16000, 24000, 44100 or 48000.
        tags: container tags, in the first bytes (see ``emoanim.provenance.avatar_tags``).
        fragment: frames in a fragment: what a player waits for at least.
        crf: constant rate factor of x264.
        encoder: as for ``write_video``.

    Raises:
        SettingsError: no such encoder.
    """

    def __init__(
        self,
        size: tuple[int, int],
        fps: float,
        rate: int,
        *,
        tags: Mapping[str, str] | None = None,
        fragment: int = 5,
        crf: float = 23.0,
        encoder: str = "auto",
    ) -> None:
        self._size = size
        self._rate = rate
        self._fps = Fraction(fps).limit_denominator(1001)
        chosen = chosen_encoder(encoder, _SUFFIX)
        self._out = _Written()
        self._file = av.open(
            self._out,
            "w",
            format="mp4",
            container_options={
                "movflags": "empty_moov+default_base_moof+frag_keyframe+use_metadata_tags",
            },
        )
        self._file.metadata.update(tags or {})
        options = dict(chosen.options(crf, "ultrafast"))
        if chosen.name == "libx264":
            options["tune"] = "zerolatency"
        stream: Any = self._file.add_stream(chosen.name, rate=self._fps, options=options)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        if chosen.bits:
            stream.bit_rate = round(size[0] * size[1] * fps * chosen.bits)
        context = stream.codec_context
        context.gop_size = fragment
        context.time_base = 1 / self._fps
        context.color_range = _LIMITED
        context.colorspace = context.color_primaries = context.color_trc = _BT709
        self._video = stream
        self._sound: Any = self._file.add_stream("aac", rate=rate, layout="mono")
        self._sound.bit_rate = _SOUND_BITRATE
        self._resampler = av.AudioResampler(
            "fltp", "mono", rate, self._sound.codec_context.frame_size
        )
        self._colours = YUVWriter()
        self._frames = self._samples = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.abandon()

    def add(self, image: Image, samples: NDArray[np.float32]) -> bytes:
        """Encode a frame and its sound; return the bytes that are ready, which may be none.

        Args:
            image: uint8 (h, w, 3) RGB of the stream's size.
            samples: float32 (n,), the sound of the frame's span.

        Raises:
            BackendError: a frame of another kind or size.
        """
        width, height = self._size
        if image.dtype != np.uint8 or image.shape != (height, width, 3):
            raise BackendError(
                f"a {image.dtype} frame of shape {image.shape} given; expected uint8 "
                f"({height}, {width}, 3)."
            )
        frame = self._colours.write(image)
        frame.pts = self._frames
        frame.time_base = 1 / self._fps
        self._frames += 1
        self._file.mux(self._video.encode(frame))
        if len(samples):
            block = np.clip(np.nan_to_num(samples), -1.0, 1.0)[None].astype(np.float32)
            sound = av.AudioFrame.from_ndarray(np.ascontiguousarray(block), "fltp", "mono")
            sound.sample_rate = self._rate
            sound.pts = self._samples
            sound.time_base = Fraction(1, self._rate)
            self._samples += len(samples)
            for part in self._resampler.resample(sound):
                self._mux_sound(part)
        return self._out.taken()

    def finish(self) -> bytes:
        """Encode what is left, close the stream and return its last bytes."""
        self._file.mux(self._video.encode(None))
        for part in self._resampler.resample(None):
            self._mux_sound(part)
        self._mux_sound(None)
        self._file.close()
        return self._out.taken()

    def _mux_sound(self, part: Any) -> None:
        """Encode sound without the packet of silence that AAC puts before it.

        A first fragment that is out before the next is made has no place to say that this packet
        is not to be played; sound would come a frame late.
        """
        for packet in self._sound.encode(part):
            if packet.pts is None or packet.pts >= 0:
                self._file.mux(packet)

    def abandon(self) -> None:
        """Give the encoders up, without caring for what is in them."""
        with suppress(Exception):
            self._file.close()


class _Written(io.RawIOBase):
    """What FFmpeg wrote and nobody has taken yet."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def taken(self) -> bytes:
        """Return what was written since the last call."""
        parts, self._parts = self._parts, []
        return b"".join(parts)
