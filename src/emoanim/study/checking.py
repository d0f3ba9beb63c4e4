"""``study check``: every fault of a study at once, before any work is done."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from emoanim import registry
from emoanim.emotions import Emotion, EmotionPrompt, Timeline, parse_emotion, read_prompt
from emoanim.errors import EmoanimError, EmotionError
from emoanim.persons import PersonChoice
from emoanim.settings import Settings
from emoanim.study.items import FoundClip, Item, count_items, find_clips, settings_of, slug
from emoanim.study.plan import RunOptions, StudyPlan
from emoanim.study.stages import MAKING, SCORING

__all__ = [
    "CheckedStudy",
    "check_backends",
    "check_clip",
    "check_person",
    "check_study",
    "late_starts",
]

_RESOURCES = ("workers", "cpus", "gpus", "memory")

_ROOM_PER_SAMPLE = 4 << 20
"""Bytes that a sample takes with its cache entries, at most, for frames of 512 pixels."""


@dataclass(frozen=True, slots=True)
class CheckedStudy:
    """A study that was looked at.

    Attributes:
        plan: as it was read.
        clips: that were found.
        items: number of samples.
        faults: what must be mended before it can run.
        remarks: what will be left out, and why.
    """

    plan: StudyPlan
    clips: tuple[FoundClip, ...]
    items: int
    faults: tuple[str, ...]
    remarks: tuple[str, ...]


def check_study(
    plan: StudyPlan,
    folder: Path,
    output: Path | None = None,
    faults: tuple[str, ...] = (),
    given: Collection[str] = (),
) -> CheckedStudy:
    """Look at everything that can be looked at without making anything.

    Args:
        plan: of the study.
        folder: that relative paths start from.
        output: where it will be written, if that is known; its disk's room is looked at.
        faults: that are known already.
        given: roles, and "scoring.classifier" and so on, that are filled by objects.
    """
    clips, missing = find_clips(plan, folder)
    problems = [*faults, *missing]
    names = Counter(slug(c.name) for c in clips)
    problems += [
        f"{count} clips are named {name!r}; expected different file names. Rename them."
        for name, count in names.items()
        if count > 1
    ]
    for clip in clips:
        problems += check_clip(clip.path)
        problems += check_person(clip.person)
    targets = list(_targets(plan, problems))
    problems += _seed_faults(plan)
    problems += _pool_faults(plan.run)
    problems += _licences_of_scoring(plan, given)
    systems = [slug(name) for name in plan.systems]
    if len(set(systems)) < len(systems):
        problems.append(
            f"the systems {', '.join(plan.systems)} have names that are too much alike."
        )
    baselines = []
    for name, values in plan.systems.items():
        try:
            settings = settings_of(values)
        except EmoanimError as error:
            problems.append(f"system {name!r}: {error}")
            continue
        backends = check_backends(settings, targets, given)
        problems += [f"system {name!r}: {fault}" for fault in backends]
        if settings.takes == "all":
            problems.append(
                f'system {name!r}: takes = "all" given; the samples of a study are its takes. '
                "Leave it out and give samples."
            )
        if (settings.face_emoter.name, settings.animator.name) == ("keep", "film"):
            baselines.append(
                f'system {name!r}: face_emoter = "keep" leaves the stills as they are, but the '
                'animator "film" lays the emotion on the film itself. For the paper\'s baseline '
                'give animator = "rig".'
            )
    total = count_items(plan, len(clips))
    remarks = [*baselines, *_left_out(plan), *(_room(output, total) if output is not None else ())]
    return CheckedStudy(plan, tuple(clips), total, tuple(problems), tuple(remarks))


def check_clip(path: Path) -> list[str]:
    """Return what is wrong with a clip: missing, no video, no sound."""
    from emoanim.media import Video

    try:
        clip = Video(path)
        if not clip.has_audio:
            return [f"{str(path)!r} has no sound; expected a person speaking."]
    except EmoanimError as error:
        return [str(error)]
    return []


def late_starts(item: Item) -> list[str]:
    """Return why a timeline does not fit its clip, which can be read."""
    from emoanim.media import Video

    if item.timeline is None or item.timeline.by_sentence:
        return []
    try:
        item.timeline.check_within(Video(item.clip.path).duration, "video")
    except EmotionError as error:
        return [str(error)]
    return []


def check_person(person: str) -> list[str]:
    """Return what is wrong with who is meant: words that are not known, a picture not there."""
    try:
        picture = PersonChoice.parse(person).picture if person else None
    except EmoanimError as error:
        return [str(error)]
    if picture is not None and not picture.is_file():
        return [f"the picture of a person {str(picture)!r} is not there. Check the name."]
    return []


def check_backends(
    settings: Settings, targets: list[Emotion], given: Collection[str] = ()
) -> Iterator[str]:
    """Yield why a system's backends cannot be used here: packages, options, keys, licences, ...

    Args:
        settings: of the system.
        targets: its emotions.
        given: roles that are filled by objects.
    """
    import os

    for role in registry.ROLES:
        choice = getattr(settings, role)
        if choice is None or role in given:
            continue
        try:
            about = registry.info(role, choice.name)
        except EmoanimError as error:
            yield str(error)
            continue
        if about.missing():
            gone = ", ".join(about.missing())
            yield f"{role} {choice.name!r} needs {gone}, not installed. Install: {about.install}"
            continue
        known = registry.parameters(registry.load(about))
        for option in choice.options:
            if known is not None and option not in known:
                yield f"{role} {choice.name!r} has no option {option!r}; it has {', '.join(known)}."
        if about.key and not os.environ.get(about.key) and "key" not in choice.options:
            yield f"{role} {choice.name!r} needs a key in {about.key}, which is not set."
        yield from _licence(role, about, choice.options, "accept_licence = true in its options")
        # One that hears words, or leaves them and the face as they are, puts on no emotion.
        shows = "intensity" in about.abilities or (role == "classifier" and about.abilities)
        if Emotion.SURPRISE in targets and shows and "surprise" not in about.abilities:
            yield f"{role} {choice.name!r} cannot do surprise."


def _targets(plan: StudyPlan, problems: list[str]) -> Iterator[Emotion]:
    seen: set[Emotion] = set()
    for word in plan.emotions:
        try:
            target = _target(word)
        except EmotionError as error:
            problems.append(f"emotions: {error}")
            continue
        if target in seen:
            problems.append(f"emotions: {word!r} names {target} a second time.")
        seen.add(target)
        yield target
    for value in plan.intensities:
        if not 0.0 <= value <= 1.0:
            problems.append(f"intensities: {value!r} given; expected 0 to 1.")
    if len(set(plan.intensities)) < len(plan.intensities):
        problems.append("intensities: one of them is given twice.")


def _target(word: str) -> Emotion:
    """Return the one emotion of a cell.

    Raises:
        EmotionError: the word is a timeline, a blend, or no emotion.
    """
    try:
        return parse_emotion(word)
    except EmotionError:
        asked = read_prompt(word)
        if isinstance(asked, EmotionPrompt) and not asked.others:
            raise
    what = "timeline" if isinstance(asked, Timeline) else "blend"
    raise EmotionError(
        f"the {what} {word!r} given; expected one emotion: a study compares films with one target "
        "each, and its EDD, accuracies and tests have no meaning for several. Make it with "
        "'emoanim batch' and score it by its passages or its main emotion."
    )


def _seed_faults(plan: StudyPlan) -> Iterator[str]:
    seeds = plan.seeds
    if seeds is None:
        return
    if not seeds or len(set(seeds)) < len(seeds) or min(seeds) < 0:
        yield f"seeds: {list(seeds)} given; expected different numbers from 0 on."
    if plan.samples not in (1, len(seeds)):
        yield f"samples = {plan.samples}, but {len(seeds)} seeds are given; leave one of them out."


def _pool_faults(run: RunOptions) -> Iterator[str]:
    """Yield what is wrong with the pools of a run: a stage or a resource that there is not."""
    stages = ("default", *MAKING, *SCORING)
    for name, asked in run.pools.items():
        if name not in stages:
            yield f"run.pools: {name!r} is no stage; there are {', '.join(stages)}."
        for key, value in asked.items():
            if key not in _RESOURCES:
                yield f"run.pools.{name}: {key!r} given; expected {', '.join(_RESOURCES)}."
            elif key == "workers" and (value < 1 or value != int(value)):
                yield f"run.pools.{name}: workers = {value:g}; expected a whole number from 1 on."
            elif value < 0:
                yield f"run.pools.{name}: {key} = {value:g}; expected 0 or more."


def _licences_of_scoring(plan: StudyPlan, given: Collection[str]) -> Iterator[str]:
    """Say which frame classifiers cannot be used before a licence is accepted."""
    scoring = plan.scoring
    for what, name in (("classifier", scoring.classifier), ("second", scoring.second)):
        if not name or scoring.accept_licence or f"scoring.{what}" in given:
            continue
        try:
            about = registry.info("classifier", name)
        except EmoanimError:
            continue  # said by what will be left out
        options = scoring.options.get(name, {})
        accept = "accept_licence = true under [scoring]"
        yield from _licence(f"scoring.{what}", about, options, accept)


def _licence(
    what: str, about: registry.BackendInfo, options: Mapping[str, Any], accept: str
) -> Iterator[str]:
    """Say that a backend's weights are under a licence that the user has not accepted.

    Args:
        what: the place of the backend.
        about: the backend.
        options: that it is made with; own weights need no acceptance, but for some.
        accept: how it is accepted here.
    """
    from emoanim.weights import known, status

    if about.missing() or options.get("accept_licence"):
        return
    for name in about.weights:
        state = status(name)
        if state.state == "licence" and (known(name).ask_always or not options.get("weights")):
            yield (
                f"{what} {about.name!r} is under {state.licence}, which has to be accepted first. "
                f"If you do: {accept}, or run: {state.fix}. Else choose another."
            )
            return


def _left_out(plan: StudyPlan) -> Iterator[str]:
    """Say which evaluators cannot be had, by their packages alone."""
    scoring = plan.scoring
    for role, name, what in (
        ("classifier", scoring.classifier, "tables 4 and figures 3 to 7 are left out"),
        ("classifier", scoring.second, "there is no second opinion"),
        ("text_classifier", scoring.words, "table 1 is left out"),
        ("speech_classifier", scoring.voice, "table 2 is left out"),
        ("feature_extractor", scoring.features, "the Fréchet distance takes what there is"),
        ("picture_distance", scoring.perceptual, "there is no perceptual distance"),
    ):
        if not name and not what.endswith("left out"):
            continue  # switched off on purpose, and nothing that was asked for lacks it
        if not name:
            yield f"no {role.replace('_', ' ')}: {what}."
            continue
        try:
            about = registry.info(role, name)
        except EmoanimError as error:
            yield f"{what}: {error}"
            continue
        if about.missing():
            gone = ", ".join(about.missing())
            yield f"{what}: {name!r} needs {gone}. Install: {about.install}"
        elif role == "classifier":
            yield from _unknown_targets(plan, name, about)


def _unknown_targets(plan: StudyPlan, name: str, about: registry.BackendInfo) -> Iterator[str]:
    """Say which targets a frame classifier has no label for, where its class tells its labels."""
    labels = getattr(registry.load(about), "labels", None)
    if not isinstance(labels, tuple):
        return
    missing = [str(target) for target in _targets(plan, []) if str(target) not in labels]
    if missing:
        yield f"{name!r} has no label {', '.join(missing)}: there it measures nothing."


def _room(output: Path, items: int) -> Iterator[str]:
    folder: Any = output.absolute()
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    wanted = items * _ROOM_PER_SAMPLE
    if free < wanted:
        yield (
            f"{free / 1e9:.1f} GB are free at {str(folder)!r}; {items} samples may take "
            f"{wanted / 1e9:.1f} GB. Make room or give another folder."
        )
