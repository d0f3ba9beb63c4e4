"""One film in every emotion, its words and its sound unchanged, and a sheet of before and after.

python examples/film_gallery.py talk.mp4 gallery/
"""

import sys
from pathlib import Path

import numpy as np

from emoanim import EmotionPrompt, Portrait, Speech, backend
from emoanim.emotions import TARGETS
from emoanim.media import Video, write_image, write_video


def main(video: str, folder: str, columns: int = 6) -> None:
    """Write a film for each emotion and sheet.png: a row for each, the original first."""
    clip, out = Video(video), Path(folder)
    out.mkdir(parents=True, exist_ok=True)
    sound = clip.audio()
    end = sound.duration
    unchanged = Speech(sound, "", time_map=((0.0, 0.0), (end, end)))
    animator = backend("animator", "film")
    times = np.linspace(0.2, 0.9, columns) * min(end, clip.duration)
    originals = [frame.image for frame in clip.frames_at(times.tolist())]
    still = Portrait(originals[0], originals[0])
    rows = [np.hstack(originals)]
    for emotion in TARGETS:
        film = animator.animate(still, unchanged, EmotionPrompt(emotion, 1.0), clip)
        path = write_video(out / f"{emotion}.mp4", film, sound)
        rows.append(np.hstack([f.image for f in Video(path).frames_at(times.tolist())]))
        print(path)
    write_image(out / "sheet.png", np.vstack(rows))


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2])
