"""The avatar behind Pipecat: a processor that turns a language model's text into face and voice.

It stands where a text-to-speech service would stand::

    Pipeline([transport.input(), stt, user, llm, AvatarProcessor(avatar), transport.output(), ...])

and needs a transport with video: ``audio_out_enabled``, ``video_out_enabled``,
``video_out_is_live``, the avatar's ``size`` and ``rate``. ``pip install pipecat-ai`` installs what
it imports; no service is asked.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Iterator
from queue import Queue

import numpy as np
from pipecat.frames.frames import (
    CancelFrame,
    EndFrame,
    Frame,
    InterruptionFrame,
    LLMFullResponseEndFrame,
    LLMFullResponseStartFrame,
    LLMTextFrame,
    OutputImageRawFrame,
    StartFrame,
    TTSAudioRawFrame,
    TTSSpeakFrame,
    TTSStartedFrame,
    TTSStoppedFrame,
)
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor

from emoanim.avatar import Avatar, AvatarFrame

AHEAD = 0.3
"""Seconds that frames are ahead of the clock: what is still heard after an interruption."""


class Answer:
    """A text that comes in pieces; it can be read from another thread."""

    def __init__(self) -> None:
        self._pieces: Queue[str | None] = Queue()

    def add(self, piece: str | None) -> None:
        """Add a piece; None ends the text."""
        self._pieces.put(piece)

    def __iter__(self) -> Iterator[str]:
        return iter(self._pieces.get, None)


class AvatarProcessor(FrameProcessor):
    """Text in; sound and pictures of the avatar out, while it waits too.

    Args:
        avatar: one that is prepared or loaded.
        emotion: to begin with; ``[sad]`` in the model's text sets it.
    """

    def __init__(self, avatar: Avatar, emotion: str = "neutral") -> None:
        super().__init__()
        self._avatar = avatar
        self._emotion = emotion
        self._waiting: deque[Answer] = deque()
        self._open: Answer | None = None
        self._drawing: asyncio.Task[None] | None = None
        self._begun, self._count = 0.0, 0
        self._quiet = asyncio.Event()
        self._quiet.set()

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        if isinstance(frame, LLMFullResponseStartFrame):
            self._open = self._ask()
        elif isinstance(frame, LLMTextFrame):
            self._open = self._open or self._ask()
            self._open.add(frame.text)
        elif isinstance(frame, LLMFullResponseEndFrame):
            self._finish()
        elif isinstance(frame, TTSSpeakFrame):
            answer = self._ask()
            answer.add(frame.text)
            answer.add(None)
        elif isinstance(frame, InterruptionFrame):
            self._drop()
        elif isinstance(frame, EndFrame):
            self._finish()
            await self._quiet.wait()  # what was asked for is still said
            await self._stop()
        elif isinstance(frame, CancelFrame):
            await self._stop()
        if not isinstance(frame, LLMTextFrame | TTSSpeakFrame):
            await self.push_frame(frame, direction)
        if isinstance(frame, StartFrame):
            self._begun = time.monotonic()
            self._drawing = self.create_task(self._draw())

    def _ask(self) -> Answer:
        answer = Answer()
        self._waiting.append(answer)
        self._quiet.clear()
        return answer

    def _finish(self) -> None:
        if self._open is not None:
            self._open.add(None)
            self._open = None

    def _drop(self) -> None:
        self._finish()
        for answer in self._waiting:
            answer.add(None)
        self._waiting.clear()
        self._avatar.interrupt()

    async def _stop(self) -> None:
        self._drop()
        if self._drawing is not None:
            await self.cancel_task(self._drawing)
            self._drawing = None

    async def _draw(self) -> None:
        """Give frames on and on, a little ahead of the clock."""
        while True:
            if not self._waiting:
                self._quiet.set()
                await self._give(self._avatar.idle(), idle=True)
                continue
            answer = self._waiting.popleft()
            await self.push_frame(TTSStartedFrame())
            await self._give(self._avatar.say(answer, self._emotion, fill=True), idle=False)
            await self.push_frame(TTSStoppedFrame())

    async def _give(self, frames: Iterator[AvatarFrame], *, idle: bool) -> None:
        while not (idle and self._waiting):
            try:
                frame = await asyncio.to_thread(next, frames, None)
            except Exception as error:  # the pipeline is told, and the avatar goes on
                await self.push_error(error_msg=f"not said: {error}")
                return
            if frame is None:
                return
            late = time.monotonic() - self._begun - self._count / self._avatar.fps
            if late > 1.0:  # a clock that was lost is not run after
                self._begun += late
            await asyncio.sleep(max(0.0, -late - AHEAD))
            self._count += 1
            picture = OutputImageRawFrame(frame.image.tobytes(), self._avatar.size, "RGB")
            picture.sync_with_audio = not idle
            if frame.speaking:
                sound = (np.clip(frame.samples, -1.0, 1.0) * 32767).astype("<i2").tobytes()
                await self.push_frame(TTSAudioRawFrame(sound, self._avatar.rate, 1))
            await self.push_frame(picture)
