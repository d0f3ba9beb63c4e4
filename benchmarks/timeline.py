"""What a timeline costs the voice: steps at the joins, and the words that are heard.

python benchmarks/timeline.py CLIP ... [--emotion "neutral@0 happy@2 very sad@4"]
"""

from __future__ import annotations

import argparse

import numpy as np

from emoanim.language.word_errors import word_error_rate
from emoanim.media import read_audio
from emoanim.settings import preset
from emoanim.speech import SpeechToSpeech


def main() -> None:
    """Print a line for each clip and voice."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clips", nargs="+")
    parser.add_argument("--emotion", default="neutral@0 happy@2 very sad@4")
    given = parser.parse_args()
    for clip in given.clips:
        audio = read_audio(clip)
        for name in ("local", "own"):
            chain = SpeechToSpeech.from_settings(preset(name))
            result = chain(audio, given.emotion)
            speech = result.speech
            steps = np.abs(np.diff(speech.audio.samples.astype(np.float64), 2))
            rate = speech.audio.rate
            joins = [
                steps[max(int((p.start - 0.02) * rate), 0) : int((p.start + 0.03) * rate)].max()
                for p in speech.passages[1:]
            ]
            window = int(0.05 * rate)
            peaks = [steps[k : k + window].max() for k in range(0, len(steps) - window, window)]
            heard = chain.transcriber.transcribe(speech.audio)
            errors = word_error_rate(result.text, heard.text, heard.language)
            print(
                clip, name, "joins", [round(float(join), 4) for join in joins],
                "median", round(float(np.median(peaks)), 4), "largest", round(max(peaks), 3),
                "word errors", round(errors, 3), flush=True,
            )  # fmt: skip


if __name__ == "__main__":
    main()
