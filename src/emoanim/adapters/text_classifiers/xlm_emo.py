"""XLM-EMO through transformers: anger, fear, joy and sadness of a text in many languages."""

from __future__ import annotations

import pickle
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emoanim.clips import EmotionScores
from emoanim.emotions import Emotion, parse_emotion
from emoanim.errors import EmotionError, SettingsError, WeightsError
from emoanim.extras import require
from emoanim.parsing import parse_json, read_text
from emoanim.weights.checkpoints import device_named
from emoanim.weights.hub_files import hub_files
from emoanim.weights.hub_models import HUB_MODELS

__all__ = ["XlmEmoClassifier"]

_DOCUMENTED = (Emotion.ANGER, Emotion.FEAR, Emotion.HAPPY, Emotion.SAD)
"""Order of the classes where the configuration gives numbers only, by the model's card."""

_MODEL = HUB_MODELS["MilaNLProc/xlm-emo-t"]
"""Its weights are safetensors or a pickled file; that one is read as plain tensors only."""


class XlmEmoClassifier:
    """MilaNLProc/xlm-emo-t (Bianchi, Nozza and Hovy 2022), the paper's evaluator of words.

    Forced choice: a neutral sentence, or one of contempt, still gets one of the four emotions; give
    ``abstain`` to leave such a row out. A text longer than the model takes is read in parts, whose
    probabilities are averaged by their length. User names and links are not replaced: it is not
    published whether they were in training.

    Args:
        source: its repository, or a folder with the files of one (``config.json``,
            ``tokenizer.json``, the weights).
        revision: of the repository; name a commit to pin it.
        sha256: file name -> hash that it must have.
        abstain: a text whose best probability is below that gets a row of NaN.
        batch: parts of text at a time.
        device: "auto", "cpu", "cuda" or "mps".

    Raises:
        MissingExtraError: torch or transformers is not installed.
        WeightsError: the model cannot be had or is not what it should be.
        SettingsError: an option out of its range.
    """

    name = "xlm-emo"

    def __init__(
        self,
        source: str | Path = _MODEL.repo,
        *,
        revision: str = "main",
        sha256: Mapping[str, str] | None = None,
        abstain: float = 0.0,
        batch: int = 8,
        device: str = "auto",
    ) -> None:
        if batch < 1 or not 0.0 <= abstain <= 1.0:
            raise SettingsError(
                f"batch {batch} and abstain {abstain} given; expected at least 1 text and a "
                "probability from 0 to 1."
            )
        require("torch", "transformers")
        transformers = require("transformers", "transformers")
        tokenizers = require("tokenizers", "transformers")
        files = hub_files(
            source,
            _MODEL.files,
            one_of=_MODEL.one_of,
            revision=revision,
            sha256=sha256,
        )
        self.labels = _labels(files["config.json"])
        self._batch, self._abstain = batch, abstain
        self._device = device_named(device)
        self._network = _network(transformers, files["config.json"].parent, str(source))
        self._network.to(self._device)
        self._tokenizer = tokenizers.Tokenizer.from_file(str(files["tokenizer.json"]))
        # XLM-RoBERTa counts positions from the padding's number plus one.
        config = self._network.config
        self._tokenizer.enable_truncation(config.max_position_embeddings - config.pad_token_id - 1)
        self._tokenizer.no_padding()

    def classify(self, texts: Sequence[str]) -> EmotionScores:
        """Return one row per text, NaN for one without letters.

        Args:
            texts: of any length.
        """
        values = np.full((len(texts), len(self.labels)), np.nan)
        parts: list[tuple[int, list[int]]] = []
        for row, text in enumerate(texts):
            if any(c.isalnum() for c in text):
                parts += [(row, ids) for ids in self._parts(text)]
        for row, share in self._weighed(parts).items():
            if share.max() >= self._abstain:
                values[row] = share
        return EmotionScores(self.labels, values, classifier=self.name)

    def _parts(self, text: str) -> list[list[int]]:
        """Token ids of a text, cut into parts that the model takes, with its special tokens."""
        whole = self._tokenizer.encode(text)
        return [list(part.ids) for part in (whole, *whole.overflowing)]

    def _weighed(self, parts: Sequence[tuple[int, list[int]]]) -> dict[int, NDArray[np.float64]]:
        totals: dict[int, NDArray[np.float64]] = {}
        for start in range(0, len(parts), self._batch):
            batch = parts[start : start + self._batch]
            for (row, ids), share in zip(batch, self._run([i for _, i in batch]), strict=True):
                totals[row] = totals.get(row, np.zeros(len(self.labels))) + share * len(ids)
        return {row: total / total.sum() for row, total in totals.items()}

    def _run(self, ids: Sequence[list[int]]) -> NDArray[np.float64]:
        import torch

        longest = max(len(i) for i in ids)
        padding = self._network.config.pad_token_id
        tokens = torch.tensor([i + [padding] * (longest - len(i)) for i in ids])
        tokens = tokens.to(self._device)
        with torch.inference_mode():
            logits = self._network(
                input_ids=tokens, attention_mask=(tokens != padding).long()
            ).logits
        return np.asarray(logits.double().softmax(-1).cpu().numpy(), np.float64)


def _network(transformers: Any, folder: Path, source: str) -> Any:
    try:
        network, report = transformers.XLMRobertaForSequenceClassification.from_pretrained(
            str(folder), local_files_only=True, output_loading_info=True
        )
    except (OSError, ValueError, RuntimeError, pickle.UnpicklingError) as error:
        raise WeightsError(
            f"{source} cannot be loaded as XLM-RoBERTa ({str(error).splitlines()[0]}). Take the "
            "files of one revision."
        ) from error
    # The position ids of old versions of transformers are no weights.
    lost = [n for n in report["missing_keys"] if not n.endswith("position_ids")]
    if lost:
        raise WeightsError(
            f"{source} lacks weights of XLM-RoBERTa for classification, such as {sorted(lost)[0]}; "
            "expected a model that was trained to classify."
        )
    return network.eval()


def _labels(path: Path) -> tuple[str, ...]:
    """Emotions in the order of the classes, from the configuration."""
    try:
        names = parse_json(read_text(path)).get("id2label") or {}
        order = [str(names[k]) for k in sorted(names, key=int)]
    except (ValueError, AttributeError, TypeError) as error:
        raise WeightsError(f"{path} is not a model's configuration ({error}).") from error
    if not order or all(n.upper().startswith("LABEL_") for n in order):
        if len(order) not in (0, len(_DOCUMENTED)):
            raise WeightsError(
                f"{path} has {len(order)} classes without names; expected {len(_DOCUMENTED)}: "
                f"{', '.join(_DOCUMENTED)}."
            )
        return tuple(str(e) for e in _DOCUMENTED)
    try:
        return tuple(str(parse_emotion(n)) for n in order)
    except EmotionError as error:
        raise WeightsError(f"{path} names a class that is no emotion: {error}") from error
