"""EDD of your own model's scores: two tables of probabilities and numpy, nothing else.

python examples/edd_with_numpy.py before.csv after.csv happy
"""

import sys

from emoanim import EmotionScores
from emoanim.metrics import edd


def main(before: str, after: str, emotion: str) -> None:
    """Each table: a first row of names such as seconds,happy,sad, then a row per frame."""
    scores = EmotionScores.from_csv(before), EmotionScores.from_csv(after)
    result = edd(*scores, emotion, ci="block")
    ends = f"[{result.interval.low:.3f}, {result.interval.high:.3f}]" if result.interval else ""
    print(f"EDD of {emotion}: {float(result):.3f} {ends} (0 ranks fully separated, 0.5 no change)")


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    main(*sys.argv[1:4])
