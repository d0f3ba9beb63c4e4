"""What the voice ``own`` makes of recordings: likeness, words, acoustics, faults, length, speed.

    python benchmarks/own_voice.py RECORDING ... [--emotions anger happy sad] [--intensity 1.0]
        [--wer] [--shifts 10 20 30] [--opensmile] [--rows FOLDER] [--save FOLDER]

Every recording (video or sound, one person speaking) is said in every emotion. Printed are, as
means over the recordings: the acoustics of ``speech_fidelity.py`` as differences to the recording;
how single results are heard, by the nearest means of two corpora (``speech_fidelity.py``);
similarity of speaker encodings (where Resemblyzer is installed) of the result with its recording,
beside that of the recording's two halves with each other, and in how many recordings it is not
more than .05 under it; word errors by Whisper (``--wer``) against the words in ``talk.txt`` beside
``talk.wav``, or else its transcript, beside those of the recording itself; DNSMOS, overall (where
speechmos is installed); faults beside the recording's own; length, and processor seconds per
second of recording, reading it included.

What Whisper hears is chance in part: with ``--shifts`` it hears every sound, the recording too,
again with so many milliseconds of silence before it, and the words lost are the mean.

``--rows`` keeps what was measured of each recording in a folder, and takes from there what it
holds already: a long run can be made in parts, with the recordings of all parts named in the last.
After a change of the code take another folder.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
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


def shifted(audio: Audio, milliseconds: int) -> Audio:
    """Return a sound as 16-bit files hold it, with silence before it."""
    silence = np.zeros(round(milliseconds * audio.rate / 1000), np.float32)
    whole = np.round(np.clip(audio.samples, -1.0, 1.0) * 32767.0) / 32767.0
    return Audio(np.concatenate([silence, whole.astype(np.float32)]), audio.rate)


def mean(rows: Sequence[Mapping[str, float]], name: str) -> float:
    """Return the mean of one column over the rows that have it."""
    found = [row[name] for row in rows if np.isfinite(row.get(name, np.nan))]
    return float(np.mean(found)) if found else float("nan")


def cell(value: float, name: str) -> str:
    """Return a cell: seconds, rates and slopes with three places, others with one."""
    small = name in ("slope", "loudness_sd", "voiced_rate", "voiced_length", "unvoiced_length")
    return f"{value:+.3f}" if small else f"{value:+.1f}"


def near(rows: Sequence[Mapping[str, float]]) -> str:
    """Return in how many rows the similarity is at most .05 under that of the halves."""
    good = [row["similarity"] >= row["halves"] - 0.05 for row in rows]
    return f"{sum(good)} of {len(good)}"


def line(name: str, rows: Sequence[Mapping[str, float]]) -> str:
    """Return the second table's line of some rows."""
    faulty = " | ".join(f"{mean(rows, fault):.2f}" for fault in FAULTS)
    return (
        f"| {name} | {mean(rows, 'similarity'):.3f} | {near(rows)} | "
        f"{mean(rows, 'dnsmos'):.2f} | {mean(rows, 'length'):.2f} | {faulty} |"
    )


