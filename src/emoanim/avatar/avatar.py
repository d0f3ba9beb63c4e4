"""A person's picture that speaks as text comes in."""

from __future__ import annotations

import atexit
import threading
import time
import weakref
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from contextvars import copy_context
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Self

import numpy as np

from emoanim.avatar.channel import Channel
from emoanim.avatar.frames import RATE, AnyFace, AvatarFrame, Spans, cut_off, drawn
from emoanim.avatar.prepared import EMOTIONS, Prepared, Source, prepared_from
from emoanim.avatar.sentences import Piece, Sentence, sentences
from emoanim.clips import Audio, Phone, Portrait, Speech
from emoanim.emotions import Emotion, EmotionPrompt
from emoanim.errors import EmotionError, InputError
from emoanim.protocols import Animator, LiveAnimator, LiveFace, Voice
from emoanim.registry.checks import check_backend, checked
from emoanim.services import accounting
from emoanim.settings import Settings
from emoanim.sound.signals import resample

__all__ = ["Avatar"]

_AHEAD = 2
"""Sentences that are spoken ahead of the one that is drawn."""
_PAUSE = 0.28
"""Seconds between two sentences."""
_IDLE = 8.0
"""Seconds of idle motion that are planned at once."""

_LEAVING = 10.0
"""Seconds that a voice has to come to an end when the program ends."""


@dataclass(frozen=True, slots=True, eq=False)
class _Spoken:
    """A sentence that waits to be drawn."""

    speech: Speech
    prompt: EmotionPrompt
    plan: Any


_AVATARS: weakref.WeakSet[Avatar] = weakref.WeakSet()


class _End:
    """After the last sentence."""


Said = _Spoken | _End | BaseException | None


@atexit.register
def _leave() -> None:
    """Wait for voices that are being asked: native code that is cut off takes the program down."""
    for avatar in list(_AVATARS):
        avatar.interrupt()
        avatar._speaking.acquire(timeout=_LEAVING)


