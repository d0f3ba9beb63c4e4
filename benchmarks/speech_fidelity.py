"""How far a voice comes towards acted emotion: rows, classes, words, likeness, length, faults.

    python benchmarks/speech_fidelity.py [--voice hibari] [--reference CLIP ...] [--opensmile]
        [--intensity 1.0] [--texts 2] [--no-words] [--likeness] [--save FOLDER] [--pictures FOLDER]

Every text is spoken in every emotion for every reference; each is measured against the neutral
reading of the same text for the same speaker. ``ACTED`` holds what the same functionals are in
two corpora of acted speech, relative to the same speakers' neutral speech
(docs/measured/speech.md): one of 10 speakers with anger, happiness and sadness, one of
24 actors with fear and disgust too.

"Heard" is the nearest of a corpus's emotions (neutral among them) by normal distributions with the
corpus's means and the spreads in ``SPREADS``: no trained classifier, since none can be had without
the recordings, and no listener. It tells whether each utterance, and not only their mean, lies
where acted speech of its emotion lies and nearer to no other. "Apart" is how far the mean lies
from neutral in those spreads, for what is in no corpus (contempt, surprise).

``--likeness`` needs Resemblyzer (Apache-2.0): similarity to the own reference against the highest
to any other. ``--voice own`` says the references' own words again.
"""

from __future__ import annotations

import argparse
import math
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from acoustic_functionals import ROWS, faults, functionals, opensmile_rows

from emoanim.clips import Audio, Recording, Speech
from emoanim.emotions import Emotion, EmotionPrompt
from emoanim.errors import NoSpeechError
from emoanim.language.word_errors import word_error_rate
from emoanim.media import read_audio, write_wav
from emoanim.registry import backend
from emoanim.sound.loudness import loudness
from emoanim.sound.signals import resample

ACTED: Mapping[str, Mapping[str, Mapping[str, float]]] = {
    "10 speakers": {
        "anger": {"f0": 9.2, "range": 1.0, "loudness_sd": 0.17, "voiced_rate": -0.13,
                  "voiced_length": 0.03, "alpha": 10.4, "hammarberg": -9.5, "f1": 224.0,
                  "slope": 0.046},
        "happy": {"f0": 8.4, "range": 2.0, "loudness_sd": 0.14, "voiced_rate": -0.15,
                  "voiced_length": 0.03, "alpha": 6.6, "hammarberg": -6.0, "f1": 159.0,
                  "slope": 0.033},
        "sad": {"f0": -2.4, "range": -1.7, "loudness_sd": 0.04, "voiced_rate": -0.95,
                "voiced_length": -0.03, "alpha": -3.9, "hammarberg": 4.7, "f1": 97.0,
                "slope": -0.039},
    },
    "24 actors": {
        "anger": {"f0": 11.1, "range": 1.0, "alpha": 8.7, "hammarberg": -8.8, "level": 23.0,
                  "slope": 0.0, "f1": 266.0, "f2": 249.0, "voiced_rate": 0.06,
                  "voiced_length": 0.01, "unvoiced_length": -0.01, "hnr": -0.3},
        "happy": {"f0": 9.0, "range": 1.1, "alpha": 5.4, "hammarberg": -5.4, "level": 15.0,
                  "slope": 0.007, "f1": 179.0, "f2": 155.0, "voiced_rate": -0.34,
                  "voiced_length": 0.07, "unvoiced_length": -0.01, "hnr": 0.8},
        "sad": {"f0": 5.3, "range": -0.3, "alpha": 1.5, "hammarberg": -1.8, "level": 5.0,
                "slope": 0.011, "f1": 141.0, "f2": 132.0, "voiced_rate": -0.41,
                "voiced_length": -0.01, "unvoiced_length": 0.06, "hnr": 0.6},
        "fear": {"f0": 12.0, "range": -0.5, "alpha": 6.2, "hammarberg": -6.1, "level": 18.0,
                 "slope": 0.007, "f1": 265.0, "f2": 217.0, "voiced_rate": -0.35,
                 "voiced_length": 0.06, "unvoiced_length": 0.02, "hnr": 1.1},
        "disgust": {"f0": 3.8, "range": 1.6, "alpha": 2.0, "hammarberg": -2.6, "level": 7.0,
                    "slope": 0.004, "f1": 114.0, "f2": 122.0, "voiced_rate": -0.46,
                    "voiced_length": 0.0, "unvoiced_length": 0.06, "hnr": -0.2},
    },
}  # fmt: skip

