"""The two stages that score a sample: the original once, then each film against it."""

from __future__ import annotations

import io
import math
import tempfile
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from emoanim.clips import Audio, Clip, Frame, Image
from emoanim.errors import EmoanimError, FaceError
from emoanim.evaluation.observation import Observation, observe
from emoanim.evaluation.score_files import read_observation, write_observations
from emoanim.evaluation.sources import open_source
from emoanim.face import chosen_person
from emoanim.metrics import psnr
from emoanim.persons import Person, PersonClip, alone_in
from emoanim.portable_messages import portable
from emoanim.scoring import score_clip
from emoanim.study.storage.keys import digest_of_file
from emoanim.study.workers.evaluators import Evaluators
from emoanim.study.workers.face_pictures import face_picture
from emoanim.study.workers.making import (
    DamagedEntryError,
    Made,
    cached_portrait,
    cached_speech,
    person_of,
)
from emoanim.study.workers.measuring import pair_facts
from emoanim.study.workers.tasks import Task

if TYPE_CHECKING:
    from emoanim.study.workers.worker import Worker

__all__ = ["SCORERS"]

_FEATURE_EVERY = 5


def _observe(worker: Worker, task: Task) -> Made:
    path = Path(task.item.clip.path)
    evaluators, person = worker.evaluators, person_of(task)
    alone = None if person is None else partial(PersonClip, person=person)
    seen, why = _observed(evaluators, path, path.name, alone)
    audio = worker.clips.get(path).audio()
    facts: dict[str, Any] = {
        "words": _said(evaluators, str(task.entries["transcribe"].facts["text"])),
        "voice": _heard(evaluators, audio),
        "features_by": "",
        "reasons": {**evaluators.reasons, **why},
        "lacking": sorted(evaluators.lacking),
    }
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "scores.npz"
        write_observations(target, seen, seen)
        features = _features(evaluators, worker, path)
        if features is not None:
            facts["features_by"] = evaluators.extractor.name
            _add(target, {"features.clip": features})
        return target.read_bytes(), facts


def _score(worker: Worker, task: Task) -> Made:
    item, evaluators = task.item, worker.evaluators
    original, original_features = _cached_original(worker, task)
    output = worker.output.local(item.output)
    with tempfile.TemporaryDirectory() as folder:
        film = output or Path(folder) / Path(item.output).name
        if output is None:
            film.write_bytes(worker.output.read(item.output) or b"")
        if digest_of_file(film) != task.entries["film"].facts["sha256"]:
            worker.cache.drop("film", task.entries["film"].key)
            raise DamagedEntryError(f"{item.output} is not what was written; it is made again")
        person = person_of(task)
        alone = None if person is None else partial(_alone, worker, task, person)
        seen, why = _observed(evaluators, film, item.output, alone)
        still = cached_portrait(worker, task)
        shown = _observed_still(evaluators, still.image)
        facts = pair_facts(original, seen, shown, item.prompt)
        facts["psnr_still"] = _psnr_of(still.original, still.image)
        if evaluators.perceptual is not None:
            looks = evaluators.perceptual.distance(still.original, still.image)
            facts["perceptual_still"] = float(looks)
        facts["words"] = _said(evaluators, str(task.entries["rewrite"].facts["text"]))
        facts["voice"] = _heard(evaluators, cached_speech(worker, task).audio)
        facts["measures"] = _third(evaluators, Path(item.clip.path), film)
        facts["reasons"] = {**evaluators.reasons, **why}
        facts["lacking"] = sorted(evaluators.lacking)
        target = Path(folder) / "scores.npz"
        write_observations(target, original, seen)
        more: dict[str, Any] = {}
        if item.sample == 0:
            clip: Clip = worker.clips.get(film)
            first = next(iter((clip if alone is None else alone(clip)).frames())).image
            more = {
                "picture.still": face_picture(still.image, evaluators.finder),
                "picture.first": face_picture(first, evaluators.finder),
            }
        if shown is not None and len(shown.embeddings):
            more["still.embeddings"] = shown.embeddings
        features = _features(evaluators, worker, film)
        if features is not None:
            more["features.clip"] = features
            more["features.original"] = original_features
            more["features.still"] = np.asarray(evaluators.extractor.features(still.image[None]))
        _add(target, more)
        name = f"scores/{item.id}.npz"
        facts |= {"scores": name, "scores_sha256": digest_of_file(target)}
        worker.output.write(name, target.read_bytes())
    return b"", facts


SCORERS: Mapping[str, Callable[[Worker, Task], Made]] = {"observe": _observe, "score": _score}
"""Stage -> what makes its payload and the facts that are kept with it."""


def _alone(worker: Worker, task: Task, person: Person, film: Clip) -> Clip:
    """Return a film with nobody in it but the person whom the original shows."""
    choice = task.item.settings.chosen_person
    size = worker.clips.get(task.item.clip.path).size

    def again(clip: Clip) -> Person:
        found, _ = chosen_person(clip, choice, worker.evaluators.finder)
        return found or person

    return alone_in(film, size, person, again)


