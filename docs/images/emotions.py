"""Draw ``emotions.png``, the README's picture: the packaged portrait and its emotional stills.

python docs/images/emotions.py
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from emoanim import TARGETS, EmotionPrompt, backend
from emoanim.clips import Image
from emoanim.demo import contact_sheet, demo_portrait
from emoanim.media import write_image

HEAD = (slice(70, 410), slice(85, 425))
WIDTH = 340
COLUMNS = 4
ORDER = ("neutral", "anger", "contempt", "disgust", "fear", "happy", "sad")


def cut(image: Image) -> Image:
    """The head alone."""
    return np.ascontiguousarray(image[HEAD])


def main() -> None:
    """Write the picture beside this script."""
    assert sorted(ORDER) == sorted(TARGETS)
    portrait = demo_portrait()
    emoter = backend("face_emoter", "rig")
    stills = [cut(portrait)]
    for emotion in ORDER:
        stills.append(
            cut(emoter.emote([portrait], EmotionPrompt.parse(f"very {emotion}"))[0].image)
        )
    rows = [stills[:COLUMNS], stills[COLUMNS:]]
    write_image(Path(__file__).parent / "emotions.png", contact_sheet(rows, WIDTH))


if __name__ == "__main__":
    main()
