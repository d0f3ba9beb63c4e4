"""The offline face emoter: action units put on a frame of the person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np

from emoanim.clips import Frames, Image, Portrait
from emoanim.emotions import Emotion, EmotionPrompt
from emoanim.engines.rig.expressions.closed_loop import (
    FaceState,
    corrected,
    face_state,
    opening_eyes,
    relaxing,
)
from emoanim.engines.rig.expressions.emoted import EmotedFace
from emoanim.engines.rig.expressions.likeness import kept_alike
from emoanim.engines.rig.expressions.mixtures import mixtures
from emoanim.engines.rig.expressions.presets import OPEN_EYED, UNSMILING, emotion_units, strength
from emoanim.engines.rig.mouth.turned_lips import for_turned_lips
from emoanim.engines.rig.renderer import FaceRenderer
from emoanim.extras import require
from emoanim.faces import Face, FaceFinder, portrait_quality, shared_finder, square_of
from emoanim.protocols import FrameEmotionClassifier
from emoanim.registry import backend
from emoanim.registry.bounds import check_range
from emoanim.registry.verbs import options_repr, verb

__all__ = ["RigFaceEmoter"]

SMALLEST = 64.0
"""Faces below that many pixels show too little to be moved."""


class RigFaceEmoter:
    """Emotional stills by facial action units on a landmark mesh.

    The frame's own expression is measured and taken away first, then the emotion's action units
    move skin, lids and lips and shade the folds they make. Nothing in it is random.

    Args:
        seed: accepted as every backend does; the result does not depend on it.
        strength: factor on the action units, 0 to 1.5.
        cancel: share of the frame's own expression that is taken away first.
        closed_loop: look at the rendered face again, and correct lids and corners of the mouth.
        guided: a frame classifier, or the name of one, that chooses for every frame among a few
            mixtures of the expression's upper and lower face; "" asks none. Measure the result
            with another one.
        finder: of faces, to share one that is loaded.

    Raises:
        SettingsError: an option out of its range.
        MissingExtraError: opencv is not installed.
    """

    name = "rig"

    def __init__(
        self,
        seed: int = 0,
        strength: float = 1.0,
        cancel: float = 1.0,
        closed_loop: bool = True,
        guided: str | FrameEmotionClassifier = "",
        finder: FaceFinder | None = None,
    ) -> None:
        check_range("seed", seed, 0)
        check_range("strength", strength, 0.0, 1.5)
        check_range("cancel", cancel, 0.0, 1.0)
        require("cv2", "rig")
        self._strength = strength
        self._cancel = cancel
        self._closed_loop = closed_loop
        self._finder = finder or shared_finder()
        self._judge: FrameEmotionClassifier | None = None
        if guided:
            self._judge = backend("classifier", guided) if isinstance(guided, str) else guided

    __repr__ = options_repr

    @verb
    def emote(self, frames: Sequence[Image] | Frames, prompt: EmotionPrompt) -> list[Portrait]:
        """Return one portrait per frame, in order.

        ``state`` is an ``EmotedFace``, from which the ``rig`` animator goes on.

        Args:
            frames: uint8 (h, w, 3) RGB each.
            prompt: the emotion and its intensity.

        Raises:
            FaceError: a frame without a face of at least 64 pixels.
        """
        share = strength(prompt.intensity)
        full = {u: w / share for u, w in emotion_units(prompt).items() if share}
        return [
            self._portrait(np.asarray(frame, np.uint8), full, share, prompt.emotion)
            for frame in frames
        ]

    def rate(self, frames: Sequence[Image] | Frames) -> list[float | None]:
        """Return how fit each frame is for animation, in [0, 1], before it is rendered.

        Args:
            frames: uint8 (h, w, 3) RGB each.

        Raises:
            FaceError: a frame without a face of at least 64 pixels.
        """
        pictures = [np.asarray(frame, np.uint8) for frame in frames]
        return [portrait_quality(picture, self._face(picture).points) for picture in pictures]

    def seeded(self, seed: int) -> RigFaceEmoter:
        """Return itself: nothing in it is random."""
        return self

    def _portrait(
        self, frame: Image, full: dict[str, float], share: float, emotion: Emotion
    ) -> Portrait:
        face = self._face(frame)
        points, irises = face.points, face.irises
        renderer = FaceRenderer(frame, points, cancel=self._cancel, irises=irises)
        taken = renderer.taken
        rest: dict[str, float] = {}
        unsmiling = self._cancel * UNSMILING.get(emotion, 0.0)
        if self._closed_loop and unsmiling:
            seen = self._look(renderer, face, {})
            more = opening_eyes(renderer.baseline) if emotion in OPEN_EYED else {}
            rest = {u: unsmiling * w for u, w in {**relaxing(seen), **more}.items()}
        full = for_turned_lips(full, points)
        if not full:  # neutral
            full, rest = rest, {}
        # The whole expression is corrected and bounded, whatever share of it is asked for: else a
        # stronger one might show less.
        if full:
            if self._closed_loop and emotion is not Emotion.NEUTRAL:
                look = partial(self._look, renderer, face, rest=rest)
                away = _sum(taken, rest)
                factors = corrected(kept_alike(full, taken), away, face_state(face), look)
                full = {u: factors[u] * w for u, w in full.items()}
            full = self._chosen(full, rest, renderer, emotion)
        share *= self._strength
        units = {u: share * w for u, w in kept_alike(full, taken).items()}
        if self._strength > 1:  # no less than the first strength shows
            units = kept_alike(units, taken, least=1 / self._strength)
        units = _sum(units, rest)
        return Portrait(
            image=renderer.render(units),
            original=frame,
            quality=portrait_quality(frame, points),
            emoter=self.name,
            state=EmotedFace(points, irises, units, dict(renderer.baseline)),
        )

    def _chosen(
        self,
        units: dict[str, float],
        rest: Mapping[str, float],
        renderer: FaceRenderer,
        emotion: Emotion,
    ) -> dict[str, float]:
        """Return the mixture that the judge takes for the emotion most surely."""
        if self._judge is None:
            return units
        choices = [kept_alike(u, renderer.taken) for u in mixtures(units)]
        scores = self._judge.classify([renderer.render(_sum(u, rest)) for u in choices])
        if str(emotion) not in scores.labels:
            return units
        return choices[int(np.argmax(np.nan_to_num(scores.of(emotion))))]

    def _look(
        self,
        renderer: FaceRenderer,
        face: Face,
        units: Mapping[str, float],
        rest: Mapping[str, float] | None = None,
    ) -> FaceState | None:
        """Measure the face that the renderer makes of a portrait."""
        image = renderer.render(_sum(units, rest or {}))
        again = self._finder.fit(image, square_of(face.points))
        if again is None:
            return None
        return face_state(self._finder.with_eyes(image, self._finder.with_lips(image, again)))

    def _face(self, frame: Image) -> Face:
        """Return the largest face, its lips and lids put right, its irises found."""
        face = self._finder.with_lips(frame, self._finder.largest_face(frame, SMALLEST))
        return self._finder.with_eyes(frame, face)


def _sum(one: Mapping[str, float], other: Mapping[str, float]) -> dict[str, float]:
    """Return the sum of weights by unit."""
    return {u: one.get(u, 0.0) + other.get(u, 0.0) for u in {**one, **other}}
