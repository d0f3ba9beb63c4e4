"""Whisper through transformers (PyTorch): any checkpoint of that format, words with times."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emoanim.clips import Audio, Transcript, Word
from emoanim.errors import NoSpeechError, SettingsError, WeightsError
from emoanim.extras import require
from emoanim.registry.verbs import options_repr, verb
from emoanim.sound.signals import resample
from emoanim.weights.checkpoints import device_named
from emoanim.weights.hub_files import offline
from emoanim.weights.hub_models import HUB_MODELS

__all__ = ["TransformersWhisperTranscriber"]

_RATE = 16000
_EXTRA = "transformers"
_BASE = "openai/whisper-base"


class TransformersWhisperTranscriber:
    """Speech to text with word times (paper 3.1), on the weights that Whisper's authors published.

    Args:
        model: a name on the Hugging Face hub such as "openai/whisper-large-v3" (fetched on first
            use; "base" stands for "openai/whisper-base", at a fixed revision), or a folder of that
            format.
        language: ISO 639-1 code; None finds out from the audio.
        device: "auto", "cpu", "cuda", "mps" or one that torch knows.
        beam_size: width of the search, 1 or more.

    The model is loaded at the first call and kept. One instance may be used from many threads;
    calls run one after the other.

    Raises:
        SettingsError: an option out of its range; a device that is not there, at the first call.
    """

    def __init__(
        self,
        model: str = _BASE,
        language: str | None = None,
        device: str = "auto",
        beam_size: int = 1,
    ) -> None:
        if beam_size < 1:
            raise SettingsError(f"beam_size {beam_size} given; expected 1 or more.")
        self.model = _BASE if model == "base" else model
        self.language = language
        self.device = device
        self.beam_size = beam_size
        self._loaded: tuple[Any, Any] | None = None
        self._lock = threading.Lock()

    __repr__ = options_repr

    @verb
    def transcribe(self, audio: Audio) -> Transcript:
        """Return the words with their times in seconds.

        Raises:
            NoSpeechError: the audio is empty or silent, or holds no words.
            WeightsError: the model cannot be had.
            SettingsError: a language that the model does not know.
            MissingExtraError: transformers or torch is not installed.
        """
        if float(np.abs(audio.samples).max(initial=0.0)) < 1e-4:
            raise _no_words(audio)
        samples = resample(audio, _RATE).samples
        with self._lock:
            if self._loaded is None:
                self._loaded = self._load()
            words, language = self._heard(*self._loaded, samples)
        words = tuple(
            Word(w.text, min(w.start, audio.duration), min(w.end, audio.duration)) for w in words
        )
        text = " ".join(w.text for w in words)
        if not any(c.isalnum() for c in text):
            raise _no_words(audio)
        return Transcript(text, language, words, audio.duration)

    def _heard(
        self, network: Any, processor: Any, samples: NDArray[np.float32]
    ) -> tuple[tuple[Word, ...], str]:
        """Run the network over the whole sound; windows of 30 s follow one another by its times."""
        torch = require("torch", _EXTRA)
        inputs = processor(
            samples,
            sampling_rate=_RATE,
            return_tensors="pt",
            truncation=False,
            padding="longest" if len(samples) > 30 * _RATE else "max_length",
            return_attention_mask=True,
        ).to(network.device)
        options: dict[str, Any] = {}
        multilingual = bool(getattr(network.generation_config, "is_multilingual", False))
        if multilingual:
            options = {"task": "transcribe", "language": self.language}
        with torch.inference_mode():
            if multilingual and self.language is None:
                detected = network.detect_language(inputs.input_features[..., :3000])
                token = processor.tokenizer.decode(detected[0])
                options["language"] = token.strip("<|>")
            try:
                generated = network.generate(
                    **inputs,
                    **options,
                    num_beams=self.beam_size,
                    do_sample=False,
                    return_timestamps=True,
                    return_token_timestamps=True,
                    return_segments=True,
                )
            except ValueError as error:
                if "lang" not in str(error).lower():  # the option's name, or "lang_to_id"
                    raise
                raise SettingsError(
                    f"language {self.language!r} given; the model {self.model!r} does not know it."
                ) from error
        words = [
            word
            for segment in generated["segments"][0]
            for word in _words(segment, processor.tokenizer)
        ]
        return tuple(words), str(options.get("language") or "en")

    def _load(self) -> tuple[Any, Any]:
        require("torch", _EXTRA)
        package = require("transformers", _EXTRA)
        device = device_named(self.device)
        known = HUB_MODELS.get(self.model)
        here = {"local_files_only": offline(), "revision": known.revision if known else "main"}
        try:
            network = package.WhisperForConditionalGeneration.from_pretrained(self.model, **here)
            processor = package.WhisperProcessor.from_pretrained(self.model, **here)
            return network.eval().to(device), processor
        except (OSError, ValueError, RuntimeError) as error:
            way = f" To have it here: {known.command}" if known else ""
            raise WeightsError(
                f"the Whisper model {self.model!r} cannot be loaded "
                f"({str(error).strip().partition(chr(10))[0]}). Expected a name on the Hugging "
                f"Face hub such as openai/whisper-small, or a folder of that format.{way}"
            ) from error


def _words(segment: Any, tokenizer: Any) -> list[Word]:
    """Put a segment's tokens together to words; a token that begins with a blank begins one."""
    special = set(tokenizer.all_special_ids)
    first_time = tokenizer.convert_tokens_to_ids("<|0.00|>")
    tokens = [int(t) for t in segment["tokens"]]
    times = [float(t) for t in segment["token_timestamps"]]
    words: list[list[tuple[int, float]]] = []
    for token, time in zip(tokens, times, strict=False):
        if token in special or (first_time is not None and token >= first_time):
            continue
        if tokenizer.decode([token]).startswith(" ") or not words:
            words.append([])
        words[-1].append((token, time))
    out = []
    ends = [group[0][1] for group in words[1:]] + [float(segment["end"])]
    for group, end in zip(words, ends, strict=True):
        text = tokenizer.decode([token for token, _ in group]).strip()
        start = group[0][1]
        if text:
            out.append(Word(text, start, max(start, end)))
    return out


def _no_words(audio: Audio) -> NoSpeechError:
    return NoSpeechError(
        f"no words were found in the audio ({audio.duration:.1f} s); expected somebody speaking. "
        "Give a clip with speech."
    )
