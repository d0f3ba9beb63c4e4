"""What a study is made of, as study.toml says it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from emoanim.arguments import path_of
from emoanim.emotions import PLAIN_INTENSITY, TARGETS
from emoanim.errors import SettingsError, did_you_mean
from emoanim.parsing import parse_toml, read_text

__all__ = ["ClipEntry", "RunOptions", "ScoringOptions", "StudyPlan", "plan_of", "read_plan"]

Branch = Literal["words", "voice", "face"]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ClipEntry(_Table):
    """One clip or a glob of clips, and whom they show ("" takes the file's name).

    ``person`` says who of several is meant (``emoanim.settings.Settings``); the clip's name in the
    tables then ends in it.
    """

    path: str
    subject: str = ""
    person: str = ""


class ScoringOptions(_Table):
    """What every sample is scored with; an empty name or "none" leaves a measure out.

    ``every`` looks at every n-th frame, ``faces`` follows the face for sharpness and motion,
    ``identity`` compares the persons by their embeddings, ``options`` go to the evaluators by their
    names ({"fer8": {"accept_licence": true}}).
    """

    classifier: str = "fer8"
    second: str = "facex"
    words: str = "xlm-emo"
    voice: str = "speechbrain"
    features: str = ""
    perceptual: str = ""
    measures: tuple[str, ...] = ()
    every: int = Field(default=1, ge=1)
    faces: bool = True
    identity: bool = True
    accept_licence: bool = False
    options: dict[str, dict[str, Any]] = Field(default_factory=dict)

    @field_validator("classifier", "second", "words", "voice", "features", "perceptual")
    @classmethod
    def _none(cls, value: str) -> str:
        return "" if value == "none" else value


class RunOptions(_Table):
    """How the work is spread; nothing of it changes a result.

    ``chunk`` samples are under way together. ``pools`` holds, for Ray, per stage ("default": those
    that are not named) a table of ``workers``, ``cpus``, ``gpus`` and ``memory`` (bytes).
    """

    engine: Literal["local", "ray"] = "local"
    workers: int = Field(default=1, ge=1, le=4096)
    chunk: int = Field(default=64, ge=1, le=100_000)
    address: str = ""
    tries: int = Field(default=3, ge=1, le=20)
    pools: dict[str, dict[str, float]] = Field(default_factory=dict)


class StudyPlan(_Table):
    """A study: every clip x emotion x intensity x system, ``samples`` times.

    ``vary`` names the branches that a sample's own seed reaches; the others use the study's seed,
    so that 25 samples of a cell share one text and one voice. ``reference`` holds published
    numbers to print beside ours: {"eda": {"edd": {"happy": 0.1}}}.
    """

    name: str = "study"
    clips: tuple[ClipEntry, ...] = Field(min_length=1)
    emotions: tuple[str, ...] = tuple(str(e) for e in TARGETS)
    intensities: tuple[float, ...] = (PLAIN_INTENSITY,)
    systems: dict[str, dict[str, Any]] = {"local": {}}
    samples: int = Field(default=1, ge=1, le=100_000)
    seed: int = Field(default=0, ge=0)
    seeds: tuple[int, ...] | None = None
    vary: tuple[Branch, ...] = ("face",)
    budget: float | None = Field(default=None, ge=0)
    scoring: ScoringOptions = ScoringOptions()
    run: RunOptions = RunOptions()
    reference: dict[str, dict[str, dict[str, float]]] = Field(default_factory=dict)

    @field_validator("clips", mode="before")
    @classmethod
    def _paths_alone(cls, value: Any) -> Any:
        if not isinstance(value, list | tuple):
            return value
        return [{"path": str(c)} if isinstance(c, str | Path) else c for c in value]

    @property
    def sample_seeds(self) -> tuple[int, ...]:
        """The seed of each sample of a cell."""
        return self.seeds or tuple(range(self.seed, self.seed + self.samples))


def plan_of(values: Mapping[str, Any], where: str = "the study") -> tuple[StudyPlan, list[str]]:
    """Read plain values; return the plan as far as it can be read, and every fault.

    Raises:
        SettingsError: nothing of it can be read.
    """
    faults: list[str] = []
    left = dict(values)
    for _ in range(2):
        try:
            return StudyPlan.model_validate(left), faults
        except ValidationError as error:
            for each in error.errors(include_url=False):
                field = ".".join(str(p) for p in each["loc"])
                faults.append(_fault(where, field, each))
                left = _without(left, each["loc"])
    raise SettingsError(" ".join(dict.fromkeys(faults)))


def read_plan(path: str | Path) -> tuple[StudyPlan, list[str]]:
    """Read study.toml; return the plan and the faults of its values.

    Raises:
        SettingsError: no such file, or no TOML.
    """
    file = path_of(path, "the study", "a file, such as 'study.toml', or its values as a table")
    try:
        values = parse_toml(read_text(file))
    except OSError as error:
        raise SettingsError(
            f"the study {str(file)!r} cannot be read: {error.strerror}. "
            "Write one with: emoanim study init"
        ) from error
    except ValueError as error:
        raise SettingsError(f"the study {str(file)!r} is not TOML: {error}.") from error
    return plan_of(values, file.name)


def _fault(where: str, location: str, each: Any) -> str:
    if each["type"] == "extra_forbidden":
        guess = did_you_mean(location, StudyPlan.model_fields)
        return f"{where}: {location!r} is no setting of a study.{guess}"
    if each["type"] == "missing":
        return f"{where}: {location!r} is missing."
    return f"{where}: {location!r} is {each['input']!r}: {each['msg']}."


def _without(values: dict[str, Any], location: tuple[Any, ...]) -> dict[str, Any]:
    """Return values without the faulty one, so that the rest can be looked at."""
    head, rest = location[0], location[1:]
    inner = values.get(head)
    if rest and isinstance(inner, dict):
        return {**values, head: _without(inner, rest)}
    return {k: v for k, v in values.items() if k != head}
