"""``evaluate``: any clip against its original, every measure from one pass over each."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import perf_counter, process_time
from typing import TYPE_CHECKING, Any

from emoanim import registry
from emoanim.arguments import number_of
from emoanim.clips import EmotionScores
from emoanim.emotions import Emotion, EmotionPrompt
from emoanim.errors import BackendError, InputError, MissingExtraError
from emoanim.evaluation.agreement import Agreement, agreement
from emoanim.evaluation.classifiers import SECOND_EVERY, make_collector
from emoanim.evaluation.clip_measures import ClipMeasures, identity_of, measures_of, pair_warnings
from emoanim.evaluation.identity import IdentityDistance
from emoanim.evaluation.observation import Observation, observe
from emoanim.evaluation.score_files import is_score_file, read_observation
from emoanim.evaluation.sources import OnlyPerson, Source, name_of, open_source
from emoanim.notebook import watching
from emoanim.persons import PersonChoice
from emoanim.protocols import FrameEmotionClassifier
from emoanim.runs.inputs import Footage
from emoanim.scoring.clip_scores import every_of
from emoanim.scoring.emotion_change import WINDOW_SECONDS, EmotionChange, compare_scores
from emoanim.scoring.score_collector import ScoreCollector
from emoanim.steps import Step, StepHook, ignore

if TYPE_CHECKING:
    from emoanim.evaluation.identity import FaceRecogniser
    from emoanim.faces import FaceFinder

__all__ = ["Evaluation", "compare", "evaluate"]

Classifier = str | FrameEmotionClassifier


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """A clip measured against its original.

    Attributes:
        emotion: the target.
        changes: how the target changed, one per classifier that knows it; the first is the main
            one.
        agreements: of the first two classifiers, ("original" and "generated" -> kappa); empty if
            there is only one.
        original: measures of the original clip.
        generated: measures of the generated clip.
        identity: distance of the faces.
        warnings: what must be read with the numbers.
        licences: name of a classifier -> its licence.
        settings: what the evaluation was made with.
        seconds: wall-clock and CPU seconds.
        observations: what was measured, (original, generated); ``score_files`` keeps it.
    """

    emotion: Emotion
    changes: tuple[EmotionChange, ...]
    agreements: Mapping[str, Agreement]
    original: ClipMeasures
    generated: ClipMeasures
    identity: IdentityDistance
    warnings: tuple[str, ...]
    licences: Mapping[str, str]
    settings: Mapping[str, Any]
    seconds: Mapping[str, float]
    observations: tuple[Observation, Observation] = field(repr=False)

    @property
    def change(self) -> EmotionChange:
        """What the main classifier says."""
        return self.changes[0]

    @property
    def edd(self) -> float:
        """EDD of the main classifier: 0 ranks fully separated, 0.5 no change, 1 the opposite."""
        return self.change.edd.edd

    def to_dict(self) -> dict[str, Any]:
        """Return everything but the frames' scores as plain values; NaN is None."""
        from emoanim.evaluation.json_values import plain_evaluation

        return plain_evaluation(self)

    def _repr_html_(self) -> str:
        from emoanim.evaluation.summary import summary_html

        return summary_html(self)


