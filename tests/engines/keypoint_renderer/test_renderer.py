"""The whole renderer, without its numbers: shapes and dtypes on the meta device."""

from __future__ import annotations

import pytest

pytest.importorskip("torch")

import torch

from emoanim.engines.keypoint_renderer.renderer import Renderer, prepare


@pytest.mark.parametrize("prompted", [False, True])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float16])
@pytest.mark.parametrize("size", [256, 512])
def test_one_precision_and_the_promised_shapes_throughout(prompted, dtype, size):
    with torch.inference_mode(), torch.device("meta"):
        renderer = prepare(Renderer(prompted=prompted).eval()).to(dtype)
        image = torch.rand(1, 3, size, size, dtype=dtype)
        prompt = torch.rand(1, 128, dtype=dtype) if prompted else None
        points = torch.rand(2, 15, 3, dtype=dtype)
        source = renderer.encode(image, prompt)
        made = renderer(source, points[:1], points)
    cells = size // 4
    assert {t.dtype for t in (*source, *made)} == {dtype}
    assert [tuple(t.shape) for t in made] == [
        (2, 3, size, size),
        (2, 1, cells, cells),
        (2, 16, 16, cells, cells),
        (2, 16, cells, cells, 3),
    ]
