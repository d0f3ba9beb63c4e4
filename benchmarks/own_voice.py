"""What the voice ``own`` makes of recordings: likeness, words, acoustics, faults, length, speed.

    python benchmarks/own_voice.py RECORDING ... [--emotions anger happy sad] [--intensity 1.0]
        [--wer] [--opensmile] [--save FOLDER]

Every recording (video or sound, one person speaking) is said in every emotion. Printed are, as
means over the recordings: the acoustics of ``speech_fidelity.py`` as differences to the recording;
how single results are heard, by the nearest means of two corpora (``speech_fidelity.py``);
similarity of speaker encodings (where Resemblyzer is installed) of the result with its recording,
beside that of the recording's two halves with each other; word errors by Whisper (``--wer``)
against the words in ``talk.txt`` beside ``talk.wav``, or else its transcript, beside those of the
recording itself, as it is, 3 dB softer and played 3 % slower and faster: what hearing the same
again costs; DNSMOS, overall (where speechmos is installed); faults beside the recording's own;
length, and processor seconds per second of recording, reading it included.
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
from speech_fidelity import ACTED, heard

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


def harmless(audio: Audio) -> list[Audio]:
    """Return a recording as it is, 3 dB softer and played 3 % slower and faster."""
    out = [audio, Audio(audio.samples * np.float32(0.7), audio.rate)]
    count = len(audio.samples)
    for speed in (0.97, 1.03):
        at = np.arange(int(count / speed)) * speed
        samples = np.interp(at, np.arange(count), audio.samples).astype(np.float32)
        out.append(Audio(samples, audio.rate))
    return out


def mean(rows: Sequence[Mapping[str, float]], name: str) -> float:
    """Return the mean of one column over the rows that have it."""
    found = [row[name] for row in rows if np.isfinite(row.get(name, np.nan))]
    return float(np.mean(found)) if found else float("nan")


def cell(value: float, name: str) -> str:
    """Return a cell: seconds, rates and slopes with three places, others with one."""
    small = name in ("slope", "loudness_sd", "voiced_rate", "voiced_length", "unvoiced_length")
    return f"{value:+.3f}" if small else f"{value:+.1f}"


def share(count: Sequence[float]) -> str:
    """Return "12 of 434, 2.8 %"."""
    return f"{count[0]:.0f} of {count[1]:.0f}, {100 * count[0] / max(count[1], 1.0):.1f} %"


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
    classes: dict[str, dict[str, list[str]]] = {name: {c: [] for c in ACTED} for name in made}
    lost: dict[str, list[float]] = {name: [0.0, 0.0] for name in ("recorded", *made)}
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
        beside = path.with_suffix(".txt")
        text = beside.read_text("utf-8").strip() if beside.is_file() else said.text
        words = len(text.split())
        before = measure(audio)
        own = float(np.mean([errors(again, text) for again in harmless(audio)]))
        recorded.append({"similarity": alike(*halves), "errors": own})
        lost["recorded"] = [lost["recorded"][0] + own * words, lost["recorded"][1] + words]
        recorded[-1] |= {"length": 1.0, "dnsmos": quality(audio), **faults(audio)}
        for emotion in options.emotions:
            start = time.process_time()
            speech = voice.speak(said.text, EmotionPrompt(emotion, options.intensity), recording)
            spent += time.process_time() - start
            spoken += audio.duration
            after = measure(speech.audio)
            row = {name: after[name] - before[name] for name in ROWS}
            for corpus, names in classes[str(emotion)].items():
                names.append(heard(row, corpus))
            row |= faults(speech.audio)
            row["similarity"] = alike(speech.audio, audio)
            row["errors"] = errors(speech.audio, text)
            count = lost[str(emotion)]
            lost[str(emotion)] = [count[0] + row["errors"] * words, count[1] + words]
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
    print(f"\n| heard right | {' | '.join(ACTED)} | words lost |\n|---|---|---|---|")
    for name, heard_as in classes.items():
        right = (f"{names.count(name)} of {len(names)}" for names in heard_as.values())
        print(f"| {name} | {' | '.join(right)} | {share(lost[name])} |")
    print(f"| recorded | | | {share(lost['recorded'])} |")
    lengths = [row["length"] for rows in made.values() for row in rows]
    print(f"\nlength within 15 %: {100 * np.mean(np.abs(np.array(lengths) - 1) < 0.155):.0f} %")
    print(f"{spent / spoken:.3f} processor seconds per second of recording")


if __name__ == "__main__":
    main()
