"""Downloads: whole, bounded in size and time, taken up again where they broke off."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from emoanim import weights
from emoanim.errors import WeightsError
from emoanim.weights import Weight, downloads
from emoanim.weights.downloads import download
from emoanim.weights.sources import Url

CONTENT = bytes(range(256)) * 8000


class Server(ThreadingHTTPServer):
    """Serves CONTENT; each entry of ``breaks`` ends one answer after so many bytes."""

    breaks: list[int]
    ranges: bool
    slow: float
    asked: list[str]


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        server = self.server
        given = self.headers.get("Range", "")
        server.asked.append(given)
        start = int(given.removeprefix("bytes=").rstrip("-")) if given and server.ranges else 0
        self.send_response(206 if start else 200)
        body = CONTENT[start:]
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        body = body[: server.breaks.pop(0)] if server.breaks else body
        for at in range(0, len(body), 100_000):
            time.sleep(server.slow)
            self.wfile.write(body[at : at + 100_000])
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setattr(downloads, "_WAIT", 0.0)
    made = Server(("127.0.0.1", 0), Handler)
    made.breaks, made.ranges, made.slow, made.asked = [], True, 0.0, []
    thread = threading.Thread(target=made.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield made
    made.shutdown()
    made.server_close()
    thread.join()


def _address(server: Server) -> str:
    return f"http://127.0.0.1:{server.server_address[1]}/w.bin"


def _all(server: Server, **bounds: float) -> bytes:
    return b"".join(download(_address(server), **bounds))


def test_it_goes_on_where_it_broke_off(server: Server) -> None:
    server.breaks = [300_000, 500_000]
    assert _all(server) == CONTENT
    assert server.asked == ["", "bytes=300000-", "bytes=800000-"]


def test_it_gives_up_after_three(server: Server) -> None:
    server.breaks = [300_000, 10, 10, 10]
    with pytest.raises(WeightsError, match="broke off after 300020 of 2048000 bytes"):
        _all(server)


def test_a_server_that_cannot_go_on(server: Server) -> None:
    server.breaks, server.ranges = [300_000], False
    with pytest.raises(WeightsError, match="cannot go on from there"):
        _all(server)


def test_more_bytes_than_allowed(server: Server) -> None:
    with pytest.raises(WeightsError, match="gives more than 1000000 bytes"):
        _all(server, most=1_000_000)


def test_more_time_than_allowed(server: Server) -> None:
    server.slow = 0.05
    with pytest.raises(WeightsError, match="took more than"):
        _all(server, seconds=0.3)


@pytest.mark.parametrize("size", [1000, len(CONTENT) - 1])
def test_a_weight_of_more_bytes_than_known(
    server: Server, size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EMOANIM_CACHE", str(tmp_path))
    digest = hashlib.sha256(CONTENT).hexdigest()
    weight = Weight("w.bin", Url(_address(server)), licence="MIT", sha256=digest, size=size)
    with pytest.raises(WeightsError, match="bytes expected: another file"):
        weights.fetch(weight)
    assert not (tmp_path / "weights").exists()
