"""The whole pipeline as a user runs it: time over clip length, peak memory, start-up.

    python benchmarks/pipeline.py CLIP [--repeat 5] [--emotion "very happy"]

Prints wall seconds divided by the clip's and by the result's length, and the peak memory of the
process, for the clip and for the clip repeated; then what ``import emoanim`` costs over numpy.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from emoanim.clips import Animation, Audio, Image
from emoanim.media import Video, write_video

IMPORT_RUNS = 11


def repeated(clip: Path, times: int, path: Path) -> Path:
    """Write the clip several times after one another."""
    video = Video(clip)
    audio = video.audio()
    length = round(video.duration * video.fps)
    samples = np.resize(audio.samples, round(video.duration * audio.rate))

    def frames() -> Iterator[Image]:
        for _ in range(times):
            for _, frame in zip(range(length), video.frames(), strict=False):
                yield frame.image

    count = sum(1 for _ in video.frames()) * times
    moving = Animation(video.fps, video.size, count, frames())
    return write_video(path, moving, Audio(np.tile(samples, times), audio.rate))


def animate(clip: Path, emotion: str, output: Path) -> tuple[dict[str, object], float, float]:
    """Run the command line; return its record, wall seconds and peak memory in MB."""
    begun = time.perf_counter()
    command = [sys.executable, "-m", "emoanim", "animate", str(clip), "--emotion", emotion]
    process = subprocess.Popen(
        [*command, "-o", str(output), "--json"], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    out = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"emoanim ended with status {status}")
    return json.loads(out), time.perf_counter() - begun, usage.ru_maxrss / 1024


def seconds_to_run(code: str) -> float:
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.perf_counter() - begun


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clip", type=Path, nargs="?")
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--emotion", default="very happy")
    given = parser.parse_args()
    numpy_only, ours = [], []
    for _ in range(IMPORT_RUNS):
        numpy_only.append(seconds_to_run("import numpy"))
        ours.append(seconds_to_run("import numpy, emoanim"))
    extra = 1000 * (statistics.median(ours) - statistics.median(numpy_only))
    print(f"import emoanim over numpy: {extra:.0f} ms (median of {IMPORT_RUNS})")
    if given.clip is None:
        return
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "out.mp4"
        animate(given.clip, given.emotion, output)  # models into the cache
        longer = repeated(given.clip, given.repeat, Path(folder) / "long.mp4")
        print("| clip | result | wall s | x clip | x result | peak MB | steps |")
        print("|---|---|---|---|---|---|---|")
        for clip in (given.clip, longer):
            record, wall, peak = animate(clip, given.emotion, output)
            length, made = Video(clip).duration, Video(output).duration
            print(
                f"| {length:.1f} s | {made:.1f} s | {wall:.1f} | {wall / length:.2f} "
                f"| {wall / made:.2f} | {peak:.0f} | {record['timings']} |"
            )


if __name__ == "__main__":
    main()
