"""A person's picture that speaks as text comes in."""

from __future__ import annotations

import atexit
import threading
import time
import weakref
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from contextvars import copy_context
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from emoanim.avatar.channel import Channel, Turn
from emoanim.avatar.drawing import on_demand
from emoanim.avatar.frames import RATE, AnyFace, AvatarFrame, Spans, cut_off, drawn
from emoanim.avatar.prepared import EMOTIONS, Prepared, Source, prepared_from
from emoanim.avatar.sentences import Piece, Sentence, check_text, sentences
from emoanim.avatar.speaker import Speaker, Spoken
from emoanim.clips import Audio, Portrait, Speech
from emoanim.emotions import Emotion, EmotionPrompt, Timeline
from emoanim.errors import InputError
from emoanim.memory import share_heaps
from emoanim.protocols import Animator, LiveAnimator, LiveFace, Voice
from emoanim.registry.checks import check_backend
from emoanim.services import accounting
from emoanim.settings import Settings

__all__ = ["Avatar"]

_AHEAD = 2
"""Sentences that are spoken ahead of the one that is drawn."""
_LEAVING = 10.0
"""Seconds that a voice, a plan or a frame has to come to an end when the program ends."""

AnyEmotion = str | Emotion | EmotionPrompt | Timeline


class _End:
    """After the last sentence."""


Said = Spoken | _End | BaseException | None


class _Drawn(NamedTuple):
    """A frame, and what would fade out if nothing came after it."""

    frame: AvatarFrame
    tail: NDArray[np.float32]


_AVATARS: weakref.WeakSet[Avatar] = weakref.WeakSet()


