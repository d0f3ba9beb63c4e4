"""The command line: one clear line and a status for every mistake, results on standard output."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from emoanim import EDAPipeline, cli, registry, weights
from emoanim.cli.options import chosen_settings
from emoanim.clips import Animation, Audio, Transcript
from emoanim.errors import EmoanimError
from emoanim.extras import install_command
from emoanim.media import write_video
from emoanim.registry import BackendInfo
from emoanim.speech import SpeechToSpeech
from emoanim.testing.tiny import TinyClassifier, TinyTranscriber

ROLES = ("transcriber", "text_emoter", "voice", "face_emoter", "animator", "classifier")
CLASSES = ("Transcriber", "TextEmoter", "Voice", "FaceEmoter", "Animator", "Classifier")


@pytest.fixture(autouse=True)
def tiny_backends(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each role has a backend named tiny, besides those there are."""
    extra = tuple(
        BackendInfo(role, "tiny", f"emoanim.testing.tiny:Tiny{name}", licence="Apache-2.0")
        for role, name in zip(ROLES, CLASSES, strict=True)
    )
    broken = BackendInfo("voice", "lacking", "x:y", extra="lacking", modules=("no_such_module",))
    monkeypatch.setattr(registry, "BACKENDS", (*registry.BACKENDS, *extra, broken))


TINY = [x for r in ROLES[:5] for x in (f"--{r.replace('_', '-')}", "tiny")]


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        cli.main([str(a) for a in arguments])
    out, err = capsys.readouterr()
    return int(ended.value.code or 0), out, err


def test_animate(capsys: pytest.CaptureFixture[str], moving_portrait: Path, tmp_path: Path) -> None:
    output = tmp_path / "x.mp4"
    status, out, err = run(
        capsys, "animate", moving_portrait, "--emotion", "very happy", "-o", output, *TINY
    )
    assert status == 0, err
    assert out.split() == [str(output)]
    assert "Happy: We meet on Monday." in err
    assert output.exists()


def test_animate_json_with_a_classifier(
    capsys: pytest.CaptureFixture[str], moving_portrait: Path, tmp_path: Path
) -> None:
    output = tmp_path / "x.mp4"
    given = ["animate", moving_portrait, "-e", "sad", "-o", output, *TINY, "--classifier", "tiny"]
    status, out, err = run(capsys, *given, "--seed", 4, "--stills", 2, "--json")
    assert status == 0, err
    record = json.loads(out)
    assert record["seed"] == 4
    assert len(record["stills"]) == 2
    assert 0 <= record["edd"]["edd"] <= 1
    assert len(record["edd"]["mean_probability"]) == len(record["edd"]["top1_rate"]) == 2
    status, _, err = run(capsys, *given, "--seed", 4)
    assert status == 0
    assert "(0 ranks fully separated, 0.5 no change, 1 the opposite); mean p" in err
    assert "on top in" in err


def test_all_takes_and_kept_artefacts(
    capsys: pytest.CaptureFixture[str], moving_portrait: Path, tmp_path: Path
) -> None:
    output, keep = tmp_path / "x.mp4", tmp_path / "kept"
    given = ["animate", moving_portrait, "-e", "sad", "-o", output, *TINY, "--classifier", "tiny"]
    status, out, err = run(capsys, *given, "--takes", "all", "--stills", 2, "--keep", keep)
    assert status == 0, err
    assert [Path(line).name for line in out.splitlines()] == ["x.mp4", "x.take2.mp4"]
    assert re.search(r"EDD \d\.\d{4} \[\d\.\d{4}, \d\.\d{4}\] \(0 ranks fully separated", err), err
    assert (keep / "speech.wav").exists()


@pytest.mark.parametrize("name", ["x.mp4", "./x.mp4", "in.mp4", "plain.txt"])
def test_a_keep_folder_with_the_name_of_a_file(
    capsys: pytest.CaptureFixture[str], moving_portrait: Path, tmp_path: Path, name: str
) -> None:
    video = tmp_path / "in.mp4"
    video.write_bytes(moving_portrait.read_bytes())
    (tmp_path / "plain.txt").touch()
    given = ["animate", video, "-e", "sad", "-o", tmp_path / "x.mp4", *TINY]
    status, out, err = run(capsys, *given, "--keep", f"{tmp_path}/{name}")
    assert (status, out) == (3, "")
    assert "expected a folder for the artefacts" in err
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in.mp4", "plain.txt"]


