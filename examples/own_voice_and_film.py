"""The person's own words, voice and film, said in an emotion.

python examples/own_voice_and_film.py talk.mp4 "very sad" sad.mp4
"""

import sys

from emoanim import EDAPipeline


def main(video: str, emotion: str, output: str) -> None:
    """Keep what was said; change how it is said."""
    result = EDAPipeline.from_preset("own", seed=7)(video, emotion, output=output)
    print(result.text)
    for note in result.notes:
        print("note:", note)


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    main(*sys.argv[1:4])
