"""What was attacked, how often, and what happened: writes docs/reliability.md.

    python benchmarks/reliability.py [--only PART ...] [--results FILE] [--page docs/reliability.md]

Parts: media, mutants, kills, disk, threads, runs, network, provenance. Each takes minutes; the
numbers of parts that are not run again are kept in the results file.
"""

from __future__ import annotations

import argparse
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
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests" / "media"), str(ROOT / "src")]

_READ = """
import json, resource, sys, time
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
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
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


def _short_clip(folder: Path) -> Path:
    """The first seconds of the demo's neutral clip."""
    made = folder / "demo"
    _emoanim("demo", "-o", made, check=True)
    return made / "before.mp4"


def _emoanim(*arguments: object, check: bool = False, **options: Any) -> Any:
    command = [sys.executable, "-m", "emoanim", *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "EMOANIM_OFFLINE": "1"}
    return subprocess.run(
        command, capture_output=True, text=True, check=check, env=environment, **options
    )


_TINY = """
import sys
from emoanim.interrupts import interruptible
with interruptible():
    from emoanim import cli, registry
    from emoanim.testing import tiny
    roles = {"transcriber": "Transcriber", "text_emoter": "TextEmoter", "voice": "Voice",
             "face_emoter": "FaceEmoter", "animator": "Animator"}
    for role, name in roles.items():
        registry.register(role, "tiny", getattr(tiny, f"Tiny{name}"))
    names = [x for role in roles for x in (f"--{role.replace('_', '-')}", "tiny")]
    cli.main([*sys.argv[1:], *names])
"""


def kills(each: int = 50, deep: int = 8) -> dict[str, Any]:
    """INT, TERM and KILL at random moments of ``animate``, over an older output.

    Most with tiny backends, whose runs are imports, reading, encoding and signing; some with those
    of the preset "local", whose networks run in native code.
    """
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        clip = _short_clip(folder)
        for kind, count in (("tiny backends", each), ("preset local", deep)):
            start = [
                sys.executable,
                *(["-c", _TINY] if kind.startswith("tiny") else ["-m", "emoanim"]),
            ]
            out = folder / kind.replace(" ", "-")
            out.mkdir()
            command = [*start, "animate", str(clip), "-e", "sad", "-o", str(out / "x.mp4")]
            began = time.monotonic()
            environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "EMOANIM_OFFLINE": "1"}
            subprocess.run(command, env=environment, check=True, capture_output=True)
            whole = time.monotonic() - began
            found[kind] = {"run_s": round(whole, 1)}
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
                found[kind][number.name] = _killed(number, count, command, environment, whole)
    return found


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
    slowest, noisy, lost, litter, finished, wrong = 0.0, 0, 0, 0, 0, 0
    target = Path(command[-1])
    old = target.read_bytes()
    for _ in range(each):
        target.write_bytes(old)
        process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=environment,
            # a job in a shell's background ignores SIGINT, and its children would too
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )  # fmt: skip
        time.sleep(rng.uniform(0.3, whole))
        sent = time.monotonic()
        process.send_signal(number)
        _, err = process.communicate()
        slowest = max(slowest, time.monotonic() - sent)
        done = process.returncode == 0
        finished += done
        noisy += "Traceback" in err or "terminate called" in err
        if number != signal.SIGKILL and not done:
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
        "wrong_status_or_line": wrong,
        "old_output_lost": lost,
        "litter": litter,
    }


