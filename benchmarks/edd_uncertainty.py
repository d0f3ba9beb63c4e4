"""What EDD does when nothing changes, and how often its intervals hold the truth.

    python benchmarks/edd_uncertainty.py        # about a minute

Scores are the logistic of a stationary AR(1) process; original and generated come from the same
one, so the true EDD is 0.5. Everything is seeded.
"""

from __future__ import annotations

import numpy as np

from emoanim.metrics import block_interval, delong_interval, pair_counts

FRAMES, FPS = 1125, 25


def series(rows: int, frames: int, rho: float, random: np.random.Generator) -> np.ndarray:
    x = np.empty((rows, frames))
    x[:, 0] = random.normal(size=rows)
    for i in range(1, frames):
        x[:, i] = rho * x[:, i - 1] + np.sqrt(1 - rho**2) * random.normal(size=rows)
    return 1 / (1 + np.exp(-x))


def spread() -> None:
    print(f"no change, {FRAMES / FPS:.0f} s at {FPS} fps, no smoothing")
    print("  rho   sd of EDD   expected minimum over 25 and 74 videos")
    for rho in (0.0, 0.9, 0.97, 0.99):
        random = np.random.default_rng(1)
        x, y = series(1850, FRAMES, rho, random), series(1850, FRAMES, rho, random)
        greater, tied = pair_counts(x, y)
        edd = 1 - (greater + tied / 2) / FRAMES**2
        least = [edd[: 1850 // k * k].reshape(-1, k).min(axis=1).mean() for k in (25, 74)]
        print(f"  {rho:4.2f}  {edd.std():.4f}      {least[0]:.2f}  {least[1]:.2f}")


def windows() -> None:
    print("a shift of half a standard deviation, by smoothing window")
    print("  process       w=1    w=5    w=25   w=125")
    for name, rho in (("rho 0.9", 0.9), ("white noise", 0.0)):
        found = []
        for window in (1, 5, 25, 125):
            random = np.random.default_rng(2)
            kernel = np.ones(window) / window
            values = []
            for _ in range(40):
                x, y = (np.log(s / (1 - s)) for s in series(2, FRAMES, rho, random))
                x, y = (1 / (1 + np.exp(-v)) for v in (x, y + 0.5))
                x, y = (np.convolve(v, kernel, "valid") for v in (x, y))
                greater, _ = pair_counts(x, y)
                values.append(1 - int(greater) / (len(x) * len(y)))
            found.append(np.mean(values))
        print(f"  {name:12s} " + "  ".join(f"{v:.3f}" for v in found))


def coverage(repeats: int = 200, frames: int = 500) -> None:
    print(f"how often a nominal 95 % interval holds 0.5, {frames} frames, {repeats} repeats")
    for rho in (0.0, 0.9, 0.97):
        random = np.random.default_rng(3)
        hits = {"delong": 0, "block": 0}
        for seed in range(repeats):
            x, y = series(2, frames, rho, random)
            for name, interval in (
                ("delong", delong_interval(x, y)),
                ("block", block_interval(x, y, replicates=400, seed=seed)),
            ):
                hits[name] += interval.low <= 0.5 <= interval.high
        print(
            f"  rho {rho:4.2f}: DeLong {hits['delong'] / repeats:.0%}, "
            f"block bootstrap {hits['block'] / repeats:.0%}"
        )


if __name__ == "__main__":
    spread()
    windows()
    coverage()