class Measuring:
    """Measures recordings and what the voice makes of them."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.acoustics = opensmile_rows if options.opensmile else functionals
        self.ears = backend("transcriber", "whisper")
        self.voice = OwnVoice()
        self.alike = Likeness()

    def kept(self, path: Path) -> dict[str, Any]:
        """Return what a recording gave, from the folder of rows where it is there."""
        folder: Path | None = self.options.rows
        if folder is None:
            return self.of(path)
        stored = folder / f"{path.stem}.json"
        if not stored.is_file():
            folder.mkdir(parents=True, exist_ok=True)
            stored.write_text(json.dumps(self.of(path)), "utf-8")
        return dict(json.loads(stored.read_text("utf-8")))

    def of(self, path: Path) -> dict[str, Any]:
        """Measure one recording: a row of it, and a row and how it is heard of every emotion."""
        audio = read_audio(path)
        said = self.ears.transcribe(audio)
        recording = Recording(audio.samples, audio.rate, said)
        halves = [Audio(p, audio.rate) for p in np.array_split(audio.samples, 2)]
        beside = path.with_suffix(".txt")
        text = beside.read_text("utf-8").strip() if beside.is_file() else said.text
        between = self.alike(*halves)
        before = self.acoustics(audio)
        own = {"similarity": between, "halves": between, "length": 1.0, **self._faults(audio, text)}
        rows, heard_as, spent = {"recorded": own}, {}, 0.0
        for emotion in self.options.emotions:
            start = time.process_time()
            prompt = EmotionPrompt(emotion, self.options.intensity)
            speech = self.voice.speak(said.text, prompt, recording).audio
            spent += time.process_time() - start
            after = self.acoustics(speech)
            row = {name: after[name] - before[name] for name in ROWS}
            heard_as[str(emotion)] = {corpus: heard(row, corpus) for corpus in ACTED}
            row |= self._faults(speech, text)
            row |= {"similarity": self.alike(speech, audio), "halves": between}
            row["length"] = speech.duration / audio.duration
            rows[str(emotion)] = row
            print(
                f"# {path.stem} {emotion}: similarity {row['similarity']:.2f} "
                f"(halves {between:.2f}), words lost {row['lost']:.1f}, {row['heard']}",
                flush=True,
            )
            if self.options.save:
                self.options.save.mkdir(parents=True, exist_ok=True)
                write_wav(self.options.save / f"{path.stem}_{emotion}.wav", speech)
        return {
            "rows": rows, "heard": heard_as, "spent": spent,
            "spoken": audio.duration * len(self.options.emotions), "words": len(text.split()),
        }  # fmt: skip

    def _faults(self, audio: Audio, text: str) -> dict[str, Any]:
        lost = [self._lost(shifted(audio, by), text) for by in (0, *self.options.shifts)]
        counts = " / ".join(f"{count:.0f}" for count in lost)
        return {"lost": float(np.mean(lost)), "heard": counts, "dnsmos": quality(audio)} | dict(
            faults(audio)
        )

    def _lost(self, audio: Audio, text: str) -> float:
        if not self.options.wer:
            return float("nan")
        count = len(text.split())
        try:
            return count * word_error_rate(text, self.ears.transcribe(audio).text)
        except NoSpeechError:
            return float(count)


def main() -> None:
    """Print the tables."""
    warnings.simplefilter("ignore")
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("recordings", type=Path, nargs="+")
    parser.add_argument("--emotions", nargs="*", type=Emotion, default=list(Emotion))
    parser.add_argument("--intensity", type=float, default=1.0)
    parser.add_argument("--wer", action="store_true")
    parser.add_argument("--shifts", nargs="*", type=int, default=[], help="ms of silence, each")
    parser.add_argument("--opensmile", action="store_true", help="measure by openSMILE itself")
    parser.add_argument("--rows", type=Path, help="folder that keeps what was measured")
    parser.add_argument("--save", type=Path)
    options = parser.parse_args()
    measuring = Measuring(options)
    measured = [measuring.kept(path) for path in options.recordings]
    names = ["recorded", *(str(emotion) for emotion in options.emotions)]
    rows = {name: [each["rows"][name] for each in measured] for name in names}
    print(
        f"| | {' | '.join(head for head, _ in ROWS.values())} |\n" + "|---" * (len(ROWS) + 1) + "|"
    )
    for name in names[1:]:
        print(f"| {name} | {' | '.join(cell(mean(rows[name], row), row) for row in ROWS)} |")
    print(
        f"\n| | similarity | not .05 under halves | DNSMOS | length | {' | '.join(FAULTS)} |\n"
        + "|---" * 8
        + "|"
    )
    for name in names:
        print(line(name, rows[name]))
    words = sum(each["words"] for each in measured)
    print(f"\n| heard right | {' | '.join(ACTED)} | words lost of {words} |\n|---|---|---|---|")
    for name in names:
        lost = sum(row["lost"] for row in rows[name])
        right = [
            f"{sum(each['heard'][name][corpus] == name for each in measured)} of {len(measured)}"
            if name in measured[0]["heard"] else ""
            for corpus in ACTED
        ]  # fmt: skip
        print(f"| {name} | {' | '.join(right)} | {lost:.1f}, {100 * lost / words:.1f} % |")
    lengths = np.array([row["length"] for name in names[1:] for row in rows[name]])
    print(f"\nlength within 15 %: {100 * np.mean(np.abs(lengths - 1.0) < 0.155):.0f} %")
    spent, spoken = (sum(each[k] for each in measured) for k in ("spent", "spoken"))
    print(f"{spent / spoken:.3f} processor seconds per second of recording")


if __name__ == "__main__":
    main()