SPREADS = {
    "f0": 3.0, "range": 2.6, "loudness_sd": 0.12, "voiced_rate": 0.7, "voiced_length": 0.04,
    "unvoiced_length": 0.03, "alpha": 3.2, "hammarberg": 3.5, "f1": 70.0, "f2": 90.0,
    "slope": 0.025, "hnr": 1.5,
}  # fmt: skip
"""Standard deviation within an emotion: measured for F0, range and alpha ratio (means over the
emotions), of the usual size for the others. Level is left out: no player keeps it."""

TEXTS = (
    "The train to the city leaves early, and we will wait for you in front of the station.",
    "My brother painted the kitchen last week. He says that it was a mistake.",
    "You can put the boxes over there, because nobody needs this room before Thursday.",
    "It rained for many days, so the football match was moved to the end of the month.",
)
SILENT = Audio(np.zeros(0, np.float32), 16000)
NEUTRAL = "neutral"


@dataclass
class Tally:
    """What was found for one emotion."""

    changes: list[dict[str, float]]
    heard: dict[str, list[str]]
    words: list[float]
    lengths: list[float]
    faults: list[dict[str, float]]
    margins: list[tuple[str, float, float]]
    levels: list[tuple[float, float]]


def heard(change: Mapping[str, float], corpus: str) -> str:
    """Return the emotion of a corpus that lies nearest; level is not asked."""
    known: dict[str, Mapping[str, float]] = {NEUTRAL: {}, **ACTED[corpus]}
    keys = [k for k in SPREADS if all(k in rows for e, rows in known.items() if e != NEUTRAL)]

    def away(rows: Mapping[str, float]) -> float:
        return sum(((change[k] - rows.get(k, 0.0)) / SPREADS[k]) ** 2 for k in keys)

    return min(known, key=lambda e: away(known[e]))


def apart(changes: Sequence[Mapping[str, float]]) -> float:
    """Return how far mean changes lie from neutral: root mean square in the spreads."""
    means = {k: np.nanmean([c[k] for c in changes]) for k in SPREADS}
    return float(np.sqrt(np.mean([(means[k] / SPREADS[k]) ** 2 for k in SPREADS])))


def references(paths: Sequence[Path]) -> dict[str, Audio]:
    """Return the speakers by name; two are made by the voice itself where none is given."""
    if paths:
        return {p.stem: read_audio(p, None) for p in paths}
    plain = EmotionPrompt(Emotion.NEUTRAL, 0.0)
    made = {"105 Hz": (105.0, 0.84), "205 Hz": (205.0, 1.0)}
    return {
        name: backend("voice", "hibari", seed=9, pitch=pitch, formants=formants)
        .speak("The north wind and the sun were disputing which was the stronger.", plain, SILENT)
        .audio
        for name, (pitch, formants) in made.items()
    }


def encoder() -> Callable[[Audio], Any]:
    """Return a function from sound to a speaker's embedding of length 1 (Resemblyzer)."""
    import torch
    from resemblyzer import VoiceEncoder
    from resemblyzer.audio import normalize_volume

    torch.set_num_threads(1)
    network = VoiceEncoder("cpu", verbose=False)
    return lambda audio: network.embed_utterance(
        normalize_volume(resample(audio, 16000).samples, -30, increase_only=True)
    )


