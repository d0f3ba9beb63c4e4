"""The whole of figure 1: a video and an emotion in, the emotional video out."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import Any, Self

from emoanim import registry
from emoanim.clips import Clip, Image, Portrait, Speech
from emoanim.emotions import Emotion, EmotionPrompt
from emoanim.errors import SettingsError
from emoanim.face import FaceAnimation
from emoanim.marking import Marking
from emoanim.protocols import (
    Animator,
    FaceEmoter,
    FrameEmotionClassifier,
    TextEmoter,
    Transcriber,
    Voice,
)
from emoanim.result import EDAResult
from emoanim.services import accounting
from emoanim.settings import Settings, load_settings, preset
from emoanim.speech import SpeechToSpeech
from emoanim.steps import Step, StepHook, Stopwatch, ignore

__all__ = ["EDAPipeline", "make_speech", "seeded_options"]

_PROTOCOLS = {
    "transcriber": Transcriber,
    "text_emoter": TextEmoter,
    "voice": Voice,
    "face_emoter": FaceEmoter,
    "animator": Animator,
    "classifier": FrameEmotionClassifier,
}


class EDAPipeline:
    """The EDA framework: every part by name, as an object, from a preset or a settings file.

    Args:
        transcriber: name of a backend or an object with its verb; so are the other parts.
        text_emoter: see above.
        voice: see above.
        face_emoter: see above.
        animator: see above.
        classifier: for ranking the stills and for ``EDAResult.edd``; None for neither.
        frames: how many random frames become stills (the paper's N = 5).
        takes: "best" animates the best-ranked still, "all" every one.
        seed: of every random choice; the same seed gives the same bytes of speech and frames.
        budget: US dollars that the paid calls of one run may cost at most; None sets no bound.

    Raises:
        UnknownBackendError: a name that no backend has.
        MissingExtraError: a backend's packages are not installed.
        SettingsError: a value out of range, or an object without its role's verb.

    Example:
        >>> pipeline = EDAPipeline.from_preset("local")  # doctest: +SKIP
        >>> pipeline("in.mp4", "very very happy", output="out.mp4").text  # doctest: +SKIP
    """

    def __init__(
        self,
        *,
        transcriber: str | Transcriber = "whisper",
        text_emoter: str | TextEmoter = "lexicon",
        voice: str | Voice = "hibari",
        face_emoter: str | FaceEmoter = "rig",
        animator: str | Animator = "rig",
        classifier: str | FrameEmotionClassifier | None = None,
        frames: int = 5,
        takes: str = "best",
        seed: int = 0,
        budget: float | None = None,
    ) -> None:
        parts = {
            "transcriber": transcriber,
            "text_emoter": text_emoter,
            "voice": voice,
            "face_emoter": face_emoter,
            "animator": animator,
            "classifier": classifier,
        }
        named = {role: p for role, p in parts.items() if p is None or isinstance(p, str)}
        plain = {"frames": frames, "takes": takes, "seed": seed, "budget": budget}
        settings = Settings.of({**named, **plain})
        self._assemble(settings, {r: p for r, p in parts.items() if r not in named})

    @classmethod
    def from_preset(cls, name: str = "local", **changes: Any) -> Self:
        """Make the pipeline of a preset, with some settings changed.

        Raises:
            SettingsError: no such preset or setting.
        """
        return cls.from_settings(preset(name).changed(**changes))

    @classmethod
    def from_settings(cls, settings: Settings | str | Path) -> Self:
        """Make a pipeline from checked settings or from a settings file (TOML, JSON).

        Raises:
            SettingsError: the file cannot be read or holds an unknown name or value.
        """
        if not isinstance(settings, Settings):
            settings = load_settings(settings)
        made = cls.__new__(cls)
        made._assemble(settings, {})
        return made

    def _assemble(self, settings: Settings, objects: Mapping[str, Any]) -> None:
        parts: dict[str, Any] = dict(objects)
        self.backends: dict[str, tuple[str, str]] = {}
        for role in registry.ROLES:
            choice = getattr(settings, role)
            if role in parts:
                part = parts[role]
                licence = str(getattr(part, "licence", "unknown"))
                self.backends[role] = (type(part).__qualname__, licence)
            elif choice is not None:
                about = registry.info(role, choice.name)
                parts[role] = registry.backend(
                    role, choice.name, **seeded_options(about, choice.options, settings.seed)
                )
                self.backends[role] = (choice.name, about.licence)
            if role in parts and not isinstance(parts[role], _PROTOCOLS[role]):
                raise SettingsError(
                    f"{type(parts[role]).__qualname__} given as {role}; expected an object with "
                    f"the verb of emoanim.{_PROTOCOLS[role].__name__}."
                )
        self.settings = settings
        self.classifier: FrameEmotionClassifier | None = parts.get("classifier")
        self.speech = SpeechToSpeech(parts["transcriber"], parts["text_emoter"], parts["voice"])
        self.face = FaceAnimation(
            parts["face_emoter"],
            parts["animator"],
            self.classifier,
            settings.frames,
            settings.seed,
        )

    def __call__(
        self,
        video: str | Path,
        emotion: str | Emotion | EmotionPrompt,
        *,
        output: str | Path,
        on_step: StepHook = ignore,
        keep: str | Path | None = None,
    ) -> EDAResult:
        """Make the person in the video say it in the emotion.

        Args:
            video: a file with one person speaking.
            emotion: "happy", "very very happy", an ``Emotion`` or an ``EmotionPrompt``.
            output: where the new video goes (.mp4, .mov or .mkv); replaced when it is complete.
            on_step: told of every step (see ``emoanim.steps``).
            keep: a folder that gets every stage's artefact.

        Raises:
            InputError: the video, its sound, its face or the emotion cannot be used.
            OutputError: the result cannot be written; nothing is left behind.
            BackendError: a backend cannot do its part.
            BudgetError: the next paid call could cost more than the budget has left.
        """
        from emoanim.media import limited

        with limited(self.settings.limits):
            return self._run(video, emotion, output, on_step, keep)

    def _run(
        self,
        video: str | Path,
        emotion: str | Emotion | EmotionPrompt,
        output: str | Path,
        on_step: StepHook,
        keep: str | Path | None,
    ) -> EDAResult:
        from emoanim.media import Video, check_writable
        from emoanim.stage_files import check_keep

        begun = perf_counter()
        prompt = EmotionPrompt.parse(emotion)
        target = Path(output)
        check_writable(target, source=video)
        check_keep(keep, target, Path(video))
        clip = Video(video, audio_track=self.settings.audio_track)
        marking = self._marking(prompt, clip)
        report = _one_at_a_time(_hooks(on_step, keep, marking))
        watch = Stopwatch(report)
        with watch.step("read") as made:
            audio = clip.audio()
            made(audio)
        with (
            accounting(self.settings.budget) as ledger,
            ThreadPoolExecutor(max_workers=2, thread_name_prefix="emoanim") as pool,
        ):
            # Each thread takes a copy of the context along, and with it the ledger.
            speaking = pool.submit(copy_context().run, self.speech, audio, prompt, on_step=report)
            facing = pool.submit(
                copy_context().run, self.face.portraits, clip, prompt, on_step=report
            )
            spoken, portraits = speaking.result(), facing.result()
        chosen = portraits.order if self.settings.takes == "all" else portraits.order[:1]
        stills = [portraits.stills[i] for i in chosen]
        started = perf_counter()
        takes = self._render_takes(target, stills, spoken.speech, prompt, clip, report)
        watch.seconds["animate"] = perf_counter() - started
        result = EDAResult(
            source=Path(video),
            output=target,
            takes=takes,
            prompt=prompt,
            transcript=spoken.transcript,
            text=spoken.text,
            speech=spoken.speech,
            portraits=portraits.stills,
            order=portraits.order,
            timings=watch.seconds | spoken.timings | portraits.timings,
            seed=self.settings.seed,
            backends=self.backends,
            notes=(*clip.notes, *portraits.notes, *marking.notes(target)),
            costs=ledger.to_dict(),
            classifier=self.classifier,
        )
        result.timings["total"] = perf_counter() - begun
        report(Step("write", target, 1, 1))
        return result

    def _render_takes(
        self,
        target: Path,
        stills: Sequence[Portrait],
        speech: Speech,
        prompt: EmotionPrompt,
        clip: Clip,
        report: StepHook,
    ) -> tuple[Path, ...]:
        """Animate each still into its file; all of them or, if one fails, none."""
        written: list[Path] = []
        try:
            for number, still in enumerate(stills, 1):
                path = target if number == 1 else _take_path(target, number)
                self._render(path, still, speech, prompt, clip, report)
                written.append(path)
        except BaseException:
            for path in written:
                path.unlink(missing_ok=True)
            raise
        return tuple(written)

    def _render(
        self,
        path: Path,
        still: Portrait,
        speech: Speech,
        prompt: EmotionPrompt,
        clip: Clip,
        report: StepHook,
    ) -> None:
        from emoanim.media import write_video

        marking = self._marking(prompt, clip)
        moving = self.face.animate(still, speech, prompt, clip)

        def watched() -> Iterator[Image]:
            for done, image in enumerate(moving.frames, 1):
                yield image
                report(Step("animate", None, done, moving.length))

        write_video(
            path,
            replace(moving, frames=watched()),
            speech.audio,
            tags=marking.tags(speech.text),
            sign=marking.signer(path),
        )

    def _marking(self, prompt: EmotionPrompt, clip: Clip | None) -> Marking:
        named = ", ".join(f"{role}={name}" for role, (name, _) in self.backends.items())
        return Marking(self.settings, prompt, getattr(clip, "path", None), {"backends": named})


def seeded_options(
    about: registry.BackendInfo, options: Mapping[str, Any], seed: int
) -> dict[str, Any]:
    """Options with the run's seed, for a backend that takes one and was given none."""
    if about.missing():
        return dict(options)
    takes_seed = "seed" in (registry.parameters(registry.load(about)) or ())
    return {"seed": seed, **options} if takes_seed else dict(options)


def _hooks(on_step: StepHook, keep: str | Path | None, marking: Marking) -> tuple[StepHook, ...]:
    if keep is None:
        return (on_step,)
    from emoanim.stage_files import Keeper

    return (Keeper(keep, marking), on_step)


def _one_at_a_time(hooks: Sequence[StepHook]) -> StepHook:
    """Both branches report from their own threads; hooks need not know."""
    lock = threading.Lock()

    def report(step: Step) -> None:
        with lock:
            for hook in hooks:
                hook(step)

    return report


def _take_path(target: Path, number: int) -> Path:
    return target.with_name(f"{target.stem}.take{number}{target.suffix}")


def make_speech(settings: Settings) -> SpeechToSpeech:
    """Make only the speech branch of some settings; the face's packages are not needed."""
    parts = {}
    for role in ("transcriber", "text_emoter", "voice"):
        choice = getattr(settings, role)
        about = registry.info(role, choice.name)
        parts[role] = registry.backend(
            role, choice.name, **seeded_options(about, choice.options, settings.seed)
        )
    return SpeechToSpeech(**parts)
