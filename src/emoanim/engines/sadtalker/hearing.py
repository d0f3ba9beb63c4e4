"""The sound of every frame through a network, on all processors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from emoanim.engines.sadtalker.mel import windows

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["heard"]

_AT_ONCE = 32


def heard(
    network: Callable[[Tensor, slice], Tensor],
    spectrogram: NDArray[np.float32],
    first: int,
    last: int,
    device: Any,
) -> Tensor:
    """Read the windows of frames ``first`` to ``last`` (excluded).

    On a processor each thread takes whole batches of its own: threads that share every convolution
    wait for each other some ten thousand times, and on a busy machine they wait long.

    Args:
        network: mel windows (n, 1, 80, 16) and their frames to (n, ...), which is put together.
        spectrogram: see ``mel_spectrogram``.
        first: frame of the first window.
        last: frame after the last window.
        device: where the network computes.
    """
    import torch

    def batch(begin: int) -> Tensor:
        end = min(begin + _AT_ONCE, last)
        with torch.inference_mode():
            mels = torch.from_numpy(windows(spectrogram, begin, end)).to(device)
            return network(mels, slice(begin, end))

    begins = range(first, last, _AT_ONCE)
    if device.type != "cpu" or len(begins) < 2:
        parts = [batch(begin) for begin in begins]
    else:
        with _workers() as pool:
            parts = list(pool.map(batch, begins))
    return torch.cat(parts)


@contextmanager
def _workers() -> Iterator[ThreadPoolExecutor]:
    """As many workers as torch has threads, each of which computes alone."""
    import torch

    count = torch.get_num_threads()
    ready = Barrier(count + 1)

    def start() -> None:
        torch.get_num_threads()  # a thread's first question overrides its number
        torch.set_num_threads(1)
        ready.wait()

    with ThreadPoolExecutor(count, initializer=start) as pool:
        for _ in range(count):
            pool.submit(int)
        ready.wait()
        torch.set_num_threads(count)  # a worker's number is also what later threads begin with
        yield pool
