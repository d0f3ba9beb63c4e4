"""The roles that backends fill: the table of them, by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from emoanim.clips import Animation, EmotionScores, Speech, Transcript
from emoanim.protocols import (
    Animator,
    FaceEmoter,
    FrameEmotionClassifier,
    PairMeasure,
    PictureDistance,
    PictureFeatures,
    SpeechEmotionClassifier,
    TextEmoter,
    TextEmotionClassifier,
    Transcriber,
    Voice,
)

__all__ = ["ROLES", "Role"]


class Role(NamedTuple):
    """What a backend can be.

    Attributes:
        name: as settings and the registry call it.
        protocol: what its backends fulfil.
        verb: their method.
        arguments: how many arguments the verb is called with.
        returns: type of what the verb gives back.
        group: folder under ``adapters`` and, after ``emoanim.``, the entry-point group.
        evaluation: known to evaluation only, no part of a pipeline.
    """

    name: str
    protocol: type[Any]
    verb: str
    arguments: int
    returns: type[Any]
    group: str
    evaluation: bool = False


_TABLE = (
    Role("transcriber", Transcriber, "transcribe", 1, Transcript, "transcribers"),
    Role("text_emoter", TextEmoter, "rewrite", 2, str, "text_emoters"),
    Role("voice", Voice, "speak", 3, Speech, "voices"),
    Role("face_emoter", FaceEmoter, "emote", 2, list, "face_emoters"),
    Role("animator", Animator, "animate", 4, Animation, "animators"),
    Role("classifier", FrameEmotionClassifier, "classify", 1, EmotionScores, "classifiers"),
    Role(
        "text_classifier", TextEmotionClassifier, "classify", 1, EmotionScores,
        "text_classifiers", True,
    ),
    Role(
        "speech_classifier", SpeechEmotionClassifier, "classify", 1, EmotionScores,
        "speech_classifiers", True,
    ),
    Role(
        "feature_extractor", PictureFeatures, "features", 1, object, "feature_extractors", True
    ),
    Role("picture_distance", PictureDistance, "distance", 2, float, "picture_distances", True),
    Role("measure", PairMeasure, "measure", 2, Mapping, "measures", True),
)  # fmt: skip
ROLES: Mapping[str, Role] = {role.name: role for role in _TABLE}
"""Every role by its name."""
