"""EmoFAN beside the same network run one image at a time, without any of our changes.

    python benchmarks/emofan.py MANIFEST [--rounds 5] [--memory] [--clip FILE]

MANIFEST is a ``manifest_emonet_8.json``; its pseudo-random weights cost what the real ones do. Both
sides are timed in turns in one process, the best round of each counts. ``--memory`` runs ours alone
at batch 8 and prints the peak of the process; ``--clip`` does it over the frames of a clip, read,
followed and scored as a user would.
"""

from __future__ import annotations

import argparse
import copy
import hashlib
import resource
import tempfile
import time
from pathlib import Path

import torch

from emoanim import backend
from emoanim.adapters.classifiers.emofan.network import EmoNet, prepare, run
from emoanim.media import Video
from emoanim.scoring import score_clip
from emoanim.testing.golden import fill, load_manifest
from emoanim.weights import checkpoints

IMAGES = 8


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("manifest")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--memory", action="store_true")
    parser.add_argument("--clip")
    given = parser.parse_args()
    if given.clip:
        whole_clip(given.manifest, given.clip)
        return
    tensors = {n: torch.from_numpy(a) for n, a in fill(load_manifest(given.manifest)).items()}
    plain = checkpoints.build(lambda: EmoNet(8), tensors, "emonet_8")
    images = torch.rand(IMAGES, 256, 256, 3, generator=torch.Generator().manual_seed(0))
    images = images.permute(0, 3, 1, 2)
    with torch.inference_mode():
        if given.memory:
            del tensors
            run(prepare(plain), images)
            print(f"peak memory at batch {IMAGES}: {peak():.0f} MB")
            return
        ours = prepare(copy.deepcopy(plain))
        rows = images.contiguous()
        a = torch.cat([plain(rows[i : i + 1]).expression for i in range(IMAGES)])
        b = run(ours, images).expression
        print(f"largest difference of the logits: {(a - b).abs().max() / a.abs().max():.1e} of max")
        best = {"plain": float("inf"), "ours": float("inf")}
        for _ in range(given.rounds):
            started = time.perf_counter()
            for i in range(IMAGES):
                plain(rows[i : i + 1])
            middle = time.perf_counter()
            run(ours, images)
            ended = time.perf_counter()
            best["plain"] = min(best["plain"], middle - started)
            best["ours"] = min(best["ours"], ended - middle)
    for name, seconds in best.items():
        print(f"{name}: {seconds / IMAGES * 1000:.0f} ms per image")
    print(f"ratio: {best['plain'] / best['ours']:.2f}x")


def whole_clip(manifest: str, clip: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "emonet_8.pth"
        torch.save({n: torch.from_numpy(a) for n, a in fill(load_manifest(manifest)).items()}, path)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        classifier = backend(
            "classifier", "emofan", weights=path, sha256=digest, accept_licence=True, batch=IMAGES
        )
    before = peak()
    started = time.process_time()
    scores = score_clip(classifier, Video(clip))
    spent = time.process_time() - started
    print(
        f"{len(scores.values)} frames, {spent / len(scores.values):.2f} CPU-seconds each; "
        f"peak memory at batch {IMAGES}: {peak():.0f} MB ({before:.0f} MB before the first frame)"
    )


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
