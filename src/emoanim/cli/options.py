"""Options that several commands share, and the settings that they choose."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from emoanim import registry
from emoanim.emotions import Emotion
from emoanim.errors import SettingsError
from emoanim.parsing import TooDeepError, parse_json
from emoanim.registry import EVALUATION_ROLES, ROLES
from emoanim.registry.table import BACKENDS
from emoanim.settings import PRESETS, Settings, load_settings, preset

__all__ = [
    "EMOTION_HELP",
    "AnimatorOption",
    "AudioTrackOption",
    "BedOption",
    "BudgetOption",
    "ClassifierOption",
    "ConfigOption",
    "DeviceOption",
    "EmotionOption",
    "FaceEmoterOption",
    "JsonOption",
    "KeepOption",
    "LimitOption",
    "PersonOption",
    "PresetOption",
    "RoleOption",
    "SeedOption",
    "SetOption",
    "SignatureOption",
    "StillsOption",
    "SubtitlesOption",
    "TakesOption",
    "TextEmoterOption",
    "TranscriberOption",
    "VoiceOption",
    "WordsOption",
    "chosen_limits",
    "chosen_settings",
    "emotions_for_the_shell",
]


def emotions_for_the_shell() -> list[str]:
    """Return the words that a shell offers for an emotion."""
    return [str(emotion) for emotion in Emotion]


EMOTION_HELP = (
    'for instance "very happy"; a blend, "happy but a little sad"; emotions with their start '
    'times in seconds, "neutral@0 happy@2.5 very sad@6"; or one emotion per sentence, '
    '"sentence: neutral, happy"'
)
EmotionOption = Annotated[
    str,
    typer.Option("--emotion", "-e", help=EMOTION_HELP, autocompletion=emotions_for_the_shell),
]


def _named(role: str) -> Any:
    """Return the option that chooses a backend: its names in the help, and for the shell."""
    names = ", ".join(b.name for b in BACKENDS if b.role == role)
    return typer.Option(
        f"--{role.replace('_', '-')}",
        help=f"one of {names}",
        metavar="NAME",
        autocompletion=lambda: [b.name for b in registry.backends(role)],
    )


PresetOption = Annotated[
    str,
    typer.Option(
        "--preset",
        help=f"start from these settings: {', '.join(PRESETS)}",
        metavar="NAME",
        autocompletion=lambda: list(PRESETS),
    ),
]
ConfigOption = Annotated[
    Path | None, typer.Option("--config", help="settings file (TOML or JSON) instead of a preset")
]
TranscriberOption = Annotated[str | None, _named("transcriber")]
TextEmoterOption = Annotated[str | None, _named("text_emoter")]
VoiceOption = Annotated[str | None, _named("voice")]
FaceEmoterOption = Annotated[str | None, _named("face_emoter")]
AnimatorOption = Annotated[str | None, _named("animator")]
ClassifierOption = Annotated[str | None, _named("classifier")]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", help="backend option, such as voice.rate=0.9; may be repeated"),
]
TakesOption = Annotated[str | None, typer.Option(help='animate the "best" still, or "all"')]
StillsOption = Annotated[
    int | None, typer.Option("--stills", "--frames", min=1, help="number of random frames")
]
SeedOption = Annotated[
    int | None, typer.Option("--seed", min=0, help="seed of every random choice")
]
BudgetOption = Annotated[
    float | None,
    typer.Option("--budget", min=0, help="limit of the cost of paid calls, in US dollars"),
]
DeviceOption = Annotated[
    str | None,
    typer.Option("--device", help="where networks run: auto, cpu, cuda, cuda:1 or mps"),
]
JsonOption = Annotated[bool, typer.Option("--json", help="print the record of the run as JSON")]
KeepOption = Annotated[
    Path | None, typer.Option("--keep", help="folder in which to save the output of every stage")
]
AudioTrackOption = Annotated[
    int | None,
    typer.Option("--audio-track", min=1, help="sound track of the input, by its number"),
]
PersonOption = Annotated[
    str | None,
    typer.Option(
        "--person",
        help='which of several people: left, right, largest, "2nd from left", a position such as '
        "0.3,0.5, or a picture of the person",
        metavar="WHO",
    ),
]
LimitOption = Annotated[
    list[str] | None,
    typer.Option("--limit", help="limit for input files, such as seconds=7200"),
]
SignatureOption = Annotated[
    bool, typer.Option("--signature/--no-signature", help="sign the output (C2PA)")
]
WordsOption = Annotated[
    bool,
    typer.Option("--words-in-tags/--no-words-in-tags", help="write the new words into the tags"),
]
BedOption = Annotated[
    bool, typer.Option("--bed", help="mix the new speech with the clip's own background")
]
SubtitlesOption = Annotated[
    bool,
    typer.Option("--subtitles", help="also write the new words as .srt and .vtt files"),
]
RoleOption = Annotated[
    str | None,
    typer.Option(
        "--role",
        help=f"only this role: {', '.join((*ROLES, *EVALUATION_ROLES))}",
        metavar="ROLE",
        autocompletion=lambda: [*ROLES, *EVALUATION_ROLES],
    ),
]


def chosen_settings(
    preset_name: str,
    config: Path | None,
    names: Mapping[str, str | None],
    options: list[str],
    plain: Mapping[str, Any],
) -> Settings:
    """Take the preset or file, then backend names, then their options, then plain values."""
    settings = load_settings(config) if config else preset(preset_name)
    changes: dict[str, Any] = {
        role: {"name": name} for role, name in names.items() if name is not None
    }
    settings = settings.changed(**changes)
    for option in options:
        role, key, value = _option(option)
        if getattr(settings, role) is None:
            raise SettingsError(f"--set {option!r} given, but no {role} is chosen (--{role} NAME).")
        settings = settings.changed(**{role: {"options": {key: value}}})
    return settings.changed(**{k: v for k, v in plain.items() if v is not None})


def chosen_limits(options: list[str] | None) -> dict[str, float] | None:
    """Read "seconds=7200", "pixels=4e7"; None if there are none."""
    if not options:
        return None
    chosen = {}
    for option in options:
        name, equals, value = option.partition("=")
        try:
            chosen[name.strip().replace("-", "_")] = float(value)
        except ValueError:
            equals = ""
        if not equals:
            raise SettingsError(f"--limit {option!r} given; expected NAME=NUMBER, as seconds=7200.")
    return chosen


def _option(text: str) -> tuple[str, str, Any]:
    """Read "voice.rate=0.9"; a value is JSON where it can be, else the text as it is."""
    setting, equals, value = text.partition("=")
    role, dot, key = setting.strip().partition(".")
    role = role.replace("-", "_")
    if not equals or not dot or not key or role not in registry.ROLES:
        raise SettingsError(
            f"--set {text!r} given; expected ROLE.OPTION=VALUE with a role of "
            f"{', '.join(registry.ROLES)}."
        )
    try:
        return role, key.replace("-", "_"), parse_json(value)
    except TooDeepError as error:
        raise SettingsError(f"--set {text[:60]!r}... given; {error}.") from error
    except ValueError:
        return role, key.replace("-", "_"), value
