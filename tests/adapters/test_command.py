"""Any program as a backend: a real one, started without a shell, its results checked."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from emoanim import EDAPipeline, registry, testing
from emoanim.clips import Audio, Image, Portrait, Speech, Transcript
from emoanim.emotions import Emotion, EmotionPrompt
from emoanim.errors import BackendError, NoSpeechError, SettingsError
from emoanim.media import Video

HAPPY = EmotionPrompt.parse("very happy")
HUM = Audio(0.2 * np.sin(np.arange(16000) / 20).astype(np.float32), 16000)

PROGRAM = """
import shutil, sys, wave
from pathlib import Path
role, out, *given = sys.argv[1:]
out = Path(out)
if role == "hear":
    assert wave.open(given[0]).getframerate() == 16000
    (out / "a.srt").write_text("1\\n00:00:00,000 --> 00:00:00,500\\nWe meet\\n\\n"
                               "2\\n00:00:00,600 --> 00:00:01,000\\n<i>on Monday.</i>\\n")
elif role == "rewrite":
    text = Path(given[0]).read_text()
    (out / "new.txt").write_text(f"{text} ({given[1]} {given[2]})\\n")
elif role == "speak":
    shutil.copy(given[1], out / "said.wav")
elif role == "emote":
    for path in sorted(Path(given[0]).iterdir()):
        shutil.copy(path, out / path.name)
elif role == "animate":
    from emoanim.clips import Animation
    from emoanim.media import read_audio, read_image, write_video
    import numpy as np
    still, sound = read_image(given[0]), read_audio(given[1], None)
    count = int(sound.duration * 25 * float(given[2])) + 1
    height, width = still.shape[:2]
    frames = (np.roll(still, i % 5, axis=0) for i in range(count))
    write_video(out / "talk.mp4", Animation(25.0, (width, height), count, frames), sound, tags={})
elif role == "score":
    rows = ["happiness,sad"] + ["0.25,0.75"] * (len(list(Path(given[0]).iterdir())) - 1) + [","]
    (out / "scores.csv").write_text("\\n".join(rows) + "\\n")
elif role == "fail":
    print("the weights are missing", file=sys.stderr)
    sys.exit(7)
elif role == "hang":
    import subprocess, time
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    Path(given[0]).write_text(str(child.pid))
    time.sleep(60)
