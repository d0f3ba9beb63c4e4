"""How fast an avatar answers, keeps up, is cut off, and whether it grows.

    python benchmarks/avatar.py                      # everything but the hour: about 2 minutes
    python benchmarks/avatar.py --hour               # an hour in real time
    python benchmarks/avatar.py --hour --fast        # an hour of talk as fast as it goes

``--picture FILE`` takes another picture than the drawn one of the demo.
"""

from __future__ import annotations

import argparse
import ctypes
import gc
import random
import statistics
import tempfile
import threading
import time
from itertools import islice
from pathlib import Path

from emoanim.avatar import Avatar
from emoanim.demo import demo_portrait
from emoanim.media import FragmentedVideo

PLAYER = 0.4
"""Seconds that a player has in hand: a frame that is later than that makes it stand still."""

SENTENCES = (
    "Good day to you, and thank you for coming.",
    "[happy] I am so glad that you are here with us this morning!",
    "We looked at the figures that you sent yesterday.",
    "[sad] There was nothing left to say about it.",
    "[neutral] The train leaves at ten past nine from the other side of the station.",
    "[angry] Nobody told us that the doors would be closed!",
    "[neutral] Please call again when you know more.",
)


def row(name: str, value: str) -> None:
    print(f"{name:44s} {value}", flush=True)


def milliseconds(values: list[float]) -> str:
    ordered = sorted(values)
    p95 = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
    median = statistics.median(ordered)
    return f"median {1e3 * median:.0f}, p95 {1e3 * p95:.0f}, max {1e3 * ordered[-1]:.0f} ms"


def latency(avatar: Avatar, count: int = 21) -> None:
    """From the call to the first frame with sound of a whole sentence."""
    seconds = []
    for index in range(count):
        begun = time.perf_counter()
        frames = avatar.say(SENTENCES[index % len(SENTENCES)], "neutral")
        next(frames)
        seconds.append(time.perf_counter() - begun)
        frames.close()
    row(f"first frame, {count} sentences", milliseconds(seconds))


def throughput(avatar: Avatar, encode: bool) -> None:
    """As fast as it goes: frames per second of the whole process."""
    video = FragmentedVideo(avatar.size, avatar.fps, avatar.rate) if encode else None
    begun, spent, count = time.perf_counter(), time.process_time(), 0
    for frame in avatar.say(" ".join(SENTENCES * 2), "neutral"):
        count += 1
        if video is not None:
            video.add(frame.image, frame.samples)
    wall, cpu = time.perf_counter() - begun, time.process_time() - spent
    name = "voice, frames and MP4" if encode else "voice and frames"
    ratio = count / avatar.fps / wall
    used = f"{1e3 * cpu / count:.1f} ms of processor each"
    row(f"{name}, {count} frames", f"{count / wall:.0f} fps ({ratio:.1f} times real time), {used}")


def paced(avatar: Avatar, seconds: float) -> None:
    """In real time, with idle motion between utterances: frames that come too late."""
    video = FragmentedVideo(avatar.size, avatar.fps, avatar.rate)
    begun, shown, late, worst = time.monotonic(), 0, 0, 0.0
    turn = 0
    while shown < seconds * avatar.fps:
        turn += 1
        say = turn % 2
        text = " ".join(SENTENCES[turn % 3 :: 3])
        frames = avatar.say(text, fill=True) if say else islice(avatar.idle(), 50)
        for frame in frames:
            video.add(frame.image, frame.samples)
            behind = time.monotonic() - (begun + shown / avatar.fps)
            late += behind > PLAYER
            worst = max(worst, behind)
            shown += 1
            time.sleep(max(0.0, -behind))
    row(
        f"real time, {shown} frames",
        f"{late} late by more than {PLAYER} s; worst {1e3 * worst:.0f} ms",
    )


def interruption(avatar: Avatar, count: int = 60) -> None:
    """From ``interrupt()`` in one thread to the end of the iterator in another.

    The processor time is that of all threads of the process meanwhile: what it would take on a
    machine that has nothing else to do, or less.
    """
    chance = random.Random(0)
    seconds, work = [], []
    for _ in range(count):
        ended: list[float] = []

        def read(ended: list[float] = ended) -> None:
            for _ in avatar.say(" ".join(SENTENCES), "neutral"):
                time.sleep(0.01)
            ended += [time.perf_counter(), time.process_time()]

        reader = threading.Thread(target=read)
        reader.start()
        time.sleep(chance.uniform(0.02, 1.5))
        begun = time.perf_counter(), time.process_time()
        avatar.interrupt()
        reader.join()
        seconds.append(ended[0] - begun[0])
        work.append(ended[1] - begun[1])
    row(f"interrupted, {count} times", milliseconds(seconds))
    row("    processor time meanwhile", milliseconds(work))


