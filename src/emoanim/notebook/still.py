"""A picture in memory that a notebook shows."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Still"]


@dataclass(frozen=True, slots=True, repr=False)
class Still:
    """A JPEG that shows itself.

    Attributes:
        jpeg: the file's bytes.
        words: what is to be seen in it.
    """

    jpeg: bytes
    words: str

    def __repr__(self) -> str:
        return f"Still({self.words!r})"

    def _repr_jpeg_(self) -> bytes:
        return self.jpeg
