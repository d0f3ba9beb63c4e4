"""What the hibari voice makes of each emotion, measured on its sound; and how fast it is.

    python benchmarks/speech.py [--reference CLIP ...] [--intensity 1.0] [--wer] [--save FOLDER]

Every text is spoken in every emotion for every reference speaker. The table gives the mean over
texts and speakers of the difference to the neutral reading of the same text for the same speaker,
after the functionals of eGeMAPS (Eyben et al. 2016): pitch in semitones, its 20-80 percentile
range, alpha ratio (1-5 kHz against 50 Hz-1 kHz), Hammarberg index, spectral slope 0-500 Hz,
harmonics-to-noise ratio, level range, rate. ``--wer`` lets Whisper write the words down again.
Without ``--reference`` two speakers are made by the voice itself: 105 Hz with formants at 0.84,
and 205 Hz with formants at 1.0.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from emoanim.adapters.voices.hibari import HibariVoice
from emoanim.clips import Audio
from emoanim.emotions import Emotion, EmotionPrompt
from emoanim.language.word_errors import word_error_rate
from emoanim.media import read_audio, write_wav
from emoanim.registry import backend, require
from emoanim.sound.signals import resample
from emoanim.sound.speaker import describe

TEXTS = (
    "I can't believe we are going to the beach tomorrow, and my sister is coming with us.",
    "They told me yesterday that the new office will open in the middle of the summer.",
    "In addition to learning where things are, I met many people. Nobody said it would be easy.",
    "She left her keys on the kitchen table. The whole family was waiting outside in the rain.",
)
RATE = 16000
SILENT = Audio(np.zeros(0, np.float32), RATE)


@dataclass(frozen=True)
class Measured:
    """Functionals of one utterance; units as in the table's head."""

    f0: float
    spread: float
    alpha: float
    hammarberg: float
    slope: float
    hnr: float
    dynamics: float
    pace: float
    pauses: float


