"""The options that say how a run is made: written once, taken by every command that makes films."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, get_type_hints

from emoanim.cli.options import (
    AnimatorOption,
    AudioTrackOption,
    BedOption,
    BudgetOption,
    ClassifierOption,
    ConfigOption,
    DeviceOption,
    FaceEmoterOption,
    LimitOption,
    PersonOption,
    PresetOption,
    SeedOption,
    SetOption,
    SignatureOption,
    StillsOption,
    TakesOption,
    TextEmoterOption,
    TranscriberOption,
    VoiceOption,
    WordsOption,
    chosen_limits,
    chosen_settings,
)
from emoanim.registry import ROLES
from emoanim.settings import Settings

__all__ = ["AS_THE_PRESET", "SettingsChoice", "with_settings"]

_CHOICE = "choice"
"""Name of the parameter of a command that gets them."""


@dataclass(frozen=True, slots=True)
class SettingsChoice:
    """What the options choose; None leaves a value to the preset or the settings file."""

    preset_name: PresetOption = "local"
    config: ConfigOption = None
    transcriber: TranscriberOption = None
    text_emoter: TextEmoterOption = None
    voice: VoiceOption = None
    face_emoter: FaceEmoterOption = None
    animator: AnimatorOption = None
    classifier: ClassifierOption = None
    options: SetOption = None
    takes: TakesOption = None
    stills: StillsOption = None
    seed: SeedOption = None
    budget: BudgetOption = None
    device: DeviceOption = None
    audio_track: AudioTrackOption = None
    person: PersonOption = None
    limit: LimitOption = None
    signature: SignatureOption = True
    words: WordsOption = True
    bed: BedOption = False

    def settings(self) -> Settings:
        """Return the settings.

        Raises:
            SettingsError: a name, an option or a value that there is not.
        """
        plain = {
            "takes": self.takes,
            "stills": self.stills,
            "seed": self.seed,
            "budget": self.budget,
            "device": self.device,
            "audio_track": self.audio_track,
            "person": self.person,
            "limits": chosen_limits(self.limit),
            # A default that was not switched off is left to the settings file.
            "sign": None if self.signature else False,
            "words_in_tags": None if self.words else False,
            "bed": self.bed or None,
        }
        names = {role: getattr(self, role) for role in ROLES}
        return chosen_settings(self.preset_name, self.config, names, self.options or [], plain)


AS_THE_PRESET = SettingsChoice()
"""Nothing chosen."""


def with_settings(*without: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Return what gives a command these options in the place of its parameter ``choice``.

    Args:
        without: names of those that mean nothing to it.
    """
    hints = get_type_hints(SettingsChoice, include_extras=True)
    options = [
        inspect.Parameter(
            field.name,
            inspect.Parameter.POSITIONAL_OR_KEYWORD,
            default=field.default,
            annotation=hints[field.name],
        )
        for field in fields(SettingsChoice)
        if field.name not in without
    ]
    names = {option.name for option in options}

    def decorated(command: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(command)
        def spread(**given: Any) -> None:
            chosen = {name: given.pop(name) for name in names & given.keys()}
            command(**given, **{_CHOICE: SettingsChoice(**chosen)})

        own = inspect.signature(command)
        listed: list[inspect.Parameter] = []
        for parameter in own.parameters.values():
            listed += options if parameter.name == _CHOICE else [parameter]
        vars(spread)["__signature__"] = own.replace(parameters=listed)
        of_command = get_type_hints(command, include_extras=True)
        own_hints = {name: kind for name, kind in of_command.items() if name != _CHOICE}
        spread.__annotations__ = own_hints | {name: hints[name] for name in names}
        return spread

    return decorated
