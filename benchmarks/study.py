"""What a study costs: what samples share, what grows, what Ray adds, and what many machines need.

python benchmarks/study.py shared CLIP        7 emotions and 25 samples against one
python benchmarks/study.py flat               20 to 525 samples on tiny backends
python benchmarks/study.py ray                the same work by processes and by Ray
python benchmarks/study.py simulate 100000    sleeping stages on Ray actors
python benchmarks/study.py cost SAMPLES_CSV   10,000 and 1,000,000 clips on paper
"""

from __future__ import annotations

import csv
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
from typing import Any

from emoanim.emotions import TARGETS, EmotionPrompt
from emoanim.runs.marking import Marking
from emoanim.settings import Settings
from emoanim.study.items import FoundClip, Item
from emoanim.study.plan import RunOptions, ScoringOptions
from emoanim.study.rows import read_rows
from emoanim.study.storage.cache import Entry, StageCache
from emoanim.study.storage.stores import open_store
from emoanim.study.workers.driver import Driver
from emoanim.study.workers.progress import show_progress
from emoanim.study.workers.tasks import Done, Task

TESTS = Path(__file__).parents[1] / "tests"
sys.path.insert(0, str(TESTS / "backends"))
EMOTIONS = [str(e) for e in TARGETS]
SCORING = {"classifier": "counting", "second": "none", "words": "none", "voice": "none",
           "faces": False, "identity": False}  # fmt: skip


def shared(clip: Path) -> None:
    """CPU seconds of whole commands on the local preset."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        one = batch(place / "one", [(clip, "happy", 0)])
        seven = batch(place / "seven", [(clip, emotion, 0) for emotion in EMOTIONS])
        print(f"1 emotion {one:.1f} CPU s, 7 emotions {seven:.1f} CPU s: {seven / one:.2f} x")
        plan = {
            "clips": [str(clip)],
            "emotions": ["happy"],
            "samples": 25,
            "scoring": {**SCORING, "classifier": "none"},
        }
        used = time.process_time()
        from emoanim import study

        study.run(plan, place / "cell", progress="none", report=False)
        total = time.process_time() - used
        rows = list(read_rows(open_store(place / "cell")))
        film = sum(row["cpu"]["film"] for row in rows)
        emote = sum(row["cpu"]["emote"] for row in rows)
        print(f"25 samples {total:.1f} CPU s: animate and write {film:.1f}, stills {emote:.1f}")
        alone = single_film(clip)
        print(f"animate and write alone {alone:.2f} CPU s: 25 samples are {total / alone:.1f} x")


def batch(output: Path, lines: list[tuple[Path, str, int]]) -> float:
    manifest = output.with_suffix(".jsonl")
    records = [{"video": str(c.absolute()), "emotion": e, "seed": s} for c, e, s in lines]
    manifest.write_text("".join(json.dumps(r) + "\n" for r in records))
    before = getrusage(RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "emoanim", "batch", str(manifest), "-o", str(output)]
    subprocess.run([*command, "--progress", "none"], check=True, stdout=subprocess.DEVNULL)
    after = getrusage(RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def single_film(clip: Path) -> float:
    """CPU seconds of the pipeline's animate step and what it learns of the source before."""
    import emoanim

    with tempfile.TemporaryDirectory() as folder:
        pipeline = emoanim.EDAPipeline.from_preset("local")
        video = Path(folder) / "film.mp4"
        result = pipeline(clip, "happy", output=video)
        from emoanim.media import Video, write_video

        source = Video(clip)
        used = time.process_time()
        still = result.portraits[result.order[0]]
        animator = emoanim.backend("animator", pipeline.settings.animator.name)
        animator.prepare(still, source)
        prompt = EmotionPrompt.parse("happy")
        moving = animator.animate(still, result.speech, prompt, source)
        marking = Marking(pipeline.settings, prompt, clip)
        tags, sign = marking.tags(result.text), marking.signer(video)
        write_video(video, moving, result.speech.audio, tags=tags, sign=sign)
        return time.process_time() - used