@atexit.register
def _leave() -> None:
    """Wait for what is under way: native code that is cut off takes the program down."""
    for avatar in list(_AVATARS):
        avatar.interrupt()
        for work in (avatar._speaker.at_work, avatar._speaker.planning, avatar._drawing):
            work.acquire(timeout=_LEAVING)


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
        share_heaps()
        self.prepared = prepared
        live = animator.live if isinstance(animator, LiveAnimator) else partial(AnyFace, animator)
        self._face: LiveFace = live(self.stills)
        self.size = self._face.size
        self.fps = self._face.fps
        self._speaker = Speaker(prepared, voice, self._face)
        self._emotion = self._speaker.first()
        self._tail = np.zeros(0, np.float32)
        self._turn = Turn()
        self._turns = threading.Lock()
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
            emotions: those in which it is to speak; one may come in several strengths, and a
                blend ("happy and surprised") is one.
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

    def check(
        self, emotion: AnyEmotion | None = None, text: str | Iterable[Piece] = ()
    ) -> EmotionPrompt | Timeline:
        """Read an emotion, and see before anything is said that a text can be said in it.

        Args, errors: as for ``say``; a text that comes in pieces is not looked at.
        """
        asked = self._emotion if emotion is None else self._speaker.check(emotion)
        if isinstance(text, str):
            check_text(text, asked)
        return asked

    def say(
        self,
        text: str | Iterable[Piece],
        emotion: AnyEmotion | None = None,
        *,
        fill: bool = False,
    ) -> Generator[AvatarFrame, None, None]:
        """Speak a text; frames and sound come as they are made.

        The next sentence is spoken while the frames of the last one are drawn, each in a thread of
        its own. ``interrupt()``, or closing the iterator, ends it: whoever reads the frames waits
        no longer for what is being spoken or drawn then.

        Args:
            text: a text, or an iterable of its pieces as they come (a language model's stream);
                each sentence is said when it is complete. ``[sad]`` in the text, or a piece
                ``(text, emotion)``, sets the emotion.
            emotion: to begin with, or one for each sentence ("sentence: neutral, very happy", the
                last of which goes on); that of the last sentence if None.
            fill: while text or voice are awaited, give idle frames at their own pace, so that
                whoever shows them is never without one. Otherwise nothing comes until then.

        Yields:
            Frames without a gap, time from 0.

        Raises:
            InputError: the text holds no words.
            EmotionError: an emotion is not prepared, or there are more than sentences.
            BackendError: the voice or the animator cannot do its part.
        """
        asked = self.check(emotion, text)
        turn = self._begin()
        return self._read(turn, self._said(turn, sentences(text, asked), fill))

    def speech(
        self, text: str | Iterable[Piece], emotion: AnyEmotion | None = None
    ) -> Iterator[Speech]:
        """Give the sound alone, sentence by sentence, at ``rate``; no frame is drawn.

        It leaves alone what is being said or drawn otherwise. Errors: as for ``say``, when the
        first sentence is asked for.
        """
        asked = self.check(emotion, text)
        # Whoever reads may ask from another context each time; the ledger has one of its own.
        context = copy_context()
        stack = ExitStack()
        context.run(stack.enter_context, accounting(self.prepared.settings.budget))
        try:
            for number, sentence in enumerate(sentences(text, asked)):
                yield context.run(self._speaker.speak, sentence, first=number == 0)
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
        self._speaker.still(prompt)
        turn = self._begin()
        return self._read(turn, self._waiting(turn, prompt))

    def change(self, emotion: str | Emotion | EmotionPrompt) -> None:
        """Go over to another emotion in the middle of what is being said, from any thread.

        The face turns within 0.3 s, the voice at the next sentence; it holds for the rest of the
        utterance, whatever the text says. While the avatar waits, its face turns.

        Raises:
            EmotionError: no such emotion, or none that was prepared.
        """
        prompt = EmotionPrompt.parse(emotion)
        self._speaker.still(prompt)
        with self._turns:
            self._turn.emotion = self._emotion = prompt

    def interrupt(self) -> None:
        """End what is being said, from any thread; whoever reads the frames is told at once."""
        with self._turns:
            self._turn.close()

    def _begin(self) -> Turn:
        with self._turns:
            self._turn.close()
            self._turn = Turn()
            return self._turn

    def _read(
        self, turn: Turn, frames: Generator[_Drawn, None, None]
    ) -> Generator[AvatarFrame, None, None]:
        """Yield frames that a thread draws; what was given last is where the next turn begins."""
        with closing(on_demand(turn, frames)) as read:
            for frame, tail in read:
                self._tail = tail
                yield frame

    def _said(
        self, turn: Turn, text: Generator[Sentence, None, None], fill: bool
    ) -> Generator[_Drawn, None, None]:
        ready: Channel[Said] = turn.channel(_AHEAD)
        spans = self._spans()
        spoken = 0
        with accounting(self.prepared.settings.budget):
            threading.Thread(
                target=copy_context().run,
                args=(self._speak, turn, ready, text),
                name="emoanim-avatar",
                daemon=True,
            ).start()
            while not turn.closed:
                said = ready.get() if not fill else (yield from self._filled(turn, ready, spans))
                if isinstance(said, BaseException):
                    raise said
                if said is None or isinstance(said, _End):
                    break
                if turn.emotion not in (None, said.prompt) and said.sentence is not None:
                    # It was spoken ahead, before the emotion changed.
                    said = self._spoken(turn, said.sentence, first=not spoken)
                spoken += 1
                yield from self._drawn(turn, said, spans)
        if not spoken and not turn.closed:
            raise InputError("the text holds no words; expected what is to be said.")

    def _speak(
        self, turn: Turn, ready: Channel[Said], text: Generator[Sentence, None, None]
    ) -> None:
        """Speak sentence after sentence into the channel; runs in a thread of its own."""
        try:
            with closing(text) as stream:
                for number, sentence in enumerate(stream):
                    if turn.closed:
                        return
                    if not ready.put(self._spoken(turn, sentence, first=number == 0)):
                        return
            ready.put(_End())
        except BaseException as error:  # it is the reader's to know
            ready.put(error)

    def _spoken(self, turn: Turn, sentence: Sentence, *, first: bool) -> Spoken:
        sentence = sentence._replace(prompt=turn.emotion or sentence.prompt)
        speech = self._speaker.speak(sentence, first=first)
        return self._speaker.plan(sentence, speech, sentence.prompt)

    def _drawn(self, turn: Turn, said: Spoken, spans: Spans) -> Generator[_Drawn, None, None]:
        """Yield the frames of one speech until the turn is over."""
        while not turn.closed:
            self._emotion = said.prompt
            given = yield from self._moved(turn, said, spans)
            rest = said.after(given)
            prompt = turn.emotion or said.prompt
            if prompt == said.prompt or not len(rest.audio.samples):
                return
            said = self._speaker.plan(said.sentence, rest, prompt)

    def _moved(self, turn: Turn, said: Spoken, spans: Spans) -> Generator[_Drawn, None, int]:
        """Yield frames until the speech ends or its emotion changes; return the samples given."""
        sound, at = said.speech.audio.samples, 0
        with drawn(self._face.move(said.plan)) as images:
            while turn.emotion in (None, said.prompt):
                with self._drawing:
                    image = None if turn.closed else next(images, None)
                if image is None or turn.closed:
                    break
                frame = spans.frame(image, sound, at, said.sentence is not None)
                at += len(frame.samples)
                yield _Drawn(frame, cut_off(sound, at))
        return at

    def _filled(
        self, turn: Turn, ready: Channel[Said], spans: Spans
    ) -> Generator[_Drawn, None, Said]:
        """Wait for what comes next; give an idle frame whenever one is due."""
        due = time.monotonic()
        said = ready.get(due)
        while said is None and not turn.closed:
            silence = self._speaker.silence(self._emotion)
            with closing(self._drawn(turn, silence, spans)) as frames:
                for frame in frames:
                    yield frame
                    due = max(due + 1.0 / self.fps, time.monotonic() - 1.0 / self.fps)
                    said = ready.get(due)
                    if said is not None or turn.closed:
                        break
        return said

    def _waiting(self, turn: Turn, prompt: EmotionPrompt) -> Generator[_Drawn, None, None]:
        spans = self._spans()
        while not turn.closed:
            silence = self._speaker.silence(turn.emotion or prompt)
            yield from self._drawn(turn, silence, spans)

    def _spans(self) -> Spans:
        tail, self._tail = self._tail, np.zeros(0, np.float32)
        return Spans(self.fps, tail)

    def _warm(self) -> Self:
        """Let a voice that runs here load its model before the first word is wanted."""
        if self.prepared.offline:
            self._speaker.speak(Sentence("Hello.", self._speaker.first()), first=True)
        return self