def measure(audio: Audio, sounds: int, paused: float) -> Measured:
    """Measure an utterance with so many speech sounds and so many seconds of pauses."""
    world = require("pyworld", "hibari")
    sound = resample(audio, RATE).samples.astype(np.float64)
    coarse, times = world.dio(sound, RATE, 60.0, 650.0, frame_period=10.0, allowed_range=0.2)
    f0 = world.stonemask(sound, coarse, times, RATE)
    count = 640
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(sound, count // 2), count)
    frames = windows[np.minimum((times * RATE).astype(int), len(windows) - 1)] * np.hanning(count)
    power = np.abs(np.fft.rfft(frames, 1024, axis=1)) ** 2
    energy = power.sum(axis=1)
    voiced = (f0 > 0) & (energy > np.percentile(energy, 95) * 10**-2.5)
    semitones = 12.0 * np.log2(f0[voiced] / 27.5)
    low, middle, high = np.percentile(semitones, [20, 50, 80])
    frequency = np.fft.rfftfreq(1024, 1.0 / RATE)
    levels = 10.0 * np.log10(power[voiced] + 1e-12)

    def band(start: float, end: float) -> NDArray[np.float64]:
        return power[voiced][:, (frequency >= start) & (frequency < end)]

    alpha = 10.0 * np.log10(band(1000, 5000).sum(axis=1) / band(50, 1000).sum(axis=1))
    peak = 10.0 * np.log10(band(0, 2000).max(axis=1) / band(2000, 5000).max(axis=1))
    inside = frequency < 500.0
    slope = np.polyfit(frequency[inside], levels[:, inside].T, 1)[0].mean()
    loud = 10.0 * np.log10(energy[energy > energy.max() * 1e-3])
    return Measured(
        float(middle),
        float(high - low),
        float(alpha.mean()),
        float(peak.mean()),
        float(slope),
        harmonicity(sound, f0[voiced], times[voiced]),
        float(loud.std()),
        sounds / max(audio.duration - paused, 0.1),
        paused,
    )


def harmonicity(
    sound: NDArray[np.float64], f0: NDArray[np.float64], times: NDArray[np.float64]
) -> float:
    """Return the median harmonics-to-noise ratio in dB (Boersma 1993) of frames with this f0."""
    out = []
    half = 480
    for pitch, at in zip(f0, (times * RATE).astype(int), strict=True):
        lag = round(RATE / pitch)
        if at < half + lag or at + half + lag > len(sound):
            continue
        best = 0.0
        here = sound[at - half : at + half]
        for shift in range(lag - 2, lag + 3):
            there = sound[at - half + shift : at + half + shift]
            power = np.sqrt((here @ here) * (there @ there)) + 1e-12
            best = max(best, float(here @ there / power))
        out.append(10.0 * np.log10(best / max(1.0 - best, 1e-4)) if best > 0.01 else -20.0)
    return float(np.median(out)) if out else 0.0


def speakers(paths: Sequence[Path]) -> dict[str, Audio]:
    """Return the reference speakers by name."""
    if paths:
        return {p.stem: read_audio(p) for p in paths}
    neutral = EmotionPrompt(Emotion.NEUTRAL, 0.0)
    text = "The north wind and the sun were disputing which was the stronger. " + TEXTS[1]
    made = {"105 Hz": (105.0, 0.84), "205 Hz": (205.0, 1.0)}
    return {
        name: HibariVoice(seed=9, pitch=pitch, formants=formants).speak(text, neutral, SILENT).audio
        for name, (pitch, formants) in made.items()
    }


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--reference", type=Path, nargs="*", default=[])
    parser.add_argument("--intensity", type=float, default=1.0)
    parser.add_argument("--wer", action="store_true")
    parser.add_argument("--save", type=Path)
    parser.add_argument("--emotions", nargs="*", type=Emotion, default=list(Emotion))
    options = parser.parse_args()
    voice = HibariVoice()
    transcriber = backend("transcriber", "whisper", language="en") if options.wer else None
    rows: dict[Emotion, list[Measured]] = {e: [] for e in Emotion}
    errors: dict[Emotion, list[float]] = {e: [] for e in Emotion}
    registers = []
    spent = spoken = 0.0
    emotions = [Emotion.NEUTRAL, *(e for e in options.emotions if e is not Emotion.NEUTRAL)]
    for name, reference in speakers(options.reference).items():
        for number, text in enumerate(TEXTS):
            for emotion in emotions:
                start = time.process_time()
                speech = voice.speak(text, EmotionPrompt(emotion, options.intensity), reference)
                spent += time.process_time() - start
                spoken += speech.audio.duration
                sounds = [p for p in speech.phones if p.symbol != "SIL"]
                paused = speech.audio.duration - sum(p.end - p.start for p in sounds)
                rows[emotion].append(measure(speech.audio, len(sounds), paused))
                if transcriber is not None:
                    heard = transcriber.transcribe(speech.audio).text
                    errors[emotion].append(word_error_rate(text, heard))
                    if errors[emotion][-1]:
                        print(f"# {name} {emotion}: {heard}")
                if options.save:
                    options.save.mkdir(parents=True, exist_ok=True)
                    write_wav(options.save / f"{name}_{number}_{emotion}.wav", speech.audio)
        wanted = describe(reference)
        made = [m.f0 for m in rows[Emotion.NEUTRAL][-len(TEXTS) :]]
        if wanted is not None:
            off = np.mean(made) - 12.0 * np.log2(wanted.f0 / 27.5)
            registers.append(f"{name}: {wanted.f0:.0f} Hz, neutral speech {off:+.2f} st from it")
    print("\n".join(registers))
    print(f"voice: {spent / spoken:.3f} CPU seconds per second of speech")
    head = "pitch st|range st|alpha dB|Hammarberg dB|slope dB/Hz|HNR dB|level sd dB|rate %|pauses %"
    print(f"| emotion | {head.replace('|', ' | ')} | WER % |")
    print("|" + "---|" * 11)
    plain = rows[Emotion.NEUTRAL]
    for emotion in emotions:
        wrong = f"{100 * np.mean(errors[emotion]):.1f}" if errors[emotion] else "-"
        print(f"| {emotion} | {' | '.join(differences(rows[emotion], plain))} | {wrong} |")


def differences(rows: Sequence[Measured], plain: Sequence[Measured]) -> list[str]:
    """Return the cells of one line: mean differences, rates in per cent."""
    cells = []
    digits = {"slope": 3}
    for field in ("f0", "spread", "alpha", "hammarberg", "slope", "hnr", "dynamics"):
        values = [getattr(a, field) - getattr(b, field) for a, b in zip(rows, plain, strict=True)]
        cells.append(f"{np.mean(values):+.{digits.get(field, 1)}f}")
    for field in ("pace", "pauses"):
        values = [getattr(a, field) / getattr(b, field) for a, b in zip(rows, plain, strict=True)]
        cells.append(f"{100 * (np.mean(values) - 1):+.0f}")
    return cells


if __name__ == "__main__":
    main()
