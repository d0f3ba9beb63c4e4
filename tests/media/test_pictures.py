"""Still pictures in and out."""

from __future__ import annotations

import struct
import subprocess
import sys
import zlib
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emoanim.errors import MediaError, OutputError
from emoanim.media import read_image, write_image, write_wav
from emoanim.media.pictures import Converter, Orientation, RGBReader
from emoanim.testing.clips import make_tone, pattern


@given(width=st.integers(1, 70), height=st.integers(1, 70), seed=st.integers(0, 9))
@settings(max_examples=30, deadline=None)
def test_png_is_exact(
    tmp_path_factory: pytest.TempPathFactory, width: int, height: int, seed: int
) -> None:
    image = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    path = tmp_path_factory.mktemp("png") / "a.png"
    assert np.array_equal(read_image(write_image(path, image)), image)


def test_a_view_can_be_written(tmp_path: Path) -> None:
    image = pattern(3)[::-2, ::-1]
    assert np.array_equal(read_image(write_image(tmp_path / "a.png", image)), image)


def encoded(path: Path, codec: str, pixels: str, image: np.ndarray, shown: str) -> Path:
    encoder = av.CodecContext.create(codec, "w")
    encoder.height, encoder.width = image.shape[:2]
    encoder.pix_fmt, encoder.time_base = pixels, Fraction(1, 25)
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), shown)
    converted = Converter(pixels).convert(frame, "in_range=full:out_range=full")
    packets = [*encoder.encode(converted), *encoder.encode(None)]
    path.write_bytes(b"".join(bytes(p) for p in packets))
    return path


def test_jpeg(tmp_path: Path) -> None:
    image = pattern(3)
    path = encoded(tmp_path / "a.jpg", "mjpeg", "yuvj420p", image, "rgb24")
    error = read_image(path)[30:].astype(int) - image[30:]
    assert np.abs(error).mean() < 4
    assert np.abs(error.mean(axis=(0, 1))).max() < 1


def test_transparency_and_grey(tmp_path: Path) -> None:
    image = np.dstack([pattern(3), np.full((96, 128), 7, np.uint8)])
    path = encoded(tmp_path / "a.png", "png", "rgba", image, "rgba")
    assert np.array_equal(read_image(path), pattern(3))
    grey = pattern(3)[..., 0]
    path = encoded(tmp_path / "g.png", "png", "gray", grey, "gray")
    assert np.abs(read_image(path)[..., 1].astype(int) - grey).max() <= 1


def test_the_shipped_portrait(portrait: np.ndarray) -> None:
    assert portrait.shape == (512, 512, 3)
    assert 60 < portrait.mean() < 200


def test_what_is_no_picture(tmp_path: Path) -> None:
    (tmp_path / "cut.png").write_bytes(
        write_image(tmp_path / "a.png", pattern(1)).read_bytes()[:60]
    )
    (tmp_path / "text.png").write_text("hello")
    write_wav(tmp_path / "a.wav", make_tone(0.1))
    for name, words in (
        ("cut.png", "cut"),
        ("text.png", r"text\.png"),
        ("a.wav", "no picture"),
        ("none.png", "no such file"),
    ):
        with pytest.raises(MediaError, match=words):
            read_image(tmp_path / name)


@pytest.mark.parametrize("shape", [(4, 4), (4, 4, 4), (3, 4, 4)])
def test_only_rgb_can_be_written(tmp_path: Path, shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="expected uint8"):
        write_image(tmp_path / "a.png", np.zeros(shape, np.uint8))
    with pytest.raises(ValueError, match="float32"):
        write_image(tmp_path / "a.png", np.zeros((4, 4, 3), np.float32))


def test_only_png_can_be_written(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"\.png"):
        write_image(tmp_path / "a.jpg", pattern(0))


def test_a_picture_without_rows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="expected uint8"):
        write_image(tmp_path / "a.png", np.zeros((0, 4, 3), np.uint8))
    assert list(tmp_path.iterdir()) == []


