"""How fast the face rig renders, and how two classifiers read its stills.

    python benchmarks/rig.py [PICTURE ...] [--rounds 40] [--sizes 256 512 1080] [--scores]
                             [--every-face [--every-second]] [--intensity 1.0]
                             [--judges fer8 facex] [--third FOLDER]
                             [--list faces/NAME.txt --folder FOLDER]
                             [--intensities 0.25 0.5 0.75 1] [--guided CLASSIFIER] [--open-loop]

PICTURE is any image with a face, by default the astronaut that ships with the package. Times are
CPU time of one thread; each round times, in turns, a frame with a still head, a frame with a moving
head, and the least that any warp of the frame costs (one cubic ``cv2.remap`` of the whole picture),
so that the ratio holds on a loaded machine. ``--scores`` prints the mean probability of the target
emotion, before and after, by fer8 (needs EMOANIM_ACCEPT_LICENCES=AGPL-3.0) and facex, the share of
faces on which it is the top label, the EDD of all stills against all originals, and dlib's distance
to the original; then the EDD without the faces that show the target to the judge already.
``--third`` adds face-api.js' network, whose package's folder ``model`` it names. ``--intensities``
prints that EDD at each of them, and Spearman's correlation of the two.
``--every-face`` cuts every face of at least 95 px out of each picture and brings it to 512 px;
PICTURE#1,3 takes the first and third of them from the left only, ``--every-second`` every second
one of all. ``--list`` names pictures, one a line; they are looked for by name in ``--folder`` and
the folders in it, where the packages that the list names were unpacked.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from emoanim.clips import Image
from emoanim.demo import demo_portrait
from emoanim.emotions import Emotion, EmotionPrompt
from emoanim.engines.rig.expressions.presets import PRESETS
from emoanim.engines.rig.renderer import FaceRenderer
from emoanim.evaluation.identity import FaceRecogniser
from emoanim.faces import FaceFinder
from emoanim.media import read_image
from emoanim.metrics import edd
from emoanim.registry import backend

SPEAKING = {"26": 0.5, "25": 0.4, "43": 0.2, **PRESETS[Emotion.HAPPY]}
MOVING = (2.0, 4.0, 1.0, 0.2, 0.1, 0.3)


def speed(image: Image, finder: FaceFinder, size: int, rounds: int) -> str:
    scale = size / max(image.shape[:2])
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    picture = cv2.resize(image, None, fx=scale, fy=scale, interpolation=how)
    face = finder.largest_face(picture)
    face = finder.with_eyes(picture, finder.with_lips(picture, face))
    points, irises = face.points, face.irises
    started = time.process_time()
    renderer = FaceRenderer(picture, points, irises=irises)
    ready = time.process_time() - started
    height, width = picture.shape[:2]
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    shifted = np.stack([x + 0.3, y + 0.3], -1)
    jobs: list[Callable[[], object]] = [
        lambda: renderer.render(SPEAKING),
        lambda: renderer.render(SPEAKING, MOVING),
        lambda: cv2.remap(picture, shifted, None, cv2.INTER_CUBIC),
    ]
    spent = np.empty((rounds, len(jobs)))
    for k in range(rounds):
        for j, job in enumerate(jobs):
            started = time.process_time()
            job()
            spent[k, j] = time.process_time() - started
    still, moving, least = np.median(spent, 0) * 1e3
    return (
        f"| {width}x{height} | {np.ptp(points[:, 0]):.0f} | {ready * 1e3:.0f} | {still:.1f} "
        f"({1e3 / still:.0f}/s) | {moving:.1f} ({1e3 / moving:.0f}/s) | {least:.1f} | "
        f"{moving / least:.1f} |"
    )


def every_face(picture: Image, finder: FaceFinder, least: float = 95.0) -> list[Image]:
    """Return head and shoulders of every face, from left to right, the longer side 512 pixels."""
    found = []
    for face in sorted(finder.find(picture), key=lambda f: f.centre[0]):
        height = float(np.ptp(face.points[:, 1]))
        if height < least:
            continue
        x, y = face.points[:, :2].mean(0)
        reach = 1.15 * height
        part = picture[
            max(int(y - 1.15 * reach), 0) : int(y + reach),
            max(int(x - reach), 0) : int(x + reach),
        ]
        scale = 512 / max(part.shape[:2])
        how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        found.append(cv2.resize(part, None, fx=scale, fy=scale, interpolation=how))
    return found


def listed(names: Path, folder: Path) -> list[str]:
    """Return the pictures of a list, as they are found in a folder."""
    pictures = []
    for line in names.read_text().splitlines():
        if line and not line.startswith("#"):
            name, mark, which = line.partition("#")
            places = sorted(folder.rglob(name))
            if not places:
                raise SystemExit(f"{name} of {names} is nowhere in {folder}; unpack its package.")
            pictures.append(f"{places[0]}{mark}{which}")
    return pictures


def scores(images: Sequence[Image], finder: FaceFinder, options: argparse.Namespace) -> None:
    judges: dict[str, Any] = {
        name: backend("classifier", name, track=False, finder=finder) for name in options.judges
    }
    if options.third:
        from face_api import FaceApi

        judges["third"] = FaceApi(options.third, finder)
    emoter = backend(
        "face_emoter",
        "rig",
        finder=finder,
        guided=options.guided,
        closed_loop=not options.open_loop,
    )
    recogniser = FaceRecogniser()
    originals = [recogniser.embed(i, finder.largest_face(i)) for i in images]
    before = {name: judge.classify(images) for name, judge in judges.items()}
    print("\n| emotion |" + "".join(f" {name} | on top | EDD |" for name in judges), end="")
    print(" identity, mean (worst), above .5 |\n|---|" + "---|---|---|" * len(judges) + "---|")
    fresh: dict[str, list[str]] = {name: [] for name in judges}
    for emotion in Emotion:
        stills = emoter.emote(images, EmotionPrompt(emotion, options.intensity))
        made = [still.image for still in stills]
        cells = []
        for name, judge in judges.items():
            if str(emotion) not in before[name].labels:
                cells += ["-", "-", "-"]
                fresh[name].append("-")
                continue
            k = before[name].labels.index(emotion)
            one, two = (np.nan_to_num(s.values) for s in (before[name], judge.classify(made)))
            cells.append(f"{one[:, k].mean():.2f} -> {two[:, k].mean():.2f}")
            top = [v.argmax(1) == k for v in (one, two)]
            cells.append(f"{top[0].mean():.2f} -> {top[1].mean():.2f}")
            cells.append(f"{_edd(one[:, k], two[:, k]):.3f}")
            fresh[name].append(f"{_edd(one[~top[0], k], two[~top[0], k]):.3f}")
        apart = np.array(
            [
                np.linalg.norm(recogniser.embed(made_of, finder.largest_face(image)) - original)
                for image, made_of, original in zip(images, made, originals, strict=True)
            ]
        )
        cells.append(f"{apart.mean():.2f} ({apart.max():.2f}), {(apart > 0.5).sum()}")
        print(f"| {emotion} | " + " | ".join(cells) + " |", flush=True)
    print("\n| EDD where it was not on top | " + " | ".join(Emotion) + " |")
    print("|---|" + "---|" * len(Emotion))
    for name, values in fresh.items():
        print(f"| {name} | " + " | ".join(values) + " |")


def _edd(original: NDArray[np.floating], made: NDArray[np.floating]) -> float:
    return float(edd(original, made, kind="scores", window=1).edd)


def monotone(images: Sequence[Image], finder: FaceFinder, intensities: Sequence[float]) -> None:
    from scipy.stats import rankdata

    judge = backend("classifier", "fer8", track=False, finder=finder)
    emoter = backend("face_emoter", "rig", finder=finder)
    original = judge.classify(images)
    print(
        "\n| emotion | EDD at " + ", ".join(map(str, intensities)) + " | Spearman |\n|---|---|---|"
    )
    for emotion in Emotion:
        values = []
        for intensity in intensities:
            stills = emoter.emote(images, EmotionPrompt(emotion, intensity))
            made = judge.classify([still.image for still in stills])
            values.append(_edd(*(np.nan_to_num(each.of(emotion)) for each in (original, made))))
        ranks = [rankdata(v) for v in (intensities, np.round(values, 3))]
        print(
            f"| {emotion} | "
            + ", ".join(f"{v:.3f}" for v in values)
            + f" | {np.corrcoef(*ranks)[0, 1]:.2f} |",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pictures", nargs="*")
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--sizes", type=int, nargs="+", default=[256, 512, 1080])
    parser.add_argument("--scores", action="store_true")
    parser.add_argument("--every-face", action="store_true")
    parser.add_argument("--every-second", action="store_true")
    parser.add_argument("--list", type=Path)
    parser.add_argument("--folder", type=Path, default=Path())
    parser.add_argument("--judges", nargs="*", default=["fer8", "facex"])
    parser.add_argument("--third", type=Path)
    parser.add_argument("--intensity", type=float, default=1.0)
    parser.add_argument("--intensities", type=float, nargs="+")
    parser.add_argument("--guided", default="")
    parser.add_argument("--open-loop", action="store_true")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    finder = FaceFinder()
    if options.list:
        options.pictures += listed(options.list, options.folder)
        options.every_face = True
    images = []
    for picture in options.pictures if options.every_face else ():
        path, _, which = picture.partition("#")
        parts = every_face(read_image(path), finder)
        images += [parts[int(k) - 1] for k in which.split(",")] if which else parts
    if not options.every_face:
        images = [read_image(p) for p in options.pictures] or [demo_portrait()]
    if options.every_second:
        images = images[1::2]
    print(
        "| picture | face, px | once, ms | head still, ms | head moving, ms | remap, ms | ratio |"
    )
    print("|---|---|---|---|---|---|---|")
    for size in options.sizes:
        print(speed(images[0], finder, size, options.rounds), flush=True)
    if options.scores:
        print(f"\n{len(images)} stills")
        scores(images, finder, options)
    if options.intensities:
        monotone(images, finder, options.intensities)


if __name__ == "__main__":
    main()
