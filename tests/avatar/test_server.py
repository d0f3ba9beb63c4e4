"""The example that serves an avatar: over real HTTP, and in a real browser where there is one."""

from __future__ import annotations

import importlib.util
import json
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from emoanim import backend, provenance
from emoanim.avatar import Avatar
from emoanim.clips import Audio
from emoanim.emotions import EmotionPrompt
from emoanim.media import Video, read_audio

for package in ("fastapi", "uvicorn"):
    pytest.importorskip(package)

EXAMPLES = Path(__file__).parents[2] / "examples"
PAGE = "http://127.0.0.1"


def example(name: str) -> Any:
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # its annotations are looked up there
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def address(avatar_file: Path) -> Iterator[str]:
    """Address of a server with one avatar."""
    import uvicorn

    application = example("avatar_server").application(Avatar.load(avatar_file))
    config = uvicorn.Config(
        application, host="127.0.0.1", port=0, log_level="warning", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.02)
    yield f"{PAGE}:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(20)


def post(url: str, **body: Any) -> tuple[int, bytes]:
    request = urllib.request.Request(
        url, json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def test_speech_like_openais(address: str, tmp_path: Path) -> None:
    status, content = post(
        f"{address}/v1/audio/speech", model="avatar", voice="ada", input="Good day. It is late.",
        instructions="very happy",
    )  # fmt: skip
    assert status == 200
    path = tmp_path / "speech.wav"
    path.write_bytes(content)
    assert 1.0 < read_audio(path).duration < 6.0
    assert provenance.read(path).generated
    status, raw = post(f"{address}/v1/audio/speech", input="Good day.", response_format="pcm")
    samples = np.frombuffer(raw, "<i2")
    assert status == 200
    assert 0.4 < len(samples) / 24000 < 3.0
    assert np.abs(samples).max() > 3000


def test_our_own_voice_of_such_servers_speaks_with_it(address: str) -> None:
    pytest.importorskip("openai")
    voice = backend("voice", "openai-speech", base_url=f"{address}/v1", cache=False)
    nobody = Audio(np.zeros(0, np.float32), 16000)
    speech = voice.speak("It is late.", EmotionPrompt.parse("sad"), nobody)
    assert 0.4 < speech.audio.duration < 4.0


def test_the_live_stream_idles_and_speaks(address: str, tmp_path: Path) -> None:
    parts, asked = [], False
    with urllib.request.urlopen(f"{address}/live.mp4", timeout=60) as answer:
        assert answer.headers["Content-Type"] == "video/mp4"
        while sum(map(len, parts)) < 200_000 and len(parts) < 400:
            parts.append(answer.read1(65536))
            if len(parts) > 8 and not asked:
                asked = True
                assert post(f"{address}/say", text="I am here now.", emotion="happy")[0] == 202
            path = tmp_path / "live.mp4"
            if asked and len(parts) % 10 == 0:
                path.write_bytes(b"".join(parts))
                if np.abs(read_audio(path).samples).max() > 0.1:
                    break
    path.write_bytes(b"".join(parts))
    assert np.abs(read_audio(path).samples).max() > 0.1  # it was said
    frames = [frame.image.astype(np.float32) for frame in Video(path).frames()]
    assert frames[0].shape == (256, 256, 3)
    assert np.abs(frames[-1] - frames[0]).mean() > 1.0  # and shown
    said = provenance.read(path)
    assert said.generated
    assert "did not say this" in said.tags["comment"]


@pytest.mark.parametrize(
    ("path", "body", "status", "message"),
    [
        ("say", {"text": "Hi.", "emotion": "happy"}, 400, "nobody listens"),
        ("say", {"text": "Hi.", "emotion": "angry"}, 400, "prepared for"),
        ("say", {"text": "Hi.", "emotion": "sentence: sad, happy, purple"}, 400, "no emotion"),
        ("say", {"text": "Hi.", "emotion": "sentence: sad, happy"}, 400, "2 emotions given for 1"),
        ("say", {"text": "...", "emotion": "happy"}, 400, "holds no words"),
        ("emotion", {"emotion": "angry"}, 400, "prepared for"),
        ("say", {"text": "Hi.", "emotion": "purple"}, 400, "names no emotion"),
        ("say", {"text": "x" * 5000, "emotion": "happy"}, 422, "4096"),
        ("v1/audio/speech", {"input": "..."}, 400, "holds no words"),
        ("v1/audio/speech", {"input": "...", "response_format": "pcm"}, 400, "holds no words"),
        ("v1/audio/speech", {"input": "Hi.", "response_format": "mp3"}, 422, "wav"),
    ],
)
def test_what_is_refused(
    avatar_file: Path, path: str, body: dict[str, str], status: int, message: str
) -> None:
    pytest.importorskip("httpx")
    from starlette.testclient import TestClient

    client = TestClient(
        example("avatar_server").application(Avatar.load(avatar_file)), base_url=PAGE
    )
    answer = client.post(f"/{path}", json=body)
    assert answer.status_code == status
    assert message in answer.text
    assert client.get("/", headers={"Host": "elsewhere.example"}).status_code == 400


def test_a_browser_shows_and_plays_it(address: str, chromium: str) -> None:
    pytest.importorskip("playwright")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page()
        asked: list[str] = []
        faults: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(f"{address}/")
        assert "did not say this" in page.inner_text("main")
        page.click("#start")
        page.wait_for_function("document.getElementById('video').currentTime > 0.3", timeout=60_000)
        page.evaluate(LISTEN)
        page.select_option("#emotion", "happy")
        page.click("#say")
        page.wait_for_function("window.loudest() > 0.02", timeout=60_000)  # it is heard
        seen = page.evaluate(SEEN)
        assert seen["width"] == 256
        assert seen["frames"] > 5
        assert seen["error"] is None
        page.select_option("#emotion", "sad")
        page.wait_for_function("document.getElementById('status').textContent.includes('sad')")
        page.fill("#each", "sentence: happy, angry")
        page.fill("#text", "One. Two.")
        page.click("#say")
        page.wait_for_function("document.getElementById('status').textContent.includes('anger')")
        page.click("#stop")
        page.wait_for_function("document.getElementById('status').textContent == 'Interrupted.'")
        browser.close()
    assert faults == []
    assert all(url.startswith((address, f"blob:{address}")) for url in asked)


LISTEN = """() => {
  const context = new AudioContext(), analyser = context.createAnalyser();
  const source = context.createMediaElementSource(document.getElementById("video"));
  source.connect(analyser).connect(context.destination);
  const values = new Float32Array(analyser.fftSize);
  let most = 0;
  window.loudest = () => {
    analyser.getFloatTimeDomainData(values);
    return most = Math.max(most, ...values.map(Math.abs));
  };
}"""
SEEN = """() => {
  const video = document.getElementById("video");
  return {width: video.videoWidth, frames: video.getVideoPlaybackQuality().totalVideoFrames,
          error: video.error && video.error.message};
}"""
