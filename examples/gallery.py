"""The gallery: the packaged portrait in all emotions and strengths, a film before and after.

python examples/gallery.py gallery/ [talk.mp4]
"""

import sys
from pathlib import Path

import numpy as np

from emoanim import TARGETS, Audio, EmotionPrompt, Portrait, Speech, backend
from emoanim.demo import contact_sheet, demo_portrait
from emoanim.media import Video, write_image, write_video

STRENGTHS = (0.25, 0.5, 0.75, 1.0)
HEAD = (slice(70, 410), slice(85, 425))


def main(folder: str, video: str = "", text: str = "The train is here, and we all can go.") -> None:
    """Write emotions.png, film.png, the films, and index.html that shows them."""
    out, portrait, calm = Path(folder), demo_portrait(), EmotionPrompt.parse("neutral")
    out.mkdir(parents=True, exist_ok=True)
    emoter, film = backend("face_emoter", "rig"), backend("animator", "film")
    stills = [
        [emoter.emote([portrait], EmotionPrompt(e, s))[0].image[HEAD] for s in STRENGTHS]
        for e in TARGETS
    ]
    write_image(out / "emotions.png", contact_sheet(stills, 170))
    if not video:  # the portrait learns to speak first
        said = backend("voice", "hibari").speak(text, calm, Audio(np.zeros(0, np.float32), 16000))
        moving = backend("animator", "rig").animate(emoter.emote([portrait], calm)[0], said, calm)
        video = str(write_video(out / "before.mp4", moving, said.audio))
    clip = Video(video)
    sound, times = clip.audio(), (np.linspace(0.2, 0.9, 6) * clip.duration).tolist()
    same = Speech(sound, "", time_map=((0.0, 0.0), (sound.duration, sound.duration)))
    rows = [[frame.image for frame in clip.frames_at(times)]]
    still = Portrait(rows[0][0], rows[0][0])
    for emotion in TARGETS:
        frames = film.animate(still, same, EmotionPrompt(emotion, 1.0), clip)
        path = write_video(out / f"{emotion}.mp4", frames, sound)
        rows.append([frame.image for frame in Video(path).frames_at(times)])
    write_image(out / "film.png", contact_sheet(rows, 160))
    films = "".join(f"<h2>{e}</h2><video controls src='{e}.mp4'></video>" for e in TARGETS)
    (out / "index.html").write_text(f"<img src='emotions.png'><img src='film.png'>{films}", "utf-8")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(*sys.argv[1:3])
