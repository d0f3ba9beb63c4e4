"""What people expect of a command line: completion, loudness, statuses, options that are told."""

from __future__ import annotations

import io
import json
import logging
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer.main
from rich.console import Console

import emoanim
from emoanim import cli, doctor, registry
from emoanim.cli.options import chosen_settings
from emoanim.cli.progress import ProgressBars
from emoanim.cli.reference import ENVIRONMENT, STATUSES, page
from emoanim.errors import BackendError, EmoanimError, InputError, OutputError
from emoanim.registry.options import options_of
from emoanim.settings import PRESETS, Settings
from emoanim.steps import Step

ROOT = Path(__file__).parents[2]
REGISTER = "\n".join(
    f"registry.register('{role}', 'tiny', 'emoanim.testing.tiny:Tiny{name}')"
    for role, name in (
        ("transcriber", "Transcriber"),
        ("text_emoter", "TextEmoter"),
        ("voice", "Voice"),
        ("face_emoter", "FaceEmoter"),
        ("animator", "Animator"),
    )
)
TINY = "--transcriber tiny --text-emoter tiny --voice tiny --face-emoter tiny --animator tiny"


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        cli.main([str(a) for a in arguments])
    out, err = capsys.readouterr()
    return int(ended.value.code or 0), out, err


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setattr(registry, "_registered", dict(registry._registered))
    exec(REGISTER, {"registry": registry})
    return TINY.split()


def completed(words: str) -> list[str]:
    """What the shell is offered at the end of a line."""
    environment = {
        **os.environ,
        "_EMOANIM_COMPLETE": "complete_bash",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split(" ")) - 1),
    }
    code = "import sys; sys.argv[0] = 'emoanim'; from emoanim.__main__ import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )
    assert not done.stderr, done.stderr
    return done.stdout.split()


def test_the_shell_completes_commands_and_choices() -> None:
    assert "animate" in completed("emoanim an")
    assert {"hibari", "own", "elevenlabs"} <= set(completed("emoanim animate --voice "))
    assert completed("emoanim animate --preset o") == ["own"]
    assert "happy" in completed("emoanim animate --emotion h")
    assert completed("emoanim backends sadt") == ["sadtalker"]
    assert "--face-emoter" in completed("emoanim animate --fa")


