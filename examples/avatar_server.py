"""An avatar over HTTP: a page that shows it live, and a voice that speaks like audio.speech.

It needs the extra ``serve`` (``pip install 'emoanim[local,serve]'``)::

    python avatar_server.py ada.avatar              # what Avatar.save wrote; or a picture
    python avatar_server.py photo.jpg --port 8020

It listens on this machine only, and the avatar is for one listener at a time: whoever opens the
page last sees it. ``/live.mp4`` is a fragmented MP4 without an end, ``/say`` takes a text for it.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections import deque
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from pydantic import BaseModel, Field
from starlette.middleware.trustedhost import TrustedHostMiddleware

from emoanim import provenance
from emoanim.avatar import RATE, Avatar
from emoanim.clips import Audio
from emoanim.emotions import EmotionPrompt
from emoanim.errors import EmoanimError, InputError
from emoanim.media import FragmentedVideo, write_wav

AHEAD = 0.4
"""Seconds that the stream is ahead of the clock: what the page has in hand."""
MOST_WAITING = 20
PAGE = Path(__file__).with_name("avatar_page.html")

Text = Annotated[str, Field(min_length=1, max_length=4096)]


class Said(BaseModel):
    """A text for the live stream."""

    text: Text
    emotion: str = Field("neutral", max_length=200)


class Change(BaseModel):
    """An emotion to go over to in the middle of what is being said."""

    emotion: str = Field(max_length=200)


class SpeechRequest(BaseModel):
    """The request of OpenAI's audio.speech; ``instructions`` may name the emotion."""

    input: Text
    model: str = ""
    voice: str | dict[str, str] = ""
    instructions: str | None = Field(None, max_length=4096)
    response_format: Literal["wav", "pcm"] = "wav"


class Live:
    """The stream of one listener: what waits is said, otherwise the avatar idles."""

    def __init__(self, avatar: Avatar, waiting: deque[Said]) -> None:
        self._avatar = avatar
        self._waiting = waiting
        self._frames = avatar.idle()
        self._speaks = False
        tags = provenance.avatar_tags(emotions=", ".join(str(p.emotion) for p in avatar.emotions))
        self._video = FragmentedVideo(avatar.size, avatar.fps, avatar.rate, tags=tags)
        self._begun = time.monotonic()
        self._count = 0
        self.over = False

    def step(self) -> bytes:
        """Return the bytes of the next frame when it is due."""
        if self._waiting and not self._speaks:
            said = self._waiting.popleft()
            self._frames = self._avatar.say(said.text, said.emotion, fill=True)
            self._speaks = True
        try:
            frame = next(self._frames, None)
        except EmoanimError as error:  # a voice that fails must not end the stream
            print(f"not said: {error}", flush=True)
            frame = None
        if frame is None:
            self._frames, self._speaks = self._avatar.idle(), False
            return b""
        self._count += 1
        due = self._begun + self._count / self._avatar.fps - AHEAD
        time.sleep(max(0.0, due - time.monotonic()))
        return self._video.add(frame.image, frame.samples)

    def close(self) -> None:
        self.over = True
        self._frames.close()
        self._video.abandon()


def application(avatar: Avatar) -> FastAPI:
    """Return the server of one avatar."""
    app = FastAPI(title="avatar", docs_url=None, redoc_url=None, openapi_url=None)
    # A page from elsewhere that calls itself by another name of this machine is sent away.
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"])
    waiting: deque[Said] = deque()
    listeners: list[Live] = []

    @app.exception_handler(InputError)
    def refused(_: Request, error: InputError) -> JSONResponse:
        return JSONResponse({"error": {"message": str(error)}}, 400)

    @app.get("/")
    def page() -> HTMLResponse:
        emotions = [prompt.text for prompt in avatar.emotions]
        text = PAGE.read_text(encoding="utf-8").replace("__EMOTIONS__", json.dumps(emotions))
        return HTMLResponse(text.replace("__WIDTH__", str(avatar.size[0])))

    @app.get("/live.mp4")
    async def live() -> StreamingResponse:
        for earlier in listeners:
            earlier.over = True
        waiting.clear()
        mine = Live(avatar, waiting)
        listeners[:] = [mine]

        async def parts() -> AsyncIterator[bytes]:
            try:
                while not mine.over:
                    if part := await run_in_threadpool(mine.step):
                        yield part
            finally:
                mine.close()

        return StreamingResponse(parts(), media_type="video/mp4")

    @app.post("/say", status_code=202)
    def say(said: Said) -> dict[str, int]:
        avatar.check(said.emotion, said.text)
        if not listeners or listeners[0].over or len(waiting) >= MOST_WAITING:
            raise InputError("nobody listens, or too much is waiting; open the page first.")
        waiting.append(said)
        return {"waiting": len(waiting)}

    @app.post("/emotion", status_code=202)
    def emotion(asked: Change) -> dict[str, str]:
        avatar.change(asked.emotion)
        return {"emotion": asked.emotion}

    @app.post("/interrupt", status_code=202)
    def interrupt() -> dict[str, int]:
        waiting.clear()
        avatar.interrupt()
        return {"waiting": 0}

    @app.post("/v1/audio/speech")
    def speech(asked: SpeechRequest) -> Response:
        try:
            emotion = EmotionPrompt.parse(asked.instructions or "neutral")
        except InputError:  # instructions that speak of other things
            emotion = avatar.emotions[0]
        avatar.check(emotion, asked.input)
        if asked.response_format == "pcm":
            parts = (
                (np.clip(s.audio.samples, -1, 1) * 32767).astype("<i2").tobytes()
                for s in avatar.speech(asked.input, emotion)
            )
            return StreamingResponse(parts, media_type=f"audio/pcm;rate={RATE};channels=1")
        sounds = [s.audio.samples for s in avatar.speech(asked.input, emotion)]
        with tempfile.TemporaryDirectory() as folder:
            path = write_wav(
                Path(folder) / "speech.wav",
                Audio(np.concatenate(sounds), RATE),
                tags=provenance.avatar_tags(),
            )
            return Response(path.read_bytes(), media_type="audio/wav")

    return app


def main() -> None:
    """Serve until interrupted."""
    import uvicorn

    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("avatar", type=Path, help="what Avatar.save wrote, a picture or a film")
    parser.add_argument("--port", type=int, default=8020)
    given = parser.parse_args()
    saved = given.avatar.suffix == ".avatar"
    avatar = Avatar.load(given.avatar) if saved else Avatar.prepare(given.avatar)
    uvicorn.run(application(avatar), host="127.0.0.1", port=given.port)


if __name__ == "__main__":
    main()