class Stored:
    """What a reader looks at in a decoded frame."""

    def __init__(self, matrix: tuple[int, int, int, int] | None) -> None:
        a, b, c, d = matrix or (1, 0, 0, 1)
        data = np.array([a << 16, b << 16, 0, c << 16, d << 16, 0, 0, 0, 1 << 30], "<i4")
        self.format = SimpleNamespace(is_planar=True)
        self.side_data = {"DISPLAYMATRIX": data.tobytes()} if matrix else {}


@pytest.mark.parametrize(
    "matrix",
    [
        *[(1, 0, 0, 1), (0, 1, -1, 0), (-1, 0, 0, -1), (0, -1, 1, 0)],
        *[(-1, 0, 0, 1), (1, 0, 0, -1), (0, 1, 1, 0), (0, -1, -1, 0)],
    ],
)
def test_orientation_moves_every_pixel_where_the_matrix_says(
    matrix: tuple[int, int, int, int],
) -> None:
    a, b, c, d = matrix
    image = np.arange(4 * 6 * 3, dtype=np.uint8).reshape(4, 6, 3)
    turned = Orientation.of(Stored(matrix)).apply(image)
    rows, columns = np.mgrid[0:4, 0:6]
    x, y = a * columns + c * rows, b * columns + d * rows
    assert np.array_equal(turned[y - y.min(), x - x.min()], image)


def test_no_matrix_is_upright() -> None:
    assert Orientation.of(Stored(None)) == Orientation()


def test_a_stream_that_changes_its_size_keeps_the_first() -> None:
    frames = [
        av.VideoFrame.from_ndarray(pattern(5, size), "rgb24") for size in ((128, 96), (64, 48))
    ]
    reader = RGBReader(frames[0], None)
    assert [reader.read(frame).shape for frame in frames] == [(96, 128, 3)] * 2


@pytest.mark.parametrize(
    ("orientation", "shape", "bright"),
    [
        (1, (16, 32), (slice(0, 8), slice(0, 32))),
        (3, (16, 32), (slice(8, 16), slice(0, 32))),
        (6, (32, 16), (slice(0, 32), slice(8, 16))),
        (8, (32, 16), (slice(0, 32), slice(0, 8))),
    ],
)
def test_a_photograph_with_exif_is_upright(
    tmp_path: Path, orientation: int, shape: tuple[int, int], bright: tuple[slice, slice]
) -> None:
    picture = np.full((16, 32, 3), 40, np.uint8)
    picture[:8] = 220
    encoder = av.CodecContext.create("mjpeg", "w")
    encoder.width, encoder.height, encoder.pix_fmt = 32, 16, "yuvj444p"
    encoder.time_base = Fraction(1, 25)
    frame = av.VideoFrame.from_ndarray(picture, "rgb24").reformat(format="yuvj444p")
    plain = b"".join(bytes(p) for f in (frame, None) for p in encoder.encode(f))
    # one entry: tag 0x0112, orientation, of type SHORT
    entry = struct.pack("<HHIHH", 0x0112, 3, 1, orientation, 0)
    exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0" + entry + bytes(4)
    segment = b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif
    (tmp_path / "photo.jpg").write_bytes(plain[:2] + segment + plain[2:])
    image = read_image(tmp_path / "photo.jpg")
    assert image.shape == (*shape, 3)
    assert image[bright].min() > 180
    assert (image > 130).sum() == image.size // 2


def test_a_png_with_a_colour_profile_does_no_harm(tmp_path: Path) -> None:
    """In a process of its own: memory that is freed twice takes the whole process along."""
    path = write_image(tmp_path / "plain.png", np.full((8, 8, 3), 99, np.uint8))
    plain = path.read_bytes()
    named = b"iCCP" + b"a profile\0\0" + zlib.compress(bytes(560))
    profile = struct.pack(">I", len(named) - 4) + named + struct.pack(">I", zlib.crc32(named))
    path.write_bytes(plain[:33] + profile + plain[33:])
    code = (
        "import gc, sys; from emoanim.media import read_image\n"
        "for _ in range(20): assert (read_image(sys.argv[1]) == 99).all(); gc.collect()"
    )
    subprocess.run([sys.executable, "-c", code, str(path)], check=True)
