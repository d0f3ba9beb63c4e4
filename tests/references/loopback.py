"""A server on this machine that speaks the wire formats of OpenAI and ElevenLabs.

It answers well unless told otherwise, counts what it bills, and keeps all that it was sent.
"""

from __future__ import annotations

import base64
import json
import re
import threading
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np


@dataclass
class Fault:
    """What a call gets instead of an answer.

    ``how``: "status", "hang", "drip", "cut", "malformed", "page", "refusal", "filtered",
    "text" (an answer with this text), "short" (sound that ends too early).
    """

    how: str
    status: int = 500
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    text: str = ""


@dataclass
class Seen:
    """A request as it came."""

    kind: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        return json.loads(self.body)


def happily(question: str) -> str:
    """Rewrite what stands between the marker lines, as a good model would."""
    said = re.search(r"--- transcript (\w+) ---\n(.*)\n--- end", question, re.DOTALL)
    assert said, question
    return f"I'm so happy! {said.group(2)}"


def tone(seconds: float, rate: int) -> bytes:
    t = np.arange(max(1, round(seconds * rate))) / rate
    wave = 0.4 * np.sin(2 * np.pi * 160 * t) * (0.6 + 0.4 * np.sin(2 * np.pi * 3 * t))
    return (wave * 32767).astype("<i2").tobytes()


class Loopback:
    """The server's memory: faults to come, calls seen, what it bills."""

    seconds_per_character = 0.06

    def __init__(self) -> None:
        self.faults: dict[str, deque[Fault]] = defaultdict(deque)
        self.seen: list[Seen] = []
        self.tokens_in = self.tokens_out = self.characters = 0
        self.voices: dict[str, str] = {}
        self.key: str | None = None
        self.write: Callable[[str], str] = happily
        self.sound: Callable[[dict[str, Any], float, int], bytes] = lambda _, s, rate: tone(s, rate)
        self.ending = threading.Event()
        self.lock = threading.Lock()
        self.address = ""

    def fail(self, kind: str, *faults: Fault) -> None:
        """Let the next calls of a kind ("rewrite", "speak", "clone", "delete", "find") fail."""
        self.faults[kind].extend(faults)

    def calls(self, kind: str | None = None) -> int:
        return sum(kind in (None, s.kind) for s in self.seen)

    def last(self, kind: str) -> Seen:
        return next(s for s in reversed(self.seen) if s.kind == kind)


