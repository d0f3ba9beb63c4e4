"""What a worker scores with: loaded once; what cannot be had is left out with its reason."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from emoanim import registry
from emoanim.errors import EmoanimError
from emoanim.evaluation.classifiers import SECOND_EVERY, make_collector
from emoanim.extras import require
from emoanim.portable_messages import portable
from emoanim.scoring.score_collector import ScoreCollector
from emoanim.study.plan import ScoringOptions

__all__ = ["Evaluators", "can_be_had"]


class Evaluators:
    """The evaluators of a study, each made when it is first asked for.

    Args:
        options: which ones.
        objects: role -> one that is there already.

    Attributes:
        reasons: what could not be had -> why, one line.
        lacking: what of it was asked for; it is worth another try, when packages or weights came.
    """

    def __init__(self, options: ScoringOptions, objects: Mapping[str, Any] | None = None) -> None:
        self.options = options
        self.reasons: dict[str, str] = {}
        self.lacking: set[str] = set()
        self._objects = dict(objects or {})

    @cached_property
    def collectors(self) -> list[ScoreCollector]:
        """The frame classifiers: the main one first, the second opinion on every fifth frame."""
        collectors = [self._collector(self.options.classifier, 1, "classifier")]
        collectors.append(self._collector(self.options.second, SECOND_EVERY, "second"))
        return [collector for collector in collectors if collector is not None]

    @cached_property
    def words(self) -> Any:
        """The classifier of texts, or None."""
        return self._backend("text_classifier", self.options.words, "words")

    @cached_property
    def voice(self) -> Any:
        """The classifier of voices, or None."""
        return self._backend("speech_classifier", self.options.voice, "voice")

    @cached_property
    def extractor(self) -> Any:
        """What turns pictures into features for the Frechet distance, or None."""
        if not self.options.features:
            return None
        return self._backend("feature_extractor", self.options.features, "features")

    @cached_property
    def perceptual(self) -> Any:
        """What says how different a still looks from its frame, or None."""
        if not self.options.perceptual:
            return None
        return self._backend("picture_distance", self.options.perceptual, "perceptual")

    @cached_property
    def measures(self) -> dict[str, Any]:
        """Third parties' measures of a pair of clips, by name."""
        measures = {name: self._backend("measure", name, name) for name in self.options.measures}
        return {name: measure for name, measure in measures.items() if measure is not None}

    @cached_property
    def finder(self) -> Any:
        """What finds faces, or None."""
        if not self.options.faces:
            self.reasons["faces"] = "not asked for"
            return None
        from emoanim.faces import FaceFinder

        return self._had("faces", FaceFinder)

    @cached_property
    def recogniser(self) -> Any:
        """What tells persons apart, or the reason why there is nothing."""
        from emoanim.evaluation.identity import FaceRecogniser

        if not self.options.identity:
            return "not asked for"
        return self._had("identity", FaceRecogniser) or self.reasons["identity"]

    @cached_property
    def sharpness(self) -> Any:
        """What CPBD is measured with, or None."""
        return self._had("sharpness", lambda: require("skimage", "evaluation"))

    def _collector(self, name: str, every: int, what: str) -> ScoreCollector | None:
        given = self._objects.get(f"scoring.{what}")
        if given is None and not name:
            return None
        options = self.options.options.get(name, {})
        accept = self.options.accept_licence

        def make() -> ScoreCollector:
            if given is not None:
                return make_collector(given, every=every)
            return make_collector(name, every=every, accept_licence=accept, options=options)

        collector: ScoreCollector | None = self._had(what, make)
        return collector

    def _backend(self, role: str, name: str, what: str) -> Any:
        if f"scoring.{what}" in self._objects:
            return self._objects[f"scoring.{what}"]
        if not name:
            self.reasons[what] = "not asked for"
            return None
        options = self.options.options.get(name, {})
        return self._had(what, lambda: registry.backend(role, name, **options))

    def _had(self, what: str, make: Callable[[], Any]) -> Any:
        try:
            return make()
        except EmoanimError as error:
            self.reasons[what] = _short(str(error))
        except (OSError, ImportError, RuntimeError) as error:
            # What a third party's evaluator raises where its weights cannot be fetched.
            self.reasons[what] = _short(f"{type(error).__name__}: {error}")
        self.lacking.add(what)
        return None


_KEPT_IN = {
    "classifier": "collectors",
    "second": "collectors",
    "words": "words",
    "voice": "voice",
    "features": "extractor",
    "perceptual": "perceptual",
    "faces": "finder",
    "identity": "recogniser",
    "sharpness": "sharpness",
}
"""What may be lacking -> the attribute that loads it; anything else is a third party's measure."""


def can_be_had(options: ScoringOptions, objects: Mapping[str, Any] | None, what: str) -> bool:
    """Whether something that an earlier run lacked can be had in this process now."""
    evaluators = Evaluators(options, objects)
    getattr(evaluators, _KEPT_IN.get(what, "measures"))
    return what not in evaluators.lacking


def _short(text: str) -> str:
    """Return one portable line of at most 200 characters, cut between words."""
    return textwrap.shorten(portable(text), 200, placeholder=" ...")
