from __future__ import annotations

import json
import math

import numpy as np
import pytest

from emoanim.metrics import lip_sync_error


def embeddings(count=40, width=16, seed=0):
    return np.random.default_rng(seed).normal(size=(count, width))


@pytest.mark.parametrize("late", [-4, 0, 3])
def test_a_shift_is_found(late):
    video = embeddings()
    audio = np.roll(video, late, axis=0)
    result = lip_sync_error(video, audio, vshift=5)
    assert result.offset == -late
    assert result.lse_d == pytest.approx(result.distances.min())
    assert result.lse_c == pytest.approx(np.median(result.distances) - result.lse_d)
    assert len(result.distances) == 11
    assert result.method == "SyncNet distance, vshift 5"


def test_the_same_at_no_shift():
    result = lip_sync_error(embeddings(), embeddings(), vshift=0)
    assert (result.lse_c, result.offset) == (0.0, 0)
    assert result.lse_d == pytest.approx(4e-6)


def test_undefined_and_refused():
    none = lip_sync_error(np.zeros((0, 4)), np.zeros((0, 4)))
    assert math.isnan(none.lse_d)
    assert (none.offset, none.reason) == (None, "no windows given")
    with pytest.raises(ValueError, match="of the same times"):
        lip_sync_error(embeddings(), embeddings(39))
    with pytest.raises(ValueError, match="vshift -1"):
        lip_sync_error(embeddings(), embeddings(), vshift=-1)


@pytest.mark.parametrize("vshift", [10, 15])
def test_vectors(vectors, vshift):
    expected = json.loads((vectors / "lse_expected.json").read_text())[f"vshift{vshift}"]
    with np.load(vectors / "lse_features.npz") as file:
        result = lip_sync_error(file["video"], file["audio"], vshift=vshift)
    # The reference works in float32.
    assert result.lse_d == pytest.approx(expected["lse_d"], rel=5e-7)
    assert result.lse_c == pytest.approx(expected["lse_c"], rel=5e-7)
    assert result.offset == expected["offset"]
    np.testing.assert_allclose(result.distances, expected["mean_dist"], rtol=5e-7)
