"""What a run writes of itself into its files: tags always, a signed manifest unless refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from emoanim import provenance
from emoanim.emotions import EmotionPrompt
from emoanim.settings import Settings

__all__ = ["Marking"]

_MATROSKA = (
    "a Matroska file can hold no signed manifest; its tags say what it is. Write mp4 or mov for a "
    "signed one"
)

Signer = Callable[[Path], None]
"""Puts a signature into a finished file; the last write."""


@dataclass(frozen=True, slots=True)
class Marking:
    """How the files of one run are marked.

    Attributes:
        settings: of the run; ``sign`` and ``words_in_tags`` are heeded.
        prompt: the target emotion.
        source: the input's file, if there is one.
        details: what else is written, such as the backends' names.
    """

    settings: Settings
    prompt: EmotionPrompt
    source: Path | None = None
    details: Mapping[str, str] = field(default_factory=dict)

    def tags(self, text: str = "") -> dict[str, str]:
        """Return the container tags; the new words are left out if the settings say so."""
        words = {"text": text} if text and self.settings.words_in_tags else {}
        return provenance.tags(str(self.prompt.emotion), **words, **self._said())

    def signer(self, path: str | Path, *, changed: bool = True) -> Signer | None:
        """Return what signs that file; None if it is not to be signed or cannot hold a manifest.

        Args:
            path: of the file to be; its suffix counts.
            changed: voice, words or face were generated; False for a still that was only taken.
        """
        if not self.settings.sign or Path(path).suffix.lower() not in provenance.SIGNED_SUFFIXES:
            return None
        return provenance.Manifest(
            str(self.prompt.emotion),
            self.source,
            self.settings.model_dump(mode="json"),
            self._said(),
            changed,
        ).sign

    def notes(self, path: str | Path) -> tuple[str, ...]:
        """Return what a user should know: that a file is not signed, and why."""
        if not self.settings.sign:
            return ("the result is not signed, as the settings ask; its tags say what it is",)
        if Path(path).suffix.lower() not in provenance.SIGNED_SUFFIXES:
            return (_MATROSKA,)
        return ()

    def _said(self) -> dict[str, str]:
        plain = {"intensity": f"{self.prompt.intensity:g}", "seed": str(self.settings.seed)}
        return {**plain, **self.details}