def again(avatar: Avatar, count: int = 20) -> None:
    """From the interruption of one utterance to the first frame of the next."""
    chance = random.Random(2)
    seconds = []
    for _ in range(count):
        frames = avatar.say(" ".join(SENTENCES), "neutral")
        for _ in islice(frames, chance.randrange(1, 30)):
            pass
        begun = time.perf_counter()
        frames = avatar.say("Yes, please go on.", "happy")
        next(frames)
        seconds.append(time.perf_counter() - begun)
        frames.close()
    row(f"another answer after an interruption, {count}", milliseconds(seconds))


def resident() -> float:
    """Megabytes of this process (Linux)."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 1e6


class _Heap(ctypes.Structure):
    """``struct mallinfo2`` of malloc.h (glibc 2.33 or later)."""

    _fields_ = [
        (name, ctypes.c_size_t)
        for name in (
            "arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks",
            "fordblks", "keepcost",
        )
    ]  # fmt: skip


def heaps() -> tuple[float, float]:
    """Megabytes that the C library has given out, and that it keeps though they were freed."""
    asked = ctypes.CDLL(None).mallinfo2
    asked.restype = _Heap
    heap = asked()
    return (heap.uordblks + heap.hblkhd) / 1e6, heap.fordblks / 1e6


def hour(avatar: Avatar, limit: float, fast: bool) -> None:
    """Talk and idle, with an interruption now and then; look at the process every minute."""
    video = FragmentedVideo(avatar.size, avatar.fps, avatar.rate)
    chance = random.Random(1)
    begun, count, written, turns, late, worst = time.monotonic(), 0, 0, 0, 0, 0.0
    sizes: list[float] = []
    while count < 3600 * avatar.fps and time.monotonic() - begun < limit:
        turns += 1
        text = " ".join(chance.sample(SENTENCES, 3))
        frames = avatar.say(text, fill=not fast) if turns % 4 else islice(avatar.idle(), 100)
        cut = chance.randrange(20, 80) if turns % 5 == 0 else None
        turn = chance.randrange(20, 80) if turns % 7 == 0 else None
        for number, frame in enumerate(frames):
            written += len(video.add(frame.image, frame.samples))
            if not fast:
                behind = time.monotonic() - (begun + count / avatar.fps)
                late += behind > PLAYER
                worst = max(worst, behind)
                time.sleep(max(0.0, -behind))
            count += 1
            if number == cut:
                avatar.interrupt()
            if number == turn:
                avatar.change("sad")
            if count % round(60 * avatar.fps) == 0:
                gc.collect()
                sizes.append(resident())
                minute, threads = len(sizes), threading.active_count()
                used, gaps = heaps()
                files = len(list(Path("/proc/self/fd").iterdir()))
                what = f"{sizes[-1]:.1f} MB resident: {used:.1f} in use, {gaps:.1f} in gaps"
                row(f"minute {minute}", f"{what}, {threads} threads, {files} files, {late} late")
    talk = count / avatar.fps / 60
    spent = (time.monotonic() - begun) / 60
    cpu = time.process_time() / spent / 60
    used = f"{turns} turns, {written / 1e6:.0f} MB, {cpu:.2f} cores"
    row(f"{talk:.1f} minutes of stream in {spent:.1f}", used)
    if not fast:
        said = f"{late} late by more than {PLAYER} s; worst {1e3 * worst:.0f} ms"
        row(f"real time, {count} frames", said)
    if len(sizes) > 4:
        quarter = max(1, len(sizes) // 4)
        first, last = statistics.mean(sizes[1 : 1 + quarter]), statistics.mean(sizes[-quarter:])
        row("resident memory, first and last quarter", f"{first:.1f} MB, {last:.1f} MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--picture", type=Path)
    parser.add_argument("--size", type=int, default=384)
    parser.add_argument("--seconds", type=float, default=60.0, help="of the run in real time")
    parser.add_argument("--hour", action="store_true")
    parser.add_argument("--fast", action="store_true", help="the hour as fast as it goes")
    parser.add_argument("--limit", type=float, default=3700, help="seconds that the hour may take")
    given = parser.parse_args()
    source = given.picture or demo_portrait()
    begun = time.perf_counter()
    avatar = Avatar.prepare(source, emotions=["neutral", "happy", "sad", "angry"], size=given.size)
    row("prepared, four emotions", f"{time.perf_counter() - begun:.1f} s")
    with tempfile.TemporaryDirectory() as folder:
        path = avatar.save(Path(folder) / "bench.avatar")
        size = path.stat().st_size / 1e6
        begun = time.perf_counter()
        avatar = Avatar.load(path)
    row(f"loaded, voice included ({size:.1f} MB)", f"{time.perf_counter() - begun:.1f} s")
    if given.hour:
        hour(avatar, given.limit, given.fast)
        return
    latency(avatar)
    throughput(avatar, encode=False)
    throughput(avatar, encode=True)
    paced(avatar, given.seconds)
    interruption(avatar)
    again(avatar)


if __name__ == "__main__":
    main()