def tiny(folder: Path, samples: int, clips: int, **run: Any) -> dict[str, Any]:
    """Run a study on the tiny backends in a process of its own; return its summary."""
    from tiny_studies import SYSTEM, install_backends, write_clip, write_study

    plugins = install_backends(folder / "plugins", TESTS / "backends")
    paths = [write_clip(folder / f"clip{n}.mp4", n) for n in range(clips)]
    plan = {
        "clips": [str(p) for p in paths],
        "emotions": EMOTIONS,
        "samples": samples,
        "systems": {"tiny": {**SYSTEM, "stills": 2}},
        "scoring": SCORING,
        "run": run,
    }
    toml = write_study(folder / "study.toml", plan)
    environment = {**os.environ, "PYTHONPATH": f"{plugins}:{os.environ.get('PYTHONPATH', '')}"}
    command = [
        sys.executable,
        "-m",
        "emoanim",
        "study",
        "run",
        str(toml),
        "-o",
        str(folder / "out"),
    ]
    before = getrusage(RUSAGE_CHILDREN)
    ended = subprocess.run(
        [*command, "--progress", "none", "--json"],
        env=environment, check=True, capture_output=True, text=True,
    )  # fmt: skip
    after = getrusage(RUSAGE_CHILDREN)
    summary: dict[str, Any] = json.loads(ended.stdout)
    summary["cpu"] = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return summary


def flat() -> None:
    """Time per sample and the driver's memory as the number of samples grows."""
    for samples, clips in ((3, 1), (8, 1), (25, 1), (25, 2), (25, 3)):
        with tempfile.TemporaryDirectory() as folder:
            made = tiny(Path(folder), samples, clips, workers=2)
        stages = sum(stage["cpu"] for stage in made["stages"].values())
        print(
            f"{made['items']:4d} samples: {1000 * stages / made['items']:.0f} CPU ms of the "
            f"workers and {1000 * made['seconds'] / made['items']:.0f} ms each, driver "
            f"{made['driver_peak'] / 1e6:.0f} MB at most",
            flush=True,
        )


def ray(rounds: int = 2, sizes: tuple[int, int] = (3, 25), clips: int = 3) -> None:
    """Whole runs by both engines, two workers each: the start, and what a sample takes after it.

    The start is where the line through two sizes of a study meets no samples at all.
    """
    for _ in range(rounds):
        for engine in ("local", "ray"):
            seconds = {}
            for samples in sizes:
                with tempfile.TemporaryDirectory() as folder:
                    made = tiny(Path(folder), samples, clips, engine=engine, workers=2)
                seconds[made["items"]] = made["seconds"]
                stages = sum(stage["cpu"] for stage in made["stages"].values())
            few, many = seconds.items()
            each = (many[1] - few[1]) / (many[0] - few[0])
            print(
                f"{engine}: {few[1]:.1f} s for {few[0]}, {many[1]:.1f} s for {many[0]}: "
                f"{1000 * each:.0f} ms a sample more, start and end {few[1] - each * few[0]:.1f} "
                f"s, {1000 * stages / many[0]:.0f} CPU ms of the workers; the whole command took "
                f"{made['cpu']:.0f} CPU s for {many[0]}",
                flush=True,
            )


def start(rounds: int = 3) -> None:
    """What it takes until two workers have done their first task, and until they are gone."""
    from tiny_studies import write_clip

    from emoanim.study.workers.local_engine import ProcessEngine
    from emoanim.study.workers.ray_engine import RayEngine

    with tempfile.TemporaryDirectory() as name:
        clip = FoundClip(write_clip(Path(name) / "clip.mp4"), "clip", "somebody")
        prompt = EmotionPrompt.parse("happy")
        item = Item("a", "tiny", clip, prompt, 0, 0, 0, ("face",), Settings(), "a.mp4")
        tasks = [Task("clip", f"{n:040d}", item, {}) for n in range(8)]
        options = RunOptions(engine="ray", workers=2)
        for _ in range(rounds):
            for which in ("local", "ray"):
                given = (f"{name}/out", f"{name}/cache", ScoringOptions())
                begun = time.perf_counter()
                engine = (
                    ProcessEngine(2, *given) if which == "local" else RayEngine(options, *given)
                )
                made = time.perf_counter()
                assert all(done.entry for done in engine.map("clip", tasks))
                done = time.perf_counter()
                engine.close()
                print(
                    f"{which}: {made - begun:.1f} s to begin, {done - made:.1f} s to the first "
                    f"tasks, {time.perf_counter() - done:.1f} s to end",
                    flush=True,
                )


