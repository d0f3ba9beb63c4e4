"""Fault injection: attacks, their number and their results; writes docs/reliability.md.

    python benchmarks/reliability.py [--quick] [--only PART ...] [--results FILE] [--page PAGE]

Parts: media, mutants, kills, deep_kills, scripts, disk, threads, runs, memory, network, provenance.
All together take half an hour of one core; ``--quick`` runs all of them with small counts and
prints its page instead of writing it over that of the full counts. The numbers of parts that are
not run again are kept in the results file.
"""

from __future__ import annotations

import argparse
import atexit
import hashlib
import json
import os
import platform
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests" / "media"), str(ROOT / "tests" / "backends"), str(ROOT / "src")]

_READ = """
import json, sys, time
from itertools import islice
from pathlib import Path
sys.path[:0] = sys.argv[1:3]
from hostile_media import kinds
from emoanim import provenance
from emoanim.errors import EmoanimError
from emoanim.media import Video, read_audio, read_image

def video(path):
    clip = Video(path)
    for _ in islice(clip.frames(), 40):
        pass
    if clip.has_audio:
        clip.audio()

import tempfile
with tempfile.TemporaryDirectory() as folder:
    for name, path in kinds(Path(folder), int(sys.argv[3])):
        outcome, slowest = [], 0.0
        for read in (video, read_audio, read_image, provenance.inspect):
            began = time.perf_counter()
            try:
                read(path)
                outcome.append("read")
            except EmoanimError:
                outcome.append("refused")
            except BaseException as error:
                outcome.append(f"TRACEBACK {type(error).__name__}")
            slowest = max(slowest, time.perf_counter() - began)
        peak = int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) // 1024
        print(json.dumps([name, outcome, slowest, peak]), flush=True)
"""


def media(seeds: int = 3) -> dict[str, Any]:
    """Every hostile kind through every reader, in a process of its own."""
    found: list[Any] = []
    crashes = 0
    for seed in range(seeds):
        done = subprocess.run(
            [sys.executable, "-c", _READ, str(ROOT / "tests/media"), str(ROOT / "src"), str(seed)],
            capture_output=True, text=True, timeout=1800,
        )  # fmt: skip
        crashes += done.returncode != 0
        found += [json.loads(line) for line in done.stdout.splitlines()]
    outcomes = [each for _, tried, _, _ in found for each in tried]
    return {
        "kinds": len({name for name, *_ in found}),
        "files": len(found),
        "reads": len(outcomes),
        "read": outcomes.count("read"),
        "refused": outcomes.count("refused"),
        "tracebacks": sum(each.startswith("TRACEBACK") for each in outcomes),
        "crashes": crashes,
        "slowest_s": round(max(slow for _, _, slow, _ in found), 2),
        "peak_mb": max(peak for *_, peak in found),
    }


def mutants(count: int = 10_000) -> dict[str, Any]:
    """The suite's mutants, more of each kind."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/test_mutants.py",
         "-k", "test_mutants_of", "-rA"],
        cwd=ROOT, capture_output=True, text=True,
        env={**os.environ, "EMOANIM_MUTANTS": str(count), "PYTHONPATH": str(ROOT / "src")},
    )  # fmt: skip
    passed = re.findall(r"^PASSED .*\[(.+)\]$", done.stdout, re.MULTILINE)
    return {"each": count, "kinds": sorted(passed), "failed": done.stdout.count("FAILED ")}


@cache
def _short_clip() -> Path:
    """The demo's neutral clip, made once."""
    made = tempfile.mkdtemp(prefix="emoanim-reliability-")
    atexit.register(shutil.rmtree, made)
    _emoanim("demo", "-o", made, check=True)
    return Path(made) / "before.mp4"


