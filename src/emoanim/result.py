"""What a run of the pipeline made, what it was made with, and its score."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emoanim.clips import Animation, Clip, EmotionScores, Portrait, Speech, Transcript
from emoanim.emotions import Emotion, EmotionPrompt, Timeline
from emoanim.errors import SettingsError
from emoanim.persons import Person, PersonChoice, PersonClip, alone_in
from emoanim.protocols import FrameEmotionClassifier, Labelled

if TYPE_CHECKING:
    from emoanim.metrics import EDDResult
    from emoanim.settings import Settings

__all__ = ["EDAResult", "check_knows"]


@dataclass(frozen=True, slots=True)
class EDAResult:
    """What a run made and what it was made with.

    Attributes:
        source: the video file that was given; None for frames in memory.
        output: the video that was made (of the best-ranked still); None if none was asked for.
        takes: every video that was made, best first; more than one with ``takes="all"``.
        prompt: the target emotion and its intensity; of a timeline the one that holds longest.
        transcript: what was said.
        text: the same in the target emotion.
        speech: that text, spoken.
        portraits: the emotional stills, in order of time.
        order: indices of ``portraits``, best first.
        timings: wall-clock seconds by step name, and "total".
        seed: of every random choice.
        backends: role -> (name, licence).
        notes: what the user should know.
        rewriting: how the text came about, sentence by sentence where the text emoter tells.
        costs: paid calls, what they used and an estimate in US dollars (see
            ``emoanim.services.Ledger``).
        classifier: scores the result, if one was given.
        clip: what was given, as a clip.
        animation: without an output, the frames of the best-ranked still, made as they are read.
        settings: of the pipeline.
        objects: roles that were filled by an object, which no settings can name.
        person: who of several was chosen, where and when they are in ``clip``.
        timeline: what was asked for, where emotions change; ``speech.passages`` says when they do.
    """

    source: Path | None
    output: Path | None
    takes: tuple[Path, ...]
    prompt: EmotionPrompt
    transcript: Transcript
    text: str
    speech: Speech
    portraits: tuple[Portrait, ...]
    order: tuple[int, ...]
    timings: dict[str, float]
    seed: int
    backends: Mapping[str, tuple[str, str]]
    notes: tuple[str, ...] = ()
    rewriting: Mapping[str, Any] = field(default_factory=dict)
    costs: Mapping[str, Any] = field(default_factory=dict)
    classifier: FrameEmotionClassifier | None = field(default=None, repr=False)
    clip: Clip | None = field(default=None, repr=False)
    animation: Animation | None = field(default=None, repr=False)
    settings: Settings | None = field(default=None, repr=False)
    objects: tuple[str, ...] = ()
    timeline: Timeline | None = None
    person: Person | None = None

    def edd(self, **options: Any) -> EDDResult:
        """Score the target before and after (paper 4.5): 0 ranks fully separated, 0.5 no change.

        Both clips are classified now, frame by frame, and compared as ``emoanim evaluate`` does:
        with a moving average over 0.2 s, a 95 % interval, and notes where faces are missing. EDD
        compares ranks, so the result's ``mean`` and ``top`` say how much of the emotion there is,
        before and after; its first note, that it is on top in fewer than half of the frames.
        ``options`` go to ``emoanim.metrics.edd``. Of a blend the target is the main emotion.

        Raises:
            SettingsError: the pipeline has no classifier, it does not know the emotion, nothing
                was written, or emotions change (see ``passage_edds``).
        """
        from emoanim.scoring import edd_of

        if self.timeline is not None:
            raise SettingsError(
                f"the result goes through several emotions ({self.timeline.text}); expected one "
                "for one EDD. Take passage_edds(), which scores each passage."
            )
        before, after = self._scores((self.prompt.emotion,))
        return edd_of(before, after, str(self.prompt.emotion), **{"ci": "block", **options})

    def passage_edds(self, **options: Any) -> tuple[EDDResult, ...]:
        """Score each passage of a timeline, in the order of ``speech.passages``.

        The frames of a passage are compared with those of the stretch of the source that it
        stands for, on the passage's main emotion. Errors and ``options`` as of ``edd``.
        """
        from emoanim.scoring import edds_of_passages

        passages = self.speech.passages
        if not passages:
            return (self.edd(**options),)
        before, after = self._scores(tuple(p.prompt.emotion for p in passages))
        return edds_of_passages(before, after, self.speech, **{"ci": "block", **options})

    def _scores(self, emotions: tuple[Emotion, ...]) -> tuple[EmotionScores, EmotionScores]:
        """Return the scores before and after, from a classifier that knows the emotions."""
        from emoanim.media import Video
        from emoanim.scoring import score_clip

        if self.classifier is None:
            raise SettingsError(
                "the pipeline has no classifier; make it with one: EDAPipeline(classifier='fer8')."
            )
        if self.output is None or self.clip is None:
            raise SettingsError(
                "the frames were given back, not written, so there is nothing to score. Give "
                'output="out.mp4", or score the frames with emoanim.metrics.edd.'
            )
        for emotion in emotions:
            check_knows(self.classifier, emotion)
        clip, after = self.of_the_person(self.clip, Video(self.output))
        before = score_clip(self.classifier, clip)
        for emotion in emotions:
            if emotion not in before.labels:
                raise SettingsError(
                    f"the classifier knows {', '.join(before.labels)}; it cannot score "
                    f"{emotion} in {self.output}. Choose another classifier."
                )
        return before, score_clip(self.classifier, after)

    def of_the_person(self, before: Clip, after: Clip) -> tuple[Clip, Clip]:
        """Return the clip and its film with nobody in them but the one of several who was chosen.

        Args:
            before: the original.
            after: the film that was made of it.

        Raises:
            FaceError: the person is not in the film.
        """
        if self.person is None:
            return before, after
        alone = alone_in(after, before.size, self.person, self._person_in)
        return PersonClip(before, self.person), alone

    def _person_in(self, clip: Clip) -> Person:
        from emoanim.faces import find_person, shared_finder

        choice = None if self.settings is None else self.settings.chosen_person
        return find_person(clip, choice or PersonChoice("largest"), shared_finder()).person

    def __repr__(self) -> str:
        output = None if self.output is None else repr(str(self.output))
        text = self.text if len(self.text) <= 60 else f"{self.text[:57]}..."
        return f"EDAResult({self.prompt.emotion}, {text!r}, output={output})"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        from emoanim.runs.showing import shown_result

        return shown_result(self)

    def to_dict(self) -> dict[str, Any]:
        """Return the record of the run as plain values, ready for JSON."""
        from emoanim.runs.records import file_hash, made_with, prompt_record, timeline_record

        return {
            **({} if self.settings is None else made_with(self.settings)),
            "objects": list(self.objects),
            "source": None if self.source is None else str(self.source),
            "source_sha256": "" if self.source is None else file_hash(self.source),
            "output": None if self.output is None else str(self.output),
            "takes": [str(t) for t in self.takes],
            **prompt_record(self.prompt),
            "timeline": None if self.timeline is None else timeline_record(self.timeline),
            "passages": [
                {"start": round(start, 3), **prompt_record(prompt)}
                for start, prompt in self.speech.passages
            ],
            "language": self.transcript.language,
            "transcript": self.transcript.text,
            "text": self.text,
            "rewriting": dict(self.rewriting),
            "speech_seconds": round(self.speech.audio.duration, 3),
            "speech": dict(self.speech.details),
            "stills": [{"time": p.time, "quality": p.quality} for p in self.portraits],
            "animated": list(self.order[: len(self.takes)]),
            "timings": {k: round(v, 3) for k, v in self.timings.items()},
            "seed": self.seed,
            "backends": {
                role: {"name": name, "licence": licence}
                for role, (name, licence) in self.backends.items()
            },
            "notes": list(self.notes),
            "costs": dict(self.costs),
        }


def check_knows(classifier: FrameEmotionClassifier | None, emotion: Emotion) -> None:
    """Check, before any work, that a classifier that says its labels knows an emotion.

    Raises:
        SettingsError: it does not.
    """
    if isinstance(classifier, Labelled) and classifier.labels and emotion not in classifier.labels:
        raise SettingsError(
            f"the classifier {type(classifier).__qualname__} does not know {emotion}; it knows "
            f"{', '.join(classifier.labels)}. Choose another classifier, or leave it out."
        )