def warm(count: int = 60, rounds: int = 3) -> None:
    """The same films by two processes and by two Ray actors that are started already."""
    from tiny_studies import SYSTEM, install_backends, write_clip

    from emoanim.study.running import check
    from emoanim.study.running import run as run_study
    from emoanim.study.stages import MAKING, stage_key
    from emoanim.study.workers.local_engine import ProcessEngine
    from emoanim.study.workers.ray_engine import RayEngine

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        plugins = install_backends(folder / "plugins", TESTS / "backends")
        sys.path.insert(0, str(plugins))
        os.environ["PYTHONPATH"] = f"{plugins}:{os.environ.get('PYTHONPATH', '')}"
        clip = write_clip(folder / "clip.mp4")
        values = {"clips": [str(clip)], "emotions": ["happy"], "samples": count,
                  "systems": {"tiny": {**SYSTEM, "stills": 2}}, "scoring": SCORING}  # fmt: skip
        output = folder / "out"
        run_study(values, output, progress="none", report=False)
        cache = StageCache(open_store(output / "cache"))
        from emoanim.study.items import items_of

        checked = check(values)
        tasks = []
        for item in items_of(checked.plan, list(checked.clips)):
            entries: dict[str, Entry] = {}
            for stage in MAKING:
                key = stage_key(stage, item, entries, checked.plan.scoring)
                if stage == "film":
                    tasks.append(Task(stage, key, item, dict(entries)))
                entry = cache.find(stage, key)
                assert entry is not None
                entries[stage] = entry
        given = (str(output), str(output / "cache"), checked.plan.scoring)
        engines = {
            "local": ProcessEngine(2, *given),
            "ray": RayEngine(RunOptions(engine="ray", workers=2), *given),
        }
        for engine in engines.values():
            list(engine.map("film", tasks[:8]))
        for _ in range(rounds):
            for which, engine in engines.items():
                begun = time.perf_counter()
                done = list(engine.map("film", tasks))
                wall = time.perf_counter() - begun
                cpu = sum(d.cpu for d in done)
                assert all(d.entry is not None for d in done)
                print(f"{which}: {1000 * wall / count:.0f} ms a film, {1000 * cpu / count:.0f} CPU",
                      flush=True)  # fmt: skip
        for engine in engines.values():
            engine.close()


MEASURED = {"clip": 0.02, "transcribe": 1.4, "pick": 0.4, "rewrite": 0.005, "speak": 0.13,
            "emote": 0.53, "film": 1.47, "observe": 1.7, "score": 2.33}  # fmt: skip
"""CPU seconds of a stage of the example study (docs/study.md), local preset."""


class Sleeper:
    """A worker that sleeps as long as a stage takes, a hundredth of it, and writes nothing."""

    def __init__(self, output: str, cache: str, scoring: ScoringOptions) -> None:
        self.random = random.Random(os.getpid())

    def ready(self) -> str:
        return str(os.getpid())

    def do(self, task: Task) -> Done:
        seconds = MEASURED[task.stage] / 100 * self.random.uniform(0.5, 1.5)
        time.sleep(seconds)
        facts = {"content": task.key, "times": [0.1], "text": "words", "sha256": task.key,
                 "video": task.item.output, "bytes": 1, "duration": 1.0, "fps": 25.0,
                 "size": [1, 1], "frames": 1, "seconds": seconds, "cpu": seconds}  # fmt: skip
        return Done(task.key, Entry(task.key, task.key, facts), seconds=seconds, cpu=seconds)