def picture(path: Path, speeches: Mapping[str, Speech]) -> None:
    """Write the spectrograms of one text in every emotion."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(len(speeches), 1, figsize=(14, 2.4 * len(speeches)))
    for axis, (name, speech) in zip(axes, speeches.items(), strict=True):
        audio = speech.audio
        axis.specgram(audio.samples + 1e-7, NFFT=512, noverlap=384, Fs=audio.rate, vmin=-140)
        axis.set(ylim=(0, 8000), ylabel=name)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.tight_layout()
    figure.savefig(path, dpi=60)
    plt.close(figure)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--voice", default="hibari")
    parser.add_argument("--reference", type=Path, nargs="*", default=[])
    parser.add_argument("--intensity", type=float, default=1.0)
    parser.add_argument("--texts", type=int, default=2)
    parser.add_argument("--opensmile", action="store_true")
    parser.add_argument("--no-words", action="store_true")
    parser.add_argument("--likeness", action="store_true")
    parser.add_argument("--each", action="store_true", help="tell how each utterance is heard")
    parser.add_argument("--save", type=Path)
    parser.add_argument("--pictures", type=Path)
    parser.add_argument("--emotions", nargs="*", type=Emotion, default=list(Emotion))
    options = parser.parse_args()
    voice = backend("voice", options.voice)
    ears = backend("transcriber", "whisper", language="en", threads=1)
    rows = opensmile_rows if options.opensmile else functionals
    speakers = references(options.reference)
    embed = encoder() if options.likeness else None
    embedded = {n: embed(a) for n, a in speakers.items()} if embed else {}
    emotions = [NEUTRAL, *(str(e) for e in options.emotions if e != NEUTRAL)]
    tallies = {e: Tally([], defaultdict(list), [], [], [], [], []) for e in emotions}
    spent = spoken = 0.0
    for name, audio in speakers.items():
        own = known(ears, audio)
        texts = [own.transcript.text] if options.voice == "own" and own.transcript else TEXTS
        for number, text in enumerate(texts[: options.texts]):
            plain: dict[str, float] = {}
            made: dict[str, Speech] = {}
            reference = own if options.voice == "own" else audio
            for emotion in emotions:
                prompt = EmotionPrompt(Emotion(emotion), options.intensity)
                start = time.process_time()
                speech = made[emotion] = voice.speak(text, prompt, reference)
                spent += time.process_time() - start
                spoken += speech.audio.duration
                found = rows(speech.audio)
                plain = plain or found
                change = {k: found[k] - plain[k] for k in found}
                tally = tallies[emotion]
                tally.changes.append(change)
                for corpus in ACTED:
                    tally.heard[corpus].append(heard(change, corpus))
                if options.each:
                    as_what = " / ".join(tally.heard[c][-1] for c in ACTED)
                    print(f"# {name} {number} {emotion}: {as_what}")
                tally.faults.append(faults(speech.audio))
                louder = louder_than(made[NEUTRAL].audio, speech.audio)
                tally.levels.append((speech.details.get("level_db", math.nan), louder))
                if not options.no_words:
                    tally.words.append(errors(ears, text, speech.audio))
                if embed:
                    near = {n: float(embed(speech.audio) @ v) for n, v in embedded.items()}
                    others = [v for n, v in near.items() if n != name]
                    tally.margins.append((name, near[name], max(others, default=math.nan)))
                if options.save:
                    options.save.mkdir(parents=True, exist_ok=True)
                    write_wav(options.save / f"{name}_{number}_{emotion}.wav", speech.audio)
            if options.pictures:
                picture(options.pictures / f"{name}_{number}.png", made)
        if own.transcript and own.transcript.words:
            for emotion in emotions:
                prompt = EmotionPrompt(Emotion(emotion), options.intensity)
                again = voice.speak(own.transcript.text, prompt, own)
                tallies[emotion].lengths.append(again.audio.duration / audio.duration)
    show(tallies)
    print(f"\n{spent / spoken:.3f} CPU-seconds a second of speech, measuring the speaker included")


def louder_than(plain: Audio, audio: Audio) -> float:
    """Return by how many LU the sound is louder than the neutral one; NaN for silence."""
    before, after = loudness(plain), loudness(audio)
    return math.nan if before is None or after is None else after - before


def known(ears: Any, audio: Audio) -> Recording:
    """Return the recording with what Whisper hears in it."""
    try:
        return Recording(audio.samples, audio.rate, ears.transcribe(audio))
    except NoSpeechError:
        return Recording(audio.samples, audio.rate)


def errors(ears: Any, text: str, audio: Audio) -> float:
    """Return Whisper's word error rate."""
    try:
        return word_error_rate(text, ears.transcribe(audio).text)
    except NoSpeechError:
        return 1.0


