"""The whole of figure 1: a video and an emotion in, the emotional video out."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, Never, Self, TypeAlias

from emoanim import registry
from emoanim.arguments import path_of
from emoanim.clips import Animation, Audio, Clip, Image
from emoanim.emotions import Emotion, EmotionPrompt, Timeline, read_prompt
from emoanim.errors import SettingsError
from emoanim.face import FaceAnimation
from emoanim.memory import HD_PICTURE, give_back, map_large
from emoanim.notebook import watching
from emoanim.protocols import (
    Animator,
    FaceEmoter,
    FrameEmotionClassifier,
    TextEmoter,
    Transcriber,
    Voice,
)
from emoanim.registry.parts import Part, make_parts
from emoanim.result import EDAResult, check_knows
from emoanim.runs.branches import branches
from emoanim.runs.honouring import notes_on_parts
from emoanim.runs.inputs import Footage, RunInput, open_input
from emoanim.runs.marking import Marking, backend_names
from emoanim.runs.records import write_record
from emoanim.runs.rendering import animated, one_at_a_time, write_takes
from emoanim.services import accounting
from emoanim.settings import BackendChoice, Settings, load_settings, preset
from emoanim.speech import SPEECH_ROLES, SpeechToSpeech
from emoanim.steps import Step, StepHook, Stopwatch, ignore

if TYPE_CHECKING:
    from emoanim.media import Placement

__all__ = ["EDAPipeline"]


Choice: TypeAlias = str | BackendChoice | Mapping[str, Any]
"""A backend by its name, or by its name and options."""


class EDAPipeline:
    """The EDA framework: every part by name, as an object, from a preset or a settings file.

    Args:
        transcriber: speech to text: a backend's name, its name with options
            (``{"name": "whisper", "options": {"beam_size": 1}}``), or an object with the role's
            verb.
        text_emoter: text to emotional text, given in one of the same three ways.
        voice: emotional text to speech, likewise.
        face_emoter: frames to emotional stills, likewise.
        animator: a still and speech to a talking face, likewise.
        classifier: for ranking the stills and for ``EDAResult.edd``; None for neither.
        stills: how many random frames become stills (the paper's N = 5).
        takes: "best" animates the best-ranked still, "all" every one.
        seed: of every random choice; the same seed gives the same bytes of speech and frames.
        budget: US dollars that the paid calls of one run may cost at most; None sets no bound.
        audio_track: sound track of the video, from 1; None takes the one that players play.
        person: who of several is meant: "left", "right", "largest", "2nd from left", a place in
            shares of the picture, (0.3, 0.5), or a picture file of them; the largest by default.
        limits: bounds of what a media file may ask for (see ``emoanim.media.Limits``).
        sign: put a signed manifest into what is made.
        words_in_tags: put the new words into the tags.
        bed: lay the new speech over the original's own background.
        device: of the networks, "auto", "cpu", "cuda", "cuda:1" or "mps"; a part's own option of
            that name comes first.
        encoder: of the pictures; "auto" takes x264, or what FFmpeg has in its place.
        frames: what ``stills`` was called before 0.2; it goes in 0.4.

    Attributes:
        settings: everything above by its name.
        parts: role -> the backend, what is known of it.
        speech: the branch from sound to emotional speech.
        face: the branch from frames to emotional stills and their animation.

    Raises:
        UnknownBackendError: a name that no backend has.
        MissingExtraError: a backend's packages are not installed.
        SettingsError: a value out of range, or an object that cannot fill its role.

    Example:
        >>> pipeline = EDAPipeline.from_preset("local")  # doctest: +SKIP
        >>> pipeline("in.mp4", "very very happy", output="out.mp4").text  # doctest: +SKIP
    """

    def __init__(
        self,
        *,
        transcriber: Choice | Transcriber = "whisper",
        text_emoter: Choice | TextEmoter = "lexicon",
        voice: Choice | Voice = "hibari",
        face_emoter: Choice | FaceEmoter = "rig",
        animator: Choice | Animator = "film",
        classifier: Choice | FrameEmotionClassifier | None = None,
        stills: int = 5,
        takes: str = "best",
        seed: int = 0,
        budget: float | None = None,
        audio_track: int | None = None,
        person: str | Path | tuple[float, float] | None = None,
        limits: Mapping[str, float] | None = None,
        sign: bool = True,
        words_in_tags: bool = True,
        bed: bool = False,
        device: str = "auto",
        encoder: str = "auto",
        frames: int | None = None,
        **unknown: Never,
    ) -> None:
        if unknown:
            Settings.of(unknown, "the arguments of EDAPipeline")
        given = {
            "transcriber": transcriber,
            "text_emoter": text_emoter,
            "voice": voice,
            "face_emoter": face_emoter,
            "animator": animator,
            "classifier": classifier,
        }
        objects = {role: part for role, part in given.items() if not _is_choice(part)}
        settings = Settings.of(
            {
                **{role: part for role, part in given.items() if role not in objects},
                **({"stills": stills} if frames is None else {"frames": frames}),
                "takes": takes,
                "seed": seed,
                "budget": budget,
                "audio_track": audio_track,
                "person": person,
                "limits": {} if limits is None else limits,
                "sign": sign,
                "words_in_tags": words_in_tags,
                "bed": bed,
                "device": device,
                "encoder": encoder,
            }
        )
        self.settings = settings
        self.parts: Mapping[str, Part] = make_parts(settings, registry.ROLES, objects)
        hearer, writer, speaker = (self.parts[role].backend for role in SPEECH_ROLES)
        self.speech = SpeechToSpeech(hearer, writer, speaker, settings.bed)
        self.face = FaceAnimation(
            self.parts["face_emoter"].backend,
            self.parts["animator"].backend,
            self.classifier,
            settings.stills,
            settings.seed,
            settings.chosen_person,
        )

    @classmethod
    def from_preset(cls, name: str = "local", **changes: Any) -> Self:
        """Make the pipeline of a preset, with some settings changed.

        Args:
            name: of the preset.
            changes: settings by name; a part may be a name, a table of name and options, or an
                object with its role's verb.

        Raises:
            SettingsError: no such preset or setting.
        """
        objects = {k: v for k, v in changes.items() if k in registry.ROLES and not _is_choice(v)}
        values = {key: value for key, value in changes.items() if key not in objects}
        return cls._of(preset(name).changed(**values), objects)

    @classmethod
    def from_settings(cls, settings: Settings | Mapping[str, Any] | str | Path) -> Self:
        """Make a pipeline from settings, a table of them, or a settings file (TOML, JSON).

        Raises:
            SettingsError: the file cannot be read or holds an unknown name or value.
        """
        return cls._of(settings if isinstance(settings, Settings) else load_settings(settings), {})

    @classmethod
    def _of(cls, settings: Settings, objects: Mapping[str, Any]) -> Self:
        values = {name: getattr(settings, name) for name in Settings.model_fields}
        return cls(**{**values, **objects})

    def __repr__(self) -> str:
        parts = ", ".join(f"{role}={name!r}" for role, (name, _) in self.backends.items())
        return f"EDAPipeline({parts}, seed={self.settings.seed})"

    @property
    def classifier(self) -> FrameEmotionClassifier | None:
        """Ranks the stills and scores the result; None if there is none."""
        part = self.parts.get("classifier")
        return None if part is None else part.backend

    @property
    def backends(self) -> dict[str, tuple[str, str]]:
        """Role -> (name, licence)."""
        return {role: (p.about.name, p.about.licence) for role, p in self.parts.items()}

    def __call__(
        self,
        video: Footage,
        emotion: str | Emotion | EmotionPrompt | Timeline,
        *,
        output: str | Path | None = None,
        audio: Audio | None = None,
        fps: float | None = None,
        on_step: StepHook = ignore,
        keep: str | Path | None = None,
    ) -> EDAResult:
        """Make the person in the video say it in the emotion.

        Args:
            video: a file with a person speaking, a clip (``emoanim.clips.Clip``), or frames,
                uint8 (t, h, w, 3) RGB, with ``fps`` and ``audio``.
            emotion: "happy", "very very happy", an ``Emotion`` or an ``EmotionPrompt``; a blend,
                "happy but a little sad"; or several one after the other, with the seconds of the
                video from which they hold, "neutral@0 happy@2.5", or one for each sentence,
                "sentence: neutral, happy" (``emoanim.emotions.Timeline``).
            output: where the new video goes (.mp4, .mov, .mkv, .webm or .gif); replaced when it is
                complete. None writes nothing: ``EDAResult.animation`` gives the frames as they
                are made.
            audio: the speaker's voice, instead of the video's own sound.
            fps: frames per second, of frames in memory.
            on_step: told of every step (see ``emoanim.steps``); in a notebook, bars by default.
            keep: a folder that gets every stage's artefact and the record of the run.

        Raises:
            InputError: the video, its sound, its face or the emotion cannot be used.
            OutputError: the result cannot be written; nothing is left behind.
            BackendError: a backend cannot do its part.
            BudgetError: the next paid call could cost more than the budget has left.
        """
        from emoanim.media import limited

        begun = perf_counter()
        prompt = read_prompt(emotion)
        for each in prompt.prompts if isinstance(prompt, Timeline) else (prompt,):
            check_knows(self.classifier, each.emotion)
        target = None if output is None else path_of(output, "the output")
        with limited(self.settings.limits):
            self._check_places(video, target, keep)
            given = open_input(video, fps=fps, audio=audio, audio_track=self.settings.audio_track)
            marking = Marking(self.settings, prompt, given.path, backend_names(self.backends))
            report = one_at_a_time(watching(on_step), keep, marking)
            result = self._run(given, prompt, target, marking, report)
        result.timings["total"] = perf_counter() - begun
        if keep is not None:
            write_record(Path(keep) / "run.json", result.to_dict())
        return result

    def say(
        self,
        image: str | Path | Image,
        text: str,
        emotion: str | Emotion | EmotionPrompt | Timeline,
        *,
        output: str | Path | None = None,
        speech: str | Path | Audio | None = None,
        voice: str | Path | Audio | None = None,
        on_step: StepHook = ignore,
        keep: str | Path | None = None,
    ) -> EDAResult:
        """Make the person in a picture say a text in the emotion.

        Args:
            image: a picture file, or uint8 (h, w, 3) RGB, with a face of at least 64 pixels.
            text: what to say, as it is; "" with ``speech``, which is then listened to.
            emotion: as for the pipeline itself.
            output: as for the pipeline itself.
            speech: a recording that is lip-synced as it is, instead of the pipeline's voice.
            voice: a recording of the voice that the pipeline's own is to be like.
            on_step: told of every step.
            keep: a folder that gets every stage's artefact.

        Raises:
            InputError: the picture, its face, the text, the sound or the emotion cannot be used.
            OutputError: the result cannot be written; nothing is left behind.
            BackendError: a backend cannot do its part.
        """
        from emoanim.saying import say

        return say(self, image, text, emotion, output, speech, voice, on_step, keep)

    def _check_places(self, video: Footage, target: Path | None, keep: str | Path | None) -> None:
        """See before any work that the results can be written."""
        from emoanim.media import check_writable
        from emoanim.runs.stage_files import check_keep

        source = Path(video) if isinstance(video, str | Path) else None
        if (person := self.settings.chosen_person) is not None:
            person.check()
        if target is not None:
            check_writable(target, source=source)
        elif self.settings.takes == "all":
            raise SettingsError(
                'takes="all" without an output; expected a file for them. Give output="out.mp4".'
            )
        check_keep(keep, *(path for path in (target, source) if path is not None))

    def _run(
        self,
        given: RunInput,
        asked: EmotionPrompt | Timeline,
        target: Path | None,
        marking: Marking,
        report: StepHook,
    ) -> EDAResult:
        watch = Stopwatch(report)
        clip = given.clip
        spare = clip.size[0] * clip.size[1] > HD_PICTURE
        if spare:
            map_large()
        prompt = asked.main(clip.duration) if isinstance(asked, Timeline) else asked
        with watch.step("read") as report_read:
            report_read(audio := given.audio())
        with (
            accounting(self.settings.budget) as ledger,
            branches(report) as (start, reported),  # each takes the ledger along in its context
        ):
            facing = start(self.face.portraits, clip, prompt, on_step=reported)
            audio = self.speech.sayable(audio)  # in no other language than the voice's
            if any(self.parts[role].about.key for role in SPEECH_ROLES):
                facing.result()  # a clip without a face must not cost anything
            speaking = start(self.speech, audio, asked, on_step=reported, sparing=spare)
            spoken, portraits = speaking.result(), facing.result()
        give_back()
        chosen = portraits.order if self.settings.takes == "all" else portraits.order[:1]
        stills = [portraits.stills[i] for i in chosen]
        if spoken.speech.passages:
            stills = [self.face.changeable(still) for still in stills]
        started = perf_counter()
        takes: tuple[Path, ...] = ()
        animation: Animation | None = None
        animate = partial(
            animated,
            self.face,
            speech=spoken.speech,
            prompt=prompt,
            source=clip,
            report=report,
            person=portraits.person,
        )
        if target is None:
            animation = animate(stills[0])
        else:
            takes = write_takes(
                target, stills, animate, spoken.speech, marking, _placement(given.clip)
            )
        watch.seconds["animate"] = perf_counter() - started
        if target is not None:
            report(Step("write", target, 1, 1))
        return EDAResult(
            source=given.path,
            output=target,
            takes=takes,
            prompt=prompt,
            timeline=asked if isinstance(asked, Timeline) else None,
            transcript=spoken.transcript,
            text=spoken.text,
            speech=spoken.speech,
            portraits=portraits.stills,
            order=portraits.order,
            timings=watch.seconds | spoken.timings | portraits.timings,
            seed=self.settings.seed,
            backends=self.backends,
            notes=(
                *given.notes,
                *spoken.notes,
                *portraits.notes,
                *notes_on_parts(self.parts, asked, prompt),
                *(() if target is None else marking.notes(target)),
            ),
            rewriting=spoken.rewriting,
            costs=ledger.to_dict(),
            classifier=self.classifier,
            clip=clip,
            animation=animation,
            person=portraits.person,
            settings=self.settings,
            objects=tuple(role for role, part in self.parts.items() if not part.by_name),
        )


def _is_choice(part: object) -> bool:
    return part is None or isinstance(part, str | BackendChoice | Mapping)


def _placement(clip: Clip) -> Placement:
    """Return how speech is laid into the channels of a clip's sound, which was read."""
    from emoanim.media import MONO, Video

    return clip.placement if isinstance(clip, Video) else MONO