@cache
def _two_seconds() -> Path:
    """The first two seconds of the demo's neutral clip, 256 pixels wide, with their words."""
    import numpy as np

    from emoanim.clips import Animation, Audio
    from emoanim.media import Video, write_video

    video = Video(_short_clip())
    count = round(2 * video.fps)
    images = [f.image for f, _ in zip(video.frames(), range(count), strict=False)]
    step = max(min(images[0].shape[:2]) // 256, 1)
    small = [np.ascontiguousarray(image[::step, ::step]) for image in images]
    height, width = small[0].shape[:2]
    sound = video.audio()
    audio = Audio(sound.samples[: 2 * sound.rate], sound.rate)
    path = _short_clip().with_name("two_seconds.mp4")
    moving = Animation(video.fps, (width, height), len(small), iter(small))
    write_video(path, moving, audio, tags={})
    return path


def _emoanim(*arguments: object, check: bool = False, **options: Any) -> Any:
    command = [sys.executable, "-m", "emoanim", *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "EMOANIM_OFFLINE": "1"}
    return subprocess.run(
        command, capture_output=True, text=True, check=check, env=environment, **options
    )


_TINY = """
import sys
from emoanim.__main__ import _listen
_listen()
from emoanim.interrupts import run_command
def run():
    from emoanim import cli, registry
    from emoanim.testing import tiny
    roles = {"transcriber": "Transcriber", "text_emoter": "TextEmoter", "voice": "Voice",
             "face_emoter": "FaceEmoter", "animator": "Animator"}
    for role, name in roles.items():
        registry.register(role, "tiny", getattr(tiny, f"Tiny{name}"))
    names = [x for role in roles for x in (f"--{role.replace('_', '-')}", "tiny")]
    cli.main([*sys.argv[1:], *names])
run_command(run)
"""


def kills(each: int = 50) -> dict[str, Any]:
    """Interrupt runs with tiny backends: imports, reading, encoding and signing."""
    return _kills("tiny backends", each)


def deep_kills(each: int = 50) -> dict[str, Any]:
    """Interrupt runs of the preset "local", whose networks run in native code."""
    return _kills("preset local", each)


def _kills(kind: str, each: int) -> dict[str, Any]:
    """INT, TERM and KILL at random moments of ``animate``, over an older output."""
    tiny = kind.startswith("tiny")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        clip = _two_seconds()
        start = [sys.executable, *(["-c", _TINY] if tiny else ["-m", "emoanim"])]
        out = folder / "out"
        out.mkdir()
        command = [*start, "animate", str(clip), "-e", "sad", "-o", str(out / "x.mp4")]
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "EMOANIM_OFFLINE": "1"}
        whole = _processor_seconds(command, environment)
        found: dict[str, Any] = {"processor_s": round(whole, 1)}
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
            found[number.name] = _killed(number, each, command, environment, whole)
            print(kind, number.name, json.dumps(found[number.name]), file=sys.stderr, flush=True)
    return {kind: found}


