"""The face branch: pick random frames, put the emotion on them, animate the best (paper 3.2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from emoanim.arguments import number_of, object_of
from emoanim.clips import Animation, Clip, Frame, Image, Portrait, Speech
from emoanim.emotions import Emotion, EmotionPrompt
from emoanim.errors import FaceError, MissingExtraError
from emoanim.persons import Person, PersonChoice, PersonClip, frames_at
from emoanim.protocols import (
    AnimatesOneOfSeveral,
    Animator,
    FaceEmoter,
    FrameEmotionClassifier,
    Preparing,
)
from emoanim.registry.checks import check_backend, checked, checked_motion
from emoanim.steps import StepHook, Stopwatch, ignore

if TYPE_CHECKING:
    from emoanim.faces import Face, FaceFinder

__all__ = [
    "MIN_FACE",
    "FaceAnimation",
    "Portraits",
    "animator_of",
    "best_first",
    "changeable",
    "chosen_person",
    "notes_on_picture",
    "pick_frames",
    "rank_stills",
]

MIN_FACE = 64
"""Pixels across below which a face cannot be animated."""

# How many random frames are looked at for each one wanted, and how many at most.
CANDIDATES_PER_FRAME = 4
MOST_CANDIDATES = 60


@dataclass(frozen=True, slots=True)
class Portraits:
    """The emotional stills of one clip.

    Attributes:
        stills: in the order of their frames' times.
        order: indices of ``stills``, best first.
        notes: what a user should know (several faces, frames without a face).
        timings: seconds by step name.
        person: who of several was chosen; None if nobody was.
    """

    stills: tuple[Portrait, ...]
    order: tuple[int, ...]
    notes: tuple[str, ...]
    timings: dict[str, float]
    person: Person | None = None

    @property
    def best(self) -> Portrait:
        """The still that is animated by default."""
        return self.stills[self.order[0]]


@dataclass(frozen=True, slots=True)
class FaceAnimation:
    """The face branch of figure 1.

    Args:
        face_emoter: frames to emotional portraits.
        animator: portrait and speech to a talking face.
        classifier: scores the portraits, if given: the target emotion counts in their ranking.
        stills: how many random frames become stills (the paper's N = 5).
        seed: of the random choice.
        person: who of several is meant; None for the largest in each frame.
    """

    face_emoter: FaceEmoter
    animator: Animator
    classifier: FrameEmotionClassifier | None = None
    stills: int = 5
    seed: int = 0
    person: PersonChoice | None = None

    def __post_init__(self) -> None:
        check_backend("face_emoter", self.face_emoter)
        check_backend("animator", self.animator)
        if self.classifier is not None:
            check_backend("classifier", self.classifier)
        number_of(self.stills, "stills", "how many frames are picked, such as 5", least=1)
        number_of(self.seed, "seed", "a whole number from 0", least=0, whole=True)

    def portraits(
        self,
        clip: Clip,
        emotion: str | Emotion | EmotionPrompt,
        *,
        on_step: StepHook = ignore,
    ) -> Portraits:
        """Pick N random frames that show a face and put the emotion on each.

        Raises:
            EmotionError: the prompt names no known emotion.
            FaceError: no frame shows a face of at least 64 pixels, or the person who is meant is
                not there.
        """
        prompt = EmotionPrompt.parse(emotion)
        object_of(Clip, clip, "the clip", "emoanim.media.Video(path), or another Clip")
        watch = Stopwatch(on_step)
        with watch.step("pick") as report:
            person, said = chosen_person(clip, self.person)
            picked, notes = pick_frames(clip, self.stills, self.seed, person=person)
            report(picked)
        with watch.step("emote") as report:
            emoted = self.face_emoter.emote([f.image for f in picked], prompt)
            emoted = checked("face_emoter", self.face_emoter, emoted, len(picked))
            stills = [
                replace(s, time=f.time, prompt=prompt) for s, f in zip(emoted, picked, strict=True)
            ]
            order = rank_stills(stills, prompt, self.classifier)
            report(stills)
        # The speech takes longer than the stills; an animator that can uses the time.
        animator, source = animator_of(self.animator, person, clip)
        if isinstance(animator, Preparing):
            with watch.step("prepare"):
                animator.prepare(stills[order[0]], source)
        return Portraits(tuple(stills), order, (*said, *notes), watch.seconds, person)

    def changeable(self, portrait: Portrait) -> Portrait:
        """Return a still that can also be made in another emotion (``Portrait.again``)."""
        return changeable(self.face_emoter, portrait)

    def animate(
        self,
        portrait: Portrait,
        speech: Speech,
        emotion: str | Emotion | EmotionPrompt,
        source: Clip | None = None,
        person: Person | None = None,
    ) -> Animation:
        """Make the portrait say the speech.

        Args:
            portrait: of the person.
            speech: the sound.
            emotion: the target.
            source: the original clip.
            person: who of its persons is in the portrait (``Portraits.person``).
        """
        prompt = EmotionPrompt.parse(emotion)
        object_of(Portrait, portrait, "the portrait", "emoanim.Portrait, as a face emoter makes")
        object_of(Speech, speech, "the speech", "emoanim.Speech, as a voice makes it")
        animator = self.animator
        if source is not None:
            animator, source = animator_of(animator, person, source)
        moving = animator.animate(portrait, speech, prompt, source)
        return checked_motion(animator, moving, speech)


def chosen_person(
    clip: Clip, choice: PersonChoice | None, finder: FaceFinder | None = None
) -> tuple[Person | None, tuple[str, ...]]:
    """Return who of a clip is meant, None if nobody was chosen, and notes for the user.

    Raises:
        FaceError: the person is not there.
        MissingExtraError: no face finder is installed.
    """
    if choice is None:
        return None, ()
    from emoanim.faces import find_person, shared_finder

    chosen = find_person(clip, choice, finder or shared_finder())
    people = f", one of {chosen.several}" if chosen.several > 1 else ""
    return chosen.person, (f"the person {choice.text!r} is followed{people}", *chosen.notes)


def animator_of(animator: Animator, person: Person | None, source: Clip) -> tuple[Animator, Clip]:
    """Return the animator and the source for one person: cut to them if it cannot tell them apart.

    Args:
        animator: any.
        person: of the source; None if nobody was chosen.
        source: the original clip.
    """
    if person is None:
        return animator, source
    if isinstance(animator, AnimatesOneOfSeveral):
        return animator.of_person(person), source
    return animator, PersonClip(source, person)


def changeable(emoter: FaceEmoter, portrait: Portrait) -> Portrait:
    """Return a still that its face emoter can also make in another emotion."""
    return replace(portrait, again=partial(_emoted_again, emoter, portrait))


def _emoted_again(emoter: FaceEmoter, portrait: Portrait, prompt: EmotionPrompt) -> Portrait:
    stills = checked("face_emoter", emoter, emoter.emote([portrait.original], prompt), 1)
    return replace(stills[0], time=portrait.time, prompt=prompt)


def rank_stills(
    stills: Sequence[Portrait],
    prompt: EmotionPrompt,
    classifier: FrameEmotionClassifier | None = None,
) -> tuple[int, ...]:
    """Return the numbers of the stills, best first: fit for animation, and in the emotion.

    Args:
        stills: of one clip.
        prompt: the target emotion.
        classifier: its probability of the target counts, if it is given and knows it.
    """
    qualities: list[float | None] = [s.quality for s in stills]
    if classifier is None:
        return best_first(qualities)
    given = classifier.classify([s.image for s in stills])
    scores = checked("classifier", classifier, given, len(stills))
    if prompt.emotion not in scores.labels:
        return best_first(qualities)
    return best_first(qualities, np.nan_to_num(scores.of(prompt.emotion)))


def best_first(
    qualities: Sequence[float | None], emotion: NDArray[np.floating[Any]] | float = 0.0
) -> tuple[int, ...]:
    """Return the numbers of portraits, the fittest for animation first.

    Args:
        qualities: of each, in [0, 1]; an unknown one counts as 0.5.
        emotion: probability of the target emotion in each, if it is to count, (n,).
    """
    fitness = np.array([0.5 if q is None else q for q in qualities]) + emotion
    return tuple(int(i) for i in np.argsort(-fitness, kind="stable"))


def pick_frames(
    clip: Clip,
    count: int,
    seed: int,
    finder: FaceFinder | None = None,
    person: Person | None = None,
) -> tuple[list[Frame], tuple[str, ...]]:
    """Take ``count`` random frames that show a face, in order of time, and notes for the user.

    Frames in which a hand or a microphone covers the mouth are taken where there are no others.

    Frames are drawn over the whole clip. Where no face finder is installed (a pipeline of foreign
    backends) frames are taken as they are and the notes say so. A clip with fewer usable frames
    than asked for gives those it has.

    Args:
        clip: of the person.
        count: how many are wanted.
        seed: of the draw.
        finder: of faces; the one that this process shares if None.
        person: who of several is to be in them, alone; None for the largest in each.

    Raises:
        FaceError: no frame that was looked at shows a face of at least ``MIN_FACE`` pixels.
    """
    rng = np.random.default_rng(seed)
    length = max(round(clip.duration * clip.fps), 1)
    drawn = [float(i) / clip.fps for i in rng.permutation(length)]
    if person is not None:
        drawn = [time for time in drawn if person.part_at(time) is not None]
        clip = PersonClip(clip, person)
    del drawn[MOST_CANDIDATES:]
    try:
        from emoanim.faces import shared_finder

        finder = finder or shared_finder()
    except MissingExtraError:
        frames = list(frames_at(clip, sorted(drawn[:count])))
        return frames, ("no face finder is installed; frames were picked without looking",)
    from emoanim.faces.cautions import FaceCautions
    from emoanim.faces.shots import check_upright, glimpse

    turn = {time: number for number, time in enumerate(drawn)}
    worth: dict[float, tuple[bool, int]] = {}  # frames with a free mouth come first
    usable: dict[float, Frame] = {}  # whole pictures: never more than are wanted
    seen: list[Frame] = []  # tiny ones
    upright: list[tuple[Image, Sequence[Face]]] = []
    cautions = FaceCautions(finder)
    looked = 0
    largest = 0.0
    # A second look, at more frames, is needed only where faces are rare.
    for lot in (drawn[: count * CANDIDATES_PER_FRAME], drawn[count * CANDIDATES_PER_FRAME :]):
        for time, frame in zip(sorted(lot), frames_at(clip, sorted(lot)), strict=False):
            faces = finder.find(frame.image)
            if looked in {len(lot) * third // 3 for third in range(3)}:
                upright.append((frame.image, faces))
            looked += 1
            seen.append(glimpse(frame))
            if not faces:
                continue
            largest = max(largest, faces[0].size)
            if faces[0].size >= MIN_FACE:
                covered = cautions.add(frame.image, faces)
                usable[time] = frame
                worth[time] = (covered, turn[time])
                if len(usable) > count:
                    del usable[max(usable, key=worth.__getitem__)]
        if cautions.free >= count:
            break
    check_upright(upright[:3], finder.find)
    if not usable and largest:
        raise FaceError(
            f"the largest face is {largest:.0f} pixels wide; expected at least {MIN_FACE}. "
            "Crop or enlarge the video around the person."
        )
    if not usable:
        raise FaceError(
            f"no face was found in any of {looked} frames of the video; expected a person facing "
            "the camera. Check the video, or cut it to the part that shows the person."
        )
    in_order = sorted(seen, key=lambda frame: frame.time)
    notes = _notes_on_cuts(in_order, clip) if person is None else []
    notes += cautions.of_a_clip(looked)
    # The order of the draw, not of time, said which usable frames are taken.
    return [usable[t] for t in sorted(usable)], tuple(notes)


def notes_on_picture(image: Image) -> tuple[str, ...]:
    """Return what a user should know of the face in a single picture.

    Nothing where no face is found, or no face finder is installed: a face emoter may know better.

    Args:
        image: uint8 (h, w, 3) RGB.

    Raises:
        FaceError: the person is far from upright.
    """
    try:
        from emoanim.faces import shared_finder

        finder = shared_finder()
    except MissingExtraError:
        return ()
    from emoanim.faces.cautions import FaceCautions
    from emoanim.faces.shots import check_upright

    faces = finder.find(image)
    check_upright([(image, faces)], finder.find, "IN.png")
    cautions = FaceCautions(finder)
    if faces:
        cautions.add(image, faces)
    return tuple(cautions.of_a_picture())


def _notes_on_cuts(frames: Sequence[Frame], clip: Clip) -> list[str]:
    from emoanim.faces.shots import cuts_between

    cuts = cuts_between(frames, lambda times: frames_at(clip, times))
    if not cuts:
        return []
    where = ", ".join(f"{cut:.1f}" for cut in cuts[:5])
    note = f"the picture cuts to another shot at {where} s; if that shows another person, give"
    return [f"{note} the part that shows one"]
