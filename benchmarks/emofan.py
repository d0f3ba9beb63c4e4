"""EmoFAN beside the same network run one image at a time, without any of our changes.

    python benchmarks/emofan.py MANIFEST [--rounds 5] [--memory] [--clip FILE [--runtime onnx]]

MANIFEST is a ``manifest_emonet_8.json``; its pseudo-random weights cost what the real ones do. All
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
from golden_cases import fill, load_manifest

from emoanim import backend
from emoanim.engines.emonet.graph import EmoNetSession
from emoanim.engines.emonet.network import EmoNet, prepare, run
from emoanim.media import Video
from emoanim.scoring import score_clip
from emoanim.weights import checkpoints

IMAGES = 8


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("manifest")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--memory", action="store_true")
    parser.add_argument("--clip")
    parser.add_argument("--runtime", default="torch")
    given = parser.parse_args()
    if given.clip:
        whole_clip(given.manifest, given.clip, given.runtime)
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
        state = {n: t.numpy() for n, t in plain.state_dict().items()}
        session = EmoNetSession(state, torch.get_num_threads())
        faces = (images.permute(0, 2, 3, 1).numpy() * 255.0).astype("uint8")
        c = torch.from_numpy(session(faces)[1])
        a = plain(torch.from_numpy(faces).permute(0, 3, 1, 2) / 255.0).expression
        print(f"of ONNX Runtime: {(a - c).abs().max() / a.abs().max():.1e} of max")
        sides = {
            "plain": lambda: [plain(rows[i : i + 1]) for i in range(IMAGES)],
            "ours": lambda: run(ours, images),
            "onnx": lambda: session(faces),
        }
        spent: dict[str, list[tuple[float, float]]] = {name: [] for name in sides}
        for _ in range(given.rounds):
            for name, side in sides.items():
                clocks = time.perf_counter(), time.process_time()
                side()
                wall, cpu = time.perf_counter() - clocks[0], time.process_time() - clocks[1]
                spent[name].append((wall, cpu))
    best = {name: [min(w for w, _ in r), min(c for _, c in r)] for name, r in spent.items()}
    for name, (wall, cpu) in best.items():
        print(
            f"{name}: {wall / IMAGES * 1000:.0f} ms per image, CPU {cpu / IMAGES:.2f} s; "
            f"{best['plain'][0] / wall:.2f}x, CPU time {best['plain'][1] / cpu:.2f}x"
        )


def whole_clip(manifest: str, clip: str, runtime: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "emonet_8.pth"
        torch.save({n: torch.from_numpy(a) for n, a in fill(load_manifest(manifest)).items()}, path)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        classifier = backend(
            "classifier",
            "emofan",
            weights=path,
            sha256=digest,
            accept_licence=True,
            batch=IMAGES,
            runtime=runtime,
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