def _processor_seconds(command: list[str], environment: dict[str, str]) -> float:
    """Run to the end; the seconds of processor time that it took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, env=environment, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _wait_for(process: subprocess.Popen[Any], seconds: float) -> None:
    """Wait until a process has used so much processor time, or has ended.

    Moments of the clock would all lie at the beginning of runs that other work slows down.
    """
    ticks = seconds * os.sysconf("SC_CLK_TCK")
    while process.poll() is None:
        with suppress(OSError):
            fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
            if int(fields[11]) + int(fields[12]) >= ticks:
                return
        time.sleep(0.01)


_SWEEP = """
import sys
from emoanim.outputs import check_writable
check_writable(sys.argv[1])
"""
"""What the next run does first."""


def _is_whole(path: Path) -> bool:
    from emoanim import provenance

    return provenance.inspect(path).state == "signed"


def _killed(
    number: signal.Signals,
    each: int,
    command: list[str],
    environment: dict[str, str],
    whole: float,
) -> dict[str, Any]:
    rng = random.Random(number)
    slowest, noisy, lost, litter, finished, unheard, wrong = 0.0, 0, 0, 0, 0, 0, 0
    target = Path(command[-1])
    old = target.read_bytes()
    for _ in range(each):
        target.write_bytes(old)
        process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=environment,
            # a job in a shell's background ignores SIGINT, and its children would too
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )  # fmt: skip
        used = rng.uniform(0.0, whole)
        _wait_for(process, used)
        sent = time.monotonic()
        process.send_signal(number)
        _, err = process.communicate()
        slowest = max(slowest, time.monotonic() - sent)
        done = process.returncode == 0
        finished += done
        early = process.returncode == -number != -signal.SIGKILL and used < 1.0
        unheard += early
        noisy += not early and ("Traceback" in err or "terminate called" in err)
        if number != signal.SIGKILL and not done and not early:
            wrong += process.returncode != 128 + number or not err.endswith("ed\n")
        lost += target.read_bytes() != old and not _is_whole(target)
        if number == signal.SIGKILL:
            sweep = [sys.executable, "-c", _SWEEP, str(target.with_name("y.mp4"))]
            subprocess.run(sweep, env=environment, check=True)
        litter += len(list(target.parent.iterdir())) != 1
    return {
        "sent": each,
        "after_the_end": finished,
        "slowest_s": round(slowest, 2),
        "tracebacks": noisy,
        "before_the_program_began": unheard,
        "wrong_status_or_line": wrong,
        "old_output_lost": lost,
        "litter": litter,
    }


_SCRIPT = """
import sys
from emoanim import EDAPipeline
pipeline = EDAPipeline.from_preset("local")
pipeline(sys.argv[1], "sad", output=sys.argv[2])
"""


def scripts(each: int = 20) -> dict[str, Any]:
    """Ctrl-C at random moments of a Python script that runs a pipeline of the preset "local"."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        clip = _two_seconds()
        out = folder / "out"
        out.mkdir()
        command = [sys.executable, "-c", _SCRIPT, str(clip), str(out / "x.mp4")]
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "EMOANIM_OFFLINE": "1"}
        whole = _processor_seconds(command, environment)
        rng = random.Random(0)
        slowest, finished, aborts, wrong, litter = 0.0, 0, 0, 0, 0
        for _ in range(each):
            (out / "x.mp4").unlink(missing_ok=True)
            process = subprocess.Popen(
                command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                env=environment,
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
            )  # fmt: skip
            _wait_for(process, rng.uniform(0.3, whole))
            sent = time.monotonic()
            process.send_signal(signal.SIGINT)
            _, err = process.communicate()
            slowest = max(slowest, time.monotonic() - sent)
            finished += process.returncode == 0
            aborts += process.returncode < 0 and process.returncode != -signal.SIGINT
            wrong += process.returncode not in (0, -signal.SIGINT) or "terminate called" in err
            left = [
                path for path in out.iterdir() if not (path.name == "x.mp4" and _is_whole(path))
            ]
            litter += bool(left)
    return {
        "sent": each,
        "processor_s": round(whole, 1),
        "after_the_end": finished,
        "slowest_s": round(slowest, 2),
        "aborts": aborts,
        "wrong_status": wrong,
        "litter": litter,
    }


def disk(each: int = 20) -> dict[str, Any]:
    """A file system that is full after some bytes, at every writing step."""
    import full_disk

    with tempfile.TemporaryDirectory() as name, full_disk.mounted(Path(name) / "small") as folder:
        if folder is None:
            return {"mounted": False}
        done = subprocess.run(
            [sys.executable, full_disk.__file__, str(folder), str(each)],
            capture_output=True, text=True, check=True,
            env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        )  # fmt: skip
    results = [json.loads(line) for line in done.stdout.splitlines()]
    return {
        "mounted": True,
        "steps": list(dict.fromkeys(r["step"] for r in results)),
        "each": each,
        "refused": sum(r["refused"] for r in results),
        "whole": sum(not r["refused"] for r in results),
        "wrong": [f"{r['step']}: {w}" for r in results for w in r["wrong"]],
    }


