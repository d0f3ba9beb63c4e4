"""Speed and exactness of EDD, CPBD and the streams beside other packages.

    python benchmarks/edd.py                    # everything, a few minutes
    python benchmarks/edd.py single batch       # some parts

Needs scipy, scikit-learn and scikit-image; torchmetrics (with torch) and cpbd are timed if they
are installed. Methods are interleaved: each round times every method once, and what is printed is
the median over rounds of the ratio to ours in the same round. Times are processor times of one
thread, which a busy machine disturbs little. Loops over many rows are timed on a part of them and
scaled. Set OMP_NUM_THREADS=1.
"""

from __future__ import annotations

import argparse
import importlib.util
import resource
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from functools import partial

import numpy as np

from emoanim.metrics import EDDHistogram, EDDStream, cpbd, edd, edd_matrix, pair_counts

EMOTIONS, PAIRS = 7, 520


def seconds(call: Callable[[], object], calls: int = 1) -> float:
    """Processor time, so that a busy machine does not count."""
    start = time.process_time()
    for _ in range(calls):
        call()
    return (time.process_time() - start) / calls


def race(methods: dict[str, tuple[Callable[[], object], int, float]], rounds: int) -> None:
    """Time ``(call, calls, scale)`` by name; the first is ours."""
    for call, _, _ in methods.values():
        call()
    times: dict[str, list[float]] = {name: [] for name in methods}
    for _ in range(rounds):
        for name, (call, calls, scale) in methods.items():
            times[name].append(seconds(call, calls) * scale)
    ours, *others = methods
    print(f"  {ours:34s} {statistics.median(times[ours]) * 1e3:12.4f} ms")
    for name in others:
        ratio = statistics.median(
            theirs / own for theirs, own in zip(times[name], times[ours], strict=True)
        )
        milliseconds = statistics.median(times[name]) * 1e3
        print(f"  {name:34s} {milliseconds:12.4f} ms {ratio:10.2f} x ours", flush=True)


def scores(rows: int, n: int, dtype: type, seed: int) -> np.ndarray:
    """Logistic of normal draws: what a classifier's target probability looks like."""
    draws = np.random.default_rng(seed).normal(-1 + seed % 2, 1.5, (rows, n))
    return (1 / (1 + np.exp(-draws))).astype(dtype)


def peers(x: np.ndarray, y: np.ndarray) -> dict[str, Callable[[int], float]]:
    """1 - AUROC of one row by each package."""
    from scipy.stats import mannwhitneyu
    from sklearn.metrics import roc_auc_score

    n, m = x.shape[1], y.shape[1]
    truth = np.repeat([0, 1], [n, m])
    joined = np.concatenate([x, y], axis=1)
    found: dict[str, Callable[[int], float]] = {
        "scikit-learn roc_auc_score": lambda i: 1 - roc_auc_score(truth, joined[i]),
        "scipy mannwhitneyu": lambda i: (
            1 - mannwhitneyu(y[i], x[i], method="asymptotic").statistic / (n * m)
        ),
    }
    if importlib.util.find_spec("torchmetrics"):
        import torch
        from torchmetrics.functional.classification import binary_auroc

        torch.set_num_threads(1)
        tensors, targets = torch.from_numpy(joined), torch.from_numpy(truth)
        found["torchmetrics binary_auroc"] = lambda i: (
            1 - float(binary_auroc(tensors[i], targets, validate_args=False))
        )
    return found


