"""The frame classifiers of an evaluation, by name or as an object, with weights and licence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emoanim import registry
from emoanim.protocols import FrameEmotionClassifier, Named
from emoanim.registry.checks import check_backend
from emoanim.scoring.score_collector import ScoreCollector
from emoanim.weights import known

__all__ = ["SECOND_EVERY", "make_collector"]

SECOND_EVERY = 5
"""The second opinion sees every fifth frame."""


def make_collector(
    classifier: str | FrameEmotionClassifier,
    *,
    every: int = 1,
    accept_licence: bool = False,
    options: Mapping[str, Any] | None = None,
) -> ScoreCollector:
    """Make the score collector of a classifier, by name or of an object.

    Args:
        classifier: its name, or the object.
        every: of the frames, score every n-th.
        accept_licence: of the weights of one by name.
        options: of one by name.

    Raises:
        BackendError: no such classifier, or it cannot be had.
    """
    if not isinstance(classifier, str):
        check_backend("classifier", classifier)
        about = registry.describe("classifier", classifier)
        name = classifier.name if isinstance(classifier, Named) else about.name
        return ScoreCollector(name, classifier, every=every, licence=about.licence)
    about = registry.info("classifier", classifier)
    missing = about.missing()
    takes = () if missing else registry.parameters(registry.load(about)) or ()
    accepted = {"accept_licence": True} if accept_licence and "accept_licence" in takes else {}
    built = registry.backend("classifier", classifier, **{**accepted, **(options or {})})
    weights = {name: known(name).digest for name in about.weights}
    return ScoreCollector(classifier, built, every=every, weights=weights, licence=about.licence)
