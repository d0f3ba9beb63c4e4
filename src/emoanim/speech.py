"""Speech to emotional speech: transcribe, rewrite, speak (paper 3.1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from emoanim.arguments import object_of
from emoanim.clips import Audio, Recording, Rewrite, Speech, Transcript
from emoanim.emotions import Emotion, EmotionPrompt, Timeline, read_prompt
from emoanim.errors import NoSpeechError
from emoanim.language.passages import passages_of
from emoanim.language.spoken import check_language
from emoanim.memory import give_back
from emoanim.notebook import watching
from emoanim.protocols import (
    Releasing,
    RewritesWithRecord,
    TextEmoter,
    Transcriber,
    Voice,
    Wordless,
)
from emoanim.registry.checks import check_backend, checked
from emoanim.registry.parts import make_parts
from emoanim.sound.joining import Spoken, joined, quietest
from emoanim.sound.room import at_level, in_room, over_background
from emoanim.steps import StepHook, Stopwatch, ignore

if TYPE_CHECKING:
    from emoanim.settings import Settings

__all__ = [
    "SpeechToSpeech",
    "SpokenResult",
    "Written",
    "check_said",
    "hear_words",
    "speak_words",
    "write_words",
]

SPEECH_ROLES = ("transcriber", "text_emoter", "voice")

# Below this peak (-60 dB of full scale) a recording is taken as silent: no model is asked.
SILENCE_PEAK = 1e-3


@dataclass(frozen=True, slots=True)
class SpokenResult:
    """What came of speech to speech.

    Attributes:
        transcript: what was said.
        text: the same in the target emotion.
        speech: that text, spoken.
        timings: seconds by step name.
        notes: what the user should know of the words and of the sound.
        rewriting: how the text came about, if the text emoter tells.
    """

    transcript: Transcript
    text: str
    speech: Speech
    timings: dict[str, float]
    notes: tuple[str, ...] = ()
    rewriting: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SpeechToSpeech:
    """The speech branch of figure 1.

    Args:
        transcriber: speech to text.
        text_emoter: text to emotional text.
        voice: text to emotional speech like the reference speaker's.
        bed: lay the speech over the recording's own background.
    """

    transcriber: Transcriber
    text_emoter: TextEmoter
    voice: Voice
    bed: bool = False

    def __post_init__(self) -> None:
        for role in SPEECH_ROLES:
            check_backend(role, getattr(self, role))

    @classmethod
    def from_settings(cls, settings: Settings | str | Path) -> Self:
        """Make only the speech branch of some settings; the face's packages are not needed.

        Args:
            settings: checked settings, or the path of a settings file (TOML, JSON).

        Raises:
            SettingsError: the file cannot be read or holds an unknown name or value.
            MissingExtraError: a backend's packages are not installed.
        """
        from emoanim.settings import Settings, load_settings

        if not isinstance(settings, Settings):
            settings = load_settings(settings)
        parts = make_parts(settings, SPEECH_ROLES)
        return cls(**{role: part.backend for role, part in parts.items()}, bed=settings.bed)

    def __call__(
        self,
        audio: Audio,
        emotion: str | Emotion | EmotionPrompt | Timeline,
        *,
        on_step: StepHook = ignore,
        sparing: bool = False,
    ) -> SpokenResult:
        """Say what was said again, in the emotion or, by a timeline, in one after the other.

        Args:
            audio: the recording.
            emotion: the target.
            on_step: told of every step.
            sparing: let go of the models of each part when it has done its work; the next call
                loads them again.

        Raises:
            EmotionError: the prompt names no known emotion, or the timeline doesn't fit the sound.
            NoSpeechError: the audio is silent or holds no words.
        """
        prompt = read_prompt(emotion)
        object_of(Audio, audio, "the recording", "emoanim.Audio, as emoanim.media.read_audio gives")
        watch = Stopwatch(watching(on_step))
        with watch.step("transcribe") as report:
            transcript = hear_words(self.transcriber, audio)
            check_said(transcript, audio, self.voice, prompt)
            report(transcript)
        self._done(self.transcriber, sparing)
        with watch.step("rewrite") as report:
            written = write_words(self.text_emoter, transcript, prompt, audio.duration)
            report(written.text)
        with watch.step("speak") as report:
            speech, notes = speak_words(
                self.voice, written.texts, transcript, prompt, audio, bed=self.bed
            )
            report(speech)
        self._done(self.voice, sparing)
        every = dict.fromkeys((*written.notes, *notes))
        return SpokenResult(
            transcript, written.text, speech, watch.seconds, tuple(every), written.details
        )

    def sayable(self, audio: Audio) -> Audio:
        """Return a recording, unless it is known at once that the voice cannot say its words.

        Raises:
            InputError: it is in a language that the voice does not speak.
        """
        check_language(self.transcriber, self.text_emoter, self.voice, audio)
        return audio

    def _done(self, part: Transcriber | Voice, sparing: bool) -> None:
        if sparing and isinstance(part, Releasing):
            part.release()
        give_back()


class Written(NamedTuple):
    """The new words of a recording.

    Attributes:
        texts: of each passage of a timeline, in order; of a single emotion one for all.
        notes: what the user should know of them.
        details: how they came about, if the text emoter tells.
    """

    texts: tuple[str, ...]
    notes: tuple[str, ...] = ()
    details: Mapping[str, Any] = {}

    @property
    def text(self) -> str:
        """All of them."""
        return " ".join(self.texts)


def hear_words(transcriber: Transcriber, audio: Audio) -> Transcript:
    """Return what is said in a recording: no text where nobody says a word.

    Silence needs no model. Whether words are needed, ``check_said`` knows.
    """
    nothing = Transcript("", duration=audio.duration)
    if _silent(audio):
        return nothing
    try:
        transcript = transcriber.transcribe(audio)
    except NoSpeechError:
        return nothing
    return checked("transcriber", transcriber, transcript)


def check_said(
    transcript: Transcript, audio: Audio, voice: Voice | None, prompt: EmotionPrompt | Timeline
) -> None:
    """See that a recording holds the words that are to be said in it.

    A voice that leaves the sound as it is (``Wordless``) needs none, except for a timeline, whose
    passages lie between words.

    Args:
        transcript: what was heard in it.
        audio: the recording.
        voice: that is to say it; None for whatever needs words.
        prompt: the emotion, or several.

    Raises:
        NoSpeechError: it is silent or holds no words, and they are needed.
    """
    wordless = isinstance(voice, Wordless) and voice.wordless
    if transcript.text.strip() or (wordless and not isinstance(prompt, Timeline)):
        return
    about = f"the audio ({audio.duration:.1f} s)"
    what = f"{about} is silent" if _silent(audio) else f"no words were found in {about}"
    raise NoSpeechError(f"{what}; expected somebody speaking. Give a clip with speech.")


def write_words(
    emoter: TextEmoter, transcript: Transcript, prompt: EmotionPrompt | Timeline, duration: float
) -> Written:
    """Return what was said in other words, each passage of a timeline in its emotion.

    Args:
        emoter: text to emotional text.
        transcript: what was said; an emoter is not asked to write of nothing.
        prompt: the emotion, or several.
        duration: of the recording, seconds.

    Raises:
        EmotionError: the timeline doesn't fit the recording.
    """
    if not transcript.text.strip():
        return Written(("",), ("no words were heard; the sound stays as it is",))
    if not isinstance(prompt, Timeline):
        rewrite = _rewritten(emoter, transcript, prompt)
        text = checked("text_emoter", emoter, rewrite.text)
        return Written((text,), rewrite.notes, rewrite.details)
    passages, notes = passages_of(transcript, prompt, duration)
    rewrites = [_rewritten(emoter, p.transcript, p.prompt) for p in passages]
    texts = tuple(
        _going_on(checked("text_emoter", emoter, r.text), p.transcript.text)
        for r, p in zip(rewrites, passages, strict=True)
    )
    every = (*notes, *(note for r in rewrites for note in r.notes))
    return Written(texts, every, {"passages": [dict(r.details) for r in rewrites]})


def speak_words(
    voice: Voice,
    texts: Sequence[str],
    transcript: Transcript,
    prompt: EmotionPrompt | Timeline,
    audio: Audio,
    *,
    bed: bool = False,
) -> tuple[Speech, tuple[str, ...]]:
    """Return texts spoken as loud as the recording is, in its room, and notes for the user.

    Args:
        voice: text to emotional speech.
        texts: of ``write_words``.
        transcript: what was said.
        prompt: the emotion, or several.
        audio: the recording.
        bed: lay the speech over the recording's own background.
    """
    whole = Recording(audio.samples, audio.rate, transcript)
    if not isinstance(prompt, Timeline):
        (text,) = texts
        speech = checked("voice", voice, voice.speak(text, prompt, whole))
        speech, note = in_room(speech, whole, prompt, background=bed)
        return speech, _notes(speech, note)
    # The words are the same as without the sound; only the cuts between them move.
    passages, _ = passages_of(transcript, prompt, audio.duration, partial(quietest, audio))
    words = tuple(word for p in passages for word in p.transcript.words)
    timed = Transcript(transcript.text, transcript.language, words, transcript.duration)
    parts: list[Spoken] = []
    said: list[str] = []
    for passage, text in zip(passages, texts, strict=True):
        part = (passage.start, passage.end)
        recording = Recording(audio.samples, audio.rate, timed, part)
        speech = checked("voice", voice, voice.speak(text, passage.prompt, recording))
        said += _notes(speech, "")
        speech = at_level(speech, recording, passage.prompt)
        parts.append(Spoken(speech, passage.prompt, passage.pause, part))
    speech, note = joined(parts), ""
    if bed:
        speech, note = over_background(speech, whole)
    return speech, (*dict.fromkeys(said), *((note,) if note else ()))


def _silent(audio: Audio) -> bool:
    return not len(audio.samples) or bool(abs(audio.samples).max() < SILENCE_PEAK)


def _notes(speech: Speech, note: str) -> tuple[str, ...]:
    """Return what the voice and the room have to say."""
    own = speech.details.get("note", "")
    return tuple(text for text in (own, note) if isinstance(text, str) and text)


def _going_on(new: str, old: str) -> str:
    """Return a text with a small first letter where the passage goes on within a sentence."""
    same = new[:1].lower() == old[:1] and new.split()[:1] != old.split()[:1]
    return new[:1].lower() + new[1:] if same and old[:1].islower() else new


def _rewritten(emoter: TextEmoter, transcript: Transcript, prompt: EmotionPrompt) -> Rewrite:
    """Return the text, with notes and a record where the emoter gives some."""
    if isinstance(emoter, RewritesWithRecord):
        rewrite = emoter.rewrite_with_record(transcript, prompt)
        if isinstance(rewrite, Rewrite):
            return rewrite
    return Rewrite(emoter.rewrite(transcript, prompt))
