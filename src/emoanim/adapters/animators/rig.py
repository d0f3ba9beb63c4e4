"""The offline animator: one still, moved by action units."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from emoanim.analyses import as_record, from_record, recalled
from emoanim.clips import Animation, Clip, Portrait, Speech
from emoanim.emotions import EmotionPrompt
from emoanim.engines.rig.expressions.emoted import EmotedFace
from emoanim.engines.rig.expressions.own_neutral import OwnNeutral, own_neutral
from emoanim.engines.rig.geometry.room_to_move import room_to_move
from emoanim.engines.rig.motion.easing import mixed, prompts_and_shares
from emoanim.engines.rig.motion.live import LiveRig, RigFace, rendered
from emoanim.engines.rig.motion.performance import Performance, perform
from emoanim.engines.rig.motion.source_motion import SourcePose, track_head
from emoanim.engines.rig.mouth.inside import MouthInterior, mouth_search_start
from emoanim.engines.rig.renderer import FaceRenderer
from emoanim.extras import require
from emoanim.faces import FaceFinder, shared_finder
from emoanim.language.phones import heard
from emoanim.protocols import ClipAnalyses
from emoanim.registry.bounds import check_range
from emoanim.registry.verbs import options_repr, verb

__all__ = ["RigAnimator"]

_MOST_MOUTHS = 8


@dataclass
class _Learnt:
    """What a source clip gave so far: head motion, the calm face, mouths by the portrait's time."""

    source: Clip
    pose: SourcePose | None
    neutral: OwnNeutral | None
    mouths: dict[float | None, MouthInterior | None] = field(default_factory=dict)


