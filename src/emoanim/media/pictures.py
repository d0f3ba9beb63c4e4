"""Decoded pictures to RGB arrays and back: colours, orientation, pixel shape, PNG files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np

from emoanim.arguments import named, texts_of
from emoanim.clips import Image, is_picture
from emoanim.errors import InputError, MediaError, OutputError
from emoanim.media.limits import beyond, limits
from emoanim.media.opening import bounded, decoded, opened, reason
from emoanim.media.stamps import png_with_text
from emoanim.media.tone_mapping import Grading, ToneMapper, light
from emoanim.outputs import temporary, writing

__all__ = [
    "NOT_DECODED",
    "Orientation",
    "RGBReader",
    "YUVWriter",
    "bounded_size",
    "brightest",
    "checked_aspect",
    "read_image",
    "write_image",
]

NOT_DECODED = (
    "no picture can be decoded; the file is damaged, cut off, or its pictures are larger than the "
    "limits allow."
)
_HD = 720
_BT709, _UNTAGGED, _BT2020 = 1, 2, (9, 10)
_FULL_RANGE = 2
_EXACT = "flags=bilinear+accurate_rnd+full_chroma_int+full_chroma_inp"
"""Exact rounding: swscale's fast paths make a picture a level (of 255) darker at each pass."""
_TO_BT709 = "in_range=full:out_range=limited:out_color_matrix=bt709:out_h_chr_pos=0"
"""Chroma stands on the left of its two pixels, as in H.264 unless it says otherwise."""
_CLOCK = Fraction(1, 1000)
_DEEP = "gbrp16le"
_SMALL = 320
"""Pixels across of the pictures whose brightest light is measured."""


class Converter:
    """Frames to another pixel format and size by swscale, set up anew when the input changes."""

    def __init__(self, pixels: str) -> None:
        self._pixels = pixels
        self._setup: tuple[Any, ...] = ()
        self._graph: Any = None

    def convert(self, frame: Any, options: str) -> Any:
        """Return the frame in the new format; ``options`` are those of FFmpeg's scale filter."""
        setup = (frame.format.name, frame.width, frame.height, options)
        if setup != self._setup:
            self._graph = self._built(frame, options)
            self._setup = setup
        pts, frame.pts = frame.pts, 0
        self._graph.push(frame)
        converted = self._graph.pull()
        frame.pts = converted.pts = pts
        return converted

    def _built(self, frame: Any, options: str) -> Any:
        graph = av.filter.Graph()
        chain = [
            graph.add_buffer(
                width=frame.width,
                height=frame.height,
                format=frame.format.name,
                time_base=_CLOCK,
            ),
            graph.add("scale", f"{options}:{_EXACT}"),
            graph.add("format", self._pixels),
            graph.add("buffersink"),
        ]
        for one, following in pairwise(chain):
            one.link_to(following)
        graph.configure()
        return graph


@dataclass(frozen=True, slots=True)
class Orientation:
    """How a stored picture is turned to be looked at: transposed first, then mirrored.

    Attributes:
        transpose: rows become columns.
        mirror: left and right are exchanged.
        flip: top and bottom are exchanged.
    """

    transpose: bool = False
    mirror: bool = False
    flip: bool = False

    @classmethod
    def of(cls, frame: Any) -> Orientation:
        """Read the display matrix of a decoded frame: x' = a x + c y, y' = b x + d y."""
        if not frame.format.is_planar:
            # Packed pixels are those of a PNG: listing what comes with it, PyAV frees the name of
            # its colour profile twice.
            return _TURNED.get(round(frame.rotation) % 360, cls())
        try:
            data = frame.side_data.get("DISPLAYMATRIX")
        except ValueError:
            # PyAV cannot list side data of a kind it does not know (EXIF of a photograph)
            return _TURNED.get(round(frame.rotation) % 360, cls())
        if data is None:
            return cls()
        a, b, _, c, d = np.frombuffer(bytes(data), "<i4")[:5].tolist()
        if abs(b) + abs(c) > abs(a) + abs(d):
            return cls(True, c < 0, b < 0)
        return cls(False, a < 0, d < 0)

    def apply(self, image: Image) -> Image:
        """Return the picture as it is to be looked at; shape (h, w, 3) or (w, h, 3)."""
        if self.transpose:
            image = image.swapaxes(0, 1)
        if self.mirror:
            image = image[:, ::-1]
        if self.flip:
            image = image[::-1]
        return np.ascontiguousarray(image)


_TURNED = {
    90: Orientation(transpose=True, flip=True),
    180: Orientation(mirror=True, flip=True),
    270: Orientation(transpose=True, mirror=True),
}
"""By degrees anticlockwise."""


