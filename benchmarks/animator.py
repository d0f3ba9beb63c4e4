"""How well the rig's lips follow the speech, and how fast its frames are made.

    python benchmarks/animator.py [STILL] [--source CLIP] [--emotions neutral happy ...]
                                  [--text TEXT] [--threads 1 2] [--out FOLDER]

The words are spoken by the hibari voice; the mouth is then measured on the rendered frames, with
the face mesh and not with what the animator meant to do. STILL is a picture, by default the
astronaut that ships with the package. ``--threads`` times the same frames with each number in
turns.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path

import numpy as np

from emoanim.adapters.animators.rig import RigAnimator
from emoanim.clips import Audio, Image, Portrait, Speech
from emoanim.emotions import TARGETS, EmotionPrompt
from emoanim.engines.rig.motion.prosody import analyse
from emoanim.engines.rig.motion.visemes import trimmed
from emoanim.faces import FaceFinder, FaceTracker
from emoanim.media import Video, read_image, write_image
from emoanim.registry import backend

TEXT = (
    "People bought a big brown map. Please move my baby's pan, maybe before Bob stops. "
    "Five of us have often found a father who saw all the calm palm trees far away."
)
INNER = ((13, 14), (82, 87), (312, 317))
OPEN_VOWELS = frozenset(["AA", "AE", "AO", "AW", "AY"])
BILABIALS = frozenset(["P", "B", "M"])


@dataclass(frozen=True)
class LipSync:
    """Measured on the mesh of rendered frames; gaps are shares of the mouth's width at rest.

    Attributes:
        loudness: correlation of the gap with the loudness of the sound.
        lag: frames by which the gap follows the loudness where they correlate best.
        sealed: share of p, b and m with a gap below 0.03 in a frame at their closure.
        seal: their median gap.
        opened: share of open vowels of at least 0.08 s with a gap above 0.08.
        opening: their median gap.
        still: largest change of the gap between two frames of a pause.
    """

    loudness: float
    lag: int
    sealed: float
    seal: float
    opened: float
    opening: float
    still: float


def gaps(frames: Iterable[Image], finder: FaceFinder) -> np.ndarray:
    """Return the height of the slit between the lips over the mouth's median width, (t,).

    Read by the network that looks at the lips closely; what it reads in the most closed 2 % of the
    frames counts as 0.
    """
    tracker = FaceTracker(finder)
    heights, widths = [], []
    for frame in frames:
        face = tracker.update(frame)
        if face is None:
            heights.append(np.nan)
            continue
        points = finder.with_lips(frame, face).points[:, :2]
        heights.append(np.mean([np.linalg.norm(points[a] - points[b]) for a, b in INNER]))
        widths.append(np.linalg.norm(points[61] - points[291]))
    gap = np.array(heights) / np.median(widths)
    return gap - np.nanpercentile(gap, 2)


def lip_sync_report(gap: np.ndarray, fps: float, speech: Speech) -> LipSync:
    """Compare the measured gap between the lips with the sound and the phones."""
    times = (np.arange(len(gap)) + 0.5) / fps
    prosody = analyse(speech.audio)
    loud = np.clip(prosody.at(prosody.level, times) + 40.0, 0.0, None)
    by_lag = {}
    for lag in range(-6, 7):
        shifted = np.roll(loud, lag)
        inside = slice(max(lag, 0), len(gap) + min(lag, 0))
        by_lag[lag] = float(np.corrcoef(gap[inside], shifted[inside])[0, 1])
    phones = trimmed(speech.phones, prosody)
    closures, openings = [], []
    for phone in phones:
        middle, length = (phone.start + phone.end) / 2, phone.end - phone.start
        if phone.symbol in BILABIALS:
            closures.append(gap[np.abs(times - (phone.start + 0.35 * length)) <= 1.01 / fps].min())
        elif phone.symbol in OPEN_VOWELS and length >= 0.08:
            reach = length / 2 + 0.5 / fps
            openings.append(gap[np.abs(times - middle) <= reach].max())
    busy = np.zeros(len(gap), dtype=bool)
    for phone in phones:
        if phone.symbol != "SIL":
            busy |= (times > phone.start - 0.15) & (times < phone.end + 0.35)
    calm = ~busy[1:] & ~busy[:-1]
    change = np.abs(np.diff(gap))[calm]
    return LipSync(
        by_lag[0],
        max(by_lag, key=lambda k: by_lag[k]),
        float(np.mean(np.array(closures) < 0.03)) if closures else np.nan,
        float(np.median(closures)) if closures else np.nan,
        float(np.mean(np.array(openings) > 0.08)) if openings else np.nan,
        float(np.median(openings)) if openings else np.nan,
        float(change.max()) if len(change) else np.nan,
    )


def spoken(text: str, emotion: str) -> Speech:
    t = np.arange(32000) / 16000
    reference = Audio((0.1 * np.sin(2 * np.pi * 200 * t)).astype(np.float32), 16000)
    return backend("voice", "hibari").speak(text, EmotionPrompt.parse(emotion), reference)


def timed(
    threads: Iterable[int], portrait: Portrait, speech: Speech, frames: int, rounds: int = 3
) -> Mapping[int, float]:
    """Return frames per second by number of threads, the best of some rounds in turns."""
    best: dict[int, float] = {}
    for _ in range(rounds):
        for number in threads:
            animation = RigAnimator(threads=number).animate(
                portrait, speech, EmotionPrompt.parse("happy")
            )
            next(animation.frames)
            start = time.perf_counter()
            for _ in zip(range(frames), animation.frames, strict=False):
                pass
            rate = frames / (time.perf_counter() - start)
            best[number] = max(best.get(number, 0.0), rate)
    return best


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("still", nargs="?", type=Path)
    parser.add_argument("--source", type=Path)
    parser.add_argument("--emotions", nargs="*", default=[str(e) for e in TARGETS])
    parser.add_argument("--text", default=TEXT)
    parser.add_argument("--threads", nargs="*", type=int, default=[])
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    with as_file(files("emoanim") / "assets" / "astronaut.jpg") as packaged:
        still = read_image(given.still or packaged)
    source = Video(given.source) if given.source else None
    if source is not None and given.still is None:
        still = next(source.frames(1.0)).image
    finder = FaceFinder()
    portrait = Portrait(image=still, original=still, emoter="rig")
    animator = RigAnimator()
    print("emotion    r(loud)  lag  p/b/m shut  (gap)  open vowels  (gap)  pause change")
    for emotion in given.emotions:
        speech = spoken(given.text, emotion)
        animation = animator.animate(portrait, speech, EmotionPrompt.parse(emotion), source)
        frames = []
        if given.out:
            (given.out / emotion).mkdir(parents=True, exist_ok=True)
        for number, frame in enumerate(animation.frames):
            frames.append(frame)
            if given.out:
                write_image(given.out / emotion / f"{number:04d}.png", frame)
        r = lip_sync_report(gaps(frames, finder), animation.fps, speech)
        print(
            f"{emotion:10} {r.loudness:7.2f} {r.lag:4d} {100 * r.sealed:9.0f} %  {r.seal:5.3f} "
            f"{100 * r.opened:9.0f} %   {r.opening:5.3f} {r.still:12.3f}"
        )
    if given.threads:
        speech = spoken(given.text, "happy")
        for number, rate in timed(given.threads, portrait, speech, 60).items():
            print(f"{number} threads: {rate:.1f} frames/s at {still.shape[1]}x{still.shape[0]}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory {peak:.0f} MB, frames held by this script included")


if __name__ == "__main__":
    main()
