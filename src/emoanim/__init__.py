"""A person speaking and an emotion in; the same person saying it in that emotion out.

The public names are resolved when they are first used, so that ``import emoanim`` stays light.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from emoanim.telemetry import switch_off

switch_off()

__version__ = "0.2.0"

_HOMES = {
    "Image": "clips",
    "Frames": "clips",
    "Frame": "clips",
    "Clip": "clips",
    "Animation": "clips",
    "Animator": "protocols",
    "Audio": "clips",
    "EDAPipeline": "pipeline",
    "EDAResult": "result",
    "EmoanimError": "errors",
    "Emotion": "emotions",
    "EmotionPrompt": "emotions",
    "EmotionScores": "clips",
    "FaceAnimation": "face",
    "FaceEmoter": "protocols",
    "FrameEmotionClassifier": "protocols",
    "Phone": "clips",
    "Portrait": "clips",
    "Recording": "clips",
    "Speech": "clips",
    "SpeechToSpeech": "speech",
    "TARGETS": "emotions",
    "TextEmoter": "protocols",
    "Transcriber": "protocols",
    "Transcript": "clips",
    "Voice": "protocols",
    "Word": "clips",
    "backend": "registry",
    "backends": "registry",
}

__all__ = [
    "TARGETS",
    "Animation",
    "Animator",
    "Audio",
    "Clip",
    "EDAPipeline",
    "EDAResult",
    "EmoanimError",
    "Emotion",
    "EmotionPrompt",
    "EmotionScores",
    "FaceAnimation",
    "FaceEmoter",
    "Frame",
    "FrameEmotionClassifier",
    "Frames",
    "Image",
    "Phone",
    "Portrait",
    "Recording",
    "Speech",
    "SpeechToSpeech",
    "TextEmoter",
    "Transcriber",
    "Transcript",
    "Voice",
    "Word",
    "__version__",
    "backend",
    "backends",
]

if TYPE_CHECKING:
    from emoanim.clips import (
        Animation,
        Audio,
        Clip,
        EmotionScores,
        Frame,
        Frames,
        Image,
        Phone,
        Portrait,
        Recording,
        Speech,
        Transcript,
        Word,
    )
    from emoanim.emotions import TARGETS, Emotion, EmotionPrompt
    from emoanim.errors import EmoanimError
    from emoanim.face import FaceAnimation
    from emoanim.pipeline import EDAPipeline
    from emoanim.protocols import (
        Animator,
        FaceEmoter,
        FrameEmotionClassifier,
        TextEmoter,
        Transcriber,
        Voice,
    )
    from emoanim.registry import backend, backends
    from emoanim.result import EDAResult
    from emoanim.speech import SpeechToSpeech


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'emoanim' has no attribute {name!r}")
    value = getattr(import_module(f"emoanim.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return list(__all__)
