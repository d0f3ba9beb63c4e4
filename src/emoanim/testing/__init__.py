"""For people who write backends: contract suites, tiny backends and a clip factory."""

from __future__ import annotations

from emoanim.testing.contracts import (
    check_animator,
    check_classifier,
    check_face_emoter,
    check_text_emoter,
    check_transcriber,
    check_voice,
)

__all__ = [
    "check_animator",
    "check_classifier",
    "check_face_emoter",
    "check_text_emoter",
    "check_transcriber",
    "check_voice",
]
