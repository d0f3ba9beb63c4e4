"""Whisper through transformers, on the packaged weights."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

from emoanim import registry
from emoanim.adapters.transcribers.transformers_whisper import TransformersWhisperTranscriber
from emoanim.clips import Audio
from emoanim.emotions import EmotionPrompt
from emoanim.errors import NoSpeechError, SettingsError, WeightsError
from emoanim.weights.hub_models import HUB_MODELS, hub_state

pytestmark = pytest.mark.torch

SPECIAL = [
    "<|startoftranscript|>", "<|en|>", "<|de|>", "<|translate|>", "<|transcribe|>",
    "<|startofprev|>", "<|nospeech|>", "<|notimestamps|>",
]  # fmt: skip


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as the hub has it: a tiny network of random weights that writes letters."""
    torch = pytest.importorskip("torch")
    package = pytest.importorskip("transformers")
    folder = tmp_path_factory.mktemp("whisper")
    # GPT-2's alphabet of bytes: what is printable stands for itself, the rest from U+0100 on.
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    rest = [256 + i for i in range(256 - len(printable))]
    vocabulary = {chr(code): i for i, code in enumerate([*printable, *rest])}
    vocabulary["<|endoftext|>"] = len(vocabulary)
    (folder / "vocab.json").write_text(json.dumps(vocabulary))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    tokenizer = package.WhisperTokenizer(str(folder / "vocab.json"), str(folder / "merges.txt"))
    tokenizer.add_special_tokens({"additional_special_tokens": SPECIAL})
    tokenizer.add_tokens([f"<|{i * 0.02:.2f}|>" for i in range(1501)])
    end, start, english, german, translate, transcribe, previous, _, no_times = (
        tokenizer.convert_tokens_to_ids(["<|endoftext|>", *SPECIAL])
    )
    letters = tokenizer.convert_tokens_to_ids([*"abcdefgh", chr(288)])  # the last is a blank
    torch.manual_seed(0)
    shape = {"d_model": 32, "encoder_layers": 1, "decoder_layers": 1, "max_target_positions": 64}
    heads = {"encoder_attention_heads": 2, "decoder_attention_heads": 2}
    wide = {"encoder_ffn_dim": 32, "decoder_ffn_dim": 32, "vocab_size": len(tokenizer)}
    ends = {"pad_token_id": end, "bos_token_id": end, "eos_token_id": end}
    ends["decoder_start_token_id"] = start
    network = package.WhisperForConditionalGeneration(
        package.WhisperConfig(**shape, **heads, **wide, **ends)
    )
    network.generation_config = package.GenerationConfig(
        **ends,
        alignment_heads=[[0, 0], [0, 1]],
        suppress_tokens=[i for i in range(no_times) if i not in (*letters, end)],
        lang_to_id={"<|en|>": english, "<|de|>": german},
        task_to_id={"transcribe": transcribe, "translate": translate},
        is_multilingual=True,
        no_timestamps_token_id=no_times,
        prev_sot_token_id=previous,
        max_initial_timestamp_index=50,
        max_length=24,
        return_timestamps=False,
    )
    network.save_pretrained(folder)
    package.WhisperProcessor(package.WhisperFeatureExtractor(), tokenizer).save_pretrained(folder)
    return folder


def hum(seconds: float = 2.0) -> Audio:
    return Audio(0.3 * np.sin(np.arange(int(16000 * seconds)) / 20).astype(np.float32), 16000)


@pytest.mark.filterwarnings("ignore:std... degrees of freedom:UserWarning")  # a word of one token
def test_a_checkpoint_of_the_hubs_format(checkpoint: Path) -> None:
    made = TransformersWhisperTranscriber(str(checkpoint), device="cpu")
    heard = made.transcribe(hum())
    assert heard.text
    assert set(heard.text) <= set("abcdefgh ")
    assert heard.language in ("en", "de")
    assert [w.text for w in heard.words] == heard.text.split()
    assert heard.duration == 2.0
    assert all(0 <= w.start <= w.end <= 2.0 for w in heard.words)
    assert made.transcribe(hum()) == heard


def test_a_language_that_the_checkpoint_lacks(checkpoint: Path) -> None:
    made = TransformersWhisperTranscriber(str(checkpoint), language="fi", device="cpu")
    with pytest.raises(SettingsError, match="language 'fi' given"):
        made.transcribe(hum())


def test_base_is_the_hubs_at_a_fixed_revision(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a network and without a copy the error names the command that brings it."""
    pytest.importorskip("torch")
    package = pytest.importorskip("transformers")
    asked: list[tuple[str, str, bool]] = []

    def absent(name: str, *, revision: str, local_files_only: bool) -> None:
        asked.append((name, revision, local_files_only))
        raise OSError("no copy here")

    monkeypatch.setenv("EMOANIM_OFFLINE", "1")
    monkeypatch.setattr(package.WhisperForConditionalGeneration, "from_pretrained", absent)
    with pytest.raises(WeightsError, match="emoanim fetch openai/whisper-base"):
        TransformersWhisperTranscriber("base").transcribe(hum())
    ((name, revision, offline),) = asked
    assert (name, offline) == ("openai/whisper-base", True)
    assert re.fullmatch("[0-9a-f]{40}", revision)


@pytest.mark.slow
def test_it_hears_words_with_times() -> None:
    """With the real weights, where the hub's cache has them."""
    pytest.importorskip("torch")
    pytest.importorskip("transformers")
    if hub_state(HUB_MODELS["openai/whisper-base"]) != "ready":
        pytest.skip("openai/whisper-base is not in the hub's cache")
    voice = registry.backend("voice", "hibari")
    said = voice.speak(
        "We are going to meet the new team.",
        EmotionPrompt.parse("calm"),
        Audio(np.zeros(0, np.float32), 16000),
    )
    heard = TransformersWhisperTranscriber(device="cpu").transcribe(said.audio)
    assert "meet the new team" in heard.text.lower()
    assert heard.language == "en"
    assert len(heard.words) == len(heard.text.split())
    ends = [w.end for w in heard.words]
    assert ends == sorted(ends)
    assert heard.words[-1].end <= said.audio.duration + 1e-6
    meet = next(w for w in heard.words if w.text == "meet")
    sound = next(p for p in said.phones if p.symbol == "M")
    assert meet.start == pytest.approx(sound.start, abs=0.35)


def test_no_speech() -> None:
    with pytest.raises(NoSpeechError):
        TransformersWhisperTranscriber().transcribe(Audio(np.zeros(16000, np.float32), 16000))


def test_options_out_of_range() -> None:
    with pytest.raises(SettingsError):
        TransformersWhisperTranscriber(beam_size=0)
    pytest.importorskip("transformers")
    with pytest.raises(SettingsError, match="device 'abacus' given; this machine has"):
        TransformersWhisperTranscriber(device="abacus").transcribe(hum())


def test_no_such_model(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    pytest.importorskip("transformers")
    with pytest.raises(WeightsError, match="cannot be loaded"):
        TransformersWhisperTranscriber(str(tmp_path)).transcribe(hum())