class RigAnimator:
    """Talking faces by facial action units on a landmark mesh.

    A portrait that the ``rig`` face emoter made is animated from its original frame, emotion and
    speech in one warp. Any other portrait shows the emotion already: its pixels are kept and only
    speech, blinks and head motion are added.

    Args:
        fps: frames per second of the result.
        seed: of blinks, head motion and the life of the expression.
        head_motion: factor on head motion; 0 holds the head. It is less before a background with
            strong edges, which would be seen to bend.
        source_motion: learn head motion from the source clip, if one is given.
        threads: frames that are rendered at the same time.
        finder: of faces, to share one that is loaded.

    Raises:
        SettingsError: an option out of its range.
        MissingExtraError: opencv is not installed.
    """

    name = "rig"

    def __init__(
        self,
        fps: float = 25.0,
        seed: int = 0,
        head_motion: float = 1.0,
        source_motion: bool = True,
        threads: int = 2,
        finder: FaceFinder | None = None,
    ) -> None:
        check_range("fps", fps, 1.0, 120.0)
        check_range("seed", seed, 0)
        check_range("head_motion", head_motion, 0.0, 2.0)
        check_range("threads", threads, 1, 64)
        require("cv2", "rig")
        self._fps = fps
        self._seed = seed
        self._movement = head_motion
        self._source_motion = source_motion
        self._threads = threads
        self._finder = finder or shared_finder()
        self._known: list[_Learnt] = []
        self._analyses: ClipAnalyses | None = None

    __repr__ = options_repr

    def prepare(self, portrait: Portrait, source: Clip) -> None:
        """Learn from the source clip what ``animate`` will need, while the speech is being made."""
        self._learn(portrait, source)

    def keep_analyses(self, analyses: ClipAnalyses) -> None:
        """Keep there what was learnt of a clip's person, and look there first."""
        self._analyses = analyses

    def seeded(self, seed: int) -> RigAnimator:
        """Return one with another seed that shares the face finder and what was learnt."""
        other = copy.copy(self)
        other._seed = seed
        return other

    def _learn(self, portrait: Portrait, source: Clip) -> tuple[MouthInterior | None, _Learnt]:
        """Return what the source gives to a portrait; what is known of it is not looked up anew."""
        learnt = self._known[0] if self._known else None
        if learnt is None or learnt.source is not source:
            pose, neutral = recalled(
                self._analyses,
                "rig/1",
                source,
                lambda: self._followed(source),
                as_record,
                lambda record: (
                    from_record(SourcePose, record[0]),
                    from_record(OwnNeutral, record[1]),
                ),
            )
            learnt = _Learnt(source, pose if self._source_motion else None, neutral)
            self._known[:] = [learnt]
        start = mouth_search_start(source, portrait.time)
        if start not in learnt.mouths:
            if len(learnt.mouths) >= _MOST_MOUTHS:
                learnt.mouths.pop(next(iter(learnt.mouths)))
            learnt.mouths[start] = recalled(
                self._analyses, "rig mouth/1", source,
                lambda: MouthInterior.from_clip(source, self._finder, portrait.time),
                as_record, lambda record: from_record(MouthInterior, record), start=start,
            )  # fmt: skip
        return learnt.mouths[start], learnt

    def _followed(self, source: Clip) -> tuple[SourcePose | None, OwnNeutral | None]:
        meshes: list[NDArray[np.float32]] = []
        return track_head(source, self._finder, meshes=meshes), own_neutral(meshes)

    @verb
    def animate(
        self,
        portrait: Portrait,
        speech: Speech,
        prompt: EmotionPrompt,
        source: Clip | None = None,
    ) -> Animation:
        """Return frames that cover the speech, rendered as they are read.

        The source gives the person's own mouth interior and head motion.

        Raises:
            FaceError: no face in the portrait, or one below 64 pixels.
        """
        mouth, pose, neutral = None, None, None
        if source is not None:
            mouth, learnt = self._learn(portrait, source)
            pose, neutral = learnt.pose, learnt.neutral
        face = self._face(portrait, mouth, neutral)
        spoken = _with_phones(speech)

        def performed(
            emotion: EmotionPrompt, expression: Mapping[str, float] | None
        ) -> Performance:
            return perform(
                spoken,
                emotion,
                fps=self._fps,
                seed=self._seed,
                source_pose=pose,
                expression=expression,
                keep_mouth=face.keep_mouth,
                movement=self._movement * face.room,
            )

        if speech.passages:
            performance = _eased(portrait, prompt, speech, performed, self._fps)
        else:
            performance = performed(prompt, face.expression)
        height, width = portrait.image.shape[:2]
        frames = rendered(face.renderer.render, performance, self._threads)
        return Animation(self._fps, (width, height), len(performance), frames)

    def live(self, stills: Sequence[Portrait]) -> LiveRig:
        """Return a face that goes on from frame to frame, for talk without an end.

        Stills that were made from one picture share what is computed of it.

        Raises:
            FaceError: no face in one of them, or one below 64 pixels.
        """
        faces: list[RigFace] = []
        for still in stills:
            shared = (
                face for face, other in zip(faces, stills, strict=False) if _same(still, other)
            )
            known = next(shared, None)
            if known is None:
                faces.append(self._face(still, None))
            else:
                emoted = still.state if isinstance(still.state, EmotedFace) else None
                faces.append(replace(known, expression=_expression(emoted)))
        height, width = stills[0].image.shape[:2]
        return LiveRig(
            faces,
            self._fps,
            (width, height),
            self._seed,
            self._movement,
            self._threads,
            _with_phones,
        )

    def _face(
        self,
        portrait: Portrait,
        mouth: MouthInterior | None,
        neutral: OwnNeutral | None = None,
    ) -> RigFace:
        """Return what moves a portrait; one that the rig emoted is moved from its original."""
        own = portrait.emoter == "rig"
        still = portrait.original if own else portrait.image
        emoted = portrait.state if isinstance(portrait.state, EmotedFace) else None
        if emoted is not None:
            points, irises = emoted.points, emoted.irises
        else:
            face = self._finder.with_lips(still, self._finder.largest_face(still))
            face = self._finder.with_eyes(still, face)
            points, irises = face.points, face.irises
        baseline = None if emoted is None else emoted.baseline
        if neutral is not None:
            baseline = neutral.own_expression(points)
        renderer = FaceRenderer(
            still,
            points,
            mouth=mouth,
            cancel=1.0 if own else 0.0,
            baseline=baseline,
            irises=irises,
        )
        expression = _expression(emoted) if own else {}
        return RigFace(renderer, expression, not own, room_to_move(still, points))


def _expression(emoted: EmotedFace | None) -> Mapping[str, float] | None:
    return None if emoted is None else emoted.units


def _eased(
    portrait: Portrait,
    prompt: EmotionPrompt,
    speech: Speech,
    performed: Callable[[EmotionPrompt, Mapping[str, float] | None], Performance],
    fps: float,
) -> Performance:
    """Return one performance that goes from emotion to emotion where the speech does."""
    length = max(1, math.ceil(speech.audio.duration * fps - 1e-6))
    times = (np.arange(length, dtype=np.float64) + 0.5) / fps
    prompts, shares = prompts_and_shares(prompt, speech.passages, times)
    scores = []
    for emotion in prompts:
        expression: Mapping[str, float] | None = {}
        if portrait.emoter == "rig":
            still = portrait
            if emotion != prompt and portrait.again is not None:
                still = portrait.again(emotion)
            expression = _expression(still.state if isinstance(still.state, EmotedFace) else None)
        scores.append(performed(emotion, expression))
    return mixed(scores, shares)


def _with_phones(speech: Speech) -> Speech:
    """Align the words with the sound where the voice gave no phones."""
    if speech.phones or not speech.text.strip():
        return speech
    return replace(speech, phones=heard(speech.audio, speech.text, speech.language))


def _same(one: Portrait, other: Portrait) -> bool:
    """Whether the rig moves both from the same picture."""
    return one.emoter == other.emoter == "rig" and one.original is other.original
