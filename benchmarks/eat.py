"""EAT's stills: seconds and peak memory of the whole chain, from the files on.

    python benchmarks/eat.py EAT_FOLDER SADTALKER_FOLDER [--batch 1] [--stills 1]

The folders hold EAT's manifests with its two arrays, and ``manifest_he_estimator.json``; their
pseudo-random weights cost what the real ones do. The picture is the packaged portrait. What it
takes to load the networks is printed apart from what a still takes.
"""

from __future__ import annotations

import argparse
import hashlib
import resource
import shutil
import tempfile
import time
from pathlib import Path

import torch
from golden_cases import fill, load_manifest
from golden_cases.checkpoint_files import write_torch

from emoanim import EmotionPrompt, backend
from emoanim.demo import demo_portrait

PARTS = ("audio2kptransformer", "generator", "kp_detector", "sidetuning", "emotionprompt")


def written(eat: Path, sadtalker: Path, folder: Path) -> Path:
    """Write files like the official ones."""
    manifests = [eat / f"manifest_{part}.json" for part in PARTS]
    write_torch(manifests, folder / "deepprompt_eam3d_all_final_313.pth.tar")
    pose = fill(load_manifest(sadtalker / "manifest_he_estimator.json"))
    state = {name: torch.from_numpy(array) for name, array in pose.items()}
    torch.save({"he_estimator": state}, folder / "pretrain_new_274.pth.tar")
    for name in ("U_mead.npy", "mean_mead.npy"):
        shutil.copy(eat / name, folder / name)
    return folder


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("eat", type=Path)
    parser.add_argument("sadtalker", type=Path)
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--stills", type=int, default=1)
    given = parser.parse_args()
    prompt = EmotionPrompt.parse("very happy")
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "eat"
        folder.mkdir()
        written(given.eat, given.sadtalker, folder)
        emoter = backend(
            "face_emoter",
            "eat",
            weights=folder,
            # Named here, or they would be remembered as the official files'.
            sha256={f.name: hashlib.sha256(f.read_bytes()).hexdigest() for f in folder.iterdir()},
            accept_licence=True,
            device="cpu",
            batch=given.batch,
        )
        emoter.emote([demo_portrait()], prompt)  # loads the networks
        loaded = peak()
        clocks = time.perf_counter(), time.process_time()
        emoter.emote([demo_portrait()] * given.stills, prompt)
        wall, cpu = time.perf_counter() - clocks[0], time.process_time() - clocks[1]
    print(f"the first still, with loading: {loaded:.0f} MB at most")
    print(
        f"{given.stills} stills, {given.batch} at a time: {wall / given.stills:.1f} s each "
        f"({cpu / given.stills:.1f} s of processor time), {peak():.0f} MB at most"
    )


if __name__ == "__main__":
    main()