def show(tallies: Mapping[str, Tally]) -> None:
    """Print what was found: rows beside the corpora's, then one line for each emotion."""
    emotions = [e for e in tallies if e != NEUTRAL]
    print(f"| change against neutral | {' | '.join(emotions)} |")
    print("|" + "---|" * (len(emotions) + 1))
    for key, (title, _) in ROWS.items():
        digits = 0 if key in ("f1", "f2") else 3 if key == "slope" else 2
        cells = []
        for emotion in emotions:
            mean = np.nanmean([c[key] for c in tallies[emotion].changes])
            acted = [rows[emotion][key] for rows in ACTED.values() if key in rows.get(emotion, {})]
            shown = f" ({', '.join(f'{a:+.{digits}f}' for a in acted)})" if acted else ""
            agreed = bool(acted) and (min(acted) > 0 or max(acted) < 0)
            short = agreed and mean / min(acted, key=abs) < 0.5
            cells.append(f"{mean:+.{digits}f}{shown}{' !' if short else ''}")
        print(f"| {title} | {' | '.join(cells)} |")
    print(
        "\n(acted); ! where all corpora agree in direction and the voice goes less than half as far"
    )
    heads = " | ".join(f"heard right, {c} %" for c in ACTED)
    columns = (
        "heard as | WER % | own speaker | length in 15 % | apart | level dB: asked, got | faults"
    )
    print(f"\n| emotion | {heads} | {columns} |")
    print("|" + "---|" * (len(ACTED) + 8))
    for emotion, tally in tallies.items():
        right = []
        for corpus in ACTED:
            asked = emotion == NEUTRAL or emotion in ACTED[corpus]
            share = 100 * np.mean([h == emotion for h in tally.heard[corpus]])
            right.append(f"{share:.0f}" if asked else "-")
        named = " / ".join(counted(tally.heard[c]) for c in ACTED)
        wrong = f"{100 * np.mean(tally.words):.1f}" if tally.words else "-"
        like = "-"
        if tally.margins:
            nearer = sum(own > other for _, own, other in tally.margins)
            mean = np.mean([own for _, own, _ in tally.margins])
            like = f"{mean:.2f}, nearest {nearer}/{len(tally.margins)}"
        fits = [abs(r - 1.0) <= 0.15 for r in tally.lengths]
        length = f"{sum(fits)}/{len(fits)}" if fits else "-"
        wanted, louder = zip(*tally.levels, strict=True)
        level = f"{np.mean(wanted):+.1f}, {np.mean(louder):+.1f} ({min(louder):+.1f} to "
        level += f"{max(louder):+.1f})"
        worst = {k: max(f[k] for f in tally.faults) for k in tally.faults[0]}
        bad = ", ".join(f"{k} {v:.2g}" for k, v in worst.items())
        print(
            f"| {emotion} | {' | '.join(right)} | {named} | {wrong} | {like} | {length} "
            f"| {apart(tally.changes):.2f} | {level} | {bad} |"
        )


def counted(names: Sequence[str]) -> str:
    """Return "anger 3, happy 1"."""
    return ", ".join(f"{n} {list(names).count(n)}" for n in sorted(set(names)))


if __name__ == "__main__":
    main()