_KINDS = (
    ("POST", r"/v1/responses$", "rewrite"),
    ("POST", r"/v1/chat/completions$", "rewrite"),
    ("POST", r"/v1/audio/speech$", "speak"),
    ("POST", r"/v1/text-to-speech/[^/]+/with-timestamps$", "speak"),
    ("POST", r"/v1/voices/add$", "clone"),
    ("DELETE", r"/v1/voices/[^/]+$", "delete"),
    ("GET", r"/v2/voices$", "find"),
)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def do_POST(self) -> None:
        self._handle()

    def do_GET(self) -> None:
        self._handle()

    def do_DELETE(self) -> None:
        self._handle()

    def _handle(self) -> None:
        home = self.server.home
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        kind = next(
            (k for m, p, k in _KINDS if m == self.command and re.match(p, parts.path)), "unknown"
        )
        seen = Seen(kind, self.path, {k.lower(): v for k, v in self.headers.items()}, body)
        with home.lock:
            home.seen.append(seen)
            fault = home.faults[kind].popleft() if home.faults[kind] else None
        given = seen.headers.get("xi-api-key") or seen.headers.get("authorization", "")[7:]
        if home.key is not None and given != home.key:
            said = f"Incorrect API key provided: {given}."
            self._json({"error": {"message": said, "code": "invalid_api_key"}}, 401)
        elif fault is not None and fault.how == "status":
            self._json(fault.body or {"detail": "no luck"}, fault.status, fault.headers)
        elif fault is not None and fault.how == "page":
            self._bytes(b"<html>welcome</html>", "text/html")
        elif kind == "unknown":
            self._json({"error": {"message": f"no {self.path}"}}, 404)
        else:
            getattr(self, f"_{kind}")(seen, parts, fault)

    def _rewrite(self, seen: Seen, parts: Any, fault: Fault | None) -> None:
        asked = seen.json
        chat = "messages" in asked
        turns = asked["messages"][1:] if chat else asked["input"]
        how = fault.how if fault else ""
        question = turns[0]["content"]
        text = fault.text if fault and how == "text" else self.server.home.write(question)
        read, written = len(seen.body) // 4, len(text) // 4 + 1
        self.server.home.tokens_in += read
        self.server.home.tokens_out += written
        refused = how == "refusal"
        if chat:
            message = {"role": "assistant", "content": None if refused else text}
            message["refusal"] = "I can't help with that." if refused else None
            finish = "content_filter" if how == "filtered" else "stop"
            answer = {
                "id": "c1",
                "object": "chat.completion",
                "created": 1,
                "model": asked["model"],
                "choices": [{"index": 0, "message": message, "finish_reason": finish}],
                "usage": {
                    "prompt_tokens": read,
                    "completion_tokens": written,
                    "total_tokens": read + written,
                },
            }
        else:
            content = {"type": "output_text", "text": text, "annotations": []}
            if refused:
                content = {"type": "refusal", "refusal": "I can't help with that."}
            details = {"reason": "content_filter"} if how == "filtered" else None
            answer = {
                "id": "r1",
                "object": "response",
                "created_at": 1,
                "model": asked["model"],
                "status": "incomplete" if details else "completed",
                "incomplete_details": details,
                "error": None,
                "output": [
                    {
                        "type": "message",
                        "id": "m1",
                        "role": "assistant",
                        "status": "completed",
                        "content": [content],
                    }
                ],
                "parallel_tool_calls": False,
                "tool_choice": "auto",
                "tools": [],
                "usage": {
                    "input_tokens": read,
                    "output_tokens": written,
                    "total_tokens": read + written,
                    "input_tokens_details": {"cached_tokens": 0},
                    "output_tokens_details": {"reasoning_tokens": 0},
                },
            }
        self._json(answer, fault=fault)

    def _speak(self, seen: Seen, parts: Any, fault: Fault | None) -> None:
        asked = seen.json
        text = asked.get("text", asked.get("input", ""))
        home = self.server.home
        home.characters += len(text)
        seconds = len(text) * home.seconds_per_character
        short = 0.4 if fault and fault.how == "short" else 1.0
        if "input" in asked:
            sound = home.sound(asked, seconds * short, 24000)
            if asked.get("response_format") == "wav":
                # sizes as a server writes them that streams: not known yet
                head = b"RIFF\xff\xff\xff\xffWAVEfmt \x10\0\0\0\x01\0\x01\0\xc0\x5d\0\0\x80\xbb\0\0"
                sound = head + b"\x02\0\x10\0data\xff\xff\xff\xff" + sound
            if fault and fault.how == "malformed":
                sound = b'{"audio": '
            self._bytes(sound, "audio/wav", fault=fault)
            return
        rate = int(parse_qs(parts.query)["output_format"][0].removeprefix("pcm_"))
        step = home.seconds_per_character
        times = [round(i * step, 4) for i in range(len(text) + 1)]
        answer = {
            "audio_base64": base64.b64encode(home.sound(asked, seconds * short, rate)).decode(),
            "alignment": {
                "characters": list(text),
                "character_start_times_seconds": times[:-1],
                "character_end_times_seconds": times[1:],
            },
            "normalized_alignment": None,
        }
        self._json(answer, headers={"character-cost": str(len(text))}, fault=fault)

    def _clone(self, seen: Seen, parts: Any, fault: Fault | None) -> None:
        name = re.search(rb'name="name"\r\n\r\n([^\r]+)', seen.body)
        assert name
        assert b"RIFF" in seen.body
        home = self.server.home
        voice_id = f"voice{len(home.voices) + 1}x{len(home.seen)}"
        home.voices[voice_id] = name.group(1).decode()
        self._json({"voice_id": voice_id, "requires_verification": False}, fault=fault)

    def _delete(self, seen: Seen, parts: Any, fault: Fault | None) -> None:
        voice_id = parts.path.rpartition("/")[2]
        if self.server.home.voices.pop(voice_id, None) is None:
            self._json({"detail": {"status": "voice_not_found", "message": "gone"}}, 404)
        else:
            self._json({"status": "ok"}, fault=fault)

    def _find(self, seen: Seen, parts: Any, fault: Fault | None) -> None:
        wanted = parse_qs(parts.query).get("search", [""])[0]
        voices = [
            {"voice_id": i, "name": n} for i, n in self.server.home.voices.items() if wanted in n
        ]
        answer = {"voices": voices, "has_more": False, "total_count": len(voices)}
        self._json(answer, fault=fault)

    def _json(
        self,
        answer: Any,
        status: int = 200,
        headers: dict[str, str] | None = None,
        fault: Fault | None = None,
    ) -> None:
        body = json.dumps(answer).encode()
        if fault and fault.how == "malformed":
            body = body[: len(body) // 2]
        self._bytes(body, "application/json", status, headers, fault)

    def _bytes(
        self,
        body: bytes,
        kind: str,
        status: int = 200,
        headers: dict[str, str] | None = None,
        fault: Fault | None = None,
    ) -> None:
        how = fault.how if fault else ""
        ending = self.server.home.ending
        if how == "hang":
            ending.wait(30)
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        if how == "drip":
            for i in range(len(body)):
                if ending.wait(0.05):
                    break
                self.wfile.write(body[i : i + 1])
                self.wfile.flush()
            self.close_connection = True
        elif how == "cut":
            self.wfile.write(body[: len(body) // 2])
            self.close_connection = True
        else:
            self.wfile.write(body)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    home: Loopback

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hung up is none of our business."""


@contextmanager
def serving() -> Iterator[Loopback]:
    """Serve until the block ends."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.home = home = Loopback()
    home.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield home
    finally:
        home.ending.set()
        server.shutdown()
        server.server_close()
        thread.join(5)
