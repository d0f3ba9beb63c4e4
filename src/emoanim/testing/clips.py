"""A clip factory: small synthetic videos and sounds of any shape, made on the spot.

Every picture says its own number: a bar of 16 black or white blocks along its upper edge (read
back by ``read_number``), so that a test can tell which frame it was given.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emoanim.clips import Audio, Image

__all__ = ["make_clip", "make_tone", "pattern", "read_number", "rotate"]

_BITS = 16
_TICKS = 90_000
_MATRICES = {
    0: (1, 0, 0, 1),
    90: (0, 1, -1, 0),
    180: (-1, 0, 0, -1),
    270: (0, -1, 1, 0),
}


def pattern(number: int, size: tuple[int, int] = (128, 96)) -> Image:
    """Return a moving gradient that carries a number.

    Args:
        number: 0 to 65535.
        size: width and height, each at least 32.

    Returns:
        uint8 (h, w, 3) RGB.
    """
    width, height = size
    y, x = np.mgrid[0:height, 0:width]
    image = np.empty((height, width, 3), np.uint8)
    image[..., 0] = 255 * x // max(1, width - 1)
    image[..., 1] = 255 * y // max(1, height - 1)
    image[..., 2] = 128 + 100 * np.sin((x + y + 4 * number) / 20.0)
    block = width // _BITS
    for bit in range(_BITS):
        image[: height // 4, bit * block : (bit + 1) * block] = 235 if number >> bit & 1 else 16
    return image


def read_number(image: Image) -> int:
    """Return the number that a picture of ``pattern`` carries, after any lossy way it went."""
    height, width = image.shape[:2]
    block = width // _BITS
    row = image[height // 16 : height // 6].mean(axis=(0, 2))
    return sum(
        1 << bit
        for bit in range(_BITS)
        if row[bit * block + block // 4 :][: block // 2].mean() > 125
    )


def make_tone(
    seconds: float,
    rate: int = 16000,
    *,
    frequency: float = 440.0,
    level: float = 0.5,
    clicks: Sequence[float] = (),
) -> Audio:
    """Return a sine, or silence with clicks of 2 ms at the given seconds."""
    time = np.arange(round(seconds * rate)) / rate
    if not clicks:
        sine = level * np.sin(2 * np.pi * frequency * time)
        return Audio(sine.astype(np.float32), rate)
    samples = np.zeros(len(time), np.float32)
    for click in clicks:
        samples[(time >= click) & (time < click + 0.002)] = level
    return Audio(samples, rate)


def make_clip(
    path: str | Path,
    *,
    size: tuple[int, int] = (128, 96),
    seconds: float = 2.0,
    fps: float = 25.0,
    times: Sequence[float] | None = None,
    codec: str = "libx264",
    pixels: str = "yuv420p",
    aspect: Fraction | None = None,
    start: float = 0.0,
    keyframes: int = 12,
    sound: str | None = "mono",
    rate: int = 44100,
    sound_codec: str = "aac",
    audio: Audio | None = None,
    sound_start: float = 0.0,
    tags: dict[str, str] | None = None,
) -> Path:
    """Write a clip whose frames are ``pattern(0)``, ``pattern(1)``, ...

    Args:
        path: its suffix names the container.
        size: width and height; must suit the pixel format.
        seconds: length, if ``times`` is None.
        fps: rate, if ``times`` is None.
        times: presentation time of every frame, for a variable frame rate.
        codec: FFmpeg's name of a video encoder.
        pixels: FFmpeg's name of a pixel format.
        aspect: shape of a pixel, width by height; None leaves it unsaid.
        start: time of the first frame in the file's own clock.
        keyframes: largest distance between key frames.
        sound: channel layout such as "mono", "stereo", "5.1"; None for no sound.
        rate: Hz of the sound.
        sound_codec: FFmpeg's name of an audio encoder.
        audio: what is heard; a sine if None.
        sound_start: seconds by which the sound comes after the first frame.
        tags: container tags.
    """
    import av

    rate_of_frames = Fraction(fps).limit_denominator(1001)
    clock = Fraction(1, _TICKS) if times is not None else 1 / rate_of_frames
    if times is None:
        times = [float(i / rate_of_frames) for i in range(round(seconds * fps))]
    with av.open(str(Path(path).absolute()), "w") as file:
        file.metadata.update(tags or {})
        video = file.add_stream(codec, rate=rate_of_frames)
        video.width, video.height = size
        video.pix_fmt = pixels
        video.gop_size = keyframes
        video.codec_context.time_base = clock
        if aspect is not None:
            video.codec_context.sample_aspect_ratio = aspect
        heard = file.add_stream(sound_codec, rate=rate, layout=sound) if sound else None
        for number, time in enumerate(times):
            frame = av.VideoFrame.from_ndarray(pattern(number, size), "rgb24")
            frame = frame.reformat(format=pixels)
            frame.pts, frame.time_base = round((start + time) / clock), clock
            file.mux(video.encode(frame))
        file.mux(video.encode(None))
        if heard is not None:
            length = audio.duration if audio else seconds
            samples = audio.samples if audio else make_tone(length, rate).samples
            given = audio.rate if audio else rate
            for frame in _sound_frames(samples, given, heard, start + sound_start):
                file.mux(heard.encode(frame))
            file.mux(heard.encode(None))
    return Path(path)


def rotate(path: str | Path, degrees: int, *, mirror: bool = False) -> Path:
    """Write a rotation (clockwise, as phones do) into the track header of an mp4 or mov file."""
    file = Path(path)
    data = bytearray(file.read_bytes())
    a, b, c, d = _MATRICES[degrees]
    if mirror:
        a, b = -a, -b
    # the first track header is the video's; version 0 holds its matrix 40 bytes after the type
    at = data.index(b"tkhd") + 4
    if data[at] != 0:
        raise ValueError("a track header of version 1 was found; expected version 0.")
    matrix = (a << 16, b << 16, 0, c << 16, d << 16, 0, 0, 0, 1 << 30)
    data[at + 40 : at + 76] = struct.pack(">9i", *matrix)
    file.write_bytes(bytes(data))
    return file


def _sound_frames(
    samples: NDArray[np.float32], given: int, stream: Any, start: float
) -> Iterator[Any]:
    """Yield the frames that an encoder takes: its format, layout, rate and number of samples."""
    import av

    context = stream.codec_context
    resampler = av.AudioResampler(
        context.format.name, context.layout.name, context.rate, context.frame_size or 1024
    )
    frame = av.AudioFrame.from_ndarray(samples[None, :], "fltp", "mono")
    frame.sample_rate, frame.pts = given, round(start * given)
    frame.time_base = Fraction(1, given)
    yield from resampler.resample(frame)
    yield from resampler.resample(None)
