"""The paper's parts: what they are, what is missing here, and what a clip would cost.

python examples/paper_preset.py 20     # words in the clip; nothing is called
"""

import sys

from emoanim.doctor import lacking
from emoanim.services.prices import PRICES
from emoanim.settings import PRESETS

PROMPT = 600  # tokens of the instruction that goes with every text, as a round number


def main(words: int) -> None:
    """Print settings, commands that mend what is missing, and an estimate by list prices."""
    settings = PRESETS["paper"]
    for role in ("transcriber", "text_emoter", "voice", "face_emoter", "animator"):
        print(f"{role}: {getattr(settings, role).name}")
    for checkup in lacking(settings):
        print(f"missing: {checkup.name}: {checkup.fix}")
    gpt4, voice = PRICES["gpt-4"], PRICES["eleven_multilingual_v2"]
    rewriting = ((PROMPT + 2 * words) * gpt4.tokens_in + 2 * words * gpt4.tokens_out) / 1e6
    speaking = 6 * words / 1000 * voice.characters
    print(f"about ${rewriting:.3f} to rewrite and ${speaking:.3f} to speak {words} words")
    print("stop before a call that could cost more: emoanim animate --preset paper --budget 0.10")


if __name__ == "__main__":
    main(int(sys.argv[1]))
