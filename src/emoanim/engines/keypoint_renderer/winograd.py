"""3x3 convolutions from a quarter of the products, on a processor.

Winograd's minimal filtering F(4x4, 3x3), Lavin and Gray, "Fast algorithms for convolutional neural
networks", CVPR 2016: tiles of 6x6 inputs and the kernels are evaluated at 5 points and infinity,
multiplied point by point, and 4x4 outputs are read off. With the customary points 0, +-1, +-2 the
error is three to seven times a direct convolution's; with 0, +-sqrt(1/2), +-sqrt(2), used here,
it is about the same.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

__all__ = ["Conv3x3"]

_POINTS = (0.0, 0.5**0.5, -(0.5**0.5), 2**0.5, -(2**0.5))
_OUT, _TAPS = 4, 3
_IN = _OUT + _TAPS - 1
_VALUES = 2**17
"""Tiles times channels in and out that are multiplied together, so that a cache holds them."""
_FEWEST = 128
"""Channels below which the transforms cost more than they save."""


class Conv3x3(nn.Module):
    """A padded 3x3 convolution of fixed weights; its kernels are laid out channels-last.

    On other devices than the processor, in other precision than single, for few channels and for
    maps whose sides are no multiples of 4 it is an ordinary convolution.

    Args:
        weight: (cout, cin, 3, 3).
        bias: (cout,).
    """

    def __init__(self, weight: Tensor, bias: Tensor) -> None:
        super().__init__()
        weight = weight.detach().contiguous(memory_format=torch.channels_last)
        self.weight = nn.Parameter(weight, requires_grad=False)
        self.bias = nn.Parameter(bias.detach().clone(), requires_grad=False)
        # Matrices of a plane's tile, row by row, and its 36 values.
        for name, matrix in zip(("to_values", "to_kernels", "to_tile"), _transforms(), strict=True):
            self.register_buffer(name, matrix.to(weight.device), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """Turn (b, cin, h, w) into (b, cout, h, w)."""
        if not self._tiles(x):
            return self._plain(x)
        out = x.new_empty((len(x), *x.shape[2:], len(self.weight))).permute(0, 3, 1, 2)
        for rows, strip in self.strips(x):
            out[..., rows, :] = strip
        return out

    def strips(self, x: Tensor) -> Iterator[tuple[slice, Tensor]]:
        """Yield the output in strips of whole rows, so that not all of it need be kept.

        Args:
            x: (b, cin, h, w).

        Yields:
            Rows, and the output there, (b, cout, rows, w).
        """
        if not self._tiles(x):
            yield slice(0, x.shape[2]), self._plain(x)
            return
        count, channels = self.weight.shape[:2]
        images, _, height, width = x.shape
        taps = self.weight.permute(2, 3, 0, 1).reshape(_TAPS * _TAPS, -1)
        kernels = (self.get_buffer("to_kernels") @ taps).view(-1, count, channels).transpose(1, 2)
        padded = functional.pad(x.permute(0, 2, 3, 1), (0, 0, 1, 1, 1, 1))
        tiles = padded.unfold(1, _IN, _OUT).unfold(2, _IN, _OUT).permute(4, 5, 0, 1, 2, 3)
        across = width // _OUT
        step = max(1, _VALUES // (across * images * (count + channels)))
        for first in range(0, height // _OUT, step):
            part = tiles[:, :, :, first : first + step]
            gathered = part.reshape(_IN * _IN, -1)
            values = (self.get_buffer("to_values") @ gathered).view(_IN * _IN, -1, channels)
            products = torch.bmm(values, kernels).flatten(1)
            untiled = (self.get_buffer("to_tile") @ products).view(
                _OUT, _OUT, *part.shape[2:5], count
            )
            untiled += self.bias
            strip = untiled.permute(2, 3, 0, 4, 1, 5).reshape(images, -1, width, count)
            rows = slice(first * _OUT, first * _OUT + strip.shape[1])
            yield rows, strip.permute(0, 3, 1, 2)

    def _tiles(self, x: Tensor) -> bool:
        whole = x.shape[2] % _OUT == 0 and x.shape[3] % _OUT == 0
        many = min(self.weight.shape[:2]) >= _FEWEST
        return x.device.type == "cpu" and x.dtype == torch.float32 and whole and many

    def _plain(self, x: Tensor) -> Tensor:
        return functional.conv2d(x, self.weight, self.bias, padding=1)


def _transforms() -> tuple[Tensor, Tensor, Tensor]:
    """Matrices for inputs (36, 36), kernels (36, 9) and outputs (16, 36)."""
    points = np.array(_POINTS)

    def evaluated(coefficients: int) -> NDArray[np.float64]:
        """Values at the points, and at infinity the leading coefficient."""
        powers = points[:, None] ** np.arange(coefficients)
        return np.vstack((powers, np.eye(coefficients)[-1]))

    def plane(line: NDArray[np.float64]) -> Tensor:
        return torch.from_numpy(np.kron(line, line).astype(np.float32))

    # A correlation is the transpose of a product of polynomials: what interpolates the product
    # there is transposed and applied to the input here.
    inputs: NDArray[np.float64] = np.linalg.inv(evaluated(_IN)).T.astype(np.float64)
    return plane(inputs), plane(evaluated(_TAPS)), plane(evaluated(_OUT).T)
