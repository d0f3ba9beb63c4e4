"""What the server answers to whom."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from emoanim.app.gate import Gate
from emoanim.app.workspaces import Workspaces


async def inner(scope: Any, receive: Any, send: Any) -> None:
    """Send back what came."""
    body = (await receive())["body"] if scope["method"] == "POST" else b""
    headers = [(b"content-security-policy", b"loose")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@pytest.fixture
def spaces(tmp_path: Path) -> Workspaces:
    return Workspaces(1.0, tmp_path)


def answer(gate: Gate, method: str, path: str, *bodies: bytes) -> tuple[int, bytes, dict[Any, Any]]:
    sent: list[Any] = []
    parts = [{"body": b, "more_body": i + 1 < len(bodies)} for i, b in enumerate(bodies)]

    async def receive() -> Any:
        return {"type": "http.request", **parts.pop(0)}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(gate({"type": "http", "method": method, "path": path}, receive, send))
    headers = sent[0]["headers"]
    assert len({name for name, _ in headers}) == len(headers)
    return sent[0]["status"], sent[1]["body"], dict(headers)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/", 200), ("/assets/a.js", 200), ("/gradio_api/upload", 200), ("/files/a/b.mp4", 200),
        ("/gradio_api/file=/etc/passwd", 200),  # Gradio has a list of its own for these
        ("/gradio_api/proxy=https://example.org/", 404), ("/gradio_api/run-history/connect", 404),
        ("/gradio_api/vibe-edit/", 404), ("/monitoring", 404), ("/docs", 404), ("/login", 404),
    ],
)  # fmt: skip
def test_only_what_the_page_needs_is_answered(spaces: Workspaces, path: str, status: int) -> None:
    got, _, headers = answer(Gate(inner, spaces, 10.0), "GET", path, b"")
    assert got == status
    assert headers[b"content-security-policy"].startswith(b"default-src 'self'")


def test_calls_go_through_whole_unless_they_are_large(spaces: Workspaces) -> None:
    gate = Gate(inner, spaces, 10.0)
    assert answer(gate, "POST", "/gradio_api/queue/join", b'{"a"', b": 1}")[1] == b'{"a": 1}'
    assert answer(gate, "POST", "/gradio_api/queue/join", b"x" * 400_000)[0] == 413


@pytest.mark.parametrize("address", ["http://10.0.0.1/a.mp4", "https://example.org/a"])
def test_no_file_is_fetched_from_elsewhere(spaces: Workspaces, address: str) -> None:
    call = {"data": [{"path": address, "meta": {"_type": "gradio.FileData"}}]}
    gate = Gate(inner, spaces, 10.0)
    for body in (json.dumps(call), json.dumps(call).replace(":/", r":\/")):
        assert answer(gate, "POST", "/gradio_api/queue/join", body.encode())[0] == 400
    call = {"data": ["I read it on http://example.org", {"path": "uploads/a.mp4"}]}
    assert answer(gate, "POST", "/gradio_api/queue/join", json.dumps(call).encode())[0] == 200


def test_a_full_disk_takes_no_upload(spaces: Workspaces) -> None:
    (spaces.uploads / "a").write_bytes(b"x" * 20_000)
    gate = Gate(inner, spaces, 0.01)
    assert answer(gate, "POST", "/gradio_api/upload", b"")[0] == 507
    assert answer(gate, "GET", "/", b"")[0] == 200