def threads(count: int = 8) -> dict[str, Any]:
    """One pipeline in many threads: the same pictures and sound from each."""
    from emoanim import EDAPipeline
    from emoanim.media import Video

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        clip = _short_clip()
        pipeline = EDAPipeline.from_preset("local")

        def run(number: int) -> str:
            out = pipeline(clip, "happy", output=folder / f"{number}.mp4").output
            digest = hashlib.sha256()
            video = Video(out)
            for frame in video.frames():
                digest.update(frame.image.tobytes())
            digest.update(video.audio().samples.tobytes())
            return digest.hexdigest()

        with ThreadPoolExecutor(count) as pool:
            digests = list(pool.map(run, range(count)))
    return {"threads": count, "different_results": len(set(digests))}


def _held_bytes() -> int:
    """Return the bytes that malloc has given out (glibc); what is freed but kept is not among them.

    The resident memory of a process moves by megabytes with the pages of its heaps that were
    touched last; a leak is in what is held.
    """
    import ctypes

    names = [
        "arena",
        "ordblks",
        "smblks",
        "hblks",
        "hblkhd",
        "usmblks",
        "fsmblks",
        "uordblks",
        "fordblks",
        "keepcost",
    ]

    class Mallinfo(ctypes.Structure):
        _fields_ = [(name, ctypes.c_size_t) for name in names]

    library = ctypes.CDLL(None)
    library.mallinfo2.restype = Mallinfo
    told = library.mallinfo2()
    return int(told.uordblks) + int(told.hblkhd)


def runs(count: int = 200) -> dict[str, Any]:
    """Many runs in one process, of tiny parts and real media: memory and open files."""
    import numpy as np

    from emoanim import EDAPipeline
    from emoanim.clips import Animation
    from emoanim.demo import demo_portrait
    from emoanim.media import write_video
    from emoanim.testing import tiny
    from emoanim.testing.clips import make_tone

    parts: dict[str, Any] = {
        "transcriber": tiny.TinyTranscriber(),
        "text_emoter": tiny.TinyTextEmoter(),
        "voice": tiny.TinyVoice(),
        "face_emoter": tiny.TinyFaceEmoter(),
        "animator": tiny.TinyAnimator(),
    }
    with tempfile.TemporaryDirectory() as name:
        clip = Path(name) / "in.mp4"
        image = demo_portrait()[::2, ::2]
        frames = (np.roll(image, i, axis=1) for i in range(25))
        write_video(clip, Animation(25, (256, 256), 25, frames), make_tone(1.0, level=0.2))
        pipeline = EDAPipeline(**parts, stills=1)
        memory, held, handles = [], [], []
        for _ in range(count):
            pipeline(clip, "happy", output=Path(name) / "out.mp4")
            pages = int(Path("/proc/self/statm").read_text().split()[1])
            memory.append(pages * resource.getpagesize() / 1e6)
            held.append(_held_bytes() / 1e3)
            handles.append(len(list(Path("/proc/self/fd").iterdir())))
    half = count // 2
    slope, held_slope = (float(np.polyfit(range(half), y[half:], 1)[0]) for y in (memory, held))
    return {
        "runs": count,
        "mb_at_10": round(memory[9]),
        "mb_at_end": round(memory[-1]),
        "kb_per_run_in_the_second_half": round(1000 * slope, 1),
        "held_kb_per_run_in_the_second_half": round(held_slope, 1),
        "handles_at_10": handles[9],
        "handles_at_end": handles[-1],
    }


