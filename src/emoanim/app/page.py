"""The page, drawn with Gradio: its parts, and what each of them sets off.

Annotations are read by Gradio at run time here: it is what tells that a handler wants the request.
"""

import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from emoanim.app import markup
from emoanim.app.desk import Choice, Desk, Progress
from emoanim.app.filming import Film
from emoanim.app.jobs import StoppedError
from emoanim.app.reading import Reading
from emoanim.app.sources import Source
from emoanim.demo import CREDIT, DEMO_TEXT
from emoanim.emotions import Emotion
from emoanim.errors import EmoanimError

__all__ = ["HEAD", "build", "theme_of"]

_LOG = logging.getLogger(__name__)

HEAD = (
    '<link rel="stylesheet" href="emoanim/page.css">'
    '<script type="module" src="emoanim/page.js"></script>'
)
_FORMS = (
    'Two at once: "happy and surprised". One for each sentence: "sentence: neutral, very happy". '
    'From a second of the clip on: "neutral@0 happy@2.5".'
)
_WHO = (
    "Who, if there are several: left, right, largest, 2nd from left, or a place such as 0.3,0.5 in "
    "shares of the picture from its top left."
)
_FONTS = ("system-ui", "sans-serif")
_MONO = ("ui-monospace", "monospace")


def theme_of(gradio: Any) -> Any:
    """Return the theme: the system's fonts, colours that are easy to tell apart."""
    theme = gradio.themes.Default(
        primary_hue="blue", neutral_hue="slate", font=_FONTS, font_mono=_MONO
    )
    return theme.set(
        button_primary_background_fill="*primary_700",
        button_primary_background_fill_dark="*primary_700",
        button_primary_background_fill_hover="*primary_800",
        button_primary_background_fill_hover_dark="*primary_800",
        button_primary_text_color="white",
        block_info_text_color="*neutral_700",
        block_info_text_color_dark="*neutral_200",
        body_text_color_subdued="*neutral_600",
        body_text_color_subdued_dark="*neutral_300",
        block_label_text_color="*neutral_700",
        block_label_text_color_dark="*neutral_200",
        input_placeholder_color="*neutral_600",
        input_placeholder_color_dark="*neutral_300",
    )


class _Parts:
    """The components of the page that change."""

    def __init__(self, gr: Any, desk: Desk) -> None:
        emotions = [(str(e).capitalize(), str(e)) for e in Emotion if e is not Emotion.NEUTRAL]
        gr.HTML(
            "<h1>emoanim</h1><p class='emo-lead'>A person speaks, you choose an emotion, and the "
            f"person says it that way: words, voice and face. {desk.bounds.in_words()}</p>"
            + markup.CONSENT
        )
        with gr.Row():
            with gr.Column(min_width=300):
                gr.HTML("<h2>1. Clip or portrait</h2>")
                self.upload = gr.File(
                    label="A video of a person speaking, or a portrait",
                    file_types=["video", "image"], height=150, elem_id="emo-upload",
                )  # fmt: skip
                with gr.Row():
                    self.example_clip = gr.Button("Example clip", size="sm")
                    self.example_portrait = gr.Button("Example portrait", size="sm")
                self.preview = gr.HTML(elem_id="emo-preview")
                self.person = gr.Textbox(
                    label="Person", placeholder="largest", info=_WHO, max_length=40,
                    visible=False, elem_id="emo-person",
                )  # fmt: skip
                with gr.Group(visible=False) as self.portrait:
                    self.typed = gr.Textbox(
                        label="What the person is to say", lines=3,
                        max_length=desk.bounds.characters, elem_id="emo-typed",
                    )  # fmt: skip
                    self.recording = gr.File(
                        label="Or a recording of it (WAV, MP3, ...)", file_types=["audio"],
                        height=120, elem_id="emo-recording",
                    )  # fmt: skip
                    self.as_recorded = gr.Checkbox(
                        label="Leave the recording as it is: only the face changes", visible=False
                    )
                gr.HTML("<h2>2. Emotion</h2>")
                self.emotion = gr.Radio(
                    [*emotions, ("Neutral", "neutral")], value="happy", label="Emotion",
                    elem_id="emo-emotion",
                )  # fmt: skip
                self.percent = gr.Slider(
                    0, 100, 60, step=5, label="Intensity in percent", elem_id="emo-percent",
                    buttons=[],
                )  # fmt: skip
                self.described = gr.Textbox(
                    label="Or in your own words, instead of the two above", max_length=200,
                    placeholder='such as "slightly sad"', info=_FORMS,
                    elem_id="emo-described",
                )  # fmt: skip
                self.understood = gr.HTML(elem_id="emo-understood")
                self.own = gr.Checkbox(
                    label="Keep the words and the voice: only how they are spoken changes",
                    info="The preset own. A typed text is then spoken as it is.",
                    elem_id="emo-own",
                )
                self.read = gr.Button("Read the words", variant="primary", elem_id="emo-read")
            with gr.Column(min_width=300):
                gr.HTML("<h2>3. Words</h2>")
                self.said = gr.Textbox(
                    label="Transcript", lines=3, interactive=False, elem_id="emo-said"
                )
                self.words = gr.Textbox(
                    label="New words: change them as you like before they are spoken", lines=3,
                    max_length=desk.bounds.characters, elem_id="emo-words",
                )  # fmt: skip
                self.speak = gr.Button(
                    "Speak and animate", variant="primary", interactive=False, elem_id="emo-speak"
                )
                self.stop = gr.Button("Stop", variant="stop", visible=False, elem_id="emo-stop")
                self.message = gr.HTML(elem_id="emo-message")
                self.progress = gr.HTML(elem_id="emo-progress")
                gr.HTML("<h2>4. Result</h2>")
                self.sound = gr.HTML(elem_id="emo-sound")
                self.film = gr.HTML(elem_id="emo-film")
                self.change = gr.HTML(elem_id="emo-change")


