"""SpeechBrain's emotion recogniser: wav2vec 2.0 and a linear head, without downloaded code."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from emoanim.clips import Audio, EmotionScores
from emoanim.emotions import parse_emotion
from emoanim.errors import EmotionError, WeightsError
from emoanim.extras import require
from emoanim.parsing import parse_json, read_text
from emoanim.sound.signals import resample
from emoanim.weights.checkpoints import build, device_named, read
from emoanim.weights.hub_files import hub_files
from emoanim.weights.hub_models import HUB_MODELS

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["SpeechBrainClassifier"]

RATE = 16000
"""Hz that the network hears."""

_MODEL = HUB_MODELS["speechbrain/emotion-recognition-wav2vec2-IEMOCAP"]
_LEAST_SECONDS = 0.1
_MOST_SECONDS = 30.0
_SILENT = 1e-5
_ENTRY = re.compile(r"^'([^']+)'\s*=>\s*(\d+)\s*$", re.MULTILINE)
_RENAMED = {"weight_g": "parametrizations.weight.original0",
            "weight_v": "parametrizations.weight.original1"}  # fmt: skip


class SpeechBrainClassifier:
    """speechbrain/emotion-recognition-wav2vec2-IEMOCAP, the paper's evaluator of the voice.

    Its repository brings code, which is neither fetched nor run: the backbone is transformers'
    wav2vec 2.0, the head is built here. The wave is normalised over its length, the last hidden
    layer over time and channels, both without learned factors; the mean over time goes through a
    linear layer without bias, then a softmax. Forced choice among neutral, anger, happy and sad.

    Args:
        source: its repository, or a folder with the files of one (``wav2vec2.ckpt``,
            ``model.ckpt``, ``label_encoder.txt``; a ``config.json`` of another backbone).
        revision: of the repository; name a commit to pin it.
        sha256: file name -> hash that it must have.
        normalize: normalise the wave, as the feature extractor of wav2vec2-base does.
        device: "auto", "cpu", "cuda" or "mps".

    Raises:
        MissingExtraError: torch or transformers is not installed.
        WeightsError: the model cannot be had or is not what it should be.
    """

    name = "speechbrain"

    def __init__(
        self,
        source: str | Path = _MODEL.repo,
        *,
        revision: str = "main",
        sha256: Mapping[str, str] | None = None,
        normalize: bool = True,
        device: str = "auto",
    ) -> None:
        require("torch", "transformers")
        transformers = require("transformers", "transformers")
        files = hub_files(
            source,
            _MODEL.files,
            optional=_MODEL.optional,
            revision=revision,
            sha256=sha256,
        )
        self.labels = _labels(files["label_encoder.txt"])
        self._device = device_named(device)
        self._normalize = normalize
        config = _config(transformers, files.get("config.json"))
        tensors = _backbone_names(read(files["wav2vec2.ckpt"]))
        self._backbone = build(
            lambda: transformers.Wav2Vec2Model(config), tensors, f"{source} (wav2vec 2.0)"
        ).to(self._device)
        head = _head(read(files["model.ckpt"]), len(self.labels), config.hidden_size, source)
        self._head = head.to(self._device)

    def classify(self, sounds: Sequence[Audio]) -> EmotionScores:
        """Return one row per sound, NaN for one under 0.1 s or silent.

        A sound over 30 s is heard in equal parts, whose probabilities are averaged.

        Args:
            sounds: of any rate.
        """
        values = np.full((len(sounds), len(self.labels)), np.nan)
        for row, sound in enumerate(sounds):
            samples = resample(sound, RATE).samples
            if len(samples) < _LEAST_SECONDS * RATE or np.abs(samples).max() < _SILENT:
                continue
            parts = np.array_split(samples, math.ceil(len(samples) / (_MOST_SECONDS * RATE)))
            values[row] = np.mean([self._run(part) for part in parts], axis=0)
        return EmotionScores(self.labels, values, classifier=self.name)

    def _run(self, samples: NDArray[np.float32]) -> NDArray[np.float64]:
        import torch
        from torch.nn.functional import layer_norm

        with torch.inference_mode():
            wave = torch.from_numpy(np.ascontiguousarray(samples))[None].to(self._device)
            if self._normalize:
                wave = layer_norm(wave, wave.shape)
            hidden = self._backbone(wave).last_hidden_state
            hidden = layer_norm(hidden, hidden.shape)
            logits = hidden.mean(dim=1) @ self._head.T
        return np.asarray(logits[0].double().softmax(-1).cpu().numpy(), np.float64)


def _config(transformers: Any, path: Path | None) -> Any:
    """Configuration of the backbone; transformers' own defaults are those of wav2vec2-base."""
    values = {} if path is None else parse_json(read_text(path))
    return transformers.Wav2Vec2Config(**values)


def _backbone_names(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Names as transformers has them now: without the wrapper's prefix, weight norm renamed."""
    prefix = "model." if all(n.startswith("model.") for n in tensors) else ""
    named = {}
    for name, tensor in tensors.items():
        start, dot, last = name.removeprefix(prefix).rpartition(".")
        named[start + dot + _RENAMED.get(last, last)] = tensor
    return named


def _head(tensors: Mapping[str, Tensor], classes: int, width: int, source: str | Path) -> Tensor:
    """The linear layer: the one matrix of the file, whatever its name."""
    layers = list(tensors.values())
    if len(layers) != 1 or tuple(layers[0].shape) != (classes, width):
        there = ", ".join(f"{n} {tuple(t.shape)}" for n, t in tensors.items()) or "nothing"
        raise WeightsError(
            f"model.ckpt of {source} holds {there}; expected one matrix of {classes}x{width}, a "
            "linear layer without bias."
        )
    return layers[0].float().requires_grad_(False)


def _labels(path: Path) -> tuple[str, ...]:
    """Emotions in the order of the classes, from SpeechBrain's label encoder."""
    entries = _ENTRY.findall(path.read_text(encoding="utf-8").partition("====")[0])
    order = {int(index): name for name, index in entries}
    if not order or sorted(order) != list(range(len(order))):
        raise WeightsError(
            f"{path} lists the classes {order or 'nothing'}; expected lines such as \"'neu' => 0\" "
            "that count from 0."
        )
    try:
        return tuple(str(parse_emotion(order[i])) for i in range(len(order)))
    except EmotionError as error:
        raise WeightsError(f"{path} names a class that is no emotion: {error}") from error