_MEMORY = """
import json, sys, wave
from pathlib import Path
import numpy as np
from emoanim import EDAPipeline
from emoanim.clips import Animation
from emoanim.demo import demo_portrait
from emoanim.media import read_audio, write_video
from emoanim.testing import tiny
kind, path = sys.argv[1], Path(sys.argv[2])
if kind == "clip":
    wide = np.full((2304, 4096, 3), 120, np.uint8)
    large = demo_portrait().repeat(4, 0).repeat(4, 1)
    wide[256:, 1024:3072] = large
    frames = (np.roll(wide, 4 * i, 1) for i in range(38))
    sound = read_audio(sys.argv[3])
    spoken = type(sound)(sound.samples[: 2 * sound.rate], sound.rate)
    write_video(path, Animation(25.0, (4096, 2304), 38, frames), spoken, tags={})
elif kind == "sound":
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2); file.setsampwidth(2); file.setframerate(48000)
        for second in range(600):
            noise = np.random.default_rng(second).normal(0, 3000, 96000)
            file.writeframes(noise.astype("<i2").tobytes())
    read_audio(path)
elif kind == "local":
    pipeline = EDAPipeline.from_preset("local")
    pipeline(path, "happy", output=path.with_name("local.mp4"))
else:
    pipeline = EDAPipeline(
        transcriber=tiny.TinyTranscriber(), text_emoter=tiny.TinyTextEmoter(),
        voice=tiny.TinyVoice(), face_emoter="rig", animator=kind, stills=2,
    )
    pipeline(path, "happy", output=path.with_name(f"{kind}.mp4"))
# not ru_maxrss: a child starts with its parent's there
print(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0])
"""


def memory() -> dict[str, Any]:
    """The peak of 1.5 s of 4096x2304, and of reading ten minutes of sound."""
    peaks = {}
    speech = _short_clip()
    with tempfile.TemporaryDirectory() as name:
        clip, sound = Path(name) / "4k.mp4", Path(name) / "ten.wav"
        for kind in ("clip", "film", "rig", "local", "sound"):
            path = sound if kind == "sound" else clip
            done = subprocess.run(
                [sys.executable, "-c", _MEMORY, kind, str(path), str(speech)],
                capture_output=True, text=True, check=True,
                env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
            )  # fmt: skip
            peaks[kind] = round(int(done.stdout.split()[-1]) * 1024 / 1e9, 2)
    return {f"{kind}_gb": peaks[kind] for kind in ("film", "rig", "local", "sound")}


def network() -> dict[str, Any]:
    """The offline commands under strace (see tests/test_telemetry.py)."""
    if shutil.which("strace") is None:
        return {"watched": False}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/test_telemetry.py"],
        cwd=ROOT, capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
    )  # fmt: skip
    return {"watched": done.returncode == 0, "summary": done.stdout.strip().splitlines()[-1]}


