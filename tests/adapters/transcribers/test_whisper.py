from __future__ import annotations

import os
import subprocess
import sys
import weakref
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from emoanim.adapters.transcribers import whisper
from emoanim.adapters.transcribers.whisper import WhisperTranscriber
from emoanim.adapters.voices.hibari import HibariVoice
from emoanim.clips import Audio
from emoanim.emotions import EmotionPrompt
from emoanim.errors import MissingExtraError, NoSpeechError, SettingsError, WeightsError
from emoanim.language.word_errors import word_error_rate
from emoanim.media import read_audio

TEXT = "My mother bought fresh bread and butter from the shop this morning."

STORY = (
    "Then she walked along the river to see her brother. He was painting the door of his house. "
    "They talked about the weather and drank a cup of tea. A small dog slept under the table. "
    "In the evening they went to the station together. The train to the city was late again. "
    "Nobody was angry, because the night was warm and the moon was bright. "
    "At last the train came, and her brother waved until it was gone."
)


@pytest.fixture(scope="module")
def transcriber() -> WhisperTranscriber:
    return WhisperTranscriber()


@pytest.fixture(scope="module")
def spoken() -> Audio:
    silent = Audio(np.zeros(0, np.float32), 16000)
    return HibariVoice().speak(TEXT, EmotionPrompt.parse("calm"), silent).audio


def plain(text: str) -> list[str]:
    return "".join(c for c in text.lower() if c.isalpha() or c == " ").split()


def test_words_and_times(transcriber: WhisperTranscriber, spoken: Audio) -> None:
    quiet = Audio(spoken.samples * 0.01, spoken.rate)
    heard = transcriber.transcribe(quiet)
    assert plain(heard.text) == plain(TEXT)
    assert heard.language == "en"
    assert heard.duration == spoken.duration
    assert [plain(w.text)[0] for w in heard.words] == plain(TEXT)
    for one, other in pairwise(heard.words):
        assert 0.0 <= one.start <= one.end <= other.end <= spoken.duration + 0.1
    assert heard.words[0].start < 0.5
    assert heard.words[-1].end > spoken.duration - 1.0


def test_one_instance_serves_many_threads(transcriber: WhisperTranscriber, spoken: Audio) -> None:
    with ThreadPoolExecutor(2) as pool:
        one, other = pool.map(transcriber.transcribe, [spoken, spoken])
    assert one == other


rng = np.random.default_rng(0)
WORDLESS = {
    "empty": np.zeros(0),
    "silent": np.zeros(32000),
    "noise": rng.standard_normal(80000) * 0.1,
    "tone": np.sin(np.arange(80000) * 0.08) * 0.3,
    "clicks": np.eye(1, 32000, 100)[0],
}


@pytest.mark.parametrize("name", WORDLESS)
def test_no_words(transcriber: WhisperTranscriber, name: str) -> None:
    with pytest.raises(NoSpeechError, match="expected somebody speaking"):
        transcriber.transcribe(Audio(WORDLESS[name].astype(np.float32), 16000))


def segment(text: str, sure: float, none: float, words: bool = True) -> Any:
    word = SimpleNamespace(word=f" {text}", start=0.1, end=0.5, probability=sure)
    return SimpleNamespace(
        text=text,
        start=0.0,
        end=1.0,
        words=[word] if words else None,
        no_speech_prob=none,
        avg_logprob=-0.9,
        compression_ratio=1.0,
    )


class Features:
    """Stands for what turns sound into Whisper's features."""

    def __init__(self) -> None:
        self.mel_filters = np.zeros((80, 201), np.float32)

    def __call__(self, samples: object) -> Any:
        return np.zeros((80, 10))


class Model:
    """Stands for a loaded Whisper: it hears one language and says what it is told to."""

    model = SimpleNamespace(is_multilingual=True)

    def __init__(self, transcribe: Callable[..., Any], language: str = "en") -> None:
        self.transcribe, self.language = transcribe, language
        self.feature_extractor = Features()

    def detect_language(self, features: object) -> tuple[str, float, list[Any]]:
        return self.language, 0.9, []


def answering(*segments: Any) -> WhisperTranscriber:
    made = WhisperTranscriber()
    about = SimpleNamespace(language="en")
    made._loaded = Model(lambda *_, **__: (iter(segments), about))
    return made


@pytest.mark.parametrize(
    "segments",
    [
        [segment("Thank you.", 0.3, 0.2)],
        [segment("Thank you.", 0.9, 0.7)],
        [segment("you", 0.2, 0.1, words=False)],
        [segment("Some words nobody said.", 0.3, 0.9)],
        [segment("...", 0.9, 0.1)],
        [],
    ],
)
def test_what_nobody_said_is_dropped(segments: Sequence[Any], spoken: Audio) -> None:
    with pytest.raises(NoSpeechError, match="no words"):
        answering(*segments).transcribe(spoken)


