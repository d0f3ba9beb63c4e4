"""A tiny random wav2vec 2.0 and head, saved as SpeechBrain's repository holds them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")

import torch
import transformers

from emoanim import Audio, backend
from emoanim.adapters.speech_classifiers.wav2vec2_iemocap import (
    SpeechBrainClassifier,
)
from emoanim.errors import WeightsError
from emoanim.evaluation.protocols import SpeechEmotionClassifier

LABELS = "'neu' => 0\n'ang' => 1\n'hap' => 2\n'sad' => 3\n================\n'starting_index' => 0\n"
OLD = {
    "parametrizations.weight.original0": "weight_g",
    "parametrizations.weight.original1": "weight_v",
}


def write_repository(folder: Path) -> tuple[Any, Any]:
    """Write the files of the repository and return backbone and head."""
    torch.manual_seed(0)
    config = transformers.Wav2Vec2Config(
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=24,
        conv_dim=(8,) * 7,
        num_conv_pos_embeddings=4,
        num_conv_pos_embedding_groups=2,
    )
    network = transformers.Wav2Vec2Model(config).eval()
    config.save_pretrained(folder)
    state = {}
    for name, tensor in network.state_dict().items():
        for new, old in OLD.items():
            name = name.replace(new, old)
        state[f"model.{name}"] = tensor
    torch.save(state, folder / "wav2vec2.ckpt")
    head = torch.randn(4, 16)
    torch.save({"0.w.weight": head}, folder / "model.ckpt")
    (folder / "label_encoder.txt").write_text(LABELS)
    return network, head


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any, Any]:
    folder = tmp_path_factory.mktemp("speechbrain")
    return folder, *write_repository(folder)


def sound(seconds: float = 1.0, rate: int = 16000, pitch: float = 200.0) -> Audio:
    time = np.arange(round(seconds * rate)) / rate
    return Audio((0.3 * np.sin(2 * np.pi * pitch * time)).astype(np.float32), rate)


def test_the_published_order_of_steps(repository: tuple[Path, Any, Any]) -> None:
    folder, network, head = repository
    audio = sound()
    found = SpeechBrainClassifier(folder, device="cpu").classify([audio])
    assert found.labels == ("neutral", "anger", "happy", "sad")
    wave = audio.samples.astype(np.float64)
    wave = (wave - wave.mean()) / np.sqrt(wave.var() + 1e-5)
    with torch.inference_mode():
        hidden = network(torch.tensor(wave[None], dtype=torch.float32)).last_hidden_state[0].numpy()
    hidden = (hidden - hidden.mean()) / np.sqrt(hidden.var() + 1e-5)
    logits = hidden.mean(0) @ head.numpy().T
    expected = np.exp(logits - logits.max())
    assert np.allclose(found.values[0], expected / expected.sum(), atol=1e-4)


def test_loudness_does_not_matter_when_normalised(repository: tuple[Path, Any, Any]) -> None:
    loud = sound()
    quiet = Audio(loud.samples * 0.5, loud.rate)
    both = SpeechBrainClassifier(repository[0], device="cpu").classify([loud, quiet]).values
    assert np.allclose(both[0], both[1], atol=1e-3)
    raw = SpeechBrainClassifier(repository[0], device="cpu", normalize=False)
    other = raw.classify([loud, quiet]).values
    assert not np.allclose(other[0], other[1], atol=1e-6)


def test_rates_lengths_and_silence(repository: tuple[Path, Any, Any]) -> None:
    made = backend("speech_classifier", "speechbrain", source=str(repository[0]), device="cpu")
    assert isinstance(made, SpeechEmotionClassifier)
    short, silent = sound(0.05), Audio(np.zeros(16000, np.float32), 16000)
    found = made.classify([sound(rate=44100), short, silent, sound(31.0)])
    assert found.found.tolist() == [True, False, False, True]
    assert np.allclose(found.values[[0, 3]].sum(1), 1.0)


def test_a_head_of_another_kind(tmp_path: Path) -> None:
    write_repository(tmp_path)
    torch.save({"0.w.weight": torch.zeros(5, 16)}, tmp_path / "model.ckpt")
    with pytest.raises(WeightsError, match=r"0\.w\.weight \(5, 16\); expected one matrix of 4x16"):
        SpeechBrainClassifier(tmp_path, device="cpu")


def test_a_backbone_that_lacks_a_layer(tmp_path: Path) -> None:
    network, _ = write_repository(tmp_path)
    state = network.state_dict()
    del state["encoder.layers.1.layer_norm.weight"]
    torch.save(state, tmp_path / "wav2vec2.ckpt")
    with pytest.raises(WeightsError, match=r"lacks encoder\.layers\.1\.layer_norm\.weight"):
        SpeechBrainClassifier(tmp_path, device="cpu")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nothing", "lists the classes nothing"),
        ("'neu' => 1\n", "count from 0"),
        ("'x' => 0\n", "no emotion"),
    ],
)
def test_label_files_that_are_none(tmp_path: Path, text: str, message: str) -> None:
    write_repository(tmp_path)
    (tmp_path / "label_encoder.txt").write_text(text)
    with pytest.raises(WeightsError, match=message):
        SpeechBrainClassifier(tmp_path, device="cpu")
