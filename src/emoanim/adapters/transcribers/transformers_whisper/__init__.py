"""Whisper by transformers and PyTorch."""

from emoanim.adapters.transcribers.transformers_whisper.transcriber import (
    TransformersWhisperTranscriber,
)

__all__ = ["TransformersWhisperTranscriber"]
