"""A picture and what it is to say.

python examples/portrait_and_text.py photo.jpg "Your table is ready." "very happy" hello.mp4
"""

import sys

from emoanim import EDAPipeline


def main(picture: str, text: str, emotion: str, output: str) -> None:
    """Make the person in the picture say the text."""
    pipeline = EDAPipeline.from_preset("local", animator="rig", seed=7)
    result = pipeline.say(picture, text, emotion, output=output)
    print(f"{result.speech.audio.duration:.1f} s of speech in {output}")


if __name__ == "__main__":
    if len(sys.argv) < 5:
        sys.exit(__doc__)
    main(*sys.argv[1:5])