class _Actions:
    """What the parts set off; every method gives new values by part."""

    def __init__(self, gr: Any, desk: Desk, parts: _Parts) -> None:
        self.gr, self.desk, self.parts = gr, desk, parts

    def describe(self, described: str) -> str:
        """The emotion is being described: how is it understood so far?"""
        if not described.strip():
            return ""
        try:
            return markup.understood(Choice(described=described).asked)
        except EmoanimError as error:
            return markup.misunderstood(str(error))

    def take(self, session: str, file: str | None) -> dict[Any, Any]:
        """A file was dropped, or taken away."""
        if file is None:
            self.desk.workspaces.remove(session)
            return self._nothing()
        try:
            return self._taken(session, self.desk.take(session, Path(file), Path(file).name))
        except EmoanimError as error:
            return self._nothing() | self._failed(session, error)

    def take_example_portrait(self, session: str) -> dict[Any, Any]:
        """The packaged portrait."""
        taken = self._taken(session, self.desk.take_example_portrait(session))
        message = {self.parts.message: markup.notes([CREDIT])}
        return taken | {self.parts.typed: DEMO_TEXT} | message

    def take_example_clip(self, session: str) -> Iterator[dict[Any, Any]]:
        """A clip of the packaged portrait."""

        def done(source: Any) -> dict[Any, Any]:
            message = {self.parts.message: markup.notes([CREDIT]), self.parts.progress: ""}
            return self._taken(session, source) | message

        yield from self._run(session, lambda: self.desk.take_example_clip(session), done)

    def take_recording(self, session: str, file: str | None) -> dict[Any, Any]:
        """A recording for a portrait was given, or taken away."""
        parts = self.parts
        shown = {parts.as_recorded: self.gr.update(visible=file is not None, value=False)}
        closed = {parts.speak: self.gr.update(interactive=False), parts.message: ""}
        try:
            self.desk.take_recording(session, None if file is None else Path(file))
        except EmoanimError as error:
            return shown | closed | self._failed(session, error)
        return shown | closed

    def read(self, session: str, choice: Choice) -> Iterator[dict[Any, Any]]:
        """The words are read and the new ones written."""
        parts = self.parts

        def done(reading: Reading) -> dict[Any, Any]:
            advice = "The new words are there. Change them if you like, then"
            if not reading.transcript.text:
                advice = "Nobody says a word: the sound stays as it is. For the new face,"
            shown = reading.notes
            if reading.passages:
                emotions = ", ".join(prompt.text for prompt in reading.passages)
                shown = (*shown, f"The new words have a line for each emotion: {emotions}.")
            return {
                parts.said: reading.transcript.text,
                parts.words: self.gr.update(value=reading.text, interactive=not choice.own),
                parts.speak: self.gr.update(interactive=True),
                parts.progress: "",
                parts.message: markup.notes(shown, f"{advice} press Speak and animate."),
            }

        yield from self._run(session, lambda: self.desk.read(session, choice), done)

    def speak(self, session: str, choice: Choice, text: str) -> Iterator[dict[Any, Any]]:
        """The words are spoken and the film is made."""
        parts = self.parts

        def done(film: Film) -> dict[Any, Any]:
            source: Source = self.desk.workspaces.of(session).content["source"]
            shown = self.desk.shown(session) or source.path

            def address(path: Path) -> str:
                return self.desk.address(session, path)

            target = str(choice.prompt.emotion)
            change = markup.compared(film.comparison, film.path.parent, address, target)
            return {
                parts.film: markup.player(source, shown, film, address)
                + markup.downloads(film, address),
                parts.change: change,
                parts.speak: self.gr.update(interactive=True),
                parts.message: markup.notes(film.notes, f"The film is ready, {film.seconds:.0f} s"),
            }

        yield from self._run(session, lambda: self.desk.speak(session, choice, text), done)

    def stop(self, session: str) -> dict[Any, Any]:
        """A job is to end; it says itself when it has."""
        self.desk.stop(session)
        return {self.parts.stop: self.gr.update(visible=False)}

    def _run(
        self, session: str, work: Callable[[], Iterator[Any]], done: Callable[[Any], dict[Any, Any]]
    ) -> Iterator[dict[Any, Any]]:
        """Follow a job: its stages, its sound, at last its result or what went wrong."""
        parts = self.parts
        speech: Path | None = None
        cleared = {parts.message: "", parts.sound: "", parts.film: "", parts.change: ""}
        yield cleared | self._buttons(session, busy=True)
        try:
            for state in work():
                if not isinstance(state, Progress):
                    yield self._buttons(session, busy=False) | done(state)
                    return
                update: dict[Any, Any] = {parts.progress: state.stages}
                if state.speech is not None and state.speech != speech:
                    speech = state.speech
                    update[parts.sound] = markup.speech(self.desk.address(session, speech))
                yield update
        except Exception as error:
            yield (
                self._buttons(session, busy=False)
                | {parts.progress: ""}
                | self._failed(session, error)
            )

    def _buttons(self, session: str, *, busy: bool) -> dict[Any, Any]:
        parts, update = self.parts, self.gr.update
        free = update(interactive=not busy)
        read = "reading" in self.desk.workspaces.of(session).content
        return {
            parts.read: free, parts.speak: update(interactive=read and not busy),
            parts.example_clip: free, parts.example_portrait: free,
            parts.stop: update(visible=busy),
        }  # fmt: skip

    def _taken(self, session: str, source: Source) -> dict[Any, Any]:
        shown = self.desk.shown(session) or source.path
        picture = markup.preview(source, shown, lambda path: self.desk.address(session, path))
        return self._nothing() | {
            self.parts.preview: picture,
            self.parts.portrait: self.gr.update(visible=source.kind == "portrait"),
            self.parts.person: self.gr.update(visible=source.kind == "video", value=""),
            self.parts.message: markup.notes([], f"{source.name} was taken in"),
        }

    def _nothing(self) -> dict[Any, Any]:
        """The page as it is before anything was given; the dropped file's name stays."""
        parts, update = self.parts, self.gr.update
        blank = (
            parts.preview, parts.said, parts.message, parts.progress, parts.sound, parts.film,
            parts.change, parts.typed,
        )  # fmt: skip
        return dict.fromkeys(blank, "") | {
            parts.words: update(value="", interactive=True),
            parts.speak: update(interactive=False),
            parts.portrait: update(visible=False),
            parts.person: update(visible=False, value=""),
            parts.recording: None,
            parts.as_recorded: update(visible=False, value=False),
        }

    def _failed(self, session: str, error: BaseException) -> dict[Any, Any]:
        if isinstance(error, StoppedError):
            return {self.parts.message: markup.notes([str(error).capitalize()], "Stopped")}
        if isinstance(error, EmoanimError):
            return {self.parts.message: markup.failure(self.desk.plain(session, error))}
        _LOG.error("a job failed", exc_info=error)
        said = f"This is a bug in emoanim ({type(error).__name__}). Please report it."
        return {self.parts.message: markup.failure(said)}


