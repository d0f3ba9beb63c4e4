"""Speech to emotional speech, without a face: a video or a sound in, a wav out.

python examples/speech_only.py talk.wav "slightly sad" sad.wav
"""

import sys

from emoanim import SpeechToSpeech, backend
from emoanim.media import read_audio, write_wav


def main(sound: str, emotion: str, output: str) -> None:
    """Say it again in the emotion."""
    chain = SpeechToSpeech(
        transcriber=backend("transcriber", "whisper"),
        text_emoter=backend("text_emoter", "lexicon", seed=7),
        voice=backend("voice", "hibari", seed=7),
    )
    result = chain(read_audio(sound), emotion)
    write_wav(output, result.speech.audio)
    print(result.transcript.text, "->", result.text)


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    main(*sys.argv[1:4])
