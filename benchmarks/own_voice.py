"""What the voice ``own`` makes of recordings: likeness, words, acoustics, faults, length, speed.

    python benchmarks/own_voice.py RECORDING ... [--emotions anger happy sad] [--intensity 1.0]
        [--wer] [--opensmile] [--save FOLDER]

Every recording (video or sound, one person speaking) is said in every emotion. Printed are, as
means over the recordings: the acoustics of ``speech_fidelity.py`` as differences to the recording;
similarity of speaker encodings (where Resemblyzer is installed) of the result with its recording,
beside that of the recording's two halves with each other; word errors by Whisper (``--wer``)
against the recording's transcript, beside those of the recording itself 3 dB softer, which is
what hearing the same twice costs; DNSMOS, overall (where speechmos is installed); faults beside
the recording's own; length, and processor seconds per second of recording, reading it included.
"""

from __future__ import annotations

import argparse
import importlib.util
import time
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from acoustic_functionals import ROWS, faults, functionals, opensmile_rows
from numpy.typing import NDArray

from emoanim.adapters.voices.own import OwnVoice
from emoanim.clips import Audio, Recording
from emoanim.emotions import Emotion, EmotionPrompt
from emoanim.errors import NoSpeechError
from emoanim.language.word_errors import word_error_rate
from emoanim.media import read_audio, write_wav
from emoanim.registry import backend
from emoanim.sound.signals import resample

FAULTS = ("clicks", "comb", "clipped")


class Likeness:
    """Cosine of two sounds' speaker encodings; nan without Resemblyzer."""

    def __init__(self) -> None:
        self._encoder: Any = None
        if importlib.util.find_spec("resemblyzer") is not None:
            from resemblyzer import VoiceEncoder

            self._encoder = VoiceEncoder("cpu", verbose=False)

    def __call__(self, one: Audio, other: Audio) -> float:
        if self._encoder is None:
            return float("nan")
        return float(self._encoded(one) @ self._encoded(other))

    def _encoded(self, audio: Audio) -> NDArray[np.float32]:
        samples = resample(audio, 16000).samples
        found = self._encoder.embed_utterance(samples / (np.abs(samples).max() + 1e-9) * 0.7)
        return np.asarray(found, np.float32)


def quality(audio: Audio) -> float:
    """DNSMOS P.835, overall, 1 to 5; nan without speechmos."""
    if importlib.util.find_spec("speechmos") is None:
        return float("nan")
    from speechmos import dnsmos

    samples = np.clip(resample(audio, 16000).samples, -1.0, 1.0)
    return float(dnsmos.run(samples, 16000)["ovrl_mos"])


def mean(rows: Sequence[Mapping[str, float]], name: str) -> float:
    """Return the mean of one column over the rows that have it."""
    found = [row[name] for row in rows if np.isfinite(row.get(name, np.nan))]
    return float(np.mean(found)) if found else float("nan")


def cell(value: float, name: str) -> str:
    """Return a cell: seconds, rates and slopes with three places, others with one."""
    small = name in ("slope", "loudness_sd", "voiced_rate", "voiced_length", "unvoiced_length")
    return f"{value:+.3f}" if small else f"{value:+.1f}"


def line(name: str, rows: Sequence[Mapping[str, float]]) -> str:
    """Return the second table's line of some rows."""
    faulty = " | ".join(f"{mean(rows, fault):.2f}" for fault in FAULTS)
    return (
        f"| {name} | {mean(rows, 'similarity'):.3f} | {100 * mean(rows, 'errors'):.1f} | "
        f"{mean(rows, 'dnsmos'):.2f} | {mean(rows, 'length'):.2f} | {faulty} |"
    )


def main() -> None:
    """Print the tables."""
    warnings.simplefilter("ignore")
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("recordings", type=Path, nargs="+")
    parser.add_argument("--emotions", nargs="*", type=Emotion, default=list(Emotion))
    parser.add_argument("--intensity", type=float, default=1.0)
    parser.add_argument("--wer", action="store_true")
    parser.add_argument("--opensmile", action="store_true", help="measure by openSMILE itself")
    parser.add_argument("--save", type=Path)
    options = parser.parse_args()
    measure = opensmile_rows if options.opensmile else functionals
    ears, voice, alike = backend("transcriber", "whisper"), OwnVoice(), Likeness()
    made: dict[str, list[dict[str, float]]] = {str(e): [] for e in options.emotions}
    recorded: list[dict[str, float]] = []
    spent = spoken = 0.0

    def errors(audio: Audio, text: str) -> float:
        if not options.wer:
            return float("nan")
        try:
            return word_error_rate(text, ears.transcribe(audio).text)
        except NoSpeechError:
            return 1.0

    for path in options.recordings:
        audio = read_audio(path)
        said = ears.transcribe(audio)
        recording = Recording(audio.samples, audio.rate, said)
        middle = len(audio.samples) // 2
        halves = [Audio(p, audio.rate) for p in np.split(audio.samples, [middle])]
        softer = Audio(audio.samples * np.float32(0.7), audio.rate)
        before = measure(audio)
        recorded.append({"similarity": alike(*halves), "errors": errors(softer, said.text)})
        recorded[-1] |= {"length": 1.0, "dnsmos": quality(audio), **faults(audio)}
        for emotion in options.emotions:
            start = time.process_time()
            speech = voice.speak(said.text, EmotionPrompt(emotion, options.intensity), recording)
            spent += time.process_time() - start
            spoken += audio.duration
            after = measure(speech.audio)
            row = {name: after[name] - before[name] for name in ROWS} | faults(speech.audio)
            row["similarity"] = alike(speech.audio, audio)
            row["errors"] = errors(speech.audio, said.text)
            row["dnsmos"] = quality(speech.audio)
            row["length"] = speech.audio.duration / audio.duration
            made[str(emotion)].append(row)
            print(
                f"# {path.stem} {emotion}: similarity {row['similarity']:.2f} "
                f"(halves {recorded[-1]['similarity']:.2f}), errors {row['errors']:.3f}",
                flush=True,
            )
            if options.save:
                options.save.mkdir(parents=True, exist_ok=True)
                write_wav(options.save / f"{path.stem}_{emotion}.wav", speech.audio)
    print(
        f"| | {' | '.join(head for head, _ in ROWS.values())} |\n" + "|---" * (len(ROWS) + 1) + "|"
    )
    for name, rows in made.items():
        print(f"| {name} | {' | '.join(cell(mean(rows, row), row) for row in ROWS)} |")
    print(
        f"\n| | similarity | word errors % | DNSMOS | length | {' | '.join(FAULTS)} |\n"
        + "|---" * 8
        + "|"
    )
    print(line("recorded (halves)", recorded))
    for name, rows in made.items():
        print(line(name, rows))
    lengths = [row["length"] for rows in made.values() for row in rows]
    print(f"\nlength within 15 %: {100 * np.mean(np.abs(np.array(lengths) - 1) < 0.155):.0f} %")
    print(f"{spent / spoken:.3f} processor seconds per second of recording")


if __name__ == "__main__":
    main()
