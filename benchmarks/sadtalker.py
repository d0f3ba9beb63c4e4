"""SadTalker's renderer beside the plain network, and the speed of its audio side.

    python benchmarks/sadtalker.py FOLDER [--rounds 2] [--audio]

FOLDER holds SadTalker's manifests (``manifest_generator.json``, ...); their pseudo-random weights
cost what the real ones do. The plain network is the same renderer as its description reads: the
source is encoded for every frame, spectral norms are divided out in every forward, convolutions
run on up-sampled maps. Both are timed in turns in one process, by wall clock and by processor time;
the best round of each counts. ``--audio`` times mel, windows and coefficients of 45 s instead.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch

from emoanim.adapters.animators.sadtalker.audio_networks import (
    AudioToExpression,
    AudioToPose,
    prepare_expression,
    prepare_pose,
)
from emoanim.adapters.animators.sadtalker.options import Options
from emoanim.adapters.animators.sadtalker.speech_track import coefficient_track
from emoanim.clips import Audio
from emoanim.keypoint_renderer.renderer import Renderer, prepare
from emoanim.testing.golden import fill, load_manifest
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--audio", action="store_true")
    given = parser.parse_args()
    with torch.inference_mode():
        if given.audio:
            audio(given.folder)
        else:
            render(given.folder, given.rounds)


if __name__ == "__main__":
    main()
