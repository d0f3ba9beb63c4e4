"""From files laid out like the official ones to frames."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from golden_cases.checkpoint_files import write_safetensors, write_torch

from emoanim.adapters.animators.sadtalker import SadtalkerAnimator
from emoanim.clips import Audio, Portrait, Speech
from emoanim.emotions import EmotionPrompt
from emoanim.engines.sadtalker.networks import Files, load
from emoanim.engines.sadtalker.verification import verify
from emoanim.errors import WeightsError
from emoanim.weights import checkpoints

torch = pytest.importorskip("torch")
save_file = pytest.importorskip("safetensors.torch").save_file

CHECKPOINT = "SadTalker_V0.0.2_256.safetensors"
MAPPING = "mapping_00109-model.pth.tar"
PARTS = ("net_recon", "audio2exp", "audio2pose", "kp_extractor", "generator")


@pytest.fixture(scope="module")
def official(golden, tmp_path_factory):
    """Both files of the full mode, written from the manifests."""
    folder = tmp_path_factory.mktemp("sadtalker")
    manifests = [golden / "sadtalker" / f"manifest_{name}.json" for name in PARTS]
    write_safetensors(manifests, folder / CHECKPOINT)
    write_torch([golden / "sadtalker" / "manifest_mapping_00109.json"], folder / MAPPING)
    return folder


def sha256(path):
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def options(folder):
    return {
        "weights": folder,
        "sha256": sha256(folder / CHECKPOINT),
        "mapping_sha256": sha256(folder / MAPPING),
        "device": "cpu",
    }


@pytest.mark.slow
def test_the_file_is_as_large_as_the_official_one(official):
    assert (official / CHECKPOINT).stat().st_size == 725_066_984


@pytest.mark.slow
def test_a_portrait_speaks(official, portrait, tmp_path):
    from emoanim.media import Video, write_video

    image = portrait
    audio = Audio(np.random.default_rng(0).standard_normal(2 * 640).astype(np.float32) * 0.1, 16000)
    made = SadtalkerAnimator(**options(official))
    animation = made.animate(Portrait(image, image), Speech(audio, ""), EmotionPrompt.parse("sad"))
    assert animation.size == image.shape[1::-1]
    path = write_video(tmp_path / "out.mp4", animation, audio)
    assert len(list(Video(path).frames())) == animation.length == 2


@pytest.mark.slow
def test_verification(official):
    steps = list(verify(**options(official)))
    assert [s.name for s in steps] == ["hashes", "strict loading", "render"]
    assert all(s.passed for s in steps), steps


def test_verification_tells_what_is_wrong(tmp_path):
    """Another hash ends it at once; under a trusted hash another version is told by its names."""
    save_file({"generator.first.conv.weight": torch.zeros(1)}, tmp_path / CHECKPOINT)
    (tmp_path / MAPPING).write_bytes(b"half a download")
    (step,) = verify(weights=tmp_path, device="cpu")
    assert not step.passed
    assert "expected sha256:c211f5d6" in step.detail
    assert sha256(tmp_path / CHECKPOINT) in step.detail
    first, second = verify(**options(tmp_path))
    assert (first.name, first.passed) == ("hashes", True)
    assert not second.passed
    assert "lacks first.conv.bias" in second.detail


def test_another_file_under_the_official_name_is_refused(tmp_path):
    (tmp_path / CHECKPOINT).write_bytes(b"half a download")
    with pytest.raises(WeightsError, match="expected sha256:c211f5d6"):
        SadtalkerAnimator(weights=tmp_path)


def test_another_version_is_told_by_its_names(golden, tmp_path):
    path = tmp_path / CHECKPOINT
    save_file({"generator.first.conv.weight": torch.zeros(1)}, path)
    with pytest.raises(WeightsError, match=r"generator\.\*.*lacks first\.conv\.bias"):
        load(Files(path, tmp_path / MAPPING, 73), device="cpu")
    manifest = golden / "sadtalker" / "manifest_mapping_00229.json"
    narrow = write_torch([manifest], tmp_path / MAPPING)
    from emoanim.engines.sadtalker.mapping import Mapping

    tensors = checkpoints.read(narrow, key="mapping")
    with pytest.raises(WeightsError, match=r"\(1024, 70, 7\), expected float32 \(1024, 73, 7\)"):
        checkpoints.build(lambda: Mapping(73), tensors, "mapping")


def test_a_mapping_file_with_the_rest_of_its_training(golden, tmp_path):
    path = write_torch([golden / "sadtalker" / "manifest_mapping_00229.json"], tmp_path / "m.tar")
    content = torch.load(path, weights_only=True)
    torch.save({"epoch": 3, "optimizer": {"state": {}, "lr": 1e-4}, **content}, path)
    assert len(checkpoints.read(path, key="mapping")) == 18