def simulate(count: int) -> None:
    """Let as many actors as fit sleep through a study of ``count`` samples."""
    from emoanim.study.workers.ray_engine import RayEngine

    with tempfile.TemporaryDirectory() as folder:
        store = open_store(Path(folder) / "out")
        chunk = 1750
        film, score, emote = 16, 24, 8
        pools = {"film": film, "score": score, "emote": emote, "pick": 2, "speak": 2}
        options = RunOptions(
            engine="ray",
            workers=8,
            chunk=chunk,
            pools={name: {"workers": n, "cpus": 0} for name, n in pools.items()},
        )
        scoring = ScoringOptions()
        engine = RayEngine(options, store.location, store.location, scoring, Sleeper)
        shown = show_progress(count, "log")
        cache = StageCache(open_store(Path(folder) / "cache"))
        driver = Driver(store, cache, engine, scoring, options, None, shown)
        begun, used = time.perf_counter(), time.process_time()
        with shown:
            driver.run(many(count, Path(folder)))
        wall, cpu = time.perf_counter() - begun, time.process_time() - used
        engine.close()
        slept = sum(total.seconds for total in driver.totals.values())
        calls = sum(total.made for total in driver.totals.values())
        shards = list((Path(folder) / "out" / "rows").iterdir())
        size = sum(p.stat().st_size for p in shards)
        peak = getrusage(RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"{count} samples, {calls} tasks in {wall:.0f} s: {count / wall:.0f} samples and "
            f"{calls / wall:.0f} tasks a second; driver {1000 * cpu / count:.2f} CPU ms a sample, "
            f"{peak:.0f} MB at most; {slept / wall:.1f} actors busy on average; rows "
            f"{size / 1e6:.0f} MB in {len(shards)} files"
        )


def many(count: int, folder: Path) -> Iterator[Item]:
    """Clips of 7 emotions x 25 samples, one after the other."""
    settings = Settings()
    for number in range(-(-count // 175)):
        path = folder / f"{number}.mp4"
        path.write_bytes(b"x")
        clip = FoundClip(path, f"clip{number}", f"person{number % 100}")
        for emotion in TARGETS:
            for sample in range(25):
                if (number * 7 + TARGETS.index(emotion)) * 25 + sample >= count:
                    return
                name = f"clip{number}-{emotion}-s{sample}"
                prompt = EmotionPrompt(emotion)
                yield Item(name, "local", clip, prompt, sample, sample, 0, ("face",), settings,
                           f"samples/{name}.mp4")  # fmt: skip


def cost(samples: Path, system: str = "eda") -> None:
    """Print what clips and samples of a system cost, from the measured stages of a study."""
    with samples.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["system"] == system]
    names = [name.removeprefix("cpu.") for name in rows[0] if name.startswith("cpu.")]
    per = {name: sum(float(row[f"cpu.{name}"]) for row in rows) / len(rows) for name in names}
    print(", ".join(f"{name} {each:.3f}" for name, each in per.items()), "CPU s each")
    making = ("clip", "transcribe", "pick", "rewrite", "speak", "emote", "film")
    clip = sum(per[name] for name in making)
    # 7 emotions x 25 samples of a clip share its transcript and what was seen in it, 7 emotions
    # the frames that a seed draws, 25 samples the words and the voice.
    sample = per["emote"] + per["film"] + per["score"] + per["pick"] / 7
    sample += (per["rewrite"] + per["speak"]) / 25
    sample += (per["clip"] + per["transcribe"] + per["observe"]) / 175
    for what, each in (("clip of a batch", clip), ("sample of the paper's study", sample)):
        print(f"{each:.2f} CPU s a {what}")
        for count in (10_000, 1_000_000):
            hours = count * each / 3600
            spread = ", ".join(f"{n}: {hours / 16 / n:.2g} h" for n in (1, 10, 100, 1000))
            print(f"  {count}: {hours:.0f} core hours; by machines of 16 cores {spread}")
    # Counted with torch.utils.flop_counter: a frame of SadTalker's renderer, and its encoder,
    # which EAT's stills need too; frames of 5 s.
    operations = 1.139e12 * 125 + 5 * (1.139e12 + 0.064e12)
    for rate in (10e12, 50e12):
        seconds = operations / rate
        print(
            f"paper preset: {operations / 1e12:.0f} TFLOP a clip, {seconds:.1f} GPU s at "
            f"{rate / 1e12:.0f} TFLOP/s, a million clips {1e6 * seconds / 3600:.0f} GPU hours"
        )


if __name__ == "__main__":
    name, *words = sys.argv[1:] or ["flat"]
    if name == "shared":
        shared(Path(words[0]))
    elif name == "simulate":
        simulate(int(words[0]) if words else 100_000)
    elif name == "cost":
        cost(Path(words[0]))
    else:
        {"flat": flat, "ray": ray, "start": start, "warm": warm}[name]()
