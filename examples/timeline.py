"""Emotions that change within a clip: by the clock, or one for each sentence.

python examples/timeline.py talk.mp4 "neutral@0 happy@2.5 very sad@6" story.mp4
python examples/timeline.py talk.mp4 "sentence: neutral, happy and surprised" story.mp4
"""

import sys

from emoanim import EDAPipeline


def main(video: str, emotions: str, output: str) -> None:
    """Animate one clip and say when each emotion holds in the result."""
    pipeline = EDAPipeline.from_preset("local", seed=7)
    result = pipeline(video, emotions, output=output)
    for start, prompt in result.speech.passages:
        print(f"from {start:.2f} s on: {prompt.text}")
    print("now:", result.text)
    for note in result.notes:
        print("note:", note)


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    main(*sys.argv[1:4])