def single() -> None:
    print("one pair, kernel (pair_counts)")
    for dtype in (np.float64, np.float32):
        for n, calls, rounds in ((100, 50, 15), (1000, 20, 15), (10_000, 5, 11), (1_000_000, 1, 5)):
            x, y = scores(1, n, dtype, 1), scores(1, n, dtype, 2)
            joined = np.concatenate([x, y], axis=1)[0]
            a, b = x[0], y[0]
            print(f" {dtype.__name__}, {n} frames a side")
            few = max(1, calls // 5)
            methods = {
                "ours": (lambda a=a, b=b: pair_counts(a, b), calls, 1.0),
                "numpy.sort of the same scores": (lambda j=joined: np.sort(j), calls, 1.0),
            }
            for name, call in peers(x, y).items():
                methods[name] = (lambda c=call: c(0), few, 1.0)
            race(methods, rounds)


def batch() -> None:
    from scipy.stats import mannwhitneyu

    rows = PAIRS * EMOTIONS
    for dtype in (np.float32, np.float64):
        for n, rounds in ((100, 15), (1000, 7), (10_000, 5)):
            print(f" {PAIRS} pairs x {EMOTIONS} emotions, {n} frames a side, {dtype.__name__}")
            x, y = scores(rows, n, dtype, 1), scores(rows, n, dtype, 2)
            part = rows if n < 10_000 else rows // 10
            some = 40 if n < 10_000 else 8
            joined = np.concatenate([x, y], axis=1)

            def vectorised(k: int = part, x: np.ndarray = x, y: np.ndarray = y) -> object:
                return mannwhitneyu(y[:k], x[:k], axis=1, method="asymptotic").statistic

            clips = [v.reshape(PAIRS, EMOTIONS, n).swapaxes(1, 2) for v in (x, y)]
            methods = {
                "ours": (lambda x=x, y=y: pair_counts(x, y), 1, 1.0),
                "ours, edd_matrix, window 1": (
                    lambda c=clips: edd_matrix(*c, kind="scores", window=1),
                    1,
                    1.0,
                ),
                "numpy.sort of the same scores": (lambda j=joined: np.sort(j), 1, 1.0),
                "scipy mannwhitneyu, axis=1": (vectorised, 1, rows / part),
            }
            for name, call in peers(x, y).items():
                if not name.startswith("scipy"):
                    methods[name + " loop"] = (
                        lambda c=call, k=some: [c(i) for i in range(k)],
                        1,
                        rows / some,
                    )
            race(methods, rounds)
            alone, shared = (
                min(_wall(lambda w=w, x=x, y=y: pair_counts(x, y, workers=w)) for _ in range(5))
                for w in (1, 2)
            )
            print(f"  2 threads: {alone / shared:.2f} x one (time on the clock, best of 5)")


def _wall(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def public() -> None:
    print("the public function, 100 frames a side, validation and smoothing included")
    draws = np.random.default_rng(0).dirichlet(np.ones(8), (2, 100))
    x, y = draws
    a, b = x[:, 1].copy(), y[:, 1].copy()
    words = ("neutral", "happy", "sad", "surprise", "fear", "disgust", "anger", "contempt")
    for name, call in {
        "kernel (pair_counts)": lambda: pair_counts(a, b),
        "edd, 1-D scores": lambda: edd(a, b),
        "edd, 1-D scores, window 1": lambda: edd(a, b, window=1),
        "edd, probabilities, one target": lambda: edd(x, y, "happy", labels=words),
        "edd, the same, window 1": lambda: edd(x, y, "happy", labels=words, window=1),
        "edd, probabilities, all 8": lambda: edd(x, y),
    }.items():
        call()
        times = sorted(seconds(call, 20) * 1e6 for _ in range(200))
        print(f"  {name:34s} median {times[100]:6.1f} us, fastest tenth {times[20]:6.1f} us")


def exact() -> None:
    random = np.random.default_rng(0)
    from sklearn.metrics import roc_auc_score

    wrong, worst = 0, 0.0
    for dtype in (np.float32, np.float64):
        for _ in range(1000):
            n, m, levels = random.integers(1, 80, 3)
            x = (np.round(random.random((3, n)) * levels) / levels).astype(dtype)
            y = (np.round(random.random((3, m)) * levels) / levels).astype(dtype)
            greater, tied = pair_counts(x, y)
            wrong += int((greater != (y[:, None] > x[..., None]).sum((1, 2))).sum())
            wrong += int((tied != (y[:, None] == x[..., None]).sum((1, 2))).sum())
            theirs = 1 - roc_auc_score(np.repeat([0, 1], [n, m]), np.concatenate([x[0], y[0]]))
            worst = max(worst, abs(edd(x[0], y[0], window=1).edd - theirs))
    print(f"counts that differ from brute force in 2,000 tied batches: {wrong}")
    print(f"largest |edd - (1 - scikit-learn)|: {worst:.2g}")


def stream() -> None:
    total, chunk = 100_000_000, 1_000_000
    random = np.random.default_rng(0)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    for options in ({"bins": "float"}, {"bins": "linear", "bits": 16}):
        histogram, spent = EDDHistogram(**options), 0.0
        for _ in range(total // chunk // 2):
            x, y = random.random(chunk) ** 3, random.random(chunk) ** 2
            spent += seconds(partial(histogram.update, original=x, generated=y))
        bounds = histogram.bounds()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"  histogram {options['bins']:7s} {total:.0e} scores: EDD in [{bounds.low:.7f}, "
            f"{bounds.high:.7f}], width {bounds.width:.1e}, off by {abs(bounds.middle - 0.4):.1e} "
            f"at most plus sampling, {spent / total * 1e9:.1f} ns a score, peak {peak:.0f} MB "
            f"(before {before:.0f} MB)"
        )
    held, streamed = random.random(100_000), random.random(2_000_000)
    exactly = EDDStream(held)
    spent = seconds(lambda: [exactly.update(c) for c in np.array_split(streamed, 20)])
    greater, tied = pair_counts(held, streamed)
    same = exactly.greater == greater and exactly.tied == tied
    print(f"  exact stream: {spent / 2e6 * 1e9:.0f} ns a score, equal to the whole: {same}")


def sharpness() -> None:
    from skimage import data
    from skimage.feature import canny

    from emoanim.metrics.sharpness import edge_widths

    image = data.camera()
    grey = image.astype(np.float64)
    methods = {
        "ours, 512x512 frame": (lambda: cpbd(image), 3, 1.0),
        "of which scikit-image's canny": (lambda: canny(grey), 3, 1.0),
    }
    if importlib.util.find_spec("cpbd"):
        from cpbd import compute

        package = sys.modules["cpbd.compute"]
        methods["cpbd-py312, whole"] = (lambda: compute(image), 1, 1.0)
        race(methods, 5)
        edges = package.sobel(grey)
        race(
            {
                "ours, widths with Sobel edges": (lambda: edge_widths(image), 5, 1.0),
                "cpbd-py312, widths": (lambda: package.marziliano_method(edges, grey), 1, 1.0),
            },
            7,
        )
        rows, columns, widths = edge_widths(image)
        dense = np.zeros(image.shape)
        dense[rows, columns] = widths
        same = np.array_equal(dense, package.marziliano_method(edges, grey))
        equal = cpbd(image).value == compute(image)
        print(f"  same widths: {same}; same score: {equal}")
    else:
        race(methods, 5)


PARTS = {
    "exact": exact,
    "public": public,
    "single": single,
    "batch": batch,
    "stream": stream,
    "cpbd": sharpness,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="all if none is given")
    warnings.simplefilter("ignore")
    print(f"numpy {np.__version__}, Python {sys.version.split()[0]}")
    for name in parser.parse_args().parts or PARTS:
        print(f"== {name}")
        PARTS[name]()


if __name__ == "__main__":
    main()
