"""What the web page can do, without the page: take files, read words, make films, clean up."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, TypeVar

from emoanim.app.bounds import AppBounds
from emoanim.app.filming import Film, Order, make_film
from emoanim.app.jobs import Done, watched
from emoanim.app.reading import Reading, read
from emoanim.app.sources import Source, browser_copy, check_seconds, open_source, take_file
from emoanim.app.stages import READING, Stages, stages_of_speaking
from emoanim.app.workspaces import Workspace, Workspaces
from emoanim.emotions import EmotionPrompt, Timeline, read_prompt
from emoanim.errors import InputError, SettingsError
from emoanim.persons import PersonChoice
from emoanim.settings import PRESETS, Settings
from emoanim.steps import Step, StepHook, Stopwatch

__all__ = ["Choice", "Desk", "Progress"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Choice:
    """What a visitor chose beside the file.

    Attributes:
        emotion: a prompt such as "happy".
        percent: intensity, 0 to 100.
        own: keep the words and, where there is a recording, the voice (preset "own").
        as_recorded: for a portrait with a recording, leave that as it is.
        typed: for a portrait, what the person is to say.
        described: the emotion in the visitor's own words, instead of the first two; it may be a
            blend or a timeline.
        person: for a clip, who of several is meant, as for ``PersonChoice.parse`` but for pictures;
            "" for whom the settings name.
    """

    emotion: str = "happy"
    percent: float = 60.0
    own: bool = False
    as_recorded: bool = False
    typed: str = ""
    described: str = ""
    person: str = ""

    @property
    def asked(self) -> EmotionPrompt | Timeline:
        """The emotion with its strength, or several one after the other.

        Raises:
            EmotionError: no such emotion, a strength that is none, or no such timeline.
        """
        if self.described.strip():
            return read_prompt(self.described)
        return replace(EmotionPrompt.parse(self.emotion), intensity=self.percent / 100.0)

    @property
    def prompt(self) -> EmotionPrompt:
        """The emotion; of several the one that holds longest."""
        asked = self.asked
        return asked.main() if isinstance(asked, Timeline) else asked

    @property
    def chosen_person(self) -> PersonChoice | None:
        """Who of several is meant; None if that was left open.

        Raises:
            InputError: it names nobody, or a file: those of the server are not a visitor's.
        """
        text = self.person.strip()
        if not text:
            return None
        with suppress(SettingsError):
            choice = PersonChoice.parse(text)
            if choice.picture is None:
                return choice
        raise InputError(
            f"the person {text[:80]!r} given; expected left, right, largest, '2nd from left' or a "
            "place in shares of the picture, such as 0.3,0.5."
        )


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is.

    Attributes:
        stages: as HTML.
        speech: the sound, as soon as it has been spoken.
    """

    stages: str
    speech: Path | None = None


