"""A tiny random XLM-RoBERTa in the hub's layout, through the path that the real one takes."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")
pytest.importorskip("tokenizers")

import tokenizers
import torch
import transformers

from emoanim import backend
from emoanim.adapters.text_classifiers.xlm_emo import XlmEmoClassifier
from emoanim.errors import SettingsError, WeightsError
from emoanim.evaluation.protocols import TextEmotionClassifier

SPECIAL = ["<s>", "<pad>", "</s>", "<unk>"]
WORDS = [*SPECIAL, "i", "am", "so", "happy", "today", "this", "is", "a", "terrible", "loss"]


def write_repository(folder: Path, *, named: bool = True, pickled: bool = True) -> Any:
    """Write what the hub holds of a model, and return the network."""
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = tokenizers.Tokenizer(
        tokenizers.models.WordLevel({w: i for i, w in enumerate(WORDS)}, unk_token="<unk>")
    )
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    tokenizer.post_processor = tokenizers.processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    tokenizer.save(str(folder / "tokenizer.json"))
    torch.manual_seed(0)
    names = {0: "anger", 1: "fear", 2: "joy", 3: "sadness"}
    config = transformers.XLMRobertaConfig(
        vocab_size=len(WORDS),
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=24,
        max_position_embeddings=18,
        pad_token_id=1,
        bos_token_id=0,
        eos_token_id=2,
        initializer_range=0.5,
        id2label=names if named else {i: f"LABEL_{i}" for i in names},
    )
    network = transformers.XLMRobertaForSequenceClassification(config).eval()
    config.architectures = ["XLMRobertaForSequenceClassification"]
    config.save_pretrained(folder)
    if pickled:
        torch.save(network.state_dict(), folder / "pytorch_model.bin")
    else:
        network.save_pretrained(folder)
    return network


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    folder = tmp_path_factory.mktemp("xlm")
    return folder, write_repository(folder)


def test_the_network_s_own_answer(repository: tuple[Path, Any]) -> None:
    folder, network = repository
    classifier = XlmEmoClassifier(folder, device="cpu", batch=2)
    texts = ["i am so happy today", "this is a terrible loss", "so happy"]
    found = classifier.classify(texts)
    assert found.labels == ("anger", "fear", "happy", "sad")
    for row, text in zip(found.values, texts, strict=True):
        ids = [0, *(WORDS.index(w) for w in text.split()), 2]
        with torch.inference_mode():
            expected = network(input_ids=torch.tensor([ids])).logits.softmax(-1)[0]
        assert np.allclose(row, expected.numpy(), atol=1e-5)
    assert isinstance(classifier, TextEmotionClassifier)


def test_the_registry_makes_it(repository: tuple[Path, Any]) -> None:
    made = backend("text_classifier", "xlm-emo", source=str(repository[0]), device="cpu")
    assert made.classify(["so happy"]).values.shape == (1, 4)


def test_a_long_text_is_read_to_its_end(repository: tuple[Path, Any]) -> None:
    classifier = XlmEmoClassifier(repository[0], device="cpu")
    start = "i am so happy today " * 4
    a, b = classifier.classify([start, start + "terrible loss " * 12]).values
    assert np.isclose(b.sum(), 1.0)
    assert not np.allclose(a, b, atol=1e-4)


def test_no_words_no_row_and_abstention(repository: tuple[Path, Any]) -> None:
    found = XlmEmoClassifier(repository[0], device="cpu").classify(["", "...", "so happy"])
    assert found.found.tolist() == [False, False, True]
    strict = XlmEmoClassifier(repository[0], device="cpu", abstain=1.0).classify(["so happy"])
    assert not strict.found.any()


def test_a_configuration_of_numbers_has_the_documented_order(tmp_path: Path) -> None:
    write_repository(tmp_path, named=False, pickled=False)
    classifier = XlmEmoClassifier(tmp_path, device="cpu")
    assert classifier.labels == ("anger", "fear", "happy", "sad")
    assert classifier.classify(["so happy"]).found.all()


def test_from_the_hub_s_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub.constants as constants

    commit = "0123456789abcdef0123456789abcdef01234567"
    home = tmp_path / "models--MilaNLProc--xlm-emo-t"
    write_repository(home / "snapshots" / commit)
    (home / "refs").mkdir()
    (home / "refs" / "main").write_text(commit)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setenv("EMOANIM_CACHE", str(tmp_path / "cache"))  # where the commit is noted
    monkeypatch.setenv("EMOANIM_OFFLINE", "1")
    assert XlmEmoClassifier(device="cpu").classify(["so happy"]).found.all()
    assert XlmEmoClassifier(device="cpu", revision=commit).labels[0] == "anger"
    with pytest.raises(WeightsError, match=r"config\.json of MilaNLProc/xlm-emo-t at .*'other'"):
        XlmEmoClassifier(device="cpu", revision="other")


def test_hashes_are_kept_to(repository: tuple[Path, Any]) -> None:
    folder = repository[0]
    right = hashlib.sha256((folder / "pytorch_model.bin").read_bytes()).hexdigest()
    XlmEmoClassifier(folder, sha256={"pytorch_model.bin": right}, device="cpu")
    with pytest.raises(WeightsError, match=f"SHA-256 {right}; expected 00"):
        XlmEmoClassifier(folder, sha256={"pytorch_model.bin": "00"}, device="cpu")


def test_bad_repositories(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"lacks config\.json, tokenizer\.json"):
        XlmEmoClassifier(tmp_path, device="cpu")
    network = write_repository(tmp_path)
    (tmp_path / "pytorch_model.bin").unlink()
    with pytest.raises(WeightsError, match=r"lacks pytorch_model\.bin"):
        XlmEmoClassifier(tmp_path, device="cpu")
    state = {k: v for k, v in network.state_dict().items() if not k.startswith("classifier")}
    torch.save(state, tmp_path / "pytorch_model.bin")
    with pytest.raises(WeightsError, match="lacks weights of XLM-RoBERTa for classification"):
        XlmEmoClassifier(tmp_path, device="cpu")
    values = json.loads((tmp_path / "config.json").read_text())
    values["id2label"]["0"] = "banana"
    (tmp_path / "config.json").write_text(json.dumps(values))
    with pytest.raises(WeightsError, match="class that is no emotion: 'banana'"):
        XlmEmoClassifier(tmp_path, device="cpu")


def test_a_file_that_wants_to_run_code_is_refused(tmp_path: Path) -> None:
    write_repository(tmp_path)

    class Trap:
        def __reduce__(self) -> Any:
            return (Path.touch, (tmp_path / "sprung",))

    torch.save({"trap": Trap()}, tmp_path / "pytorch_model.bin")
    with pytest.raises(WeightsError, match="cannot be loaded"):
        XlmEmoClassifier(tmp_path, device="cpu")
    assert not (tmp_path / "sprung").exists()


def test_options_out_of_range(repository: tuple[Path, Any]) -> None:
    with pytest.raises(SettingsError, match="abstain 2"):
        XlmEmoClassifier(repository[0], abstain=2)
