from __future__ import annotations

import numpy as np
import pytest
from fer8_reference import Reference, blocks, random_tensors

from emoanim.engines.fer8.network import class_graph, session
from emoanim.errors import WeightsError


@pytest.fixture(scope="module")
def tensors() -> dict[str, np.ndarray]:
    return random_tensors(3)


def test_it_agrees_with_plain_numpy(tensors: dict[str, np.ndarray]) -> None:
    rng = np.random.default_rng(5)
    images = np.stack([blocks(rng), blocks(rng)])
    (found,) = session(class_graph(tensors), 1).run(None, {"faces": images})
    reference = Reference(tensors)
    expected = np.stack([reference.scores(image) for image in images])
    assert expected.std() > 0.05  # weights that saturate would hide differences
    assert np.abs(expected[0] - expected[1]).max() > 0.01
    assert found == pytest.approx(expected, abs=2e-6)


def test_one_image_is_what_it_is_in_a_batch(tensors: dict[str, np.ndarray]) -> None:
    images = np.random.default_rng(6).integers(0, 256, (3, 64, 64, 3), dtype=np.uint8)
    run = session(class_graph(tensors), 2).run
    together = run(None, {"faces": images})[0]
    alone = np.concatenate([run(None, {"faces": i[None]})[0] for i in images])
    assert together == pytest.approx(alone, abs=1e-6)


def test_a_missing_tensor(tensors: dict[str, np.ndarray]) -> None:
    fewer = {k: v for k, v in tensors.items() if k != "model.23.cv3.1.2.bias"}
    with pytest.raises(WeightsError, match=r"no tensor 'model\.23\.cv3\.1\.2\.bias'"):
        class_graph(fewer)


def test_tensors_of_another_network(tensors: dict[str, np.ndarray]) -> None:
    other = tensors | {"model.3.conv.weight": np.zeros((64, 32, 3, 3), np.float16)}
    with pytest.raises(WeightsError, match="do not make the expected network"):
        session(class_graph(other), 1)