def test_help_and_errors_name_the_choices(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    _, out, _ = run(capsys, "animate", "--help")
    said = " ".join(out.split()).replace("- ", "-")
    assert "local, own, face, paper" in said
    assert "hibari, own, keep, elevenlabs, openai-speech" in said
    for option, choice in (("--preset", "own"), ("--voice", "hibari")):
        status, _, err = run(
            capsys, "animate", "a.mp4", "-e", "sad", "-o", tmp_path / "x.mp4", option, "nobody"
        )
        assert status == 2
        assert "'nobody'" in err
        assert choice in err


def test_a_backends_options(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, "backends", "hibari")
    assert status == 0
    assert "voice hibari: offline English voice" in out
    row = next(line.split("\t") for line in out.splitlines() if line.startswith("rate\t"))
    assert row == ["rate", "float", "1.0", "0.5 to 2", "factor on the speed, 0.5 to 2."]
    status, out, _ = run(capsys, "backends", "rig", "--json")
    assert [record["role"] for record in json.loads(out)] == ["face_emoter", "animator"]
    assert all(record["options"] for record in json.loads(out))
    status, out, _ = run(capsys, "backends", "rig", "--role", "animator", "--json")
    assert [record["role"] for record in json.loads(out)] == ["animator"]
    status, _, err = run(capsys, "backends", "nobody")
    assert status == 2
    assert "no backend is named 'nobody'" in err


def test_every_option_of_ours_is_described() -> None:
    for about in registry.BACKENDS:
        if about.missing():
            continue
        for option in options_of(about):
            assert option.description, f"{about.role} {about.name}: {option.name}"
            assert option.kind, f"{about.role} {about.name}: {option.name}"


def test_an_option_that_is_listed_can_be_set() -> None:
    about = registry.info("voice", "hibari")
    for option in options_of(about):
        value = option.default.strip("'")
        if value == "None":
            continue
        settings = chosen_settings("local", None, {}, [f"voice.{option.name}={value.lower()}"], {})
        registry.backend("voice", "hibari", **settings.voice.options)


def test_doctors_status_is_that_of_the_preset(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("OPENAI_API_KEY", "ELEVENLABS_API_KEY"):
        monkeypatch.delenv(variable, raising=False)
    status, _, err = run(capsys, "doctor")
    assert (status, doctor.lacking(PRESETS["local"])) == (0, ())
    assert "preset local can run" in err
    status, out, err = run(capsys, "doctor", "--preset", "paper", "--json")
    assert status == 4
    assert json.loads(out)
    assert "cannot run here" in err
    assert "text_emoter gpt4: " in err
    status, _, err = run(capsys, "doctor", "--preset", "none")
    assert status == 2
    assert {c.role for c in doctor.lacking(PRESETS["paper"])} >= {"text_emoter", "voice"}
    assert doctor.lacking(Settings()) == ()


@pytest.mark.parametrize("flag", ["--quiet", "-q"])
def test_quiet(
    capsys: pytest.CaptureFixture[str],
    tiny: list[str],
    moving_portrait: Path,
    tmp_path: Path,
    flag: str,
) -> None:
    output = tmp_path / "x.mp4"
    given = ["animate", moving_portrait, "-e", "sad", "-o", output, "--no-signature", *tiny]
    status, out, err = run(capsys, *given, flag)
    assert (status, out.split(), err) == (0, [str(output)], "")
    status, _, err = run(capsys, "animate", "none.mp4", "-e", "sad", "-o", output, flag)
    assert status == 2
    assert err.startswith("emoanim: error: ")
    status, _, err = run(capsys, *given)
    assert "not signed" in err


def test_verbose_names_the_steps(
    capsys: pytest.CaptureFixture[str], tiny: list[str], moving_portrait: Path, tmp_path: Path
) -> None:
    given = ["animate", moving_portrait, "-e", "sad", "-o", tmp_path / "x.mp4", *tiny]
    _, _, plain = run(capsys, *given)
    assert "speaking them" not in plain
    status, _, err = run(capsys, *given, "-v")
    assert status == 0
    assert "emoanim: speaking them ..." in err
    assert re.search(r"emoanim: animating: \d+\.\d s", err)
    assert not logging.getLogger("emoanim").handlers
    status, _, err = run(capsys, *given, "-v", "-q")
    assert status == 2
    assert "expected one of them" in err


def test_every_command_has_both() -> None:
    top: Any = typer.main.get_command(cli.app)
    commands = [*top.commands.values(), *top.commands["study"].commands.values()]
    for command in commands:
        if not hasattr(command, "commands"):
            names = {name for option in command.params for name in option.opts}
            assert {"--quiet", "--verbose"} <= names, command.name


def test_something_moves_before_the_first_step() -> None:
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=100)
    with ProgressBars(console) as bars:
        assert "getting ready" in screen.getvalue()
        bars(Step("portrait", None, 0, 1))
        bars._progress.refresh()
        shown = screen.getvalue()
        assert "letting the portrait speak" in shown
        assert "getting ready" not in shown[shown.index("letting") :]
        task = bars._progress.tasks[0]
        assert task.total is None  # moves to and fro
        bars(Step("portrait", "x", 1, 1))
        assert bars._progress.tasks[0].finished


def test_no_terminal_no_bars() -> None:
    screen = io.StringIO()
    with ProgressBars(Console(file=screen)) as bars:
        bars(Step("portrait", None, 0, 1))
    assert screen.getvalue() == ""


def test_the_page_of_the_command_line_is_up_to_date() -> None:
    """If not: python -m emoanim.cli.reference > docs/command-line.md."""
    text = (ROOT / "docs" / "command-line.md").read_text(encoding="utf-8")
    assert text == page()


def test_the_page_names_every_option_variable_and_status() -> None:
    text = page()
    top: Any = typer.main.get_command(cli.app)
    for command in (*top.commands.values(), *top.commands["study"].commands.values()):
        for parameter in getattr(command, "params", ()):
            if parameter.param_type_name == "option" and parameter.name != "help":
                assert all(f"`{name}`" in text for name in parameter.opts)
    sources = "\n".join(
        p.read_text(encoding="utf-8") for p in Path(emoanim.__path__[0]).rglob("*.py")
    )
    named = set(re.findall(r"\bEMOANIM_[A-Z_]*[A-Z]\b", sources))
    assert {n for n in named if not n.startswith("EMOANIM_WEIGHTS_")} <= set(ENVIRONMENT)
    codes = {error.exit_code for error in (EmoanimError, InputError, OutputError, BackendError)}
    assert {str(code) for code in codes} <= set(STATUSES)