def test_thanks_that_were_said_are_kept(spoken: Audio) -> None:
    assert answering(segment("Thank you.", 0.9, 0.1)).transcribe(spoken).text == "Thank you."


def test_pieces_of_a_word_are_one_word(spoken: Audio) -> None:
    whole = segment("D.C.", 0.9, 0.1)
    whole.words = [
        SimpleNamespace(word=" D", start=0.02, end=0.2, probability=0.4),
        SimpleNamespace(word=".C.", start=0.2, end=0.31, probability=0.9),
        SimpleNamespace(word=" ", start=0.31, end=0.31, probability=0.9),
    ]
    heard = answering(whole).transcribe(spoken)
    # Whisper hears the sound after 0.06 s of silence; nothing begins before the sound does.
    assert heard.words == (whisper.Word("D.C.", 0.0, 0.25, 0.4),)


def test_long_sound_is_heard_in_pieces(transcriber: WhisperTranscriber, spoken: Audio) -> None:
    """Each piece fills a window at most, nothing is left out, and times run through."""
    pause = np.zeros(spoken.rate // 2, np.float32)
    silent = Audio(np.zeros(0, np.float32), 16000)
    others = HibariVoice().speak(STORY, EmotionPrompt.parse("calm"), silent).audio
    long = Audio(np.concatenate([spoken.samples, pause, others.samples]), spoken.rate)
    made = WhisperTranscriber()
    lengths: list[float] = []
    languages: list[str | None] = []
    heard_by = made._load()

    def transcribe(samples: np.ndarray, **options: Any) -> Any:
        lengths.append(len(samples) / 16000)
        languages.append(options["language"])
        return heard_by.transcribe(samples, **options)

    made._loaded = Model(transcribe)
    detect, asked = made._loaded.detect_language, 0

    def detected(features: object) -> Any:
        nonlocal asked
        asked += 1
        return detect(features)

    made._loaded.detect_language = detected
    heard = made.transcribe(long)
    assert len(lengths) > 1
    assert max(lengths) <= 28.0
    assert sum(lengths) == pytest.approx(long.duration + 0.06, abs=0.01)
    assert languages == ["en"] * len(lengths)  # found out once, for the first
    assert asked == 1
    assert word_error_rate(f"{TEXT} {STORY}", heard.text) < 0.03  # nothing left out, or said twice
    alone = transcriber.transcribe(others)
    later = len(spoken.samples) / spoken.rate + 0.5
    words = heard.words[-len(alone.words) :]
    shifts = [w.start - s.start - later for w, s in zip(words, alone.words, strict=True)]
    assert np.median(np.abs(shifts)) < 0.1
    assert np.abs(shifts).max() < 1.0


def test_pieces_are_cut_where_it_is_quiet() -> None:
    samples = np.random.default_rng(0).standard_normal(70 * 16000).astype(np.float32)
    for second in (22, 47):
        samples[second * 16000 : second * 16000 + 8000] = 0.0
    pieces = list(whisper._pieces(samples))
    assert np.array_equal(np.concatenate([p for _, p in pieces]), samples)
    starts = [start / 16000 for start, _ in pieces]
    assert starts == [0.0, pytest.approx(22.25, abs=0.2), pytest.approx(47.25, abs=0.2)]


def test_a_search_in_a_loop_is_made_again(spoken: Audio) -> None:
    options: list[dict[str, Any]] = []
    loop = segment("so it goes on and on and on and on", 0.9, 0.1)
    loop.compression_ratio = 3.0

    def transcribe(*_: object, **given: Any) -> Any:
        options.append(given)
        found = segment("so it goes", 0.9, 0.1) if len(options) > 1 else loop
        return iter([found]), SimpleNamespace(language="en")

    made = WhisperTranscriber()
    made._loaded = Model(transcribe)
    assert made.transcribe(spoken).text == "so it goes"
    assert [o.get("no_repeat_ngram_size") for o in options] == [None, 4]
    assert {o["temperature"] for o in options} == {0.0}


@pytest.mark.parametrize(
    "options", [{"beam_size": 0}, {"threads": 0}, {"device": "tpu"}], ids=lambda o: next(iter(o))
)
def test_options_out_of_range(options: dict[str, Any]) -> None:
    with pytest.raises(SettingsError, match="expected"):
        WhisperTranscriber(**options)


def test_a_language_that_does_not_exist(spoken: Audio) -> None:
    with pytest.raises(SettingsError, match="language 'xx'"):
        WhisperTranscriber(language="xx").transcribe(spoken)


def test_other_errors_are_not_hidden(spoken: Audio) -> None:
    def fails(*_: object, **__: object) -> None:
        raise ValueError("something else")

    made = WhisperTranscriber(language="en")
    made._loaded = SimpleNamespace(transcribe=fails)
    with pytest.raises(ValueError, match="something else"):
        made.transcribe(spoken)


class Package:
    """Stands for faster_whisper: notes what it is asked for, and has no network."""

    def __init__(self, fails: bool = False) -> None:
        self.fails = fails
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.WhisperModel = self._open

    def _open(self, source: str, **options: Any) -> Any:
        self.asked.append((source, options))
        if self.fails:
            raise OSError("no network\nmore lines")
        about = SimpleNamespace(language="de")
        return Model(lambda *_, **__: ([segment("Hallo", 0.9, 0.1)], about), "de")


def loading(monkeypatch: pytest.MonkeyPatch, package: Package, cuda: int = 0) -> None:
    real = whisper.require
    fakes: dict[str, Any] = {
        "faster_whisper": package,
        "ctranslate2": SimpleNamespace(get_cuda_device_count=lambda: cuda),
    }
    monkeypatch.setattr(whisper, "require", lambda m, e: fakes.get(m) or real(m, e))


def test_other_models_by_name_or_folder(
    monkeypatch: pytest.MonkeyPatch, spoken: Audio, tmp_path: Path
) -> None:
    package = Package()
    loading(monkeypatch, package, cuda=1)
    made = WhisperTranscriber("small", threads=2)
    assert made.transcribe(spoken).language == "de"
    made.transcribe(spoken)
    WhisperTranscriber(str(tmp_path), device="cpu").transcribe(spoken)
    WhisperTranscriber("tiny", compute_type="float32").transcribe(spoken)
    (small, on_cuda), (folder, on_cpu), (_, chosen) = package.asked
    assert (small, on_cuda["compute_type"], on_cuda["cpu_threads"]) == ("small", "float16", 2)
    assert (folder, on_cpu["compute_type"], on_cpu["device"]) == (str(tmp_path), "int8", "cpu")
    assert chosen["compute_type"] == "float32"


def test_a_model_that_cannot_be_had(monkeypatch: pytest.MonkeyPatch, spoken: Audio) -> None:
    loading(monkeypatch, Package(fails=True))
    with pytest.raises(WeightsError, match=r"'small' cannot be loaded \(no network\)"):
        WhisperTranscriber("small").transcribe(spoken)


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch, spoken: Audio) -> None:
    monkeypatch.setitem(sys.modules, "faster_whisper.vad", None)
    with pytest.raises(MissingExtraError, match=r"pip install .*\[local\]"):
        WhisperTranscriber().transcribe(spoken)


