"""The samples of a study, one after the other; nothing is held for all of them at once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from emoanim.emotions import PLAIN_INTENSITY, EmotionPrompt, Timeline, parse_emotion
from emoanim.errors import EmoanimError
from emoanim.persons import PersonChoice
from emoanim.settings import Settings, preset
from emoanim.study.plan import StudyPlan

__all__ = ["FoundClip", "Item", "count_items", "find_clips", "items_of", "settings_of"]


@dataclass(frozen=True, slots=True)
class FoundClip:
    """A clip of a study: its file, its name in the tables, whom it shows, who of several."""

    path: Path
    name: str
    subject: str
    person: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One sample that is to be made.

    Attributes:
        id: of the sample; its files bear it.
        system: name of the system.
        clip: the original.
        prompt: target emotion and intensity; of a timeline that which stands for all.
        sample: number within its cell, from 0.
        seed: of what varies between samples.
        base_seed: of what does not.
        vary: "words", "voice" and "face", as far as the sample's own seed reaches.
        settings: of the pipeline.
        output: name of the video below the run's folder.
        timeline: several emotions one after the other, instead of the prompt.
    """

    id: str
    system: str
    clip: FoundClip
    prompt: EmotionPrompt
    sample: int
    seed: int
    base_seed: int
    vary: tuple[str, ...]
    settings: Settings
    output: str
    timeline: Timeline | None = None

    @property
    def asked(self) -> EmotionPrompt | Timeline:
        """What is to be said and shown."""
        return self.timeline or self.prompt

    def main(self, duration: float) -> EmotionPrompt:
        """Return the prompt that stands for all in a clip of that many seconds."""
        return self.prompt if self.timeline is None else self.timeline.main(duration)

    def seed_of(self, branch: str) -> int:
        """Return the seed that a branch works with."""
        return self.seed if branch in self.vary else self.base_seed


def settings_of(values: Mapping[str, Any]) -> Settings:
    """Return the settings of a system: a preset's with some changed.

    Raises:
        SettingsError: an unknown preset, name or value.
    """
    left = dict(values)
    return preset(str(left.pop("preset", "local"))).changed(**left)


def find_clips(plan: StudyPlan, folder: Path) -> tuple[list[FoundClip], list[str]]:
    """Return the clips that the plan's paths and globs find, and what they do not find."""
    clips: list[FoundClip] = []
    faults: list[str] = []
    for entry in plan.clips:
        path = Path(entry.path).expanduser()
        if any(sign in entry.path for sign in "*?["):
            root = Path(path.anchor) if path.is_absolute() else folder
            pattern = str(path.relative_to(path.anchor)) if path.is_absolute() else entry.path
            paths = sorted(p for p in root.glob(pattern) if p.is_file())
            if not paths:
                faults.append(f"no file matches the clips {entry.path!r} in {str(root)!r}.")
        else:
            paths = [path if path.is_absolute() else folder / path]
        try:
            person, name = _person_in(entry.person, folder)
        except EmoanimError as error:
            faults.append(str(error))
            continue
        ending = f"-{slug(name)}" if name else ""
        names = [f"{path.stem}{ending}" for path in paths]
        clips += [
            FoundClip(path, name, entry.subject or name, person)
            for path, name in zip(paths, names, strict=True)
        ]
    return clips, faults


def _person_in(person: str, folder: Path) -> tuple[str, str]:
    """Return who is meant, and a name of them; the path of a picture starts from a folder."""
    picture = PersonChoice.parse(person).picture if person else None
    if picture is None:
        return person, person
    return str(folder / picture.expanduser()), picture.stem


def count_items(plan: StudyPlan, clips: int) -> int:
    """Return the number of samples."""
    cells = clips * len(plan.emotions) * len(plan.intensities) * len(plan.systems)
    return cells * len(plan.sample_seeds)


def items_of(plan: StudyPlan, clips: list[FoundClip]) -> Iterator[Item]:
    """Yield every sample, clip by clip, so that what a clip's samples share is made once."""
    systems = {name: settings_of(values) for name, values in plan.systems.items()}
    for clip in clips:
        for word in plan.emotions:
            for intensity in plan.intensities:
                prompt = EmotionPrompt(parse_emotion(word), intensity)
                for system, plain in systems.items():
                    settings = plain.changed(person=clip.person) if clip.person else plain
                    for sample, seed in enumerate(plan.sample_seeds):
                        name = _id(clip.name, system, prompt, seed)
                        yield Item(
                            id=name,
                            system=system,
                            clip=clip,
                            prompt=prompt,
                            sample=sample,
                            seed=seed,
                            base_seed=plan.seed,
                            vary=plan.vary,
                            settings=settings,
                            output=f"samples/{name}.mp4",
                        )


def slug(text: str) -> str:
    """Return text that is fit for a file's name.

    >>> slug("animator only")
    'animator-only'
    """
    return re.sub(r"[^\w.]+", "-", text.strip()).strip("-.").lower() or "x"


def _id(clip: str, system: str, prompt: EmotionPrompt, seed: int) -> str:
    strength = "" if prompt.intensity == PLAIN_INTENSITY else f"-{prompt.intensity:g}"
    return f"{slug(clip)}-{prompt.emotion}{strength}-{slug(system)}-s{seed}"
