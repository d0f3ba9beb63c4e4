"""What a run is made from: presets, settings files and overrides, checked at the edge."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails, PydanticCustomError

from emoanim.arguments import plain, shown
from emoanim.errors import SettingsError, did_you_mean
from emoanim.parsing import parse_json, parse_toml, read_text
from emoanim.persons import PersonChoice
from emoanim.registry import ROLES

__all__ = ["PRESETS", "BackendChoice", "Settings", "load_settings"]


_LARGEST = 1_000_000
"""Bytes of a settings file."""


_A_PART = 'a backend\'s name, or a table of "name" and "options"'
_RENAMED = {"frames": "stills"}
"""Settings of 0.1 that have another name since 0.2; the old ones go in 0.4."""


def _renamed(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings by the names they have now."""
    for old in _RENAMED.keys() & values.keys():
        warnings.warn(
            f"the setting {old!r} is called {_RENAMED[old]!r} since 0.2; the old name goes in 0.4",
            DeprecationWarning,
            stacklevel=4,
        )
    return {_RENAMED.get(name, name): value for name, value in values.items()}


class BackendChoice(BaseModel):
    """A backend by name, with its options."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    options: dict[str, Any] = Field(default_factory=dict)


class Settings(BaseModel):
    """Everything that shapes a run besides the video and the emotion.

    ``budget`` bounds what a run's paid calls may cost, in US dollars; None sets no bound.
    ``audio_track`` is the sound track of the video, from 1; None takes the one that players play.
    ``sign`` puts a signed manifest into what is made, ``words_in_tags`` the new words into its
    tags.
    ``person`` says who of several is meant: "left", "right", "largest", "2nd from left", a place in
    shares of the picture ("0.3,0.5" or [0.3, 0.5]), or a picture of them.
    ``bed`` lays the new speech over the original's own background.
    ``limits`` raises or lowers what a media file may ask for (see ``emoanim.media.Limits``).
    ``device`` is where networks run: "auto", "cpu", "cuda", "cuda:1" or "mps"; a backend's own
    option of that name comes first.
    ``encoder`` writes the pictures; "auto" takes x264 or what FFmpeg has in its place.

    A settings file is TOML or JSON with these names. A backend is its name or a table::

        seed = 3
        voice = { name = "hibari", options = { rate = 0.9 } }
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    transcriber: BackendChoice = BackendChoice(name="whisper")
    text_emoter: BackendChoice = BackendChoice(name="lexicon")
    voice: BackendChoice = BackendChoice(name="hibari")
    face_emoter: BackendChoice = BackendChoice(name="rig")
    animator: BackendChoice = BackendChoice(name="film")
    classifier: BackendChoice | None = None
    stills: int = Field(default=5, ge=1, le=100)
    takes: Literal["best", "all"] = "best"
    seed: int = Field(default=0, ge=0)
    budget: float | None = Field(default=None, ge=0)
    audio_track: int | None = Field(default=None, ge=1)
    person: str | None = None
    sign: bool = True
    words_in_tags: bool = True
    bed: bool = False
    limits: dict[str, float] = Field(default_factory=dict)
    device: str = Field(default="auto", pattern=r"^(auto|cpu|mps|cuda(:\d+)?)$")
    encoder: Literal["auto", "libx264", "libopenh264", "libvpx-vp9", "mpeg4"] = "auto"

    @model_validator(mode="before")
    @classmethod
    def _new_names(cls, values: Any) -> Any:
        return plain(_renamed(values)) if isinstance(values, Mapping) else values

    @field_validator(*ROLES, mode="before")
    @classmethod
    def _name_alone(cls, value: Any) -> Any:
        if isinstance(value, str):
            return {"name": value}
        return dict(value) if isinstance(value, Mapping) else value

    @field_validator("limits")
    @classmethod
    def _known_limits(cls, value: dict[str, float]) -> dict[str, float]:
        if value:
            from emoanim.media.limits import checked

            try:
                checked(value)
            except SettingsError as error:
                fault = str(error).rstrip(".")
                raise PydanticCustomError("limits", "{fault}", {"fault": fault}) from error
        return value

    @field_validator("person", mode="before")
    @classmethod
    def _readable_person(cls, value: Any) -> Any:
        if not isinstance(value, str | Path | list | tuple):
            return value
        try:
            return PersonChoice.parse(value).text
        except SettingsError as error:
            expected = str(error).partition("; ")[2].rstrip(".")
            raise PydanticCustomError("person", "{expected}", {"expected": expected}) from error

    @property
    def chosen_person(self) -> PersonChoice | None:
        """Who of several is meant: ``person``, or the option of that name of the animator."""
        given = self.animator.options.get("person") if self.person is None else self.person
        return None if given is None else PersonChoice.parse(given)

    @classmethod
    def of(cls, values: Mapping[str, Any], where: str = "the settings") -> Settings:
        """Check plain values.

        Raises:
            SettingsError: an unknown name or a value out of range.
        """
        if not isinstance(values, Mapping):
            raise SettingsError(f"{shown(values)} given as {where}; expected a table of settings.")
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            faults = error.errors(include_url=False)
            unknown = [fault for fault in faults if fault["type"] == "extra_forbidden"]
            raise SettingsError(_described(where, (unknown or faults)[0])) from None

    def for_a_picture(self) -> Settings:
        """Return the settings with the animator of stills, where the one here needs a film."""
        return self.changed(animator={"name": "rig"}) if self.animator.name == "film" else self

    def changed(self, **changes: Any) -> Settings:
        """Return a copy with some values replaced; backend options are merged, not replaced.

        ``{"voice": {"options": {"rate": 0.9}}}`` keeps the voice's name.
        """
        values = self.model_dump()
        for key, value in _renamed(changes).items():
            old = values.get(key)
            if key in ROLES and isinstance(value, Mapping) and isinstance(old, dict):
                same = value.get("name", old["name"]) == old["name"]
                added = value.get("options", {})
                if same and isinstance(added, Mapping):
                    added = {**old["options"], **added}
                values[key] = {"name": old["name"], **value, "options": added}
            else:
                values[key] = value
        return Settings.of(values)


