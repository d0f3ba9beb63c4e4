"""From a still and speech to files, and who is told of every frame."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emoanim.clips import Animation, Clip, Image, Portrait, Speech
from emoanim.emotions import EmotionPrompt
from emoanim.face import FaceAnimation
from emoanim.outputs import together
from emoanim.persons import Person
from emoanim.runs.marking import Marking
from emoanim.steps import Step, StepHook

if TYPE_CHECKING:
    from emoanim.media import Placement

__all__ = ["animated", "one_at_a_time", "write_takes"]


def animated(
    face: FaceAnimation,
    still: Portrait,
    speech: Speech,
    prompt: EmotionPrompt,
    source: Clip | None,
    report: StepHook,
    person: Person | None = None,
) -> Animation:
    """Animate one still; every frame is reported as it is read."""
    moving = face.animate(still, speech, prompt, source, person)

    def watched() -> Iterator[Image]:
        for done, image in enumerate(moving.frames, 1):
            yield image
            report(Step("animate", None, done, moving.length))

    return replace(moving, frames=watched())


def write_takes(
    target: Path,
    stills: Sequence[Portrait],
    animate: Callable[[Portrait], Animation],
    speech: Speech,
    marking: Marking,
    placement: Placement | None = None,
) -> tuple[Path, ...]:
    """Animate each still into its file; all of them or, if one fails, none.

    Args:
        target: the first file.
        stills: of the person, one a file.
        animate: a still to its pictures.
        speech: what they say.
        marking: tags, signature and encoder.
        placement: the channels of the sound; None for mono.

    Returns:
        The files, the target first; the others stand beside it.

    Raises:
        OutputError: they cannot be written; older files are there still.
    """
    from emoanim.media import MONO, write_video

    how: dict[str, Any] = {
        "tags": marking.tags(speech.text),
        "encoder": marking.settings.encoder,
        "placement": placement or MONO,
    }
    if len(stills) == 1:
        sign = marking.signer(target)
        write_video(target, animate(stills[0]), speech.audio, sign=sign, **how)
        return (target,)
    paths = [target, *(_take_path(target, n) for n in range(2, len(stills) + 1))]
    with together(paths) as hidden:
        for path, still in zip(hidden, stills, strict=True):
            sign = marking.signer(path)
            write_video(path, animate(still), speech.audio, sign=sign, **how)
    return tuple(paths)


def one_at_a_time(on_step: StepHook, keep: str | Path | None, marking: Marking) -> StepHook:
    """Return a hook that tells the user's and, with a folder, the one that keeps artefacts.

    Both branches report from their own threads; hooks need not know.
    """
    hooks: list[StepHook] = [on_step]
    if keep is not None:
        from emoanim.runs.stage_files import Keeper

        hooks.insert(0, Keeper(keep, marking))
    lock = threading.Lock()

    def report(step: Step) -> None:
        with lock:
            for hook in hooks:
                hook(step)

    return report


def _take_path(target: Path, number: int) -> Path:
    return target.with_name(f"{target.stem}.take{number}{target.suffix}")