def provenance() -> dict[str, Any]:
    """All that the commands write, read by the C2PA project's own reader."""
    import c2pa

    from emoanim.demo import demo_portrait
    from emoanim.media import write_image

    kinds = {
        ".mp4": "video/mp4",
        ".mov": "video/quicktime",
        ".wav": "audio/wav",
        ".png": "image/png",
        ".gif": "image/gif",
        ".svg": "image/svg+xml",
    }
    with tempfile.TemporaryDirectory() as name, tempfile.TemporaryDirectory() as inputs:
        folder = Path(name)
        clip = _two_seconds()
        face = Path(inputs) / "face.png"
        write_image(face, demo_portrait())
        manifest = Path(inputs) / "m.csv"
        manifest.write_text(f"video,emotion\n{clip},happy\n{clip},sad\n")
        _emoanim("demo", "-o", folder / "demo", check=True)
        _emoanim("animate", clip, "-e", "sad", "-o", folder / "a.mov", "--keep", folder / "k",
                 "--takes", "all", "--stills", 2, check=True)  # fmt: skip
        for animator in ("rig", "film"):
            _emoanim("animate", clip, "-e", "angry", "-o", folder / f"{animator}.mp4",
                     "--animator", animator, check=True)  # fmt: skip
        _emoanim("animate", clip, "-e", "sad", "-o", folder / "own.mp4", "--preset", "own",
                 check=True)  # fmt: skip
        _emoanim("speak", clip, "-e", "sad", "-o", folder / "s.wav", check=True)
        _emoanim("evaluate", clip, folder / "own.mp4", "-e", "sad", "--report",
                 folder / "report.html", check=True)  # fmt: skip
        _emoanim("say", face, "we meet on Monday", "-e", "happy", "-o", folder / "said.mp4",
                 check=True)  # fmt: skip
        _emoanim("batch", manifest, "-o", folder / "batch", "--cache", Path(inputs) / "cache",
                 check=True)  # fmt: skip
        _emoanim("animate", clip, "-e", "sad", "-o", folder / "a.gif", check=True)
        untold = []
        for suffix in (".webm", ".mkv"):
            target = folder / f"a{suffix}"
            done = _emoanim("animate", clip, "-e", "sad", "-o", target, check=True)
            said = _emoanim("inspect", target).stdout
            if "no signed manifest" not in done.stderr or "artificial intelligence" not in said:
                untold.append(target.name)
        written = [p for p in folder.rglob("*") if p.suffix in kinds]
        others = Counter(p.suffix for p in folder.rglob("*") if p.is_file())
        of_kind = {suffix: others.pop(suffix, 0) for suffix in kinds}
        valid, unsigned = 0, []
        for path in written:
            try:
                with path.open("rb") as file, c2pa.Reader(kinds[path.suffix], file) as reader:
                    good = reader.get_validation_state() == "Valid"
            except c2pa.C2paError:
                good = False
            valid += good
            unsigned += [] if good else [str(path.relative_to(folder))]
    return {
        "files": len(written),
        "of_kind": {suffix: count for suffix, count in of_kind.items() if count},
        "valid": valid,
        "unsigned": unsigned,
        "untold": untold,
        "others": dict(others),
    }


_ALONE = {"threads", "runs"}
"""Parts that load models: in a process of their own, so that the next part starts without them."""

PARTS: dict[str, Callable[[], dict[str, Any]]] = {
    "media": media,
    "mutants": mutants,
    "kills": kills,
    "deep_kills": deep_kills,
    "scripts": scripts,
    "disk": disk,
    "threads": threads,
    "runs": runs,
    "memory": memory,
    "network": network,
    "provenance": provenance,
}
_QUICK: dict[str, int] = {
    "media": 1,
    "mutants": 200,
    "kills": 5,
    "deep_kills": 3,
    "scripts": 3,
    "disk": 5,
    "threads": 3,
    "runs": 30,
}
"""The count of each part that has one, for a run that a build can wait for."""


_HEAD = """# Reliability: fault injection and its results

Made by `nox -s reliability` (`benchmarks/reliability.py`) on {where}, {cores} cores,
Python {python}. A part can be run alone (`--only`); its rows are then of another day than the
others. The test suite checks the same promises with smaller counts, and so does
`nox -s reliability -- --quick`.

Signals are sent at random moments, measured in the processor time that a run has used. The memory
that pictures of 4096x2304 take is on the page on [performance](performance.md).

- "After the end" counts signals that came when the work was done; the status is then that of the
  work.
- "Before the program began" counts signals that came while Python itself was starting. The process
  then ends by the signal alone (a shell shows the same status, 130 or 143; no line is printed).

| attack | how much | result |
|---|---|---|
"""


def page(found: dict[str, Any]) -> str:
    """The page in Markdown."""
    head = _HEAD.format(
        where=f"{platform.system()} {platform.machine()}",
        cores=os.cpu_count(),
        python=platform.python_version(),
    )
    rows = [row for name in PARTS if name in found for row in ROWS[name](found[name])]
    return head + "".join(f"| {' | '.join(row)} |\n" for row in rows)


Row = tuple[str, str, str]


def _media_rows(r: dict[str, Any]) -> list[Row]:
    happened = f"{r['read']} read, {r['refused']} refused in one line, {r['tracebacks']} tracebacks"
    happened += f", {r['crashes']} crashes; slowest {r['slowest_s']} s, peak {r['peak_mb']} MB"
    how = f"{r['files']} files, each through four readers"
    return [(f"hostile media: {r['kinds']} kinds, made by the tests", how, happened)]


