"""What a run writes of itself into its files: tags always, a signed manifest unless refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from emoanim import provenance
from emoanim.emotions import EmotionPrompt, Timeline
from emoanim.settings import Settings

__all__ = ["Marking", "backend_names"]

_UNSIGNED = (
    "a {} file can hold no signed manifest; its tags say what it is. Write mp4 or mov for a "
    "signed one"
)
_SILENT = "a GIF has no sound; of the tags it holds the comment, which says what it is"

Signer = Callable[[Path], None]
"""Puts a signature into a finished file; the last write."""


@dataclass(frozen=True, slots=True)
class Marking:
    """How the files of one run are marked.

    Attributes:
        settings: of the run; ``sign`` and ``words_in_tags`` are heeded.
        prompt: the target emotion, or several by a timeline.
        source: the input's file, if there is one.
        details: what else is written, such as the backends' names.
    """

    settings: Settings
    prompt: EmotionPrompt | Timeline
    source: Path | None = None
    details: Mapping[str, str] = field(default_factory=dict)

    def tags(self, text: str = "") -> dict[str, str]:
        """Return the container tags; the new words are left out if the settings say so."""
        words = {"text": text} if text and self.settings.words_in_tags else {}
        return provenance.tags(self._emotion, **words, **self._said())

    def signer(self, path: str | Path, *, changed: bool = True) -> Signer | None:
        """Return what signs that file; None if it is not to be signed or cannot hold a manifest.

        Args:
            path: of the file to be; its suffix counts.
            changed: voice, words or face were generated; False for a still that was only taken.
        """
        if not self.settings.sign or Path(path).suffix.lower() not in provenance.SIGNED_SUFFIXES:
            return None
        return provenance.Manifest(
            self._emotion,
            self.source,
            self.settings.model_dump(mode="json"),
            self._said(),
            changed,
        ).sign

    def notes(self, path: str | Path) -> tuple[str, ...]:
        """Return what a user should know: that a file is not signed, and why; what it lacks."""
        ending = Path(path).suffix.lower()
        if not self.settings.sign:
            return ("the result is not signed, as the settings ask; its tags say what it is",)
        if ending not in provenance.SIGNED_SUFFIXES:
            return (_UNSIGNED.format("WebM" if ending == ".webm" else "Matroska"),)
        return (_SILENT,) if ending == ".gif" else ()

    def _said(self) -> dict[str, str]:
        seed = {"seed": str(self.settings.seed)}
        if isinstance(self.prompt, Timeline):
            return {"timeline": self.prompt.text, **seed, **self.details}
        strengths = " and ".join(f"{part.intensity:g}" for part in self.prompt.parts)
        return {"intensity": strengths, **seed, **self.details}

    @property
    def _emotion(self) -> str:
        if isinstance(self.prompt, Timeline):
            return ", then ".join(map(_named, self.prompt.prompts))
        return _named(self.prompt)


def _named(prompt: EmotionPrompt) -> str:
    return " and ".join(part.emotion for part in prompt.parts)


def backend_names(backends: Mapping[str, tuple[str, str]]) -> dict[str, str]:
    """Return what the tags say of the backends of a run.

    Args:
        backends: role -> (name, licence).
    """
    return {"backends": ", ".join(f"{role}={name}" for role, (name, _) in backends.items())}
