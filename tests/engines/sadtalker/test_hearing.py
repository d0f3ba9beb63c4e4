"""Hearing on all processors: the same numbers, and torch's threads as they were."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from emoanim.engines.sadtalker.hearing import heard
from emoanim.engines.sadtalker.mel import windows

pytest.importorskip("torch")

import torch

from emoanim.engines.sadtalker import audio_networks

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def spectrogram():
    return np.random.default_rng(0).uniform(-4, 4, (400, 80)).astype(np.float32)


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_batches_come_back_in_order(spectrogram, threads):
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        found = heard(lambda mels, _: mels.flatten(1), spectrogram, 1, 118, CPU)
        assert torch.get_num_threads() == threads
    finally:
        torch.set_num_threads(before)
    np.testing.assert_array_equal(found, windows(spectrogram, 1, 118).reshape(117, -1))


def test_each_worker_computes_alone_and_later_threads_do_not(spectrogram):
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    seen: list[int] = []

    def embed(mels, frames):
        assert len(mels) == frames.stop - frames.start
        seen.append(torch.get_num_threads())
        return mels.flatten(1)

    try:
        heard(embed, spectrogram, 0, 64, CPU)
        later = threading.Thread(target=lambda: seen.append(torch.get_num_threads()))
        later.start()
        later.join()
    finally:
        torch.set_num_threads(before)
    assert seen == [1, 1, 2]


def test_an_error_in_a_worker_is_raised(spectrogram):
    def embed(mels, frames):
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        heard(embed, spectrogram, 0, 64, CPU)


def randomised(make):
    torch.manual_seed(0)
    network = make().eval().requires_grad_(False)
    for name, tensor in network.state_dict().items():
        if "running_var" in name or ".1.weight" in name:
            tensor.uniform_(0.5, 1.5)
        elif "running_mean" in name or "classbias" in name:
            tensor.normal_()
    return network


def test_the_prepared_networks_compute_what_the_plain_ones_do():
    mels = torch.rand(5, 1, 80, 16) * 8 - 4
    reference, lids = torch.randn(5, 64), torch.rand(5, 1)
    network = randomised(audio_networks.AudioToExpression)
    plain = network(mels, reference, lids)
    folded = audio_networks.prepare_expression(network)
    assert not any(isinstance(m, torch.nn.BatchNorm2d) for m in folded.modules())
    torch.testing.assert_close(
        folded(mels, reference, lids), plain, rtol=0, atol=1e-5 * float(plain.abs().max())
    )
    pose = randomised(audio_networks.AudioToPose)
    plain = pose.embed(mels)
    found = audio_networks.prepare_pose(pose).embed(mels)
    torch.testing.assert_close(found, plain, rtol=0, atol=1e-5 * float(plain.abs().max()))