def _mutant_rows(r: dict[str, Any]) -> list[Row]:
    what = f"damaged files of {len(r['kinds'])} kinds: {', '.join(r['kinds'])}"
    bad = f"{r['failed']} kinds with anything but a result or one clear error within a minute"
    return [(what, f"{r['each']} mutants of each", bad)]


def _length(r: dict[str, Any]) -> str:
    """Of a run: processor time, by which moments are drawn; by the clock in older results."""
    if "processor_s" in r:
        return f"{r['processor_s']} s of processor time"
    return f"{r['run_s']} s by the clock"


def _kill_rows(found: dict[str, Any]) -> list[Row]:
    rows = []
    for backends, r in found.items():
        for number in (name for name in r if name.startswith("SIG")):
            k = r[number]
            happened = f"slowest end {k['slowest_s']} s; {k['tracebacks']} tracebacks, "
            if number != "SIGKILL":
                happened += f"{k['before_the_program_began']} before the program began, "
            happened += f"{k['wrong_status_or_line']} wrong statuses or lines, "
            happened += f"{k['old_output_lost']} older outputs lost, "
            happened += f"{k['litter']} folders with leftover files after the next run"
            what = f"{number} at a random moment of `animate` ({backends}, {_length(r)}), over an "
            what += "older output"
            rows.append((what, f"{k['sent']}, {k['after_the_end']} after the end", happened))
    return rows


def _script_rows(r: dict[str, Any]) -> list[Row]:
    what = "Ctrl-C at a random moment of a Python script that runs `EDAPipeline` "
    what += f"({_length(r)})"
    happened = f"slowest end {r['slowest_s']} s; {r['aborts']} aborts of native code, "
    happened += f"{r['wrong_status']} wrong statuses, {r['litter']} folders with leftover files"
    return [(what, f"{r['sent']}, {r['after_the_end']} after the end", happened)]


def _disk_rows(r: dict[str, Any]) -> list[Row]:
    if not r["mounted"]:
        return [("a full file system", "0", "none could be mounted here")]
    what = f"a full file system at {len(r['steps'])} writing steps: {', '.join(r['steps'])}"
    happened = f"{r['refused']} refused in one line that names it, {r['whole']} complete; "
    happened += f"{len(r['wrong'])} with a lost older file, an incomplete file, leftover files or "
    happened += "another message"
    return [(what, f"{r['each']} sizes of each", happened)]


def _thread_rows(r: dict[str, Any]) -> list[Row]:
    same = f"{r['different_results']} distinct result for pictures and sound, bit for bit"
    return [("one pipeline in many threads", f"{r['threads']} threads", same)]


def _run_rows(r: dict[str, Any]) -> list[Row]:
    happened = f"{r['mb_at_10']} MB after 10, {r['mb_at_end']} MB at the end, "
    happened += f"{r['kb_per_run_in_the_second_half']} kB a run in the second half, of which the "
    happened += f"program holds {r['held_kb_per_run_in_the_second_half']} kB and the rest are gaps "
    happened += "of the heaps; "
    happened += f"{r['handles_at_10']} and {r['handles_at_end']} open files"
    return [("many runs in one process, tiny backends", str(r["runs"]), happened)]


def _memory_rows(r: dict[str, Any]) -> list[Row]:
    happened = (
        f"at most {r['film_gb']} GB with `film` and {r['rig_gb']} GB with `rig`, tiny speech; "
    )
    happened += (
        f"{r['local_gb']} GB with preset local, whose models for transcription and speech stay "
    )
    happened += f"in memory (the goal is 1.5 GB); the sound {r['sound_gb']} GB"
    return [("1.5 s of 4096x2304; ten minutes of stereo sound read", "one run each", happened)]