class Desk:
    """Serves the visitors of the page, each by the name of a session.

    Args:
        settings: of every run.
        bounds: of what a visitor may ask for.
        workspaces: where their files are.
        scorer: name of the classifier that measures the change; "" for none.
        objects: backends in the place of the settings' ones, by role.
    """

    def __init__(
        self,
        settings: Settings,
        bounds: AppBounds,
        workspaces: Workspaces,
        scorer: str = "",
        objects: Mapping[str, Any] | None = None,
    ) -> None:
        limits = {**settings.limits, **bounds.for_media()}
        self.settings = settings.changed(limits=limits, takes="best")
        self.bounds = bounds
        self.workspaces = workspaces
        self.scorer = scorer
        self.objects = dict(objects or {})
        self._example = workspaces.root / "example.mp4"
        self._example_lock = threading.Lock()

    def take(self, session: str, upload: Path, name: str) -> Source:
        """Take in a clip or a portrait; what its visitor had before is forgotten.

        Raises:
            MediaError: neither, too large or too long.
        """
        space = self.workspaces.of(session)
        space.content.clear()
        path = take_file(upload, space.folder, "source", self.bounds)
        space.content["names"] = {path: name}
        source = open_source(path, name, self.bounds)
        space.content["source"] = source
        return source

    def take_recording(self, session: str, upload: Path | None) -> None:
        """Take in the recording that a portrait is to speak; None takes it away.

        Raises:
            MediaError: no sound, too large or too long.
        """
        from emoanim.media import limited, read_audio

        space = self.workspaces.of(session)
        space.content.pop("recording", None)
        space.content.pop("reading", None)
        if upload is not None:
            path = take_file(upload, space.folder, "recording", self.bounds)
            space.content.setdefault("names", {})[path] = upload.name
            with limited(self.bounds.for_media()):
                check_seconds(read_audio(path).duration, path, self.bounds)
            space.content["recording"] = path

    def take_example_portrait(self, session: str) -> Source:
        """Take the portrait that comes with the package."""
        space = self.workspaces.of(session)
        with as_file(files("emoanim") / "assets" / "astronaut.jpg") as path:
            copy = shutil.copy(path, space.folder / "example.jpg")
        return self.take(session, Path(copy), "example portrait")

    def take_example_clip(self, session: str) -> Iterator[Progress | Source]:
        """Take a clip of that portrait speaking, which is made when somebody first asks."""
        from emoanim.demo import write_neutral_clip
        from emoanim.pipeline import EDAPipeline

        space = self.workspaces.of(session)

        def work(hook: StepHook) -> Source:
            with Stopwatch(hook).step("portrait"), self._example_lock:
                if not self._example.is_file():
                    write_neutral_clip(self._example, EDAPipeline.from_preset("local"))
            copy = shutil.copy(self._example, space.folder / "example.mp4")
            return self.take(session, Path(copy), "example clip")

        yield from self._followed(space, work, Stages(["portrait"]))

    def read(self, session: str, choice: Choice) -> Iterator[Progress | Reading]:
        """Look for the face, listen, and propose the new words.

        Raises:
            EmoanimError: whatever stands in the way.
        """
        space = self.workspaces.of(session)
        source = self._source(space)
        recording = space.content.get("recording")
        asked = choice.asked
        self._check_length(choice.typed)
        settings = self._settings(source, choice)
        kept = choice.as_recorded and recording is not None

        def work(hook: StepHook) -> Reading:
            with self._limited():
                return read(
                    source, recording, choice.typed, asked, settings, hook, self.objects,
                    as_recorded=kept,
                )  # fmt: skip

        for state in self._followed(space, work, Stages(READING)):
            if isinstance(state, Reading):
                space.content["reading"] = state
            yield state

    def speak(self, session: str, choice: Choice, text: str) -> Iterator[Progress | Film]:
        """Speak words that were read before and make the film.

        Args:
            session: of the visitor.
            choice: as for ``read``.
            text: the new words, as the visitor left them.

        Raises:
            EmoanimError: whatever stands in the way.
        """
        space = self.workspaces.of(session)
        source = self._source(space)
        reading: Reading | None = space.content.get("reading")
        if reading is None:
            raise InputError(
                "no words have been read yet; expected them first. Press the button that reads "
                "the words."
            )
        said, new = (any(c.isalnum() for c in t) for t in (reading.transcript.text, text))
        if said and not new:
            raise InputError("the new words are empty; expected what is to be said. Type it.")
        if new and not said:
            raise InputError(
                f"new words, {text.strip()!r}, given for a clip in which nobody says a word; "
                "expected none. Delete them: only the face changes."
            )
        self._check_length(text)
        asked = choice.asked
        if asked != reading.asked and Timeline in (type(asked), type(reading.asked)):
            raise InputError(
                f"{asked.text!r} given, while the words were written for {reading.asked.text!r}; "
                "expected words in passages that fit. Press the button that reads the words again."
            )
        recording = space.content.get("recording")
        settings = self._settings(source, choice, recording)
        order = Order(
            source, recording, choice.as_recorded, reading, reading.texts(text), asked, settings,
            self.scorer, self.objects,
        )  # fmt: skip
        stages = stages_of_speaking(
            film=source.kind == "video",
            scored=bool(self.scorer or settings.classifier),
        )

        def work(hook: StepHook) -> Film:
            with self._limited():
                return make_film(order, space.folder, hook)

        yield from self._followed(space, work, Stages(stages))

    def stop(self, session: str) -> None:
        """End what runs for a visitor, at its next step."""
        self.workspaces.of(session).stopped = True

    def shown(self, session: str) -> Path | None:
        """Return the file of a visitor's clip or portrait that a browser can show.

        A copy is made of a clip that not every browser plays.
        """
        space = self.workspaces.of(session)
        source: Source | None = space.content.get("source")
        if source is None or source.shown is not None:
            return None if source is None else source.shown
        with self.workspaces.working(space), self._limited():
            copy = browser_copy(source, space.folder / "original.mp4")
        space.content["source"] = replace(source, shown=copy)
        return copy

    def address(self, session: str, path: Path) -> str:
        """Return the address of a visitor's file, relative to the page; new at every change."""
        space = self.workspaces.of(session)
        return f"files/{space.token}/{path.name}?{path.stat().st_mtime_ns}"

    def plain(self, session: str, error: BaseException) -> str:
        """Return an error's message with the visitor's names of files, not the server's paths."""
        space = self.workspaces.of(session)
        names: dict[Path, str] = space.content.get("names", {})
        text = " ".join(str(error).split())
        for path, name in names.items():
            text = text.replace(str(path), name)
        return text.replace(f"{space.folder}/", "").replace(f"{self.workspaces.root}/", "")

    def _source(self, space: Workspace) -> Source:
        source: Source | None = space.content.get("source")
        if source is None:
            raise InputError(
                "no clip or portrait has been given; expected one. Drop it, or take an example."
            )
        return source

    def _settings(self, source: Source, choice: Choice, recording: Path | None = None) -> Settings:
        settings = self.settings
        if source.kind == "video" and (person := choice.chosen_person) is not None:
            settings = settings.changed(person=person.text)
        if choice.own:
            own = PRESETS["own"]
            settings = settings.changed(text_emoter=own.text_emoter.model_dump())
            if source.kind == "video":
                settings = settings.changed(animator=own.animator.model_dump())
            if source.kind == "video" or recording is not None:
                settings = settings.changed(voice=own.voice.model_dump())
        return settings.for_a_picture() if source.kind == "portrait" else settings

    def _check_length(self, text: str) -> None:
        if len(text) > self.bounds.characters:
            raise InputError(
                f"a text of {len(text)} characters was given; at most {self.bounds.characters} "
                "are spoken here. Shorten it."
            )

    def _limited(self) -> Any:
        from emoanim.media import limited

        return limited(self.settings.limits)

    def _followed(
        self, space: Workspace, work: Callable[[StepHook], T], stages: Stages
    ) -> Iterator[Progress | T]:
        """Run a job in a visitor's folder; yield how far it is, at last what it returned."""
        speech: Path | None = None
        space.stopped = False
        with self.workspaces.working(space):
            yield Progress(stages.html())
            for come in watched(work, lambda: space.gone or space.stopped):
                if isinstance(come, Done):
                    stages.finish()
                    yield Progress(stages.html(), speech)
                    yield come.value
                    return
                stages.follow(come)
                spoken = space.folder / "stages" / "speech.wav"
                if any(_is_speech(step) for step in come) and spoken.is_file():
                    speech = Path(shutil.copy(spoken, space.folder / "speech.wav"))
                yield Progress(stages.html(), speech)


def _is_speech(step: Step) -> bool:
    return step.name == "speak" and step.artefact is not None