def build(desk: Desk) -> Any:
    """Return the page as Gradio's blocks."""
    import gradio as gr

    with gr.Blocks(
        title="emoanim",
        analytics_enabled=False,
        delete_cache=(60, max(60, int(desk.bounds.minutes * 60))),
    ) as blocks:
        parts = _Parts(gr, desk)
        _wire(gr, desk, parts, _Actions(gr, desk, parts))

        def leave(request: gr.Request) -> None:
            desk.workspaces.remove(request.session_hash)

        blocks.unload(leave)
    blocks.queue(max_size=desk.bounds.waiting, default_concurrency_limit=8, api_open=False)
    return blocks


def _wire(gr: Any, desk: Desk, p: _Parts, actions: _Actions) -> None:
    taken = [
        p.preview, p.person, p.portrait, p.typed, p.recording, p.as_recorded, p.said, p.words,
        p.speak, p.message, p.progress, p.sound, p.film, p.change,
    ]  # fmt: skip
    buttons = [p.read, p.speak, p.example_clip, p.example_portrait, p.stop]
    heard = [p.as_recorded, p.speak, p.message]
    shown = [p.message, p.progress, p.sound, p.film, p.change]
    choices = [p.emotion, p.percent, p.own, p.as_recorded, p.typed, p.described, p.person]
    job: dict[str, Any] = {
        "concurrency_id": "jobs", "concurrency_limit": desk.bounds.at_once,
        "api_visibility": "private",
        "show_progress": "minimal", "show_progress_on": p.progress, "trigger_mode": "once",
    }  # fmt: skip
    quick: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}

    def take(file: str | None, request: gr.Request) -> dict[Any, Any]:
        return actions.take(request.session_hash, file)

    def clear(request: gr.Request) -> dict[Any, Any]:
        return actions.take(request.session_hash, None)

    def clear_recording(request: gr.Request) -> dict[Any, Any]:
        return actions.take_recording(request.session_hash, None)

    def take_portrait(request: gr.Request) -> dict[Any, Any]:
        return actions.take_example_portrait(request.session_hash)

    def take_clip(request: gr.Request) -> Iterator[dict[Any, Any]]:
        yield from actions.take_example_clip(request.session_hash)

    def take_recording(file: str | None, request: gr.Request) -> dict[Any, Any]:
        return actions.take_recording(request.session_hash, file)

    def read(
        emotion: str, percent: float, own: bool, as_recorded: bool, typed: str, described: str,
        person: str, request: gr.Request,
    ) -> Iterator[dict[Any, Any]]:  # fmt: skip
        choice = Choice(emotion, percent, own, as_recorded, typed, described, person)
        yield from actions.read(request.session_hash, choice)

    def speak(
        emotion: str, percent: float, own: bool, as_recorded: bool, typed: str, described: str,
        person: str, words: str, request: gr.Request,
    ) -> Iterator[dict[Any, Any]]:  # fmt: skip
        choice = Choice(emotion, percent, own, as_recorded, typed, described, person)
        yield from actions.speak(request.session_hash, choice, words)

    def stop(request: gr.Request) -> dict[Any, Any]:
        return actions.stop(request.session_hash)

    p.described.change(
        actions.describe, p.described, p.understood, trigger_mode="always_last", **quick
    )
    p.upload.upload(take, p.upload, taken, **quick)
    p.upload.clear(clear, None, taken, **quick)
    p.recording.upload(take_recording, p.recording, heard, **quick)
    p.recording.clear(clear_recording, None, heard, **quick)
    p.example_portrait.click(take_portrait, None, taken, **quick)
    p.example_clip.click(take_clip, None, list({*taken, *buttons}), **job)
    p.read.click(read, choices, [*shown, p.said, p.words, *buttons], **job)
    p.speak.click(speak, [*choices, p.words], [*shown, *buttons], **job)
    p.stop.click(stop, None, p.stop, **quick)
