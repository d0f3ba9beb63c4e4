"""What a run of the pipeline made, what it was made with, and its score."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emoanim.clips import Portrait, Speech, Transcript
from emoanim.emotions import EmotionPrompt
from emoanim.errors import SettingsError
from emoanim.protocols import FrameEmotionClassifier

if TYPE_CHECKING:
    from emoanim.metrics import EDDResult

__all__ = ["EDAResult"]


@dataclass(frozen=True, slots=True)
class EDAResult:
    """What a run made and what it was made with.

    Attributes:
        source: the video that was given.
        output: the video that was made (of the best-ranked still).
        takes: every video that was made, best first; more than one with ``takes="all"``.
        prompt: the target emotion and its intensity.
        transcript: what was said.
        text: the same in the target emotion.
        speech: that text, spoken.
        portraits: the emotional stills, in order of time.
        order: indices of ``portraits``, best first.
        timings: wall-clock seconds by step name, and "total".
        seed: of every random choice.
        backends: role -> (name, licence).
        notes: what the user should know.
        costs: paid calls, what they used and an estimate in US dollars (see
            ``emoanim.services.Ledger``).
        classifier: scores the result, if one was given.
    """

    source: Path
    output: Path
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
    costs: Mapping[str, Any] = field(default_factory=dict)
    classifier: FrameEmotionClassifier | None = field(default=None, repr=False)

    def edd(self, **options: Any) -> EDDResult:
        """Score the target emotion before and after (paper 4.5): 0 fully changed, 0.5 no change.

        Both videos are classified now, frame by frame; ``options`` go to ``emoanim.metrics.edd``.

        Raises:
            SettingsError: the pipeline has no classifier, or it does not know the emotion.
        """
        from emoanim.media import Video
        from emoanim.metrics import EDDResult, edd
        from emoanim.scoring import score_clip

        if self.classifier is None:
            raise SettingsError(
                "the pipeline has no classifier; make it with one: EDAPipeline(classifier='fer8')."
            )
        before = score_clip(self.classifier, Video(self.source))
        after = score_clip(self.classifier, Video(self.output))
        if self.prompt.emotion not in before.labels:
            raise SettingsError(
                f"the classifier knows {', '.join(before.labels)}; it cannot score "
                f"{self.prompt.emotion}. Choose another classifier."
            )
        measured = edd(
            before.values, after.values, str(self.prompt.emotion), labels=before.labels, **options
        )
        assert isinstance(measured, EDDResult)  # one target was asked for
        return measured

    def to_dict(self) -> dict[str, Any]:
        """Return the record of the run as plain values, ready for JSON."""
        return {
            "source": str(self.source),
            "output": str(self.output),
            "takes": [str(t) for t in self.takes],
            "emotion": str(self.prompt.emotion),
            "intensity": self.prompt.intensity,
            "prompt": self.prompt.text,
            "language": self.transcript.language,
            "transcript": self.transcript.text,
            "text": self.text,
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
