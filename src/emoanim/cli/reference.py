"""The page of the command line, written from the commands themselves.

python -m emoanim.cli.reference > docs/command-line.md
"""

from __future__ import annotations

import sys
from typing import Any

import typer.main

__all__ = ["ENVIRONMENT", "STATUSES", "page"]

STATUSES = {
    "0": "well",
    "1": "a fault of emoanim's own, on one line; `EMOANIM_TRACEBACK=1` shows where",
    "2": "the command line, the input or a setting cannot be used; `study check`: it has faults",
    "3": "the output cannot be written",
    "4": "a backend cannot do its part; `doctor`: the preset cannot run here, or weights are not "
    "what they should be",
    "5": "`study run`, `batch`: some samples failed, the rest are done; `inspect`: the file was "
    "changed after it was signed",
    "129": "the terminal was closed (SIGHUP)",
    "130": "Ctrl-C",
    "143": "SIGTERM",
}
"""Exit status -> what it says."""

ENVIRONMENT = {
    "EMOANIM_CACHE": "folder of weights, caches and the ledger, instead of the system's own place",
    "EMOANIM_OFFLINE": "1 forbids every download; what is missing is an error that says so",
    "EMOANIM_ACCEPT_LICENCES": "licences that are accepted, with commas between, such as "
    "`AGPL-3.0,CC-BY-NC-4.0`",
    "EMOANIM_WEIGHTS_NAME": "your own file in the place of the weights NAME (capitals, `_` for "
    "all else), such as `EMOANIM_WEIGHTS_FACEX`",
    "EMOANIM_DRIVE_ENDPOINT": "another address in the place of Google Drive's, for a mirror",
    "EMOANIM_SIGNING_CERTIFICATE": "your certificate (PEM) for what is signed",
    "EMOANIM_SIGNING_KEY": "its private key (PEM)",
    "EMOANIM_TRACEBACK": "1 shows where an error of emoanim's own happened",
    "OPENAI_API_KEY": "key of `gpt4` and `openai-speech`",
    "OPENAI_BASE_URL": "address of a server that speaks OpenAI's way",
    "ELEVENLABS_API_KEY": "key of `elevenlabs`",
    "HF_HOME": "where models of the Hugging Face hub lie (the hub's own variable)",
    "HF_ENDPOINT": "another server in the place of that hub (its own variable too)",
    "XDG_CACHE_HOME": "where caches lie on Linux, if `EMOANIM_CACHE` is not set",
}
"""Environment variable -> what it does."""

_HEAD = """# The command line

Written by `python -m emoanim.cli.reference`; a test holds it to the commands.

Results (paths, tables, or JSON with `--json`) go to standard output, everything else to standard
error. On a terminal each step has a bar that moves from the first moment; `--quiet` leaves results
and errors only, `--verbose` names every step with its seconds, in a pipe too. A mistake ends in one
line and a status that is not 0.

`emoanim --install-completion` completes commands, options, presets, backends and emotions in bash,
zsh, fish and PowerShell.
"""


def page() -> str:
    """Return the page as Markdown."""
    from emoanim.cli import app

    top: Any = typer.main.get_command(app)
    parts = [_HEAD]
    for name in sorted(top.commands):
        parts += _command(("emoanim", name), top.commands[name])
    parts.append("## Exit status\n")
    parts.append(_table(("status", "what it says"), STATUSES.items()))
    parts.append("## Environment variables\n")
    parts.append(
        _table(("variable", "what it does"), [(f"`{k}`", v) for k, v in ENVIRONMENT.items()])
    )
    return "\n".join(parts)


def _command(path: tuple[str, ...], command: Any) -> list[str]:
    if hasattr(command, "commands"):
        parts = [f"## {' '.join(path)}\n", f"{_line(command.help)}\n"]
        for name in sorted(command.commands):
            parts += _command((*path, name), command.commands[name])
        return parts
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    options = [p for p in command.params if p.param_type_name == "option"]
    shown = " ".join(a.name.upper() if a.required else f"[{a.name.upper()}]" for a in arguments)
    rows = [(f"`{a.name.upper()}`", _cell(a.help or "")) for a in arguments]
    rows += [(_names(option), _cell(_described(option))) for option in options]
    return [
        f"## {' '.join(path)}\n",
        f"{_line(command.help)}\n",
        f"```text\n{' '.join(path)} {shown} [OPTIONS]\n```\n".replace("  ", " "),
        _table(("", "what it is"), rows),
    ]


def _names(option: Any) -> str:
    both = [*option.opts, *option.secondary_opts]
    return ", ".join(f"`{name}`" for name in both)


def _described(option: Any) -> str:
    words = [option.help or ""]
    if option.required:
        words.append("must be given")
    plain = isinstance(option.default, str | int | float) and not isinstance(option.default, bool)
    if plain and option.default != "":
        words.append(f"`{option.default}` by default")
    return "; ".join(word for word in words if word)


def _table(heads: tuple[str, ...], rows: Any) -> str:
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    lines += [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join(lines) + "\n"


def _line(text: str | None) -> str:
    return " ".join((text or "").split())


def _cell(text: str) -> str:
    return _line(text).replace("|", "\\|")


if __name__ == "__main__":
    sys.stdout.write(page())
