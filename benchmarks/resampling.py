"""Our resampler against FFmpeg's: errors, level near the edge, aliases, time.

``python benchmarks/resampling.py``.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from fractions import Fraction

import av
import numpy as np
from numpy.typing import NDArray

from emoanim.clips import Audio
from emoanim.sound.signals import resample

Samples = NDArray[np.float32]
Way = Callable[[Samples, int, int], Samples]


def ours(samples: Samples, old: int, new: int) -> Samples:
    return resample(Audio(samples, old), new).samples


def by_ffmpeg(options: str) -> Way:
    """Return swresample with options as a filter."""

    def way(samples: Samples, old: int, new: int) -> Samples:
        graph = av.filter.Graph()
        form = {"sample_rate": old, "format": "flt", "layout": "mono"}
        source = graph.add_abuffer(**form, time_base=Fraction(1, old))
        filtered, sink = graph.add("aresample", f"{new}{options}"), graph.add("abuffersink")
        source.link_to(filtered)
        filtered.link_to(sink)
        graph.configure()
        frame = av.AudioFrame.from_ndarray(samples[None], "flt", "mono")
        frame.sample_rate, frame.pts, frame.time_base = old, 0, Fraction(1, old)
        graph.push(frame)
        graph.push(None)
        made = []
        while True:
            try:
                made.append(graph.pull().to_ndarray()[0])
            except (av.error.BlockingIOError, av.error.EOFError):
                return np.concatenate(made)

    return way


def sine(frequency: float, rate: int) -> Samples:
    return (0.5 * np.sin(2 * np.pi * frequency * np.arange(10 * rate) / rate)).astype(np.float32)


def error_and_level(made: Samples, rate: int, frequency: float) -> tuple[float, float]:
    """Return what is not the sine, and the sine's level, both in dB, in the middle half."""
    middle = slice(len(made) // 4, 3 * len(made) // 4)
    angle = 2 * np.pi * frequency * np.arange(len(made))[middle] / rate
    waves = np.stack([np.sin(angle), np.cos(angle)], 1)
    parts, *_ = np.linalg.lstsq(waves, made[middle].astype(float), rcond=None)
    rest = made[middle] - waves @ parts
    error = 10 * np.log10(rest.var() / (waves @ parts).var())
    return float(error), float(20 * np.log10(np.hypot(*parts) / 0.5))


def main() -> None:
    ways = {
        "ours": ours,
        "swresample": by_ffmpeg(""),
        "swresample, 64 taps": by_ffmpeg(":filter_size=64:cutoff=0.97:exact_rational=1"),
    }
    for old, new in ((48000, 16000), (44100, 16000), (24000, 16000), (16000, 48000)):
        low = min(old, new)
        for name, way in ways.items():
            error, _ = error_and_level(way(sine(0.4 * low, old), old, new), new, 0.4 * low)
            high_error, level = error_and_level(
                way(sine(0.45 * low, old), old, new), new, 0.45 * low
            )
            alias = ""
            if new < old:
                made = way(sine(0.575 * new, old), old, new)
                middle = made[len(made) // 4 : 3 * len(made) // 4].astype(float)
                alias = f"  alias {10 * np.log10((middle**2).mean() / 0.125):6.1f} dB"
            noise = np.random.default_rng(0).standard_normal(60 * old).astype(np.float32)
            begun = time.process_time()
            way(noise * np.float32(0.1), old, new)
            spent = time.process_time() - begun
            print(
                f"{old:5} to {new:5}  {name:20} error {error:6.1f} and {high_error:6.1f} dB"
                f"  level {level:5.2f} dB"
                f"{alias}  {spent:.3f} s a minute"
            )


if __name__ == "__main__":
    main()
