"""SadTalker's renderer beside the plain network, and the speed of its audio side.

    python benchmarks/sadtalker.py FOLDER [--rounds 2] [--threads N] [--audio | --memory]

FOLDER holds SadTalker's manifests (``manifest_generator.json``, ...); their pseudo-random weights
cost what the real ones do. The plain network is the same renderer as its description reads: the
source is encoded for every frame, spectral norms are divided out in every forward, convolutions
run on up-sampled maps. Both are timed in turns in one process, by wall clock and by processor time;
the best round of each counts. Threads that wait for each other on a busy machine spend processor
time too; ``--threads 1`` shows the work alone. ``--audio`` times mel, windows and coefficients of
45 s instead, ``--memory`` shows that memory does not grow with the clip.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from golden_cases import fill, load_manifest
from golden_cases.checkpoint_files import write_safetensors, write_torch

from emoanim.adapters.animators.sadtalker import SadtalkerAnimator
from emoanim.clips import Audio, Portrait, Speech
from emoanim.demo import demo_portrait
from emoanim.emotions import EmotionPrompt
from emoanim.engines.keypoint_renderer.renderer import Renderer, prepare
from emoanim.engines.sadtalker.audio_networks import (
    AudioToExpression,
    AudioToPose,
    prepare_expression,
    prepare_pose,
)
from emoanim.engines.sadtalker.options import Options
from emoanim.engines.sadtalker.speech_track import coefficient_track
from emoanim.weights import checkpoints


def network(folder: Path, name: str, make: Any) -> Any:
    arrays = fill(load_manifest(folder / f"manifest_{name}.json"))
    tensors = {n: torch.from_numpy(a) for n, a in arrays.items()}
    return checkpoints.build(make, tensors, name)


def render(folder: Path, rounds: int) -> None:
    plain = network(folder, "generator", Renderer)
    ours = prepare(network(folder, "generator", Renderer))
    generator = torch.Generator().manual_seed(0)
    coarse = torch.rand(1, 3, 32, 32, generator=generator)
    image = torch.nn.functional.interpolate(coarse, size=(256, 256), mode="bicubic").clamp(0, 1)
    source = torch.rand(1, 15, 3, generator=generator) * 1.6 - 0.8
    driving = source + 0.1 * torch.randn(1, 15, 3, generator=generator)
    kept = ours.encode(image)
    best = {"plain": [np.inf, np.inf], "ours": [np.inf, np.inf]}
    for _ in range(rounds):
        frames = {}
        for name in best:
            wall, cpu = time.perf_counter(), time.process_time()
            if name == "plain":
                made = plain(plain.encode(image), source, driving)
            else:
                made = ours(kept, source, driving)
            spent = (time.perf_counter() - wall, time.process_time() - cpu)
            best[name] = [min(a, b) for a, b in zip(best[name], spent, strict=True)]
            frames[name] = made.prediction
        error = (frames["plain"] - frames["ours"]).abs()
        print(f"difference of the images: at most {error.max():.1e}, mean {error.mean():.1e}")
    for name, (wall, cpu) in best.items():
        print(f"{name}: {wall:.1f} s per frame, {cpu:.1f} s of processor time")
    ratios = [a / b for a, b in zip(best["ours"], best["plain"], strict=True)]
    print(f"ours / plain: {ratios[0]:.2f} by the wall, {ratios[1]:.2f} by processor time")


def audio(folder: Path) -> None:
    networks: Any = SimpleNamespace(
        expression=prepare_expression(network(folder, "audio2exp", AudioToExpression)),
        pose=prepare_pose(network(folder, "audio2pose", AudioToPose)),
        device=torch.device("cpu"),
    )
    samples = np.random.default_rng(0).standard_normal(45 * 16000).astype(np.float32) * 0.1
    started, cpu = time.perf_counter(), time.process_time()
    options = Options(still=False)
    track = coefficient_track(networks, Audio(samples, 16000), np.zeros(73), options)
    wall = time.perf_counter() - started
    print(f"{len(track)} frames of coefficients from 45 s: {wall:.1f} s", end="")
    print(f" ({time.process_time() - cpu:.1f} s of processor time)")


def resident(entry: str) -> float:
    """Resident memory in MB: now ("VmRSS") or at most ("VmHWM"). Linux only."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(entry)) / 1024


def memory(folder: Path, seconds: int, frames: int) -> None:
    """Animate a long speech from whole checkpoint files; stop after a few frames."""
    portrait = demo_portrait()
    samples = np.random.default_rng(0).standard_normal(seconds * 16000, dtype=np.float32)
    samples *= np.float32(0.1)
    with tempfile.TemporaryDirectory() as place:
        checkpoint = Path(place, "SadTalker_V0.0.2_256.safetensors")
        mapping = Path(place, "mapping_00109-model.pth.tar")
        print(f"before anything is loaded: {resident('VmRSS'):.0f} MB", flush=True)
        write = [sys.executable, __file__, str(folder), "--write", place]
        subprocess.run(write, check=True)  # in a process of its own: its memory does not count
        options = {"sha256": sha256(checkpoint), "mapping_sha256": sha256(mapping)}
        animator = SadtalkerAnimator(weights=place, device="cpu", still=False, **options)
        tell("loaded")
        speech = Speech(Audio(samples, 16000), "")
        prompt = EmotionPrompt.parse("happy")
        animation = animator.animate(Portrait(portrait, portrait), speech, prompt)
        tell(f"coefficients of {animation.length} frames")
        for k, _ in enumerate(itertools.islice(animation.frames, frames), 1):
            tell(f"frame {k}")


def tell(when: str) -> None:
    print(f"{when}: {resident('VmRSS'):.0f} MB, at most {resident('VmHWM'):.0f} MB", flush=True)


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write(folder: Path, place: Path) -> None:
    """Write both files of the full mode, laid out like the official ones."""
    names = ("net_recon", "audio2exp", "audio2pose", "kp_extractor", "generator")
    manifests = [folder / f"manifest_{name}.json" for name in names]
    write_safetensors(manifests, place / "SadTalker_V0.0.2_256.safetensors")
    write_torch([folder / "manifest_mapping_00109.json"], place / "mapping_00109-model.pth.tar")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--threads", type=int, help="of torch; its own number by default")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--audio", action="store_true")
    what.add_argument("--memory", action="store_true")
    what.add_argument("--write", type=Path, metavar="PLACE", help=argparse.SUPPRESS)
    parser.add_argument("--seconds", type=int, default=600, help="of speech, for --memory")
    parser.add_argument("--frames", type=int, default=8, help="that are rendered, for --memory")
    given = parser.parse_args()
    if given.threads:
        torch.set_num_threads(given.threads)
    if not given.write:
        print(f"{torch.get_num_threads()} threads, load {os.getloadavg()[0]:.1f} before")
    with torch.inference_mode():
        if given.audio:
            audio(given.folder)
        elif given.memory:
            memory(given.folder, given.seconds, given.frames)
        elif given.write:
            write(given.folder, given.write)
        else:
            render(given.folder, given.rounds)


if __name__ == "__main__":
    main()