def _observed(
    evaluators: Evaluators, path: Path, name: str, alone: Callable[[Clip], Clip] | None
) -> tuple[Observation, dict[str, str]]:
    """Watch a clip; where no face can be found, only classifiers that need none are asked."""
    source = open_source(path) if alone is None else open_source(path, alone=alone)
    why: dict[str, str] = {}
    if evaluators.finder is not None:
        _ = evaluators.sharpness
        try:
            seen = observe(
                source,
                name,
                evaluators.collectors,
                finder=evaluators.finder,
                recogniser=evaluators.recogniser,
                every=evaluators.options.every,
            )
        except FaceError as error:
            why["faces"] = portable(str(error))
            for collector in evaluators.collectors:
                collector.scores()
        else:
            return seen, why
    return _without_faces(evaluators, path, name, source.fps), why


def _without_faces(evaluators: Evaluators, path: Path, name: str, fps: float) -> Observation:
    from emoanim.media import Video

    every = evaluators.options.every
    clip = Video(path)
    scores = {c.name: score_clip(c.classifier, clip, every) for c in evaluators.collectors}
    first = next(iter(scores.values()), None)
    times = np.zeros(0) if first is None else first.times
    weights = {c.name: c.weights for c in evaluators.collectors}
    reasons = dict.fromkeys(("embeddings", "sharpness"), "no face was found")
    return Observation(name, fps / every, times, scores, weights, reasons=reasons)


class _Stills:
    """One picture in memory, as ``observe`` reads a clip."""

    fps = seconds = math.nan

    def __init__(self, image: Image) -> None:
        self._image = image

    def frames(self) -> Iterator[Frame]:
        yield Frame(0.0, self._image)

    def sound(self) -> Audio | None:
        return None


def _observed_still(evaluators: Evaluators, image: Image) -> Observation | None:
    """Look at a still as at a clip; None where a face is needed and none is found."""
    main = evaluators.collectors[:1]
    if evaluators.finder is None:
        scores = {c.name: c.classifier.classify([image]) for c in main}
        return Observation("the still", math.nan, np.zeros(1), scores)
    try:
        return observe(
            _Stills(image),
            "the still",
            main,
            finder=evaluators.finder,
            recogniser=evaluators.recogniser,
        )
    except FaceError:
        for collector in main:
            collector.scores()
        return None


def _cached_original(worker: Worker, task: Task) -> tuple[Observation, Any]:
    """Return what was seen in the original, and its features if there are any."""
    entry = task.entries["observe"]
    cached = worker.cache.read("observe", entry.key)
    if cached is None or cached[0].digest != entry.digest:
        raise DamagedEntryError(f"the cache entry observe/{entry.key} is gone or damaged")
    with tempfile.NamedTemporaryFile(suffix=".npz") as file:
        file.write(cached[1])
        file.flush()
        with np.load(file.name, allow_pickle=False) as archive:
            features = archive["features.clip"] if "features.clip" in archive.files else None
        return read_observation(file.name, "original"), features


def _said(evaluators: Evaluators, text: str) -> dict[str, float] | None:
    return _shares(evaluators, "words", text) if text.strip() else None


def _heard(evaluators: Evaluators, audio: Audio) -> dict[str, float] | None:
    return _shares(evaluators, "voice", audio)


def _shares(evaluators: Evaluators, what: str, given: Any) -> dict[str, float] | None:
    classifier = getattr(evaluators, what)
    if classifier is None:
        return None
    try:
        scores = classifier.classify([given])
    except EmoanimError as error:
        evaluators.reasons[what] = portable(" ".join(str(error).split()))
        return None
    row = np.asarray(scores.values, np.float64)[0]
    if np.isnan(row).any():
        return None
    return {label: round(float(v), 6) for label, v in zip(scores.labels, row, strict=True)}


def _third(evaluators: Evaluators, original: Path, film: Path) -> dict[str, float]:
    measured: dict[str, float] = {}
    for name, measure in evaluators.measures.items():
        try:
            measured |= {str(k): float(v) for k, v in measure.measure(original, film).items()}
        except Exception as error:  # a third party's fault leaves its own column empty
            evaluators.reasons[name] = portable(f"{type(error).__name__}: {error}")
    return measured


def _features(evaluators: Evaluators, worker: Worker, path: Path) -> Any:
    if evaluators.extractor is None:
        return None
    extractor, features = evaluators.extractor, []
    for number, frame in enumerate(worker.clips.get(path).frames()):
        if number % _FEATURE_EVERY == 0:
            features.append(np.asarray(extractor.features(frame.image[None]), np.float64))
    return np.concatenate(features)


def _psnr_of(original: Image, still: Image) -> float | None:
    value = psnr(original[None], still[None]).value
    return None if math.isnan(value) else float(value)


def _add(path: Path, arrays: Mapping[str, Any]) -> None:
    """Add arrays to a score file; readers of score files pass over names they do not know."""
    if not arrays:
        return
    with np.load(path, allow_pickle=False) as archive:
        together = {name: archive[name] for name in archive.files}
    file = io.BytesIO()
    np.savez_compressed(file, **together, **arrays)
    path.write_bytes(file.getvalue())