def evaluate(
    original: Footage,
    generated: Footage,
    emotion: str | Emotion | EmotionPrompt,
    *,
    fps: float | None = None,
    classifiers: Classifier | Sequence[Classifier] = ("fer8",),
    second: Classifier | None = "facex",
    classifier: Classifier | None = None,
    reference: str | Path | None = None,
    identity: bool = True,
    every: int = 1,
    window_seconds: float = WINDOW_SECONDS,
    accept_licence: bool = False,
    seed: int = 0,
    person: str | Path | tuple[float, float] | None = None,
    on_step: StepHook = ignore,
) -> Evaluation:
    """Measure a clip against its original; each file is decoded once.

    Args:
        original: a video, a still, a folder of stills, a score file (.npz), a clip
            (``emoanim.clips.Clip``), or frames, uint8 (t, h, w, 3) RGB, with ``fps``.
        generated: the same of what was made of it.
        emotion: the target.
        fps: frames per second of frames in memory; both clips' if both are.
        classifiers: a name or an object with ``classify``, or several; the first is the main one.
        second: a further one that sees every fifth frame only, for a second opinion; None for
            none. If it cannot be had, a warning says so.
        classifier: the same as ``classifiers``, by the name that ``EDAPipeline`` has for it.
        reference: what the generated clip should look like, aligned frame by frame, for PSNR.
        identity: measure the distance of the faces (extra "identity").
        every: look at every n-th frame.
        window_seconds: of the moving average before EDD.
        accept_licence: accept the licences of the classifiers' weights.
        seed: of the bootstraps.
        person: who of several is measured (``emoanim.settings.Settings``); in a generated film of
            the original's size the one in the same place, in one of another size whoever is there.
        on_step: told of every frame.

    Raises:
        InputError: clips or an emotion that cannot be used, score files that do not go together.
        FaceError: no face in a clip, or the person is not in the original.
        BackendError: a classifier cannot be had.
    """
    target = EmotionPrompt.parse(emotion).emotion
    every = every_of(every)
    seed = number_of(seed, "seed", "a whole number from 0", least=0, whole=True)
    main = _listed(classifiers, classifier)
    begun, used = perf_counter(), process_time()
    on_step = watching(on_step)
    given: dict[str, Footage] = {"original": original, "generated": generated}
    notes: list[str] = []
    observations = {
        side: read_observation(Path(clip), side)
        for side, clip in given.items()
        if isinstance(clip, str | Path) and is_score_file(Path(clip))
    }
    alone = OnlyPerson(None if person is None else PersonChoice.parse(person))
    sources = {
        side: open_source(clip, fps, alone=alone)
        for side, clip in given.items()
        if side not in observations
    }
    beside = _reference(reference, sources.get("generated"), alone)
    licences: dict[str, str] = {}
    if sources:
        scorers = _scorers(main, second, target, observations, accept_licence, notes)
        licences = {s.name: s.licence for s in scorers}
        finder, recogniser = _faces(identity)
        for side, source in sources.items():
            observations[side] = observe(
                source,
                name_of(given[side]),
                scorers,
                finder=finder,
                recogniser=recogniser,
                reference=beside if side == "generated" else None,
                every=every,
                on_frame=_reporter(on_step, side, source, every),
            )
    elif reference is not None:
        notes.append("no PSNR: the reference was not compared, scores were read from files")
    registered = {about.name: about.licence for about in registry.backends("classifier")}
    for name in [n for clip in observations.values() for n in clip.scores if n in registered]:
        licences.setdefault(name, registered[name])
    evaluation = compare(
        observations["original"],
        observations["generated"],
        target,
        window_seconds=window_seconds,
        seed=seed,
        notes=notes,
        licences=licences,
    )
    shown = None if reference is None else str(reference)
    return replace(
        evaluation,
        settings={**evaluation.settings, "every": every, "reference": shown},
        seconds={"wall": perf_counter() - begun, "cpu": process_time() - used},
    )


def compare(
    original: Observation,
    generated: Observation,
    emotion: str | Emotion,
    *,
    window_seconds: float = WINDOW_SECONDS,
    seed: int = 0,
    notes: Sequence[str] = (),
    licences: Mapping[str, str] | None = None,
) -> Evaluation:
    """Compute everything from two observations, without the clips.

    Args:
        original: of the original.
        generated: of the generated clip.
        emotion: the target.
        window_seconds: of the moving average before EDD.
        seed: of the bootstraps.
        notes: warnings that are known already.
        licences: of the classifiers.

    Raises:
        InputError: no classifier in common, labels that differ, or none that knows the emotion.
    """
    target = EmotionPrompt.parse(emotion).emotion
    names = _shared_classifiers(original, generated)
    usable = [n for n in names if str(target) in original.scores[n].labels]
    if not usable:
        known = "; ".join(f"{n}: {', '.join(original.scores[n].labels)}" for n in names)
        raise InputError(
            f"no classifier here knows {target}; there are {known}. Choose another classifier or "
            "emotion."
        )
    changes = tuple(
        compare_scores(
            original.scores[n],
            generated.scores[n],
            str(target),
            moving=not (math.isnan(original.fps) or math.isnan(generated.fps)),
            window_seconds=window_seconds,
            seed=seed,
        )
        for n in usable
    )
    notes = list(notes)
    try:
        agreements = _agreements(names, original, generated, seed)
    except MissingExtraError as error:
        agreements = {}
        notes.append(f"no agreement of the classifiers: {error}")
    identity = identity_of(original, generated)
    sides = measures_of(original), measures_of(generated)
    warnings = [*pair_warnings(changes, agreements, identity, original, generated), *notes]
    unable = [n for n in names if n not in usable]
    if unable:
        warnings.append(
            f"{', '.join(unable)} does not know {target} and was asked for agreement only"
        )
    return Evaluation(
        emotion=target,
        changes=changes,
        agreements=agreements,
        original=sides[0],
        generated=sides[1],
        identity=identity,
        warnings=tuple(dict.fromkeys(warnings)),
        licences=dict(licences or {}),
        settings={"window_seconds": window_seconds, "seed": seed},
        seconds={},
        observations=(original, generated),
    )


