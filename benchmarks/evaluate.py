"""`emoanim evaluate` on a pair of clips: seconds, and what one pass saves.

    python benchmarks/evaluate.py ORIGINAL GENERATED [--emotion happy] [--rounds 2]

Needs the extras fer8, rig, evaluation and, for the identity distance, identity; running it accepts
AGPL-3.0 for the fer8 checkpoint. The sides are timed in turns in one process, the best round of
each counts; CPU seconds are steadier where others use the machine.

1. one pass: everything from one decoding and one following of the face per clip.
2. without identity, without a second opinion, every other frame: what each costs.
3. a pass per measure: what separate scripts do (fer8, facex on every fifth frame, mesh, identity).
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from emoanim.adapters.classifiers.facex import FacexClassifier
from emoanim.adapters.classifiers.fer8 import Fer8Classifier
from emoanim.evaluation import evaluate
from emoanim.evaluation.identity import FaceRecogniser
from emoanim.evaluation.observation import observe
from emoanim.evaluation.sources import open_source
from emoanim.faces import FaceFinder
from emoanim.media import Video
from emoanim.scoring import score_clip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("original", type=Path)
    parser.add_argument("generated", type=Path)
    parser.add_argument("--emotion", default="happy")
    parser.add_argument("--rounds", type=int, default=2)
    given = parser.parse_args()
    pair = given.original, given.generated
    whole = partial(evaluate, *pair, given.emotion, accept_licence=True)
    sides: dict[str, Callable[[], object]] = {
        "one pass": whole,
        "one pass, no identity": partial(whole, identity=False),
        "one pass, no second opinion": partial(whole, second=None),
        "one pass, every other frame": partial(whole, every=2),
        "a pass per measure": partial(separately, pair),
    }
    wall = dict.fromkeys(sides, float("inf"))
    work = dict.fromkeys(sides, float("inf"))
    for _ in range(given.rounds):
        for name, run in sides.items():
            begun, spent = time.perf_counter(), time.process_time()
            run()
            wall[name] = min(wall[name], time.perf_counter() - begun)
            work[name] = min(work[name], time.process_time() - spent)
    for path in pair:
        print(f"{path.name}: {Video(path)!r}")
    first = work["one pass"]
    for name in sides:
        print(
            f"{name:30s} {wall[name]:7.1f} s {work[name]:7.1f} CPU s "
            f"{work[name] / first:5.2f} x one pass"
        )
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


def separately(pair: tuple[Path, Path]) -> None:
    for path in pair:
        score_clip(Fer8Classifier(accept_licence=True), Video(path))
        score_clip(FacexClassifier(), Video(path), 5)
        observe(open_source(path), path.name, [], finder=FaceFinder())
        recogniser = FaceRecogniser()
        observe(
            open_source(path), path.name, [], finder=FaceFinder(), recogniser=recogniser, every=25
        )


if __name__ == "__main__":
    main()