def test_a_fault_of_our_own_is_one_line(
    capsys: pytest.CaptureFixture[str],
    moving_portrait: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("two\nlines " + "x" * 5000)

    monkeypatch.setattr("emoanim.testing.tiny.TinyVoice.speak", fail)
    given = ["animate", moving_portrait, "-e", "sad", "-o", tmp_path / "x.mp4", *TINY]
    status, out, err = run(capsys, *given)
    assert (status, out) == (1, "")
    assert err.splitlines()[-1].startswith("emoanim: internal error: ZeroDivisionError: two lines")
    assert "Traceback" not in err
    assert max(map(len, err.splitlines())) < 500
    monkeypatch.setenv("EMOANIM_TRACEBACK", "1")
    with pytest.raises(ZeroDivisionError):
        cli.main([str(g) for g in given])


def test_a_fault_of_an_installed_package_is_laid_to_it(
    capsys: pytest.CaptureFixture[str],
    moving_portrait: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "boom_voice.py").write_text(
        "from emoanim.testing.tiny import TinyVoice\n"
        "class Boom(TinyVoice):\n"
        "    def speak(self, *args, **kwargs):\n"
        "        return 1 / 0\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    points = {"emoanim.voices": [EntryPoint("boom", "boom_voice:Boom", "emoanim.voices")]}
    monkeypatch.setattr(registry, "entry_points", lambda group: points.get(group, []))
    given = ["animate", moving_portrait, "-e", "sad", "-o", tmp_path / "x.mp4", *TINY]
    status, out, err = run(capsys, *given, "--voice", "boom")
    assert (status, out) == (4, "")
    last = err.splitlines()[-1]
    assert last.startswith("emoanim: error: the package boom_voice (voice 'boom') failed: ZeroDiv")

    # What is called from there and fails is emoanim's.
    (tmp_path / "calling_voice.py").write_text(
        "from emoanim.testing.tiny import TinyVoice\n"
        "class Calling(TinyVoice):\n"
        "    def speak(self, *args, **kwargs):\n"
        "        return super().speak(*args, **kwargs)\n"
    )
    points["emoanim.voices"] += [EntryPoint("calling", "calling_voice:Calling", "emoanim.voices")]
    monkeypatch.setattr("emoanim.testing.tiny.WORD_SECONDS", "broken")
    status, _, err = run(capsys, *given, "--voice", "calling")
    assert status == 1
    assert "emoanim: internal error: TypeError" in err


@pytest.mark.parametrize(
    ("encoding", "json_too"), [("cp1252", False), ("cp1252", True), ("ascii", True)]
)
def test_names_that_the_terminal_cannot_print(
    moving_portrait: Path, tmp_path: Path, encoding: str, json_too: bool
) -> None:
    """In a process of its own, as the streams of this one are pytest's."""
    code = (
        "import sys; from emoanim import registry, cli\n"
        f"for role, name in zip({ROLES!r}, {CLASSES!r}):\n"
        "    registry.register(role, 'tiny', f'emoanim.testing.tiny:Tiny{name}')\n"
        "cli.main(sys.argv[1:])"
    )
    output = tmp_path / "froh \N{GRINNING FACE} \N{GREEK SMALL LETTER OMEGA}.mp4"
    given = ["animate", moving_portrait, "-e", "sad", "-o", output, *TINY]
    given += ["--json"] if json_too else []
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, given)],
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": encoding},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert output.exists()
    said = done.stdout.decode(encoding)
    if json_too:
        assert json.loads(said)["output"] == str(output)
    else:
        assert said.strip().endswith("froh ? ?.mp4")


