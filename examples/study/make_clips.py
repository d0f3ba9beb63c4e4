"""Make the three clips of the example study: python examples/study/make_clips.py CLIPS.

Two portraits in the public domain (NASA's of Eileen Collins, the US Navy's of Grace Hopper, which
matplotlib ships) and a third person who does not exist: the mean of both faces. Each is calmed,
then says a sentence of its own with the offline voice. Nobody said any of this.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import cv2
import matplotlib
import numpy as np
from numpy.typing import NDArray

import emoanim
from emoanim import provenance
from emoanim.clips import Audio
from emoanim.demo import demo_portrait
from emoanim.faces import FaceFinder
from emoanim.media import read_image, write_video

SIDE = 320
NEUTRAL = emoanim.EmotionPrompt.parse("neutral")
TEXTS = {
    "collins": "The report is finished and we leave on Monday.",
    "hopper": "They moved the meeting to the small room.",
    "nobody": "I saw the letter on the table this morning.",
}


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    finder = FaceFinder()
    navy = Path(matplotlib.get_data_path()) / "sample_data" / "grace_hopper.jpg"
    portraits = {
        "collins": framed(demo_portrait(), finder),
        "hopper": framed(read_image(navy), finder),
    }
    portraits["nobody"] = mean_person(portraits["collins"], portraits["hopper"], finder)
    parts = {
        role: emoanim.backend(role, name)
        for role, name in (("voice", "hibari"), ("face_emoter", "rig"), ("animator", "rig"))
    }
    silence = Audio(np.zeros(0, np.float32), 16000)
    for name, portrait in portraits.items():
        speech = parts["voice"].speak(TEXTS[name], NEUTRAL, silence)
        calm = parts["face_emoter"].emote([portrait], NEUTRAL)[0]
        moving = parts["animator"].animate(calm, speech, NEUTRAL)
        tags = provenance.tags("neutral", portrait=name)
        write_video(folder / f"{name}.mp4", moving, speech.audio, tags=tags)
        print(folder / f"{name}.mp4")


def framed(image: NDArray[np.uint8], finder: FaceFinder) -> NDArray[np.uint8]:
    """Cut a square around the face, 320 pixels wide, the face about half of it."""
    left, top, right, bottom = finder.largest_face(image).box
    half = 1.05 * max(right - left, bottom - top)
    x, y = (left + right) / 2, (top + bottom) / 2
    scale = SIDE / (2 * half)
    matrix = np.array([[scale, 0, SIDE / 2 - scale * x], [0, scale, SIDE / 2 - scale * y]])
    flags = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    cut = cv2.warpAffine(image, matrix, (SIDE, SIDE), flags=flags, borderMode=cv2.BORDER_REFLECT)
    return np.asarray(cut, np.uint8)


def mean_person(
    first: NDArray[np.uint8], second: NDArray[np.uint8], finder: FaceFinder
) -> NDArray[np.uint8]:
    """Bring both faces to their mean shape and mix them, within the first one's hair."""
    edge = np.array([(x, y) for x in (0, 159, 319) for y in (0, 159, 319) if (x, y) != (159, 159)])
    meshes = [
        np.concatenate([finder.largest_face(image).points[:, :2], edge])
        for image in (first, second)
    ]
    mean = np.mean(meshes, axis=0)
    own, other = (warp(i, m, mean) for i, m in zip((first, second), meshes, strict=True))
    hull = cv2.convexHull(np.int32(mean[:468].round()))
    inside = cv2.fillConvexPoly(np.zeros((SIDE, SIDE), np.uint8), hull, 1) > 0
    other += own[inside].mean(axis=0) - other[inside].mean(axis=0)
    inner = cv2.erode(inside.astype(np.float32), np.ones((17, 17), np.uint8))
    share = 0.5 * cv2.GaussianBlur(inner, (0, 0), 5)[..., None]
    return np.asarray(np.clip(own * (1 - share) + other * share, 0, 255).round(), np.uint8)


def warp(image: NDArray[np.uint8], points: NDArray[Any], goal: NDArray[Any]) -> NDArray[np.float32]:
    """Move points to their goals, triangle by triangle."""
    plane = cv2.Subdiv2D((-1, -1, SIDE + 2, SIDE + 2))
    places = {}
    for number, point in enumerate(goal):
        places[tuple(np.float32(point).tolist())] = number
        plane.insert(tuple(map(float, point)))
    made = image.astype(np.float32)
    for corners in plane.getTriangleList().reshape(-1, 3, 2):
        numbers = [places.get(tuple(c.tolist())) for c in corners]
        if None in numbers:
            continue
        start, end = np.float32(points[numbers]), np.float32(goal[numbers])
        matrix = cv2.getAffineTransform(start, end)
        moved = cv2.warpAffine(
            image, matrix, (SIDE, SIDE), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT
        )
        mask = cv2.fillConvexPoly(np.zeros((SIDE, SIDE), np.uint8), np.int32(end.round()), 1)
        made[mask > 0] = moved[mask > 0]
    return made


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "clips"))
