"""Speed and memory of reading and writing video.

    python benchmarks/media.py [CLIP]

Prints frames per second and CPU milliseconds per frame at the clip's size (a made clip of 512x512
if none is given), reading against OpenCV's reader, the presets of x264 side by side, and the peak
memory for a clip and one five times as long, each in a process of its own. The contestants of a
comparison take turns in one run, so that their ratio holds on a busy machine.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from emoanim.clips import Animation, Audio, Image
from emoanim.media import Video, write_video
from emoanim.testing.clips import make_tone, pattern

TURNS = 3
WRITERS = {
    **{preset: (preset, "libx264") for preset in ("ultrafast", "superfast", "veryfast", "faster")},
    "VP9": ("superfast", "libvpx-vp9"),
    "MPEG-4": ("superfast", "mpeg4"),
}
"""Label -> x264's preset and the encoder."""


def measured(work: Callable[[], int]) -> tuple[float, float]:
    """Return frames per second of wall time and CPU milliseconds per frame."""
    wall, cpu = time.perf_counter(), time.process_time()
    count = work()
    return count / (time.perf_counter() - wall), (time.process_time() - cpu) * 1000 / count


def best(turns: list[tuple[float, float]]) -> str:
    fps = max(turn[0] for turn in turns)
    cost = min(turn[1] for turn in turns)
    return f"{fps:6.0f} frames/s  {cost:5.2f} CPU-ms/frame"


def read_all(path: Path) -> int:
    return sum(1 for _ in Video(path).frames())


def read_by_opencv(path: Path) -> int:
    import cv2

    reader, count = cv2.VideoCapture(str(path)), 0
    while True:
        found, image = reader.read()
        if not found:
            return count
        cv2.cvtColor(image, cv2.COLOR_BGR2RGB)
        count += 1


def written(
    path: Path, pictures: list[Image], count: int, preset: str, encoder: str = "auto"
) -> int:
    height, width = pictures[0].shape[:2]
    frames = (pictures[i % len(pictures)] for i in range(count))
    animation = Animation(25.0, (width, height), count, frames)
    second = make_tone(1.0, 24000)
    audio = Audio(np.tile(second.samples, -(-count // 25)), second.rate)
    write_video(path, animation, audio, preset=preset, encoder=encoder)
    return count


def quality(path: Path, pictures: list[Image]) -> float:
    """Mean PSNR in dB of every tenth frame."""
    errors = [
        np.mean((frame.image.astype(float) - pictures[i]) ** 2)
        for i, frame in enumerate(Video(path).frames())
        if i < len(pictures) and i % 10 == 0
    ]
    return float(np.mean(10 * np.log10(255**2 / np.maximum(errors, 1e-9))))


def peak(count: int, folder: Path) -> float:
    """Peak memory in MB of writing and reading back, in a process of its own."""
    command = [sys.executable, __file__, "--child", str(count), str(folder / "child.mp4")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return int(done.stdout) / 1024


def child(count: int, path: Path) -> None:
    written(path, [pattern(i, (512, 512)) for i in range(8)], count, "superfast")
    read_all(path)
    # not ru_maxrss: a child starts with its parent's there
    status = Path("/proc/self/status").read_text()
    print(status.split("VmHWM:")[1].split()[0])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clip", nargs="?", type=Path)
    parser.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        child(int(given.child[0]), Path(given.child[1]))
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        clip = given.clip
        if clip is None:
            clip = folder / "made.mp4"
            written(clip, [pattern(i, (512, 512)) for i in range(200)], 200, "superfast")
        pictures = [frame.image for frame in Video(clip).frames(0.0, 8.0)]
        readers = {"Video.frames": read_all, "OpenCV": read_by_opencv}
        turns: dict[str, list[tuple[float, float]]] = {}
        for _ in range(TURNS):
            for label, reader in readers.items():
                turns.setdefault(label, []).append(measured(lambda r=reader: r(clip)))
            for name, (preset, encoder) in WRITERS.items():
                how = (folder / f"{name}.mp4", pictures, len(pictures), preset, encoder)
                turns.setdefault(name, []).append(measured(lambda h=how: written(*h)))
        width, height = Video(clip).size
        print(f"{width}x{height}, {len(pictures)} frames, best of {TURNS} turns")
        for label in readers:
            print(f"read   {label:13} {best(turns[label])}")
        for name in WRITERS:
            path = folder / f"{name}.mp4"
            rate = path.stat().st_size * 8 / (len(pictures) / 25) / 1e6
            print(
                f"write  {name:13} {best(turns[name])}  {rate:5.2f} Mbit/s  "
                f"{quality(path, pictures):5.2f} dB"
            )
        short, long = peak(250, folder), peak(1250, folder)
        print(f"peak memory: {short:.0f} MB for 10 s, {long:.0f} MB for 50 s: x{long / short:.3f}")


if __name__ == "__main__":
    main()