def test_backend_options_and_settings_file(
    capsys: pytest.CaptureFixture[str], moving_portrait: Path, tmp_path: Path
) -> None:
    config = tmp_path / "run.toml"
    config.write_text("".join(f'{role} = "tiny"\n' for role in ROLES[:5]))
    output = tmp_path / "x.mp4"
    given = ["animate", moving_portrait, "-e", "sad", "-o", output, "--config", config]
    options = ["--set", "voice.rate=24000", "--set", "transcriber.text=Good day."]
    status, out, err = run(capsys, *given, *options, "--json")
    assert status == 0, err
    assert json.loads(out)["text"] == "Sad: Good day."


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--set", "voice.rate"], "expected ROLE.OPTION=VALUE"),
        (["--set", "singer.rate=3"], "expected ROLE.OPTION=VALUE with a role of transcriber"),
        (["--set", "voice.volume=3"], "the voice 'tiny' has no option 'volume'; it has: rate"),
        (["--set", "classifier.x=3"], "no classifier is chosen"),
        (["--voice", "opera"], "no voice is named 'opera'; there are: hibari"),
        (["--preset", "cloud"], "no preset is named 'cloud'"),
        (["--takes", "some"], "'some' for 'takes'"),
        (["--emotion", "peckish"], "names no emotion; expected one of anger, contempt"),
    ],
)
def test_wrong_options(
    capsys: pytest.CaptureFixture[str],
    moving_portrait: Path,
    tmp_path: Path,
    options: list[str],
    message: str,
) -> None:
    given = ["animate", moving_portrait, "-e", "sad", "-o", tmp_path / "x.mp4", *TINY]
    status, out, err = run(capsys, *given, *options)
    assert status == 2
    assert out == ""
    assert message in err
    assert err.startswith("emoanim: error: ")
    assert err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_backend_whose_extra_is_missing(
    capsys: pytest.CaptureFixture[str], moving_portrait: Path, tmp_path: Path
) -> None:
    given = ["animate", moving_portrait, "-e", "sad", "-o", tmp_path / "x.mp4", *TINY]
    status, _, err = run(capsys, *given, "--voice", "lacking")
    assert status == 4
    assert install_command("lacking") in err


@pytest.mark.parametrize(
    ("video", "output", "status", "message"),
    [
        ("none.mp4", "x.mp4", 2, "none.mp4"),
        (".", "x.mp4", 2, "folder"),
        ("text.mp4", "x.mp4", 2, "text.mp4"),
        ("good", "none/x.mp4", 3, "none"),
        ("good", "x.avi", 3, ".avi"),
    ],
)
def test_files_that_cannot_be_used(
    capsys: pytest.CaptureFixture[str],
    moving_portrait: Path,
    tmp_path: Path,
    video: str,
    output: str,
    status: int,
    message: str,
) -> None:
    (tmp_path / "text.mp4").write_text("I am no video.")
    source = moving_portrait if video == "good" else tmp_path / video
    given = ["animate", source, "-e", "sad", "-o", tmp_path / output, *TINY]
    got, out, err = run(capsys, *given)
    assert got == status
    assert message in err
    assert err.count("\n") == 1
    assert out == ""
    assert [p.name for p in tmp_path.iterdir()] == ["text.mp4"]


def test_speak(capsys: pytest.CaptureFixture[str], moving_portrait: Path, tmp_path: Path) -> None:
    output = tmp_path / "x.wav"
    given = ["speak", moving_portrait, "-e", "anger", "-o", output, *TINY[:6]]
    status, out, err = run(capsys, *given)
    assert status == 0, err
    assert out.split() == [str(output)]
    status, out, err = run(capsys, *given, "--json")
    assert json.loads(out)["text"] == "Anger: We meet on Monday."


def test_subtitles_lie_beside_the_output(
    capsys: pytest.CaptureFixture[str], moving_portrait: Path, tmp_path: Path
) -> None:
    output = tmp_path / "x.mp4"
    given = ["animate", moving_portrait, "-e", "happy", "-o", output, "--subtitles", *TINY]
    status, out, err = run(capsys, *given)
    assert status == 0, err
    assert out.split() == [str(output), str(tmp_path / "x.srt"), str(tmp_path / "x.vtt")]
    assert "Happy: We meet on Monday." in (tmp_path / "x.srt").read_text().replace("\n", " ")
    sound = tmp_path / "y.wav"
    given = ["speak", moving_portrait, "-e", "anger", "-o", sound, "--subtitles", *TINY[:6]]
    status, out, err = run(capsys, *given, "--json")
    assert status == 0, err
    assert json.loads(out)["subtitles"] == [str(tmp_path / "y.srt"), str(tmp_path / "y.vtt")]
    (tmp_path / "z.srt").mkdir()
    given[5] = tmp_path / "z.wav"
    status, _, err = run(capsys, *given)
    assert status == 3
    assert "z.srt" in err
    assert not (tmp_path / "z.wav").exists()


