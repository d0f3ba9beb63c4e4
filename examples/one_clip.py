"""One clip in, the same person in another emotion out.

python examples/one_clip.py talk.mp4 "very very happy" happy.mp4
"""

import sys

from emoanim import EDAPipeline


def main(video: str, emotion: str, output: str) -> None:
    """Animate one clip and say what came of it."""
    pipeline = EDAPipeline.from_preset("local", seed=7)
    result = pipeline(video, emotion, output=output)
    print("said:", result.transcript.text)
    print("now: ", result.text)
    print("took:", {name: round(seconds, 1) for name, seconds in result.timings.items()})


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    main(*sys.argv[1:4])
