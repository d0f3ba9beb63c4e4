"""The page in a real browser, from upload to download; nothing is asked of anybody else."""

from __future__ import annotations

import importlib.util
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from emoanim.clips import Animation, Audio, Image
from emoanim.media import Video, read_audio, write_image, write_video, write_wav

for package in ("gradio", "playwright"):
    if importlib.util.find_spec(package) is None:
        pytest.skip(f"{package} is not installed", allow_module_level=True)

HUM = Audio(0.2 * np.sin(np.arange(32000) / 20).astype(np.float32), 16000)

# The page with tiny backends; whatever address the process asks for is written down.
SERVER = """
import sys
asked = open(sys.argv[1], "a", buffering=1)
def note(event, args):
    if event in ("socket.getaddrinfo", "socket.connect"):
        host = args[0] if event == "socket.getaddrinfo" else args[1]
        host = host[0] if isinstance(host, tuple) else host
        print(event, host, file=asked)
sys.addaudithook(note)
from emoanim.app.bounds import AppBounds
from emoanim.app.serving import serve
from emoanim.settings import Settings
from emoanim.testing import tiny
objects = {
    "transcriber": tiny.TinyTranscriber(), "text_emoter": tiny.TinyTextEmoter(),
    "voice": tiny.TinyVoice(), "face_emoter": tiny.TinyFaceEmoter(),
    "animator": tiny.TinyAnimator(), "classifier": tiny.TinyClassifier(),
}
bounds = AppBounds(seconds=10, megabytes=2)
serve(Settings(), bounds, port=0, scorer="none", objects=objects,
      on_ready=lambda address: print(address, flush=True))
"""


class Server(NamedTuple):
    address: str
    process: subprocess.Popen[str]
    asked: Path
    files: Path


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("server")
    asked, files = folder / "asked.txt", folder / "tmp"
    files.mkdir()
    process = subprocess.Popen(
        [sys.executable, "-c", SERVER, str(asked)],
        stdout=subprocess.PIPE, text=True, env={**os.environ, "TMPDIR": str(files)},
    )  # fmt: skip
    assert process.stdout is not None
    address = process.stdout.readline().strip()
    assert address.startswith("http://127.0.0.1:")
    yield Server(address, process, asked, files)
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(20)
    finally:
        process.kill()
        process.stdout.close()
    assert not list(files.glob("emoanim-app-*"))  # nothing is left
    outside = {line.split()[-1] for line in asked.read_text().splitlines()}
    assert outside <= {"127.0.0.1", "localhost", "None"}


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Any, server: Server) -> Iterator[Any]:
    """The page, loaded; it must not ask any other host, and nothing may fail in it."""
    tab = browser.new_page(viewport={"width": 1280, "height": 900})
    tab.set_default_timeout(60_000)
    asked: list[str] = []
    failed: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.on("pageerror", lambda error: failed.append(str(error)))
    tab.on("console", lambda m: failed.append(m.text) if m.type == "error" else None)
    tab.goto(server.address)
    tab.get_by_role("button", name="Read the words").wait_for()
    yield tab
    tab.close()
    own = (server.address, "data:", "blob:")
    assert [url for url in asked if not url.startswith(own)] == []
    assert failed == []


def give(page: Any, file: Path, where: str = "#emo-upload") -> None:
    page.locator(f"{where} input[type=file]").set_input_files(file)


def read(page: Any) -> None:
    page.get_by_role("button", name="Read the words").click()
    page.wait_for_function("document.querySelector('#emo-words textarea').value.length > 3")


def speak(page: Any) -> None:
    page.get_by_role("button", name="Speak and animate").click()
    page.locator("before-after").wait_for()


def test_from_a_clip_to_a_download(page: Any, moving_portrait: Path, tmp_path: Path) -> None:
    give(page, moving_portrait)
    page.locator("#emo-preview video").wait_for()
    page.get_by_label("Sad", exact=True).check()
    read(page)
    assert page.get_by_label("Transcript").input_value() == "We meet on Monday."
    words = page.get_by_label("New words: change them")
    assert words.input_value() == "Sad: We meet on Monday."
    words.fill("We never meet, never, on any Monday.")
    speak(page)
    films = "[...document.querySelectorAll('before-after video')]"
    page.wait_for_function(f"{films}.every(v => v.readyState >= 3)")
    page.get_by_role("button", name="Play both").click()
    page.wait_for_function(f"{films}.every(v => v.currentTime > 0.4)")
    before, after = page.evaluate(f"{films}.map(v => v.currentTime)")
    assert abs(before - after) < 0.5
    page.get_by_role("button", name="Play both").wait_for()  # both have come to their end
    page.get_by_label("Position in both films").press("Home")
    assert page.evaluate(f"{films}.map(v => v.currentTime)") == [0, 0]
    assert "EDD is" in page.locator("#emo-change").inner_text()
    curves = page.locator(".emo-curve img")
    assert curves.count() == 2
    assert all(curves.nth(i).evaluate("i => i.complete && i.naturalWidth > 0") for i in range(2))
    assert page.locator("#emo-sound audio").count() == 1
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the film").click()
    download.value.save_as(tmp_path / "film.mp4")
    film = Video(tmp_path / "film.mp4")
    assert film.duration == pytest.approx(7 * 0.3, abs=0.05)  # the tiny voice, seven words
    assert "The film is ready" in page.locator("[role=status].emo-unseen").inner_text()