"""


@pytest.fixture
def program(tmp_path: Path) -> list[str]:
    path = tmp_path / "program.py"
    path.write_text(PROGRAM)
    return [sys.executable, str(path)]


def made(role: str, program: list[str], verb: str, *places: str, **options: Any) -> Any:
    argv = [*program, verb, "{out}", *places]
    return registry.backend(role, "command", argv=argv, **options)


def test_hearing(program: list[str]) -> None:
    heard = made("transcriber", program, "hear", "{audio}").transcribe(HUM)
    assert heard.text == "We meet on Monday."
    assert [w.start for w in heard.words] == pytest.approx([0.0, 0.25, 0.6, 0.8])
    assert heard.duration == 1.0


def test_rewriting(program: list[str]) -> None:
    emoter = made("text_emoter", program, "rewrite", "{text}", "{emotion}", "{intensity}")
    text = emoter.rewrite(Transcript("We meet."), HAPPY)
    assert text == f"We meet. (happy {HAPPY.intensity:g})"


def test_speaking(program: list[str]) -> None:
    voice = made("voice", program, "speak", "{text}", "{reference}")
    spoken = testing.check_voice(voice)
    assert spoken[Emotion.SAD].text == testing.contracts.SENTENCE


def test_stills(program: list[str], portrait: Image) -> None:
    emoter = made("face_emoter", program, "emote", "{frames}")
    stills = testing.check_face_emoter(emoter, [portrait, portrait[:, ::-1].copy()], [Emotion.SAD])
    assert np.array_equal(stills[Emotion.SAD][1].image, portrait[:, ::-1])


def test_animating(program: list[str], portrait: Image) -> None:
    small = portrait[::4, ::4].copy()
    animator = made("animator", program, "animate", "{portrait}", "{speech}", "1")
    testing.check_animator(animator, Portrait(small, small))
    short = made("animator", program, "animate", "{portrait}", "{speech}", "0.5")
    with pytest.raises(BackendError, match=r"lasts 0\.52 s for 1\.00 s of speech"):
        short.animate(Portrait(small, small), Speech(HUM, "Hi."), HAPPY)


def test_scoring(program: list[str], portrait: Image) -> None:
    scores = made("classifier", program, "score", "{frames}").classify([portrait[::8, ::8]] * 3)
    assert scores.labels == ("happy", "sad")
    assert scores.found.tolist() == [True, True, False]
    assert scores.of("sad")[0] == 0.75


def test_in_a_pipeline_from_a_settings_file(
    program: list[str], tiny_parts: Any, moving_portrait: Path, tmp_path: Path
) -> None:
    argv = [*program, "rewrite", "{out}", "{text}", "{emotion}", "{intensity}"]
    text_emoter = {"name": "command", "options": {"argv": argv}}
    parts = {role: part for role, part in tiny_parts.items() if role != "text_emoter"}
    pipeline = EDAPipeline.from_preset("local", **parts, text_emoter=text_emoter)
    result = pipeline(moving_portrait, "sad", output=tmp_path / "x.mp4")
    assert result.text == "We meet on Monday. (sad 0.6)"
    assert Video(tmp_path / "x.mp4").duration > 0


def test_no_shell_reads_the_line(program: list[str], tmp_path: Path) -> None:
    evil = tmp_path / "evil"
    emoter = made("text_emoter", program, "rewrite", "{text}", f"$(touch {evil})", "; ls `id`")
    assert "$(touch" in emoter.rewrite(Transcript("We meet."), HAPPY)
    assert not evil.exists()


def test_a_program_that_fails(program: list[str]) -> None:
    with pytest.raises(BackendError, match="ended with status 7: the weights are missing"):
        made("transcriber", program, "fail").transcribe(HUM)
    with pytest.raises(BackendError, match="cannot be started"):
        registry.backend("transcriber", "command", argv=["/no/such/program"]).transcribe(HUM)
    with pytest.raises(BackendError, match=r"wrote nothing into its folder.*\.srt"):
        made("transcriber", program, "nothing").transcribe(HUM)


def test_one_that_takes_too_long_ends_with_all_it_started(
    program: list[str], tmp_path: Path
) -> None:
    note = tmp_path / "pid"
    with pytest.raises(BackendError, match="took longer than 2 s and was ended"):
        made("transcriber", program, "hang", str(note), timeout=2.0).transcribe(HUM)
    pid = int(note.read_text())
    for _ in range(50):
        state = Path(f"/proc/{pid}/stat")
        if not state.exists() or state.read_text().split()[2] == "Z":
            return
        time.sleep(0.1)
    os.kill(pid, 9)
    pytest.fail("what the program started is still running")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"argv": "python x.py"}, "expected a list of texts"),
        ({"argv": []}, "expected a list of texts"),
        ({"argv": ["x", "{sound}"]}, r"only \{audio\}, \{out\} in braces"),
        ({"argv": ["x", "{"]}, "cannot be filled in"),
        ({"argv": ["x"], "timeout": 0}, "timeout 0 given"),
    ],
)
def test_a_line_that_cannot_be_filled_in(options: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        registry.backend("transcriber", "command", **options)


@pytest.mark.parametrize(
    "table", ["", "happy\n", "peckish\n1\n", "happy,sad\n0.5,x\n", "happy,sad\n0.5,0.9\n"]
)
def test_a_table_that_is_none(tmp_path: Path, table: str, portrait: Image) -> None:
    (tmp_path / "t.csv").write_text(table)
    argv = ["cp", str(tmp_path / "t.csv"), "{out}"]
    with pytest.raises(BackendError, match="the program's table"):
        registry.backend("classifier", "command", argv=argv).classify([portrait[::8, ::8]])


def test_what_it_wrote_is_no_sound_or_nothing_was_said(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_text("no sound")
    (tmp_path / "a.txt").write_text("  ")
    voice = registry.backend("voice", "command", argv=["cp", str(tmp_path / "a.wav"), "{out}"])
    with pytest.raises(BackendError, match="what the program wrote cannot be used"):
        voice.speak("Hi.", HAPPY, HUM)
    hears = registry.backend(
        "transcriber", "command", argv=["cp", str(tmp_path / "a.txt"), "{out}"]
    )
    with pytest.raises(NoSpeechError, match="no words"):
        hears.transcribe(HUM)