def test_the_demo_prints_the_words_that_it_changed(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from types import SimpleNamespace as Made

    from emoanim import demo

    words = Made(transcript=Made(text="We got the job."), text="We actually got [the] job!")
    paths = dict.fromkeys(("before", "after", "own", "sheet"), tmp_path)
    monkeypatch.setattr(demo, "run_demo", lambda *_, **__: Made(**paths, result=words))
    status, out, err = run(capsys, "demo", "-o", tmp_path)
    assert status == 0
    assert out.splitlines() == [str(tmp_path)] * 4
    assert 'said: "We got the job."' in err
    assert 'now:  "We actually got [the] job!"' in err


def test_words_that_stay_are_printed_once(capsys: pytest.CaptureFixture[str]) -> None:
    from rich.console import Console

    from emoanim.cli.printing import print_words

    print_words(Console(), "We got the job.", "We got the job.")
    assert capsys.readouterr().out == 'said: "We got the job."\n'


def test_speak_tells_of_the_words(
    capsys: pytest.CaptureFixture[str], moving_portrait: Path, tmp_path: Path
) -> None:
    given = ["speak", moving_portrait, "-e", "anger", "-o", tmp_path / "x.wav", *TINY[:6]]
    given[given.index("--text-emoter") + 1] = "lexicon"
    status, out, err = run(capsys, *given, "--json")
    assert status == 0, err
    assert json.loads(out)["rewriting"]["language_pack"] == "English"


def test_speak_writes_only_wav(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    moving_portrait: Path,
    tmp_path: Path,
) -> None:
    def unasked(*given: object, **named: object) -> None:
        raise AssertionError("no model is asked for a file that cannot be written")

    monkeypatch.setattr(SpeechToSpeech, "__call__", unasked)
    given = ["speak", moving_portrait, "-e", "anger", "-o", tmp_path / "x.mp4", *TINY[:6]]
    status, _, err = run(capsys, *given)
    assert status == 3
    assert ".wav" in err


def test_an_error_of_many_lines_is_told_in_one(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(role: str | None) -> None:
        raise EmoanimError("first line\nsecond")

    monkeypatch.setattr(registry, "backends", fails)
    status, _, err = run(capsys, "backends")
    assert (status, err) == (1, "emoanim: error: first line second\n")


def test_speak_needs_no_face_backend(monkeypatch: pytest.MonkeyPatch) -> None:
    from emoanim.settings import Settings

    table = tuple(b for b in registry.BACKENDS if b.role not in ("face_emoter", "animator"))
    monkeypatch.setattr(registry, "BACKENDS", table)
    names = dict.fromkeys(ROLES[:3], "tiny")
    assert isinstance(SpeechToSpeech.from_settings(Settings.of(names)), SpeechToSpeech)


def test_backends(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, "backends")
    assert status == 0
    rows = [line.split("\t") for line in out.splitlines()]
    assert rows[0][:2] == ["role", "name"]
    assert len({len(row) for row in rows}) == 1
    assert ["animator", "rig"] in [row[:2] for row in rows]
    status, out, _ = run(capsys, "backends", "--role", "voice", "--json")
    assert {row["role"] for row in json.loads(out)} == {"voice"}
    status, _, err = run(capsys, "backends", "--role", "singer")
    assert status == 2
    assert "no role is named 'singer'" in err
    status, _, err = run(capsys, "backends", "hibary")
    assert status == 2
    assert "Did you mean 'hibari'?" in err


def test_an_option_of_the_wrong_type_is_one_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, moving_portrait: Path
) -> None:
    for option, expected in (
        ("voice.rate=fast", "option rate of the voice 'hibari' is given 'fast'; expected a number"),
        ("animator.threads=two", "option threads of the animator 'film' is given 'two'"),
        ("voice.fit=maybe", "expected true or false"),
    ):
        given = ("animate", moving_portrait, "-e", "happy", "-o", tmp_path / "x.mp4")
        status, _, err = run(capsys, *given, "--set", option)
        assert status == 2
        assert expected in err
        assert "internal error" not in err
        assert not (tmp_path / "x.mp4").exists()


def test_doctor(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("EMOANIM_CACHE", str(tmp_path))
    monkeypatch.delenv("EMOANIM_OFFLINE", raising=False)
    monkeypatch.delenv("EMOANIM_ACCEPT_LICENCES", raising=False)
    status, out, _ = run(capsys, "doctor", "--json")
    assert status == 0
    rows = {(row["role"], row["name"]): row for row in json.loads(out)}
    assert rows["voice", "tiny"]["ready"]
    assert rows["voice", "lacking"]["fix"] == install_command("lacking")
    assert not rows["voice", "lacking"]["ready"]
    assert rows["animator", "rig"]["weights"] == "downloaded on first use"
    assert rows["animator", "rig"]["ready"]
    assert "licence not accepted" in rows["classifier", "fer8"]["weights"]
    assert "--accept-licence" in rows["classifier", "fer8"]["fix"]
    assert not rows["classifier", "fer8"]["ready"]
    status, out, _ = run(capsys, "doctor", "--role", "voice")
    assert out.splitlines()[0].split("\t") == [
        "role", "name", "installed", "weights", "key", "device", "licence", "how to fix",
    ]  # fmt: skip
    assert "lacking" in out
    assert f"\t{install_command('lacking')}" in out


def test_doctor_verifies_weights(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    weights.fetch("facex")
    status, out, err = run(capsys, "doctor", "--verify", "facex")
    assert status == 0, err
    assert "ok\tfacex\t" in out
    own = tmp_path / "facex.tflite"
    own.write_bytes(b"another file")
    monkeypatch.setenv("EMOANIM_WEIGHTS_FACEX", str(own))
    status, out, _ = run(capsys, "doctor", "--verify", "facex")
    assert status == 4
    assert "failed\tfacex" in out
    status, _, err = run(capsys, "doctor", "--verify", "nothing")
    assert status == 2
    assert "no backend is named 'nothing'" in err


def test_doctor_uses_a_backends_own_verification(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Checked(TinyClassifier):
        @classmethod
        def verify(cls) -> Iterator[tuple[str, bool, str]]:
            yield "render", True, "fine"

    monkeypatch.setattr(registry, "BACKENDS", ())
    registry.register("classifier", "tiny", Checked)
    status, out, _ = run(capsys, "doctor", "--verify", "tiny")
    registry.unregister("classifier", "tiny")
    assert (status, out) == (0, "ok\trender\tfine\n")


def test_doctor_looks_for_keys(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    about = BackendInfo("voice", "cloud", "x:y", key="PROBE_KEY")
    monkeypatch.setattr(registry, "BACKENDS", (about,))
    monkeypatch.delenv("PROBE_KEY", raising=False)
    _, out, _ = run(capsys, "doctor", "--json")
    assert json.loads(out)[0]["fix"] == "export PROBE_KEY=..."
    assert not json.loads(out)[0]["ready"]
    monkeypatch.setenv("PROBE_KEY", "secret")
    _, out, _ = run(capsys, "doctor", "--json")
    assert json.loads(out)[0]["ready"]
    assert "secret" not in out


def test_version_and_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "--version")[1].startswith("emoanim 0.")
    status, out, _ = run(capsys, "--help")
    assert status == 0
    for command in ("animate", "speak", "demo", "backends", "doctor"):
        assert command in out


def test_interruption_is_one_line(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    moving_portrait: Path,
    tmp_path: Path,
) -> None:
    def interrupt(*given: Any, **named: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(EDAPipeline, "__call__", interrupt)
    given = ["animate", moving_portrait, "-e", "sad", "-o", tmp_path / "x.mp4", *TINY]
    status, _, err = run(capsys, *given)
    assert status == 130
    assert "Traceback" not in err


def test_a_budget_of_nothing_is_a_budget() -> None:
    assert chosen_settings("local", None, {}, [], {"budget": 0.0, "seed": None}).budget == 0.0


def test_speak_hears_what_animate_hears(
    capsys: pytest.CaptureFixture[str], portrait: Any, tmp_path: Path
) -> None:
    """One clip at 48 kHz, one transcript: both commands give the transcriber the same samples."""
    heard: list[Audio] = []

    class Listening(TinyTranscriber):
        def transcribe(self, audio: Audio) -> Transcript:
            heard.append(audio)
            return super().transcribe(audio)

    sound = Audio(0.2 * np.sin(np.arange(96000) / 30).astype(np.float32), 48000)
    small = portrait[::2, ::2].copy()
    images = (np.roll(small, i % 3, axis=1) for i in range(50))
    clip = tmp_path / "in.mp4"
    write_video(clip, Animation(25.0, (256, 256), 50, images), sound, tags={})
    registry.register("transcriber", "listening", Listening)
    try:
        parts = [TINY[0], "listening", *TINY[2:]]
        animated = run(capsys, "animate", clip, "-e", "sad", "-o", tmp_path / "x.mp4", *parts)
        spoken = run(capsys, "speak", clip, "-e", "sad", "-o", tmp_path / "x.wav", *parts[:6])
    finally:
        registry.unregister("transcriber", "listening")
    assert (animated[0], spoken[0]) == (0, 0), (animated, spoken)
    first, second = heard
    assert first.rate == second.rate == 48000
    assert abs(first.duration - second.duration) < 0.05


LONG = "n" * 300


@pytest.mark.parametrize(
    "arguments",
    [
        ["animate", f"{LONG}.mp4", "-e", "sad", "-o", "{folder}/x.mp4"],
        ["animate", "{clip}", "-e", "sad", "-o", f"{{folder}}/{LONG}.mp4"],
        ["animate", "{clip}", "-e", "sad", "-o", "{folder}/x.mp4", "--keep", f"{{folder}}/{LONG}"],
        ["animate", "{clip}", "-e", "sad", "-o", "{folder}/x.mp4", "--config", f"{LONG}.toml"],
        ["animate", "{clip}", "-e", LONG, "-o", "{folder}/x.mp4"],
        ["animate", "{clip}", "-e", "sad", "-o", "{folder}/x.mp4", "--preset", LONG],
        ["animate", "{clip}", "-e", "sad", "-o", "{folder}/x.mp4", "--limit", f"{LONG}=3"],
        ["animate", "{clip}", "-e", "sad", "-o", "{folder}/x.mp4", "--limit", "seconds=nan"],
        ["animate", "{clip}", "-e", "sad", "-o", "{folder}/x.mp4", "--set", f"voice.{LONG}=1"],
        ["speak", f"{LONG}.wav", "-e", "sad", "-o", "{folder}/x.wav"],
        ["speak", "{clip}", "-e", "sad", "-o", f"{{folder}}/{LONG}.wav"],
        ["evaluate", f"{LONG}.mp4", "{clip}", "-e", "sad"],
        ["evaluate", f"{LONG}.npz", "-e", "sad"],
        ["evaluate", "{clip}", "{clip}", "-e", "sad", "--report", f"{{folder}}/{LONG}.html"],
        ["evaluate", "{clip}", "{clip}", "-e", "sad", "--scores", f"{{folder}}/{LONG}.npz"],
        ["demo", "-o", f"{{folder}}/{LONG}"],
        ["fetch", LONG],
        ["inspect", f"{LONG}.mp4"],
        ["doctor", "--role", LONG],
    ],
    ids=lambda arguments: f"{arguments[0]} {sum(map(len, arguments))}",
)
def test_names_of_three_hundred_characters(
    capsys: pytest.CaptureFixture[str],
    moving_portrait: Path,
    tmp_path: Path,
    arguments: list[str],
) -> None:
    given = [a.replace("{clip}", str(moving_portrait)) for a in arguments]
    given = [a.replace("{folder}", str(tmp_path)) for a in given]
    tiny = TINY if given[0] == "animate" else []
    status, out, err = run(capsys, *given, *tiny)
    assert status in (2, 3, 4)
    assert out == ""
    assert "Traceback" not in err
    assert "internal error" not in err
    assert len(err.strip().splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_names_in_an_error_move_no_cursor(tmp_path: Path) -> None:
    """Line breaks, sequences that control a terminal, and marks that turn the text's direction."""
    name = "no\nfile\x1b[31m\x07\u202e.mp4"
    done = subprocess.run(
        [sys.executable, "-m", "emoanim", "animate", name, "-e", "sad", "-o", "out.mp4"],
        capture_output=True, text=True, cwd=tmp_path, check=False, encoding="utf-8",
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip
    assert done.returncode == 2
    said = "emoanim: error: no file\\x1b[31m\\x07\\u202e.mp4 was given; there is no such file.\n"
    assert done.stderr == said


@pytest.mark.parametrize(
    "address", ["https://host.example/talk.mp4", "rtmp://host/live", "s3://b/k"]
)
def test_an_address_is_refused_as_one(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, address: str
) -> None:
    status, _, err = run(capsys, "animate", address, "-e", "sad", "-o", tmp_path / "out.mp4", *TINY)
    assert status == 2
    assert "expected a file on this machine, not an address" in err