def _shared_classifiers(original: Observation, generated: Observation) -> list[str]:
    """Names that scored both clips with the same labels."""
    names = [n for n in original.scores if n in generated.scores]
    if not names:
        raise InputError(
            f"{original.name} was scored by {', '.join(original.scores)} and {generated.name} by "
            f"{', '.join(generated.scores)}; expected a classifier in common. Score both with one."
        )
    for name in names:
        pair = original.scores[name].labels, generated.scores[name].labels
        if pair[0] != pair[1]:
            raise InputError(
                f"the scores of {name} have the labels {', '.join(pair[0])} in {original.name} and "
                f"{', '.join(pair[1])} in {generated.name}; expected the same in the same order. "
                "Score both clips with one classifier."
            )
        hashes = original.weights.get(name), generated.weights.get(name)
        if all(hashes) and hashes[0] != hashes[1]:
            raise InputError(
                f"{name} scored the two clips with different weights; expected the same. Score "
                "both clips anew."
            )
    return names


def _agreements(
    names: Sequence[str], original: Observation, generated: Observation, seed: int
) -> dict[str, Agreement]:
    if len(names) < 2:
        return {}
    first, other = names[:2]
    agreements = {}
    for side, clip in (("original", original), ("generated", generated)):
        pair: tuple[EmotionScores, EmotionScores] = clip.scores[first], clip.scores[other]
        if len(set(pair[0].labels) & set(pair[1].labels)) > 1:
            agreements[side] = agreement(*pair, seed=seed)
    return agreements


def _listed(
    classifiers: Classifier | Sequence[Classifier], classifier: Classifier | None
) -> Sequence[Classifier]:
    """Return the classifiers as a sequence, whether one was given or several."""
    if classifier is not None:
        if classifiers != ("fer8",):
            raise InputError(
                "classifier and classifiers given; expected one of them. Give classifiers=[...] "
                "for several, the main one first."
            )
        return (classifier,)
    return (
        classifiers
        if isinstance(classifiers, Sequence) and not isinstance(classifiers, str)
        else (classifiers,)
    )


def _scorers(
    classifiers: Sequence[Classifier],
    second: Classifier | None,
    target: Emotion,
    observations: Mapping[str, Observation],
    accept_licence: bool,
    notes: list[str],
) -> list[ScoreCollector]:
    if not classifiers:
        raise InputError("no classifier given; expected at least one, such as 'fer8'.")
    collectors = [make_collector(c, accept_licence=accept_licence) for c in classifiers]
    first = collectors[0]
    if first.labels and str(target) not in first.labels:
        raise InputError(
            f"{first.name} does not know {target}; it knows {', '.join(first.labels)}. Choose "
            "another classifier or emotion."
        )
    if observations and not any(first.name in clip.scores for clip in observations.values()):
        there = ", ".join(n for clip in observations.values() for n in clip.scores)
        raise InputError(
            f"the score file has scores of {there}, not of {first.name}; expected the classifier "
            "that the other clip is scored with. Give --classifier, or both as videos."
        )
    if second is not None and second not in classifiers:
        try:
            collectors.append(
                make_collector(second, every=SECOND_EVERY, accept_licence=accept_licence)
            )
        except BackendError as error:
            notes.append(f"no second opinion: {error}")
    names = [s.name for s in collectors]
    if len(set(names)) < len(names):
        raise InputError(f"classifiers {', '.join(names)} given; expected each of them once.")
    return collectors


def _reporter(on_step: StepHook, side: str, source: Source, every: int) -> Callable[[int], None]:
    total = 0 if math.isnan(source.fps) else round(source.fps * source.seconds / every)
    return lambda done: on_step(Step(side, None, done, max(done, total)))


def _faces(identity: bool) -> tuple[FaceFinder, FaceRecogniser | str]:
    from emoanim.evaluation.identity import FaceRecogniser
    from emoanim.faces import shared_finder

    finder = shared_finder()
    if not identity:
        return finder, "not asked for"
    try:
        return finder, FaceRecogniser()
    except BackendError as error:
        return finder, str(error)


def _reference(
    path: str | Path | None, generated: Source | None, alone: OnlyPerson
) -> Source | None:
    """Open the reference and see, before anything is done, whether it can be aligned."""
    if path is None or generated is None:
        return None
    reference = open_source(path, alone=alone)
    rates = reference.fps, generated.fps
    one = math.isnan(rates[0]) == math.isnan(rates[1])
    if not one or abs(rates[0] - rates[1]) > 0.005 * rates[1]:
        raise InputError(
            f"a reference of {rates[0]:g} frames a second given for a clip of {rates[1]:g}; "
            "expected the same rate, aligned frame by frame. Resample it, or leave it out."
        )
    return reference