class Avatar:
    """Stills of one person in every wanted emotion, a voice, and what moves them.

    ``Avatar.prepare`` makes one, ``Avatar.load`` reads one that was saved. ``say`` and ``idle``
    give frames with their sound; each of them ends whatever was going on before. One avatar speaks
    for one listener; two listeners have two avatars.

    Attributes:
        prepared: the stills and settings; what ``save`` writes.
        size: width and height of the frames in pixels.
        fps: frames per second.
        rate: Hz of the sound.
    """

    rate = RATE

    def __init__(self, prepared: Prepared, voice: Voice, animator: Animator) -> None:
        check_backend("voice", voice)
        check_backend("animator", animator)
        self.prepared = prepared
        live = animator.live if isinstance(animator, LiveAnimator) else partial(AnyFace, animator)
        self._face: LiveFace = live(self.stills)
        self._voice = voice
        self.size = self._face.size
        self.fps = self._face.fps
        self._emotion = self._first()
        self._tail = np.zeros(0, np.float32)
        self._turn: Channel[Said] = Channel(_AHEAD)
        self._turns = threading.Lock()
        self._speaking = threading.Lock()
        self._drawing = threading.Lock()
        _AVATARS.add(self)

    @classmethod
    def prepare(
        cls,
        source: Source,
        settings: str | Path | Settings = "local",
        *,
        emotions: Sequence[str | Emotion | EmotionPrompt] = EMOTIONS,
        voice_like: str | Path | Audio | None = None,
        size: int = 384,
        **parts: Any,
    ) -> Self:
        """Put every emotion on a picture, and load the voice.

        Args:
            source: a picture (a file, or uint8 (h, w, 3) RGB) or a film of the person (a file or
                a ``Clip``), whose best still and whose voice are taken.
            settings: a preset, a settings file or settings; their ``voice``, ``face_emoter``,
                ``animator``, ``stills``, ``seed`` and ``budget`` are heeded. The preset's own
                animator ``film`` gives way to ``rig``.
            emotions: those in which it is to speak; one may come in several strengths.
            voice_like: a recording of the voice that the avatar's is to be like.
            size: pixels; a picture that is larger is cut to a square of that side around head and
                shoulders.
            parts: other parts by role, as ``EDAPipeline.from_preset`` takes them.

        Raises:
            InputError: the picture, its face, an emotion or the sound cannot be used.
            SettingsError: a part that cannot speak any text, or cannot move a still.
            BackendError: a backend cannot do its part.
        """
        prepared, voice, animator = prepared_from(
            source, settings, emotions, voice_like, size, parts
        )
        return cls(prepared, voice, animator)._warm()

    def save(self, path: str | Path) -> Path:
        """Write the avatar into one file, name.avatar; the file that was there is replaced.

        Raises:
            OutputError: it cannot be written.
            SettingsError: it holds more than such a file may.
        """
        from emoanim.avatar.file import save

        return save(self.prepared, path)

    @classmethod
    def load(
        cls, path: str | Path, *, voice: Any | None = None, animator: Any | None = None
    ) -> Self:
        """Read an avatar.

        A file may come from anybody, so it can only name parts that run here and open nothing:
        the voice ``hibari`` and the animator ``rig``. Any other must be given again.

        Args:
            path: of what ``save`` wrote.
            voice: instead of the file's: a name, a ``BackendChoice`` or an object.
            animator: likewise.

        Raises:
            InputError: no such file, or none of these, damaged, or larger than it may be.
            SettingsError: it was made with other parts, which were not given.
        """
        from emoanim.avatar.file import load

        return cls(*load(path, {"voice": voice, "animator": animator}))._warm()

    @property
    def emotions(self) -> tuple[EmotionPrompt, ...]:
        """What it was prepared for."""
        return tuple(prompt for prompt, _ in self.prepared.stills)

    @property
    def stills(self) -> tuple[Portrait, ...]:
        """In the order of ``emotions``."""
        return tuple(still for _, still in self.prepared.stills)

    def say(
        self,
        text: str | Iterable[Piece],
        emotion: str | Emotion | EmotionPrompt | None = None,
        *,
        fill: bool = False,
    ) -> Generator[AvatarFrame, None, None]:
        """Speak a text; frames and sound come as they are made.

        The next sentence is spoken while the frames of the last one are drawn. ``interrupt()``, or
        closing the iterator, ends it within a frame.

        Args:
            text: a text, or an iterable of its pieces as they come (a language model's stream);
                each sentence is said when it is complete. ``[sad]`` in the text, or a piece
                ``(text, emotion)``, sets the emotion.
            emotion: to begin with; that of the last sentence if None.
            fill: while text or voice are awaited, give idle frames at their own pace, so that
                whoever shows them is never without one. Otherwise nothing comes until then.

        Yields:
            Frames without a gap, time from 0.

        Raises:
            InputError: the text holds no words, or an emotion is not prepared.
            BackendError: the voice or the animator cannot do its part.
        """
        prompt = self._emotion if emotion is None else EmotionPrompt.parse(emotion)
        self._still(prompt)
        if isinstance(text, str) and not any(c.isalnum() for c in text):
            raise InputError(f"the text {text[:60]!r} holds no words; expected what is to be said.")
        turn = self._begin()
        return self._said(turn, sentences(text, prompt), fill)

    def speech(
        self, text: str | Iterable[Piece], emotion: str | Emotion | EmotionPrompt | None = None
    ) -> Iterator[Speech]:
        """Give the sound alone, sentence by sentence, at ``rate``; no frame is drawn.

        It leaves alone what is being said or drawn otherwise.
        """
        prompt = self._emotion if emotion is None else EmotionPrompt.parse(emotion)
        # Whoever reads may ask from another context each time; the ledger has one of its own.
        context = copy_context()
        stack = ExitStack()
        context.run(stack.enter_context, accounting(self.prepared.settings.budget))
        try:
            for number, sentence in enumerate(sentences(text, prompt)):
                yield context.run(self._spoken, sentence, first=number == 0)
        finally:
            context.run(stack.close)

    def idle(
        self, emotion: str | Emotion | EmotionPrompt | None = None
    ) -> Generator[AvatarFrame, None, None]:
        """Wait: frames in which the person blinks and moves a little, with silence, without end.

        It ends when ``say``, another ``idle`` or ``interrupt`` is called.

        Args:
            emotion: of the waiting face; that of the last sentence if None.
        """
        prompt = self._emotion if emotion is None else EmotionPrompt.parse(emotion)
        self._still(prompt)
        return self._waiting(self._begin(), prompt)

    def interrupt(self) -> None:
        """End what is being said, from any thread; whoever reads the frames is told at once."""
        with self._turns:
            self._turn.close()

    def _begin(self) -> Channel[Said]:
        with self._turns:
            self._turn.close()
            self._turn = Channel(_AHEAD)
            return self._turn

    def _said(
        self, turn: Channel[Said], text: Iterator[Sentence], fill: bool
    ) -> Generator[AvatarFrame, None, None]:
        worker = threading.Thread(
            target=copy_context().run,
            args=(self._speak, turn, text),
            name="emoanim-avatar",
            daemon=True,
        )
        spans = self._spans()
        try:
            if not turn.closed:
                worker.start()
            spoken = 0
            while not turn.closed:
                said = turn.get() if not fill else (yield from self._filled(turn, spans))
                if isinstance(said, BaseException):
                    raise said
                if said is None or isinstance(said, _End):
                    break
                spoken += 1
                yield from self._drawn(turn, said, spans)
            if not spoken and not turn.closed:
                raise InputError("the text holds no words; expected what is to be said.")
        finally:
            turn.close()

    def _speak(self, turn: Channel[Said], text: Iterator[Sentence]) -> None:
        """Speak sentence after sentence into the channel; runs in a thread of its own."""
        try:
            with accounting(self.prepared.settings.budget), closing(_stream(text)) as stream:
                for number, sentence in enumerate(stream):
                    if turn.closed:
                        return
                    speech = self._spoken(sentence, first=number == 0)
                    if not turn.put(self._planned(speech, sentence.prompt)):
                        return
            turn.put(_End())
        except BaseException as error:  # it is the reader's to know
            turn.put(error)

    def _spoken(self, sentence: Sentence, *, first: bool) -> Speech:
        self._still(sentence.prompt)
        with self._speaking:
            given = self._voice.speak(sentence.text, sentence.prompt, self.prepared.reference)
            speech = checked("voice", self._voice, given)
            audio, pause = resample(speech.audio, RATE), 0.0 if first else _PAUSE
        samples = np.pad(audio.samples, (round(pause * RATE), 0))
        phones = tuple(Phone(p.symbol, p.start + pause, p.end + pause) for p in speech.phones)
        if phones and pause:
            phones = (Phone("SIL", 0.0, phones[0].start), *phones)
        return replace(speech, audio=Audio(samples, RATE), phones=phones)

    def _planned(self, speech: Speech, prompt: EmotionPrompt) -> _Spoken:
        with self._speaking:
            return _Spoken(speech, prompt, self._face.plan(self._still(prompt), speech, prompt))

    def _drawn(
        self, turn: Channel[Said], said: _Spoken, spans: Spans
    ) -> Generator[AvatarFrame, None, None]:
        """Yield the frames of one speech until the turn is over."""
        self._emotion = said.prompt
        sound, at = said.speech.audio.samples, 0
        speaking = bool(said.speech.text)
        with drawn(self._face.move(said.plan)) as images:
            try:
                while True:
                    with self._drawing:
                        image = None if turn.closed else next(images, None)
                    if image is None or turn.closed:
                        break
                    frame = spans.frame(image, sound, at, speaking)
                    at += len(frame.samples)
                    yield frame
            finally:
                if speaking and at < len(sound):
                    self._tail = cut_off(sound, at)

    def _filled(self, turn: Channel[Said], spans: Spans) -> Generator[AvatarFrame, None, Said]:
        """Wait for what comes next; give an idle frame whenever one is due."""
        due = time.monotonic()
        said = turn.get(due)
        waiting = Channel[Said](1)
        while said is None and not turn.closed:
            with closing(self._drawn(waiting, self._silence(self._emotion), spans)) as frames:
                for frame in frames:
                    yield frame
                    due = max(due + 1.0 / self.fps, time.monotonic() - 1.0 / self.fps)
                    said = turn.get(due)
                    if said is not None or turn.closed:
                        break
        return said

    def _waiting(
        self, turn: Channel[Said], prompt: EmotionPrompt
    ) -> Generator[AvatarFrame, None, None]:
        spans = self._spans()
        try:
            while not turn.closed:
                yield from self._drawn(turn, self._silence(prompt), spans)
        finally:
            turn.close()

    def _spans(self) -> Spans:
        tail, self._tail = self._tail, np.zeros(0, np.float32)
        return Spans(self.fps, tail)

    def _silence(self, prompt: EmotionPrompt) -> _Spoken:
        silence = Speech(Audio(np.zeros(round(_IDLE * RATE), np.float32), RATE), "")
        return _Spoken(silence, prompt, self._face.plan(self._still(prompt), silence, prompt))

    def _still(self, prompt: EmotionPrompt) -> int:
        """Return the number of the nearest still."""
        near = [
            (abs(known.intensity - prompt.intensity), number)
            for number, (known, _) in enumerate(self.prepared.stills)
            if known.emotion == prompt.emotion
        ]
        if not near:
            names = ", ".join(dict.fromkeys(str(p.emotion) for p in self.emotions))
            raise EmotionError(
                f"the emotion {str(prompt.emotion)!r} given; this avatar was prepared for: "
                f"{names}. Take one of them, or prepare it with emotions=[...]."
            )
        return min(near)[1]

    def _first(self) -> EmotionPrompt:
        """Return the emotion to begin with: neutral, if it is there."""
        calm = (p for p, _ in self.prepared.stills if p.emotion == Emotion.NEUTRAL)
        return next(calm, self.prepared.stills[0][0])

    def _warm(self) -> Self:
        """Let a voice that runs here load its model before the first word is wanted."""
        if self.prepared.offline:
            self._spoken(Sentence("Hello.", self._first()), first=True)
        return self


def _stream(text: Iterator[Sentence]) -> Generator[Sentence, None, None]:
    """Return sentences whose source is closed with them."""
    yield from text