_FULL = """
import resource, sys
import numpy as np
from pathlib import Path
sys.path.insert(0, sys.argv[1])
folder, step, limit = Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])
from emoanim.clips import Animation
from emoanim.errors import EmoanimError
from emoanim.media import write_image, write_video, write_wav
from emoanim.provenance import Manifest
from emoanim.testing.clips import make_tone, pattern
from emoanim.runs.stage_files import Keeper
from emoanim.provenance.credentials import credentials
credentials()
sign = Manifest("sad").sign
def video():
    frames = (pattern(i) for i in range(50))
    write_video(folder / "a.mp4", Animation(25, (128, 96), 50, frames), make_tone(2), sign=sign)
def wav():
    write_wav(folder / "a.wav", make_tone(2.0), sign=sign)
def png():
    write_image(folder / "a.png", pattern(1, (640, 480)), sign=sign)
def scores():
    from emoanim.outputs import temporary, writing
    target = folder / "a.npz"
    with temporary(target, (".npz",)) as made, writing(target), made.open("wb") as file:
        np.savez(file, values=np.random.default_rng(0).random((4000, 8)))
def weight():
    import hashlib, os
    from emoanim import weights
    from emoanim.weights import Weight, resolver
    from emoanim.weights.sources import Url
    os.environ["EMOANIM_CACHE"] = str(folder / "cache")
    data = bytes(range(256)) * 1000
    pieces = [data[i:i + 9999] for i in range(0, len(data), 9999)]
    resolver.read = lambda source, scratch: iter(pieces)
    weights.fetch(Weight("w", Url("https://x.invalid/w"), licence="MIT",
                         sha256=hashlib.sha256(data).hexdigest()))
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
try:
    {"video": video, "wav": wav, "png": png, "scores": scores, "weight": weight}[step]()
    print("whole")
except EmoanimError as error:
    print("refused", "|", error)
"""


def disk(each: int = 20) -> dict[str, Any]:
    """A disk that is full after some bytes, at every writing step: a bound on the file's size."""
    found: dict[str, Any] = {}
    sizes = {"video": 60_000, "wav": 70_000, "png": 14_000, "scores": 260_000, "weight": 260_000}
    for step, size in sizes.items():
        outcomes = {"whole": 0, "refused": 0, "other": 0, "left": 0}
        for number in range(each):
            with tempfile.TemporaryDirectory() as name:
                limit = round(size * (number + 0.5) / each)
                done = subprocess.run(
                    [sys.executable, "-c", _FULL, str(ROOT / "src"), name, step, str(limit)],
                    capture_output=True, text=True,
                )  # fmt: skip
                said = done.stdout.split()[:1]
                word = said[0] if done.returncode == 0 and said else "other"
                outcomes[word] += 1
                files = [p for p in Path(name).rglob("*") if p.is_file() and p.stat().st_size]
                small = {"locks", "records", "licences", "signing"}  # of the cache, not the file
                written = [p for p in files if not small & set(p.parts)]
                outcomes["left"] += word != "whole" and bool(written)
        found[step] = outcomes
    return found


def threads(count: int = 8) -> dict[str, Any]:
    """One pipeline in many threads: the same pictures and sound from each."""
    from emoanim import EDAPipeline
    from emoanim.media import Video

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        clip = _short_clip(folder)
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
        memory, handles = [], []
        for _ in range(count):
            pipeline(clip, "happy", output=Path(name) / "out.mp4")
            pages = int(Path("/proc/self/statm").read_text().split()[1])
            memory.append(pages * resource.getpagesize() / 1e6)
            handles.append(len(list(Path("/proc/self/fd").iterdir())))
    half = count // 2
    slope = float(np.polyfit(range(half), memory[half:], 1)[0])
    return {
        "runs": count,
        "mb_at_10": round(memory[9]),
        "mb_at_end": round(memory[-1]),
        "kb_per_run_in_the_second_half": round(1000 * slope, 1),
        "handles_at_10": handles[9],
        "handles_at_end": handles[-1],
    }


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
    """All that the demo, animate --keep and speak write, read by the C2PA project's own reader."""
    import c2pa

    kinds = {
        ".mp4": "video/mp4",
        ".mov": "video/quicktime",
        ".wav": "audio/wav",
        ".png": "image/png",
    }
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        clip = _short_clip(folder)
        _emoanim("animate", clip, "-e", "sad", "-o", folder / "a.mov", "--keep", folder / "k",
                 "--takes", "all", "--frames", 2, check=True)  # fmt: skip
        _emoanim("speak", clip, "-e", "sad", "-o", folder / "s.wav", check=True)
        written = [p for p in folder.rglob("*") if p.suffix in kinds]
        valid = 0
        for path in written:
            with path.open("rb") as file, c2pa.Reader(kinds[path.suffix], file) as reader:
                valid += reader.get_validation_state() == "Valid"
    return {"files": len(written), "valid": valid}


PARTS: dict[str, Callable[[], dict[str, Any]]] = {
    "media": media,
    "mutants": mutants,
    "kills": kills,
    "disk": disk,
    "threads": threads,
    "runs": runs,
    "network": network,
    "provenance": provenance,
}