def test_real_speech(transcriber: WhisperTranscriber, media: Path) -> None:
    heard = transcriber.transcribe(read_audio(media / "talking_8s.mp4")).text.lower()
    assert "my second week of new member orientation" in heard
    assert "in addition to learning where things are" in heard


def test_a_window_is_encoded_once(monkeypatch: pytest.MonkeyPatch, spoken: Audio) -> None:
    from faster_whisper import WhisperModel

    transcriber = WhisperTranscriber()
    alone = transcriber.transcribe(spoken)
    windows: list[Any] = []
    encode = WhisperModel.encode

    def counted(model: Any, features: Any) -> Any:
        windows.append(features)
        return encode(model, features)

    monkeypatch.setattr(WhisperModel, "encode", counted)
    language, sure = transcriber.detect_language(spoken)
    assert (language, sure > 0.9) == ("en", True)
    assert transcriber.transcribe(spoken) == alone
    assert len(windows) == 1
    assert not transcriber._encoded


def test_an_english_model_needs_no_detection(spoken: Audio) -> None:
    made = answering(segment("Hello.", 0.9, 0.1))
    made._loaded.model = SimpleNamespace(is_multilingual=False)
    made._loaded.detect_language = None
    assert made.detect_language(spoken) == ("en", 1.0)
    assert made.transcribe(spoken).text == "Hello."


def test_the_model_is_let_go_and_loaded_again(spoken: Audio) -> None:
    transcriber = WhisperTranscriber()
    before = transcriber.transcribe(spoken)
    loaded = weakref.ref(transcriber._loaded)
    transcriber.release()
    assert loaded() is None
    assert transcriber.transcribe(spoken) == before


def test_a_model_in_use_stays() -> None:
    transcriber = WhisperTranscriber()
    transcriber._loaded = model = object()
    with transcriber._lock:
        transcriber.release()
        assert transcriber._loaded is model


_FEATURES = """
import hashlib
import numpy as np
from emoanim.adapters.transcribers.whisper import WhisperTranscriber

sound = np.random.default_rng(0).normal(size=20 * 16000).astype(np.float32)
features = WhisperTranscriber(language="en")._load().feature_extractor(sound)
assert features.dtype == np.float32
print(hashlib.sha256(features.tobytes()).hexdigest())
"""


def test_the_features_do_not_depend_on_threads() -> None:
    """Else the same film would get other words on a cluster, whose jobs set these variables."""
    heard = {
        subprocess.run(
            [sys.executable, "-c", _FEATURES],
            env={**os.environ, "OMP_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": threads},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for threads in ("1", "2")
    }
    assert len(heard) == 1
