"""Hostile and damaged media, more than 250 kinds, made on the spot: whole files times damages."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from emoanim.media import write_image, write_wav
from emoanim.testing.clips import make_clip, make_tone, pattern

__all__ = ["DAMAGES", "WHOLE", "kinds"]

Damage = Callable[[bytes, random.Random], bytes]


def _clip(**options: Any) -> Callable[[Path], Path]:
    defaults: dict[str, Any] = {"seconds": 1.2}
    return lambda path: make_clip(path, **(defaults | options))


def _still(codec: str, pixels: str) -> Callable[[Path], Path]:
    def make(path: Path) -> Path:
        import av

        with av.open(str(path), "w") as file:
            stream = file.add_stream(codec, rate=1)
            stream.width, stream.height, stream.pix_fmt = 128, 96, pixels
            frame = av.VideoFrame.from_ndarray(pattern(3), "rgb24").reformat(format=pixels)
            file.mux([*stream.encode(frame), *stream.encode(None)])
        return path

    return make


def _sound(codec: str, rate: int, layout: str = "mono") -> Callable[[Path], Path]:
    def make(path: Path) -> Path:
        import av

        tone = make_tone(1.0, rate)
        with av.open(str(path), "w") as file:
            stream = file.add_stream(codec, rate=rate, layout=layout)
            context = stream.codec_context
            resampler = av.AudioResampler(
                context.format.name, layout, rate, context.frame_size or 1024
            )
            frame = av.AudioFrame.from_ndarray(tone.samples[None], "fltp", "mono")
            frame.sample_rate = rate
            for part in (*resampler.resample(frame), *resampler.resample(None), None):
                file.mux(stream.encode(part))
        return path

    return make


WHOLE: dict[str, Callable[[Path], Path]] = {
    "a.mp4": _clip(),
    "b.mov": _clip(sound="5.1", rate=48000),
    "c.mkv": _clip(pixels="yuv420p10le"),
    "d.webm": _clip(codec="libvpx", sound_codec="libopus", rate=48000),
    "e.ts": _clip(start=10.0),
    "f.mpg": _clip(codec="mpeg2video", sound_codec="mp2"),
    "g.avi": _clip(codec="mjpeg", pixels="yuvj420p", sound_codec="pcm_s16le"),
    "h.gif": _clip(codec="gif", pixels="rgb8", sound=None),
    "i.h264": _clip(sound=None),
    "j.flv": _clip(codec="flv1", rate=44100, sound_codec="aac"),
    "k.mp4": _clip(codec="libx265"),
    "l.mkv": _clip(codec="ffv1", sound_codec="flac"),
    "m.mkv": _clip(times=[0.0, 0.5, 5.0], sound_codec="pcm_s16le"),
    "n.wav": lambda path: write_wav(path, make_tone(1.0)),
    "o.mp3": _sound("mp3", 44100, "stereo"),
    "p.flac": _sound("flac", 48000),
    "q.opus": _sound("libopus", 48000),
    "r.m4a": _sound("aac", 44100),
    "s.aiff": _sound("pcm_s16be", 22050, "stereo"),
    "t.png": lambda path: write_image(path, pattern(2)),
    "u.jpg": _still("mjpeg", "yuvj420p"),
    "v.webp": _still("libwebp", "yuv420p"),
    "w.bmp": _still("bmp", "bgr24"),
    "x.tiff": _still("tiff", "rgb24"),
}


def _cut(share: float) -> Damage:
    return lambda data, rng: data[: round(len(data) * share)]


def _middle(filler: Callable[[int, random.Random], bytes], share: float = 0.3) -> Damage:
    def damage(data: bytes, rng: random.Random) -> bytes:
        length = round(len(data) * share)
        at = (len(data) - length) // 2
        return data[:at] + filler(length, rng) + data[at + length :]

    return damage


def _sprinkled(count: int, first: float = 0.0, last: float = 1.0) -> Damage:
    def damage(data: bytes, rng: random.Random) -> bytes:
        out = bytearray(data)
        for _ in range(count):
            at = rng.randrange(int(len(out) * first), max(1, int(len(out) * last)))
            out[at] = rng.randrange(256)
        return bytes(out)

    return damage


def _largest_numbers(data: bytes, rng: random.Random) -> bytes:
    """Lengths, counts and sizes in the header at their largest."""
    out = bytearray(data)
    for _ in range(6):
        at = rng.randrange(4, min(400, len(out) - 4))
        out[at : at + 4] = b"\xff\xff\xff\xff" if rng.random() < 0.5 else b"\x7f\xff\xff\xff"
    return bytes(out)


DAMAGES: dict[str, Damage] = {
    "one byte": lambda data, rng: data[:1],
    "a tenth": _cut(0.1),
    "half": _cut(0.5),
    "without its end": _cut(0.97),
    "zeros inside": _middle(lambda n, rng: bytes(n)),
    "noise inside": _middle(lambda n, rng: rng.randbytes(n)),
    "a part missing": lambda data, rng: data[: len(data) // 3] + data[len(data) // 2 :],
    "its header disturbed": _sprinkled(12, 0.0, 0.03),
    "disturbed all over": _sprinkled(300),
    "largest numbers": _largest_numbers,
    "noise before": lambda data, rng: rng.randbytes(500) + data,
    "twice": lambda data, rng: data + data,
    "noise behind": lambda data, rng: data + rng.randbytes(50_000),
}


def kinds(folder: Path, seed: int = 0) -> Iterator[tuple[str, Path]]:
    """Yield the name and file of each kind; a file is overwritten by the next of its name."""
    for name, make in WHOLE.items():
        whole = make(folder / f"whole{Path(name).suffix}").read_bytes()
        for damage, apply in DAMAGES.items():
            rng = random.Random(f"{seed} {name} {damage}")
            path = folder / f"hostile{Path(name).suffix}"
            path.write_bytes(apply(whole, rng))
            yield f"{name}: {damage}", path
    yield from _others(folder)


def _others(folder: Path) -> Iterator[tuple[str, Path]]:
    texts = {
        "empty.mp4": b"",
        "text.mp4": b"hello " * 500,
        "page.mp4": b"<!doctype html><html>" + b"<p>404</p>" * 300,
        "list.m3u8": b"#EXTM3U\n#EXTINF:8,\n/etc/passwd\n",
        "list.mp4": b"ffconcat version 1.0\nfile '/etc/passwd'\n",
        "zeros.mkv": bytes(100_000),
        "ones.wav": b"\xff" * 100_000,
        "zip.mp4": b"PK\x03\x04" + bytes(1000),
        "elf.mov": b"\x7fELF" + bytes(1000),
        "riff.wav": b"RIFF\xff\xff\xff\xffWAVEfmt \xff\xff\xff\xff" + bytes(64),
        "ftyp.mp4": b"\0\0\0\x18ftypisom\0\0\0\0isomiso2" + b"\0\0\0\1moov" + b"\xff" * 8,
        "ebml.mkv": b"\x1a\x45\xdf\xa3\x01\xff\xff\xff\xff\xff\xff\xff" + bytes(500),
        "svg.png": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    }
    for name, data in texts.items():
        path = folder / name
        path.write_bytes(data)
        yield name, path
    noise = np.random.default_rng(0).bytes(200_000)
    for suffix in (".mp4", ".mkv", ".avi", ".ts", ".wav", ".mp3", ".png", ".jpg"):
        path = folder / f"noise{suffix}"
        path.write_bytes(noise)
        yield path.name, path