_HEAD = """# Reliability: what was attacked, and what happened

Made by `benchmarks/reliability.py` (`nox -s reliability`) on {where}, {cores} cores,
Python {python}; its parts may be run one by one (`--only`) and then stem from
different days. The suite's tests hold the same promises with smaller counts.

"After the end" counts signals that came when the run was over. A wrong status or line is a run that
the signal itself ended, before the program listens or while Python shuts down.
"No room" is a limit on a file's size, not a full file system.

| attack | how much | what happened |
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
    bad = f"{r['failed']} kinds with anything but a result or one clear error within 2 s"
    return [(what, f"{r['each']} mutants of each", bad)]


def _kill_rows(found: dict[str, Any]) -> list[Row]:
    rows = []
    for backends, r in found.items():
        for kind in (name for name in r if name != "run_s"):
            k = r[kind]
            happened = f"slowest end {k['slowest_s']} s; {k['tracebacks']} tracebacks, "
            happened += f"{k['wrong_status_or_line']} wrong statuses or lines, "
            happened += f"{k['old_output_lost']} older outputs lost, "
            happened += f"{k['litter']} folders with litter after the next run"
            what = f"{kind} at a random moment of `animate` ({backends}, {r['run_s']} s)"
            what += ", over an older output"
            rows.append((what, f"{k['sent']}, {k['after_the_end']} after the end", happened))
    return rows


def _disk_rows(r: dict[str, Any]) -> list[Row]:
    rows = []
    for step, d in r.items():
        count = d["whole"] + d["refused"] + d["other"]
        happened = f"{d['whole']} whole, {d['refused']} refused in one line, {d['other']} other; "
        happened += f"{d['left']} left something behind"
        rows.append((f"no room after some bytes: {step}", str(count), happened))
    return rows


def _thread_rows(r: dict[str, Any]) -> list[Row]:
    same = f"{r['different_results']} result, bit for bit, of pictures and sound"
    return [("one pipeline in many threads", f"{r['threads']} threads", same)]


def _run_rows(r: dict[str, Any]) -> list[Row]:
    happened = f"{r['mb_at_10']} MB after 10, {r['mb_at_end']} MB at the end, "
    happened += f"{r['kb_per_run_in_the_second_half']} kB a run in the second half; "
    happened += f"{r['handles_at_10']} and {r['handles_at_end']} open files"
    return [("many runs in one process, tiny backends", str(r["runs"]), happened)]


def _network_rows(r: dict[str, Any]) -> list[Row]:
    what = "`demo`, `speak`, `animate`, `evaluate`, `backends`, `doctor` under strace"
    good = "no packet, no name query, no file outside output, cache and temporary folder"
    return [(what, "one run each", good if r["watched"] else "not watched here, or failed")]


def _provenance_rows(r: dict[str, Any]) -> list[Row]:
    what = "what `demo`, `animate --keep --takes all` and `speak` write"
    happened = f"{r['valid']} hold a manifest that the C2PA project's own reader finds valid"
    return [(what, f"{r['files']} videos, sounds and pictures", happened)]


ROWS: dict[str, Callable[[dict[str, Any]], list[Row]]] = {
    "media": _media_rows,
    "mutants": _mutant_rows,
    "kills": _kill_rows,
    "disk": _disk_rows,
    "threads": _thread_rows,
    "runs": _run_rows,
    "network": _network_rows,
    "provenance": _provenance_rows,
}


def main() -> None:
    """Run the parts that are asked for and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="*", choices=list(PARTS), default=list(PARTS))
    parser.add_argument("--results", type=Path, default=Path("reliability.json"))
    parser.add_argument("--page", type=Path, default=ROOT / "docs" / "reliability.md")
    given = parser.parse_args()
    found = json.loads(given.results.read_text()) if given.results.is_file() else {}
    for name in given.only:
        began = time.monotonic()
        found[name] = PARTS[name]()
        print(f"{name} ({time.monotonic() - began:.0f} s): {json.dumps(found[name])}", flush=True)
        given.results.write_text(json.dumps(found, indent=1))
    given.page.write_text(page(found))


if __name__ == "__main__":
    main()