def test_a_portrait_says_a_text_by_keyboard_alone(
    page: Any, portrait: Image, tmp_path: Path
) -> None:
    give(page, write_image(tmp_path / "me.png", portrait))
    page.get_by_label("What the person is to say").fill("Good day.")
    page.get_by_role("button", name="Read the words").focus()
    page.keyboard.press("Enter")
    page.wait_for_function("document.querySelector('#emo-words textarea').value.length > 3")
    page.get_by_role("button", name="Speak and animate").focus()
    page.keyboard.press("Enter")
    page.locator("before-after video").wait_for()
    assert page.locator("before-after img").evaluate("i => i.naturalWidth") == 512
    assert "none for a portrait" in page.locator("#emo-change").inner_text()
    # with a recording, left as it is
    give(page, write_wav(tmp_path / "hum.wav", HUM), "#emo-recording")
    page.get_by_label("Leave the recording as it is").check()
    page.get_by_label("What the person is to say").fill("")
    page.get_by_role("button", name="Read the words").click()
    page.wait_for_function(
        "document.querySelector('#emo-said textarea').value === 'We meet on Monday.'"
    )
    speak(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Sound (WAV)").click()
    download.value.save_as(tmp_path / "sound.wav")
    assert read_audio(tmp_path / "sound.wav").duration == pytest.approx(2.0, abs=0.01)


def test_errors_are_said_and_heard(page: Any, tmp_path: Path) -> None:
    grey = [np.full((96, 128, 3), 90, np.uint8)] * 30
    clip = write_video(tmp_path / "grey.mp4", Animation(25.0, (128, 96), 30, iter(grey)), HUM)
    give(page, clip)
    page.locator("#emo-preview video").wait_for()
    page.get_by_role("button", name="Read the words").click()
    page.locator(".emo-error").wait_for()
    said = page.locator(".emo-error").inner_text()
    assert said.startswith("no face was found")
    assert "Traceback" not in said
    page.wait_for_function(
        "document.querySelector('[role=alert].emo-unseen').textContent.startsWith('no face')"
    )
    assert page.get_by_role("button", name="Speak and animate").is_disabled()
    assert page.get_by_role("button", name="Read the words").is_enabled()
    (tmp_path / "notes.mp4").write_text("no film")
    give_again(page, tmp_path / "notes.mp4")
    page.get_by_text(re.compile("notes.mp4 .*(read|text)")).first.wait_for()


def test_one_person_of_two(page: Any, two_people: Path) -> None:
    person = page.locator("#emo-person :is(input, textarea)")
    assert not person.is_visible()
    give(page, two_people)
    person.fill("uncle")
    page.get_by_role("button", name="Read the words").click()
    page.get_by_text("the person 'uncle' given; expected left, right").first.wait_for()
    person.fill("2nd from left")
    read(page)
    page.get_by_text("the person '2nd from left' is followed, one of 2").wait_for()
    speak(page)
    page.wait_for_function(
        "document.querySelectorAll('before-after video')[1].videoWidth > 0"
        " && document.querySelectorAll('before-after video')[1].videoWidth < 420"
    )
    page.get_by_role("button", name="Example portrait").click()
    page.locator("#emo-preview img").wait_for()
    assert not person.is_visible()


def test_what_shows_nothing_takes_no_room(page: Any) -> None:
    parts = ("preview", "understood", "message", "progress", "sound", "film", "change")
    assert [name for name in parts if page.locator(f"#emo-{name}").is_visible()] == []
    page.get_by_label("Or in your own words").fill("slightly sad")
    page.locator("#emo-understood").wait_for()


def test_an_emotion_for_each_sentence(page: Any, portrait: Image, tmp_path: Path) -> None:
    give(page, write_image(tmp_path / "me.png", portrait))
    page.get_by_label("What the person is to say").fill("We wait. You came!")
    described = page.get_by_label("Or in your own words")
    described.fill("happy@1")
    page.locator("#emo-understood .emo-wrong").wait_for()
    described.fill("sentence: neutral, very happy")
    page.get_by_text("Understood: sentence 1: neutral").wait_for()
    read(page)
    words = page.get_by_label("New words: change them")
    assert words.input_value() == "Neutral: We wait.\nHappy: You came!"
    page.get_by_text("a line for each emotion: neutral, very happy").wait_for()
    words.fill("We wait, and on we wait. You came!")
    page.get_by_role("button", name="Speak and animate").click()
    page.get_by_text("new words in 1 line given for 2 emotions").first.wait_for()
    words.fill("We wait, and on we wait.\nYou came at last!")
    speak(page)
    told = page.locator("#emo-change").inner_text()
    assert "From 0.0 s on, neutral" in told
    assert "very happy" in told


def give_again(page: Any, file: Path) -> None:
    page.locator("#emo-upload button[aria-label]").first.click()
    give(page, file)


def test_a_file_that_is_too_large_is_refused(server: Server) -> None:
    edge = "----x"
    head = f'--{edge}\r\nContent-Disposition: form-data; name="files"; filename="a.mp4"\r\n\r\n'
    body = head.encode() + b"x" * 3_000_000 + f"\r\n--{edge}--\r\n".encode()
    request = urllib.request.Request(
        f"{server.address}gradio_api/upload", body,
        {"content-type": f"multipart/form-data; boundary={edge}"},
    )  # fmt: skip
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request)
    with caught.value as answer:
        assert answer.code == 413


def test_files_go_when_the_page_is_closed(
    browser: Any, server: Server, moving_portrait: Path
) -> None:
    tab = browser.new_page()
    tab.goto(server.address)
    give(tab, moving_portrait)
    tab.locator("#emo-preview video").wait_for()
    address = tab.locator("#emo-preview video").evaluate("v => v.src")
    with urllib.request.urlopen(address) as answer:
        assert answer.status == 200
    sources = list(server.files.rglob("source.mp4"))
    assert sources
    tab.close()
    for _ in range(100):
        if not any(path.exists() for path in sources):
            break
        time.sleep(0.2)
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(address)
    with caught.value as answer:
        assert answer.code == 404