def _network_rows(r: dict[str, Any]) -> list[Row]:
    what = (
        "every offline command under strace: `demo`, `speak`, `animate` (film, rig, own), `say`, "
    )
    what += "`evaluate`, `batch`, `study`, `inspect`, `backends`, `doctor`"
    good = "no packet, no name look-up, no file outside output, cache and temporary folder"
    return [(what, "one run each", good if r["watched"] else "not watched here, or failed")]


def _provenance_rows(r: dict[str, Any]) -> list[Row]:
    what = "what `demo`, `animate` (`--keep`, `--takes all`, rig, film, own), `speak`, `say` and "
    what += "`batch` write"
    happened = f"{r['valid']} contain a manifest that is valid for the C2PA project's own reader"
    how = f"{r['files']} videos, sounds and pictures"
    if "untold" in r:  # older results know of neither
        what += "; GIF; WebM and Matroska, which cannot contain a manifest"
        happened += f"; {len(r['untold'])} of the 2 others do not say so in a note and their tags"
        how += ", and 2"
    if "others" in r:
        texts = {s: n for s, n in r["others"].items() if s not in (".webm", ".mkv")}
        how += f" ({_counted(r['of_kind'])}); also {_counted(texts)}, which contain none"
    return [(what, how, happened)]


def _counted(kinds: dict[str, int]) -> str:
    return ", ".join(f"{count} {suffix or 'without a suffix'}" for suffix, count in kinds.items())


ROWS: dict[str, Callable[[dict[str, Any]], list[Row]]] = {
    "media": _media_rows,
    "mutants": _mutant_rows,
    "kills": _kill_rows,
    "deep_kills": _kill_rows,
    "scripts": _script_rows,
    "disk": _disk_rows,
    "threads": _thread_rows,
    "runs": _run_rows,
    "memory": _memory_rows,
    "network": _network_rows,
    "provenance": _provenance_rows,
}


def main() -> None:
    """Run the parts that are asked for and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="*", choices=list(PARTS), default=list(PARTS))
    parser.add_argument("--quick", action="store_true", help="small counts; prints the page")
    parser.add_argument("--results", type=Path, default=Path("reliability.json"))
    parser.add_argument("--page", type=Path, default=ROOT / "docs" / "reliability.md")
    given = parser.parse_args()
    if given.quick:
        found = {name: _timed(name, _QUICK.get(name)) for name in given.only}
        print(page(found))
        sys.exit(bool(_faults(found)))
    found = json.loads(given.results.read_text()) if given.results.is_file() else {}
    for name in given.only:
        found[name] = _timed(name, None)
        given.results.write_text(json.dumps(found, indent=1))
    given.page.write_text(page(found))
    sys.exit(bool(_faults(found)))


def _timed(name: str, count: int | None) -> dict[str, Any]:
    began = time.monotonic()
    part: Callable[..., dict[str, Any]] = PARTS[name]
    given = () if count is None else (count,)
    if name in _ALONE:
        with ProcessPoolExecutor(1, get_context("spawn")) as pool:
            result = pool.submit(part, *given).result()
    else:
        result = part(*given)
    print(f"{name} ({time.monotonic() - began:.0f} s): {json.dumps(result)}", flush=True)
    return result


def _faults(found: dict[str, Any]) -> list[str]:
    """Name what must be 0 and isn't; printed, and the status tells."""
    bad = []
    for part, result in found.items():
        for name, value in _flat(result):
            if name in _NONE_OF and value:
                bad.append(f"{part}: {name} = {value}")
    for line in bad:
        print(line, file=sys.stderr)
    return bad


_NONE_OF = {
    "tracebacks", "crashes", "failed", "wrong_status_or_line", "old_output_lost", "litter", "wrong",
    "aborts", "wrong_status", "unsigned", "untold",
}  # fmt: skip


def _flat(result: dict[str, Any]) -> list[tuple[str, Any]]:
    pairs = []
    for name, value in result.items():
        pairs += _flat(value) if isinstance(value, dict) else [(name, value)]
    return pairs


if __name__ == "__main__":
    main()
