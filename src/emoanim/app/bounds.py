"""How much one visitor, and all of them together, may ask of a server."""

from __future__ import annotations

from dataclasses import dataclass, fields

from emoanim.errors import SettingsError

__all__ = ["AppBounds"]


@dataclass(frozen=True, slots=True)
class AppBounds:
    """The bounds of the web page; beyond one of them a message says so and nothing is done.

    Attributes:
        seconds: length of a clip or a recording.
        megabytes: size of one file.
        pixels: of one picture of a video; the default holds 1920 x 1088.
        characters: of a text that is to be spoken.
        waiting: jobs that wait in the queue.
        at_once: jobs that run side by side.
        minutes: after which a visitor's files are deleted, if they did nothing since.
        disk_megabytes: of all visitors' files together.

    Raises:
        SettingsError: a bound that is not positive.
    """

    seconds: float = 60.0
    megabytes: float = 100.0
    pixels: float = 2_100_000
    characters: int = 1000
    waiting: int = 10
    at_once: int = 1
    minutes: float = 30.0
    disk_megabytes: float = 4000.0

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not 0 < value < float("inf"):
                raise SettingsError(
                    f"the bound {field.name} = {value!r} was given; expected a number above 0."
                )

    def for_media(self) -> dict[str, float]:
        """Return what the media room is told (see ``emoanim.media.Limits``)."""
        return {"seconds": self.seconds, "pixels": self.pixels, "still_pixels": 30_000_000}

    def in_words(self) -> str:
        """Return one sentence for the visitor."""
        return (
            f"Clips up to {self.seconds:g} s and {self.megabytes:g} MB, texts up to "
            f"{self.characters} characters. Your files are deleted when you close the page, or "
            f"after {self.minutes:g} minutes."
        )