PRESETS: Mapping[str, Settings] = {
    "local": Settings(),
    "own": Settings(
        text_emoter=BackendChoice(name="keep"),
        voice=BackendChoice(name="own"),
        animator=BackendChoice(name="film"),
    ),
    "face": Settings(
        text_emoter=BackendChoice(name="keep"),
        voice=BackendChoice(name="keep"),
        animator=BackendChoice(name="film"),
    ),
    "paper": Settings(
        text_emoter=BackendChoice(name="gpt4"),
        voice=BackendChoice(name="elevenlabs"),
        face_emoter=BackendChoice(name="eat"),
        animator=BackendChoice(name="sadtalker"),
    ),
}
"""Preset name -> settings: "local" needs no account, no GPU and no network; "own" neither, and
keeps the words and the speaker's own voice, changing how they are said; "face" keeps the sound as
it is, too, and changes the face alone; "paper" is Whisper, GPT-4, ElevenLabs, EAT and SadTalker."""


def load_settings(path: str | Path | Mapping[str, Any]) -> Settings:
    """Read a settings file, TOML or JSON by its suffix; ``preset = "local"`` may stand in it.

    Args:
        path: of the file, or the table that would stand in it.

    Raises:
        SettingsError: no such file, not TOML or JSON, an unknown name or value.
    """
    if isinstance(path, Mapping):
        return _from_preset(path, "the settings")
    if not isinstance(path, str | Path):
        raise SettingsError(
            f"{shown(path)} given as the settings; expected emoanim.settings.Settings, a table of "
            "settings, or a file."
        )
    file = Path(path)
    try:
        text = read_text(file, _LARGEST)
        values = parse_json(text) if file.suffix == ".json" else parse_toml(text)
    except OSError as error:
        raise SettingsError(
            f"the settings file {str(file)!r} cannot be read: {error.strerror}."
        ) from error
    except ValueError as error:
        raise SettingsError(
            f"the settings file {str(file)!r} is not {file.suffix.lstrip('.') or 'TOML'}: {error}."
        ) from error
    if not isinstance(values, dict):
        raise SettingsError(f"the settings file {str(file)!r} holds no table of settings.")
    return _from_preset(values, f"the settings in {file.name}")


def _from_preset(table: Mapping[str, Any], where: str) -> Settings:
    values = dict(table)
    start = preset(values.pop("preset", "local"))
    return Settings.of({**start.model_dump(), **values}, where)


def preset(name: str) -> Settings:
    """Return a preset.

    Raises:
        SettingsError: no preset bears the name.
    """
    if not isinstance(name, str) or name not in PRESETS:
        guess = did_you_mean(str(name), PRESETS)
        raise SettingsError(
            f"no preset is named {shown(name)}; there are: {', '.join(PRESETS)}.{guess}"
        )
    return PRESETS[name]


def _described(where: str, fault: ErrorDetails) -> str:
    """Say in one line what is wrong with settings, as pydantic found it."""
    place = [str(part) for part in fault["loc"]]
    field, (setting, *inside) = ".".join(place), place
    if fault["type"] != "extra_forbidden":
        if fault["type"] == "missing" and inside == ["name"]:
            return f"{where} give {setting!r} without its name; expected {_A_PART}."
        if fault["type"] == "string_pattern_mismatch" and setting == "device":
            expected = "auto, cpu, mps, cuda or cuda:1"
            return f"{where} give {shown(fault['input'])} for 'device'; expected {expected}."
        return f"{where} give {shown(fault['input'])} for {field!r}: {fault['msg']}."
    if not inside:
        return (
            f"{where} name {field!r}, which is no setting; there are: "
            f"{', '.join(Settings.model_fields)}.{did_you_mean(setting, Settings.model_fields)}"
        )
    about = f"{where} name {field!r}, which is no key of a part; expected {_A_PART}."
    near = did_you_mean(inside[0], BackendChoice.model_fields)
    if near:
        return f"{about}{near}"
    option = {inside[0]: fault["input"]}
    return f"{about} An option of the backend goes under options: {setting} options = {option!r}."
