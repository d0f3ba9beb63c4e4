"""A picture as JPEG in memory, for pages."""

from __future__ import annotations

from fractions import Fraction

import av
import numpy as np

from emoanim.clips import Image

__all__ = ["encoded_jpeg"]

_FULL_RANGE = 2


def encoded_jpeg(image: Image, quality: int = 4) -> bytes:
    """Return a picture as JPEG.

    Args:
        image: uint8 (h, w, 3) RGB.
        quality: quantiser of FFmpeg's encoder, 2 (best) to 31.
    """
    encoder = av.CodecContext.create("mjpeg", "w")
    encoder.height, encoder.width = image.shape[:2]
    encoder.pix_fmt = "yuvj420p"
    encoder.color_range = _FULL_RANGE
    encoder.time_base = Fraction(1, 25)
    encoder.options = {"qmin": str(quality), "qmax": str(quality)}
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), "rgb24")
    full = frame.reformat(format="yuvj420p", dst_color_range="JPEG")
    return b"".join(bytes(packet) for packet in (*encoder.encode(full), *encoder.encode(None)))
