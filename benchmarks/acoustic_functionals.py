"""Functionals of one utterance after eGeMAPS (Eyben et al. 2016), and faults that are heard.

``functionals`` needs WORLD and numpy and is our own reading of the definitions; ``opensmile_rows``
asks openSMILE itself, whose Python package may not be used commercially and is no dependency.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emoanim.clips import Audio
from emoanim.extras import require
from emoanim.sound.signals import resample
from emoanim.sound.speaker import describe

ROWS = {
    "f0": ("F0 mean, st", "F0semitoneFrom27.5Hz_sma3nz_amean"),
    "range": ("F0 20-80 range, st", "F0semitoneFrom27.5Hz_sma3nz_pctlrange0-2"),
    "loudness_sd": ("loudness sd (norm.)", "loudness_sma3_stddevNorm"),
    "voiced_rate": ("voiced segments/s", "VoicedSegmentsPerSec"),
    "voiced_length": ("voiced length, s", "MeanVoicedSegmentLengthSec"),
    "unvoiced_length": ("unvoiced length, s", "MeanUnvoicedSegmentLength"),
    "alpha": ("alpha ratio, dB", "alphaRatioV_sma3nz_amean"),
    "hammarberg": ("Hammarberg, dB", "hammarbergIndexV_sma3nz_amean"),
    "slope": ("slope 0-500 Hz, dB/Hz", "slopeV0-500_sma3nz_amean"),
    "f1": ("F1, Hz", "F1frequency_sma3nz_amean"),
    "f2": ("F2, Hz", "F2frequency_sma3nz_amean"),
    "hnr": ("HNR, dB", "HNRdBACF_sma3nz_amean"),
    "level": ("level, dB", "equivalentSoundLevel_dBp"),
}
RATE = 16000
HOP = 0.01


def functionals(audio: Audio) -> dict[str, float]:
    """Measure an utterance; keys and units as in ``ROWS``."""
    sound = resample(audio, RATE).samples.astype(np.float64)
    world = require("pyworld", "hibari")
    f0, times = world.harvest(sound, RATE, 60.0, 650.0, frame_period=1000.0 * HOP)
    count = 640
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(sound, count // 2), count)
    frames = windows[np.minimum((times * RATE).astype(int), len(windows) - 1)] * np.hanning(count)
    power = np.abs(np.fft.rfft(frames, 1024, axis=1)) ** 2
    energy = power.sum(axis=1)
    voiced = (f0 > 0) & (energy > np.percentile(energy, 95) * 10**-3.0)
    frequency = np.fft.rfftfreq(1024, 1.0 / RATE)
    spoken = power[voiced]

    def band(start: float, end: float) -> NDArray[np.float64]:
        return spoken[:, (frequency >= start) & (frequency < end)]

    semitones = 12.0 * np.log2(f0[voiced] / 27.5)
    low, high = np.percentile(semitones, [20, 80])
    bands = [
        power[:, (frequency >= a) & (frequency < b)].sum(axis=1) ** 0.3
        for a, b in zip(*_mel_edges(), strict=True)
    ]
    loud = np.sum(bands, axis=0)
    inside = frequency < 500.0
    levels = 10.0 * np.log10(spoken + 1e-12)
    on, off = _runs(voiced), _runs(~voiced)
    speaker = describe(audio)
    formants = speaker.formants if speaker and speaker.formants else (np.nan, np.nan)
    return {
        "f0": float(semitones.mean()),
        "range": float(high - low),
        "loudness_sd": float(loud.std() / loud.mean()),
        "voiced_rate": len(on) / max(audio.duration, 0.1),
        "voiced_length": float(np.mean(on)) * HOP,
        "unvoiced_length": float(np.mean(off)) * HOP if len(off) else 0.0,
        "alpha": float(np.mean(10 * np.log10(band(1000, 5000).sum(1) / band(50, 1000).sum(1)))),
        "hammarberg": float(np.mean(10 * np.log10(band(0, 2000).max(1) / band(2000, 5000).max(1)))),
        "slope": float(np.polyfit(frequency[inside], levels[:, inside].T, 1)[0].mean()),
        "f1": formants[0],
        "f2": formants[1],
        "hnr": _harmonicity(sound, f0[voiced], times[voiced]),
        "level": float(10.0 * np.log10(np.mean(sound**2) + 1e-12)),
    }


def opensmile_rows(audio: Audio) -> dict[str, float]:
    """The same by openSMILE's eGeMAPSv02 (``pip install opensmile``; its licence is its own)."""
    import opensmile

    smile = opensmile.Smile(
        feature_set=opensmile.FeatureSet.eGeMAPSv02,
        feature_level=opensmile.FeatureLevel.Functionals,
    )
    found = smile.process_signal(audio.samples, audio.rate).iloc[0]
    return {key: float(found[column]) for key, (_, column) in ROWS.items()}


