"""Your own backend: any object with the verb of its role. This one rewrites by a fixed rule.

python examples/custom_backend.py talk.mp4 angry angry.mp4
"""

import sys

from emoanim import EDAPipeline, EmotionPrompt, Transcript
from emoanim.testing import check_text_emoter


class Blunt:
    """A text emoter that names the feeling and then says what was said."""

    licence = "Apache-2.0"

    def rewrite(self, transcript: Transcript, prompt: EmotionPrompt) -> str:
        """Return the words after a sentence about the feeling."""
        strength = "very " if prompt.intensity > 0.7 else ""
        return f"This makes me feel {strength}{prompt.emotion}. {transcript.text}"


def main(video: str, emotion: str, output: str) -> None:
    """Check the backend against its role's contract, then run the pipeline with it."""
    check_text_emoter(Blunt())
    result = EDAPipeline(text_emoter=Blunt(), seed=7)(video, emotion, output=output)
    print(result.text)


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    main(*sys.argv[1:4])
