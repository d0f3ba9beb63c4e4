"""The offline frame classifiers on a clip: frames per second, where the time goes, what costs less.

    python benchmarks/classifiers.py CLIP [--every 2] [--rounds 3]

Needs the extras rig and fer8; running it accepts AGPL-3.0 for the fer8 checkpoint. All sides are
timed in turns in one process, the best round of each counts.

1. whole: decoding, following the face, crop, network, per classifier; for fer8 also smaller crops
   (with what they change) and finding the face anew in every frame instead of following it.
2. parts: detection, mesh, crop and network of one frame, one thread each.
3. agreement of fer8 and facex on the clip.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Callable
from functools import partial

import numpy as np

from emoanim.adapters.classifiers.facex import FacexClassifier
from emoanim.adapters.classifiers.fer8 import Fer8Classifier
from emoanim.clips import EmotionScores
from emoanim.evaluation.agreement import agreement
from emoanim.faces import FaceFinder, eye_levelled_crop
from emoanim.faces.finder import square_of
from emoanim.media import Video
from emoanim.scoring import score_clip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clip")
    parser.add_argument("--every", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    clip, finder = Video(given.clip), FaceFinder()
    fer8 = partial(Fer8Classifier, accept_licence=True, finder=finder)
    sides = {
        "fer8": fer8(),
        "fer8, one thread": fer8(threads=1),
        "fer8, 256 px": fer8(size=256),
        "fer8, 224 px": fer8(size=224),
        "fer8, face found anew in every frame": fer8(track=False),
        "facex": FacexClassifier(finder=finder),
    }
    best = dict.fromkeys(sides, float("inf"))
    work = dict.fromkeys(sides, float("inf"))  # CPU time: steadier where others use the machine
    scores: dict[str, EmotionScores] = {}
    for _ in range(given.rounds):
        for name, classifier in sides.items():
            started, spent = time.perf_counter(), time.process_time()
            scores[name] = score_clip(classifier, clip, given.every)
            best[name] = min(best[name], time.perf_counter() - started)
            work[name] = min(work[name], time.process_time() - spent)
    first = scores["fer8"]
    width, height = clip.size
    print(f"{len(first.values)} frames of {width}x{height}, face in {first.coverage:.0%}")
    for name, seconds in best.items():
        count = len(first.values)
        line = (
            f"{name}: {count / seconds:.1f} frames/s, {work[name] / count * 1000:.0f} CPU-ms a "
            f"frame, {work[name] / work['fer8']:.2f}x that of fer8"
        )
        if scores[name].labels == first.labels and name != "fer8":
            line += f"; {changes(first, scores[name])}"
        print(line)
    parts(clip, finder, sides["fer8, one thread"])
    both = agreement(first, scores["facex"])
    print(
        f"fer8 and facex: kappa {both.kappa:.2f} ({both.interval[0]:.2f} to "
        f"{both.interval[1]:.2f}), same label in {both.observed:.0%} of {both.frames} frames, "
        f"{both.unshared} more called contempt"
    )
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


def changes(a: EmotionScores, b: EmotionScores) -> str:
    both = a.found & b.found
    same = (a.values[both].argmax(1) == b.values[both].argmax(1)).mean()
    apart = np.abs(a.values[both] - b.values[both]).mean()
    return f"same top label in {same:.0%}, mean difference of a probability {apart:.3f}"


def parts(clip: Video, finder: FaceFinder, classifier: Fer8Classifier) -> None:
    image = next(iter(clip.frames())).image
    face = finder.largest_face(image)
    crop = eye_levelled_crop(image, face.points, 320)
    tasks: dict[str, Callable[[], object]] = {
        "detectors": lambda: finder.detect(image),
        "mesh": lambda: finder.fit(image, square_of(face.points)),
        "crop": lambda: eye_levelled_crop(image, face.points, 320),
        "fer8 network": lambda: classifier.scores(crop[None]),
    }
    for name, task in tasks.items():
        times = []
        for _ in range(30):
            started = time.perf_counter()
            task()
            times.append(time.perf_counter() - started)
        print(f"{name}: {min(times) * 1000:.1f} ms (median {np.median(times) * 1000:.1f})")


if __name__ == "__main__":
    main()
