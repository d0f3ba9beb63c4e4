"""What the server answers, and what it tells every browser: nothing from elsewhere, nothing kept.

Gradio's own server has many more addresses than this page needs: proxies, tunnels to other
services, traces. Here all is refused that is not on the list.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from emoanim.app.workspaces import Workspaces

__all__ = ["Gate"]

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

_PAGES = frozenset({"/", "/config", "/theme.css", "/favicon.ico", "/robots.txt", "/manifest.json"})
_API = "/gradio_api/"
_CALLS = frozenset(
    {
        "info", "startup-events", "app_id", "token", "queue/join", "queue/data", "cancel", "reset",
        "upload", "upload_progress",
    }
)  # fmt: skip
_UNDER = ("/static/", "/assets/", "/svelte/", "/emoanim/", "/files/", "/gradio_api/heartbeat/",
          "/gradio_api/file=")  # fmt: skip
_LARGEST_CALL = 300_000
"""Bytes of a call that is no upload."""
_POLICY = (
    b"default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
    b"style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    b"media-src 'self' data: blob:; font-src 'self' data:; worker-src 'self' blob:; "
    b"object-src 'none'; base-uri 'self'; form-action 'self'"
)
_HEADERS = (
    (b"content-security-policy", _POLICY),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
)


class Gate:
    """ASGI application in front of the page's own.

    Args:
        inner: the page.
        workspaces: their size is bounded.
        disk_megabytes: beyond it no upload is taken.
    """

    def __init__(self, inner: Application, workspaces: Workspaces, disk_megabytes: float) -> None:
        self._inner = inner
        self._workspaces = workspaces
        self._most = disk_megabytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or let the page answer it."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._inner(scope, receive, send)
            return
        path = str(scope["path"])
        if not _is_known(path):
            await _refuse(send, 404, "there is nothing at this address")
            return
        if path == f"{_API}upload" and self._workspaces.megabytes() > self._most:
            await _refuse(send, 507, "the server's disk is full; try again in some minutes")
            return
        if scope["method"] == "POST" and path != f"{_API}upload":
            body = await _read(receive)
            if body is None:
                await _refuse(send, 413, "the call is too large")
                return
            if _names_another_host(body):
                await _refuse(send, 400, "files are taken from your machine only, not from the web")
                return
            receive = _again(body, receive)
        await self._inner(scope, receive, _marked(send))


def _is_known(path: str) -> bool:
    if path in _PAGES or path.startswith(_UNDER):
        return True
    return path.startswith(_API) and path.removeprefix(_API) in _CALLS


async def _read(receive: Receive) -> bytes | None:
    """Return the body of a call, or None if it is too large."""
    body = b""
    while True:
        message = await receive()
        body += bytes(message.get("body", b""))
        if len(body) > _LARGEST_CALL:
            return None
        if not message.get("more_body"):
            return body


def _again(body: bytes, receive: Receive) -> Receive:
    """Return what gives a body that was read, and then goes on."""
    given = False

    async def once() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return once


def _names_another_host(body: bytes) -> bool:
    """Whether a call gives a file by a web address, which Gradio would fetch."""
    if b"://" not in body and b"\\u" not in body and b"\\/" not in body:
        return False
    try:
        waiting = [json.loads(body)]
    except (ValueError, RecursionError):
        return False
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            path = value.get("path")
            if isinstance(path, str) and "://" in path:
                return True
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
    return False


def _marked(send: Send) -> Send:
    """Return what sends an answer with the headers of the page."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            names = {name for name, _ in _HEADERS}
            headers = [pair for pair in message.get("headers", ()) if pair[0].lower() not in names]
            message["headers"] = [*headers, *_HEADERS]
        await send(message)

    return sending


async def _refuse(send: Send, status: int, why: str) -> None:
    body = json.dumps({"detail": why}).encode()
    headers = [(b"content-type", b"application/json"), *_HEADERS]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
