"""The packaged Whisper base, a CTranslate2 file, as a network of transformers."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emoanim.errors import WeightsError
from emoanim.extras import require

__all__ = ["PACKAGED_FILES", "packaged_whisper", "read_ctranslate2"]

PACKAGED_FILES = ("config.json", "tokenizer.json", "model.bin")
_TYPES = {0: "<f4", 1: "i1", 2: "<i2", 3: "<i4", 4: "<f2"}
# Part of a layer there -> here, and how many projections are stacked in its rows.
_ATTENTION = {
    "self_attention": ("self_attn", {0: "q k v", 1: "out"}),
    "attention": ("encoder_attn", {0: "q", 1: "k v", 2: "out"}),
}
_START, _END, _TRANSLATE, _TRANSCRIBE, _PREVIOUS, _NO_TIMES = (
    50258,
    50257,
    50358,
    50359,
    50361,
    50363,
)


def read_ctranslate2(path: Path) -> dict[str, NDArray[Any]]:
    """Return the variables of a CTranslate2 model file (binary version 6) by name.

    Raises:
        WeightsError: another version, or a type of numbers that is not known.
    """
    content = memoryview(path.read_bytes())
    at = 0

    def number(kind: str) -> int:
        nonlocal at
        (value,) = struct.unpack_from(kind, content, at)
        at += struct.calcsize(kind)
        return int(value)

    def text() -> str:
        nonlocal at
        size = number("<H")
        at += size
        return bytes(content[at - size : at - 1]).decode()

    version = number("<I")
    if version != 6:
        raise WeightsError(f"{path} is a CTranslate2 model of version {version}; expected 6.")
    text()
    number("<I")
    found: dict[str, NDArray[Any]] = {}
    for _ in range(number("<I")):
        name = text()
        shape = [number("<I") for _ in range(number("<B"))]
        kind = number("<B")
        size = number("<I")
        if kind not in _TYPES:
            raise WeightsError(f"{path} holds numbers of type {kind}; expected one of 0 to 4.")
        found[name] = np.frombuffer(content[at : at + size], _TYPES[kind]).reshape(shape)
        at += size
    for _ in range(number("<I")):
        alias = text()
        found[alias] = found[text()]
    return found


def packaged_whisper(folder: Path) -> tuple[Any, Any]:
    """Return network and processor made from the packaged files.

    Raises:
        MissingExtraError: transformers or torch is not installed.
    """
    torch = require("torch", "transformers")
    package = require("transformers", "transformers")
    state = {
        name: torch.from_numpy(np.array(values, np.float32))
        for name, values in _renamed(read_ctranslate2(folder / "model.bin")).items()
    }
    about = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    tokenizer = package.WhisperTokenizer.from_pretrained(str(folder))
    config = package.WhisperConfig(
        d_model=512,
        encoder_layers=6,
        decoder_layers=6,
        encoder_attention_heads=8,
        decoder_attention_heads=8,
        encoder_ffn_dim=2048,
        decoder_ffn_dim=2048,
        vocab_size=len(state["model.decoder.embed_tokens.weight"]),
        pad_token_id=_END,
        bos_token_id=_END,
        eos_token_id=_END,
        decoder_start_token_id=_START,
    )
    network = package.WhisperForConditionalGeneration(config)
    state["proj_out.weight"] = state["model.decoder.embed_tokens.weight"]
    network.load_state_dict(state)
    languages = {tokenizer.convert_ids_to_tokens(i): i for i in about["lang_ids"]}
    network.generation_config = package.GenerationConfig(
        alignment_heads=about["alignment_heads"],
        suppress_tokens=about["suppress_ids"],
        begin_suppress_tokens=about["suppress_ids_begin"],
        lang_to_id=languages,
        task_to_id={"transcribe": _TRANSCRIBE, "translate": _TRANSLATE},
        is_multilingual=True,
        no_timestamps_token_id=_NO_TIMES,
        prev_sot_token_id=_PREVIOUS,
        max_initial_timestamp_index=50,
        max_length=448,
        pad_token_id=_END,
        bos_token_id=_END,
        eos_token_id=_END,
        decoder_start_token_id=_START,
        return_timestamps=False,
    )
    processor = package.WhisperProcessor(package.WhisperFeatureExtractor(), tokenizer)
    return network, processor


def _renamed(found: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Return the weights by the names that transformers gives them."""
    out: dict[str, NDArray[Any]] = {
        "model.decoder.embed_tokens.weight": found["decoder/embeddings/weight"]
    }
    for side in ("encoder", "decoder"):
        there, here = f"{side}/", f"model.{side}."
        out[f"{here}embed_positions.weight"] = found[f"{there}position_encodings/encodings"]
        _norm(found, f"{there}layer_norm", out, f"{here}layer_norm")
        for layer in range(6):
            _layer(found, f"{there}layer_{layer}/", out, f"{here}layers.{layer}.")
    for conv in ("conv1", "conv2"):
        for part in ("weight", "bias"):
            out[f"model.encoder.{conv}.{part}"] = found[f"encoder/{conv}/{part}"]
    return out


def _layer(
    found: dict[str, NDArray[Any]], there: str, out: dict[str, NDArray[Any]], here: str
) -> None:
    for part, (name, stacks) in _ATTENTION.items():
        if f"{there}{part}/linear_0/weight" not in found:
            continue
        _norm(found, f"{there}{part}/layer_norm", out, f"{here}{name}_layer_norm")
        for number, stacked in stacks.items():
            for kind in ("weight", "bias"):
                values = found[f"{there}{part}/linear_{number}/{kind}"]
                names = stacked.split()
                for each, rows in zip(names, np.split(values, len(names)), strict=True):
                    if (each, kind) != ("k", "bias"):  # Whisper's keys have none; here it is zero
                        out[f"{here}{name}.{each}_proj.{kind}"] = rows
    _norm(found, f"{there}ffn/layer_norm", out, f"{here}final_layer_norm")
    for number in (0, 1):
        for kind in ("weight", "bias"):
            out[f"{here}fc{number + 1}.{kind}"] = found[f"{there}ffn/linear_{number}/{kind}"]


def _norm(
    found: dict[str, NDArray[Any]], there: str, out: dict[str, NDArray[Any]], here: str
) -> None:
    out[f"{here}.weight"] = found[f"{there}/gamma"]
    out[f"{here}.bias"] = found[f"{there}/beta"]