def faults(audio: Audio) -> dict[str, float]:
    """What should not be there.

    clipped: samples at full scale. clicks: steps of the second difference over 12 times its
    neighbourhood's (5 ms) and over -50 dBFS, per second. comb: how far the long-term cepstrum
    stands out at a fixed lag of 1 to 5 ms over its neighbours, in standard deviations (a comb
    filter stands at one lag; voices move). dc: mean of the samples.
    """
    x = audio.samples.astype(np.float64)
    bend = np.abs(np.diff(x, 2))
    width = max(3, audio.rate // 200)
    around = np.sqrt(np.convolve(bend**2, np.ones(width) / width, "same")) + 1e-6
    clicks = np.flatnonzero((bend > 12.0 * around) & (bend > 10**-2.5))
    frames = np.lib.stride_tricks.sliding_window_view(x, 2048)[::1024] * np.hanning(2048)
    power = np.abs(np.fft.rfft(frames, axis=1)) ** 2
    energy = power.sum(axis=1)
    mean = np.log(power[energy > energy.max() * 1e-3] + 1e-9).mean(axis=0)
    cepstrum = np.abs(np.fft.irfft(mean))
    lags = cepstrum[int(0.001 * audio.rate) : int(0.005 * audio.rate)]
    smooth = np.convolve(lags, np.ones(9) / 9, "same")
    away = lags - smooth
    return {
        "clipped": float(np.sum(np.abs(x) >= 0.999)),
        "clicks": len(clicks) / max(audio.duration, 0.1),
        "comb": float(away.max() / (away.std() + 1e-12)),
        "dc": float(x.mean()),
    }


def _runs(mask: NDArray[np.bool_]) -> NDArray[np.int64]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], mask.astype(int), [0]])))
    return np.asarray(edges[1::2] - edges[::2], np.int64)


def _mel_edges() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    mel = np.linspace(1127 * np.log1p(20 / 700), 1127 * np.log1p(8000 / 700), 27)
    hertz = 700.0 * np.expm1(mel / 1127.0)
    return hertz[:-1], hertz[1:]


def _harmonicity(
    sound: NDArray[np.float64], f0: NDArray[np.float64], times: NDArray[np.float64]
) -> float:
    """Mean harmonics-to-noise ratio in dB (Boersma 1993) of frames with this f0."""
    out = []
    half = 480
    for pitch, at in zip(f0, (times * RATE).astype(int), strict=True):
        lag = round(RATE / pitch)
        if at < half + lag or at + half + lag + 2 > len(sound):
            continue
        best = 0.0
        here = sound[at - half : at + half]
        for shift in range(lag - 2, lag + 3):
            there = sound[at - half + shift : at + half + shift]
            root = np.sqrt((here @ here) * (there @ there)) + 1e-12
            best = max(best, float(here @ there / root))
        out.append(10.0 * np.log10(best / max(1.0 - best, 1e-4)) if best > 0.01 else -20.0)
    return float(np.mean(out)) if out else 0.0