class RGBReader:
    """Turns decoded frames into upright RGB pictures of one size.

    The matrix and range are the stream's own; an untagged stream is BT.709 from 720 lines on and
    BT.601 below, as players take it. Pixels that are not square are made so. With a grading, what
    is HDR or of a wide gamut becomes BT.709.
    """

    def __init__(self, frame: Any, aspect: Fraction | None, grading: Grading | None = None) -> None:
        self.orientation = Orientation.of(frame)
        stretch = float(aspect) if aspect else 1.0
        self._width = max(1, round(frame.width * stretch))
        self._height = frame.height
        # to planes, as swscale packs exact pixels slowly
        self._converter = Converter("gbrp" if grading is None else _DEEP)
        self._mapper = None if grading is None else ToneMapper(grading)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the pictures it gives."""
        width, height = self._width, self._height
        return (height, width) if self.orientation.transpose else (width, height)

    def read(self, frame: Any) -> Image:
        """Return uint8 (h, w, 3) RGB."""
        options = f"w={self._width}:h={self._height}:{_to_rgb(frame)}"
        rgb = self._converter.convert(frame, options)
        image = rgb.to_ndarray()
        if self._mapper is not None:
            image = self._mapper.map(image)
        return self.orientation.apply(np.asarray(image, np.uint8))


class YUVWriter:
    """Turns RGB pictures into yuv420p frames with the BT.709 matrix, limited range."""

    def __init__(self) -> None:
        self._converter = Converter("yuv420p")

    def write(self, image: Image) -> Any:
        """Return a frame; an odd side is made even by repeating its last row or column."""
        height, width = image.shape[:2]
        if height % 2 or width % 2:
            image = np.pad(image, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), "rgb24")
        return self._converter.convert(frame, _TO_BT709)


def read_image(path: str | Path) -> Image:
    """Read a picture (PNG, JPEG, WebP, ...), turned upright if it says how.

    Returns:
        uint8 (h, w, 3) RGB; transparency is dropped.

    Raises:
        MediaError: no such file, or no picture.
    """
    with opened(path) as container:
        if not container.streams.video:
            raise MediaError(f"{path} holds no picture; expected one such as PNG or JPEG.")
        stream = container.streams.video[0]
        if stream.codec_context is None:
            raise MediaError(f"{path} holds a picture of an unknown kind; expected PNG or JPEG.")
        bounded(stream, path, "still_pixels")
        frame = next(decoded(container, stream, path), None)
        if frame is None:
            raise MediaError(f"{path}: {NOT_DECODED}")
        return RGBReader(frame, None).read(frame)


def write_image(
    path: str | Path,
    image: Image,
    *,
    tags: Mapping[str, str] | None = None,
    sign: Callable[[Path], None] | None = None,
) -> Path:
    """Write a PNG under a temporary name and rename it.

    Args:
        path: ends in .png.
        image: uint8 (h, w, 3) RGB.
        tags: written as text, see ``emoanim.provenance.tags``.
        sign: called with the finished file before it gets its name, see
            ``emoanim.provenance.Manifest.sign``.

    Raises:
        InputError: it is no picture.
        OutputError: it cannot be written there.
    """
    if not is_picture(image) or not image.size:
        raise InputError(f"{named(image)} given as the picture; expected uint8 (h, w, 3) RGB.")
    tags = {} if tags is None else texts_of(tags, "the tags")
    with temporary(path, (".png",)) as hidden:
        encoder = av.CodecContext.create("png", "w")
        encoder.height, encoder.width = image.shape[:2]
        encoder.pix_fmt = "rgb24"
        encoder.time_base = Fraction(1, 25)
        try:
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), "rgb24")
            packets = [*encoder.encode(frame), *encoder.encode(None)]
        except av.error.FFmpegError as error:
            raise OutputError(f"{path} could not be encoded ({reason(error)}).") from error
        with writing(path):
            data = b"".join(bytes(packet) for packet in packets)
            hidden.write_bytes(png_with_text(data, tags))
        if sign is not None:
            sign(hidden)
    return Path(path)


def checked_aspect(aspect: Fraction | None, path: str | Path) -> Fraction | None:
    """Return the shape of a pixel, width by height, if it is a usual one.

    Raises:
        MediaError: it is far from a square.
    """
    most = limits().pixel_aspect
    if aspect and not 1 / most <= aspect <= most:
        raise beyond(
            path,
            "pixel_aspect",
            f"says that a pixel is {float(aspect):g} times as wide as it is high",
            f"{most:g} times",
        )
    return aspect or None


def bounded_size(size: tuple[int, int], path: str | Path) -> None:
    """Check the size of pictures whose pixels were made square.

    Raises:
        MediaError: it is beyond the limit.
    """
    width, height = size
    if width * height > limits().pixels:
        most = f"{limits().pixels / 1e6:g} million pixels"
        raise beyond(path, "pixels", f"has pictures of {width}x{height}", most)


def brightest(frames: Sequence[Any], grading: Grading) -> float:
    """Return the brightest light in some frames, in cd/m2; single pixels do not count."""
    converter = Converter(_DEEP)
    most = 0.0
    for frame in frames:
        options = f"w={_SMALL}:h=-2:{_to_rgb(frame)}"
        signal = np.asarray(converter.convert(frame, options).to_ndarray(), np.float64) / 65535
        shown = light(signal, grading).max(axis=-1)
        most = max(most, float(np.percentile(shown, 99.9)))
    return most


def _to_rgb(frame: Any) -> str:
    """Options of FFmpeg's scale filter that take a frame to full-range RGB."""
    if frame.format.is_rgb or frame.format.has_palette:
        return "out_range=full"
    full = frame.color_range == _FULL_RANGE or frame.format.name.startswith("yuvj")
    # JPEG and its kin have their chroma in the middle, which is swscale's default
    given = "in_range=full" if full else "in_range=limited:in_h_chr_pos=0"
    return f"in_color_matrix={_matrix(frame)}:{given}:out_range=full"


def _matrix(frame: Any) -> str:
    tagged = int(frame.colorspace)
    if tagged == _BT709 or (tagged == _UNTAGGED and frame.height >= _HD):
        return "bt709"
    return "bt2020" if tagged in _BT2020 else "bt601"
