"""What a user may choose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from emoanim.errors import SettingsError

__all__ = ["BLINKS", "MODES", "STYLES", "Options"]

MODES = ("crop", "extcrop", "resize", "full", "extfull")
STYLES = 46
BLINKS = ("random", "none")


@dataclass(frozen=True, slots=True)
class Options:
    """How a portrait is animated.

    Attributes:
        mode: "full" renders the face and pastes it back into the picture, "crop" gives the face
            alone; "extfull" and "extcrop" take a wider border; "resize" renders the whole picture.
        size: 256 or 512, side of what is rendered.
        still: keep the head of the picture; by default in the full modes, where a moving head
            would part from its neck.
        style: of the head's motion, 0 to 45.
        expression_scale: of the lips' motion.
        blink: "random" or "none".
        yaw: stops in degrees between which the head turns at constant speed, instead of the
            speech's own motion; () for none. A single number holds the head there.
        pitch: the same.
        roll: the same.
        seed: of head motion and blinks.
    """

    mode: str = "full"
    size: int = 256
    still: bool | None = None
    style: int = 0
    expression_scale: float = 1.0
    blink: str = "random"
    yaw: Sequence[float] = ()
    pitch: Sequence[float] = ()
    roll: Sequence[float] = ()
    seed: int = 0

    def __post_init__(self) -> None:
        _one_of("mode", self.mode, MODES)
        _one_of("size", self.size, (256, 512))
        _one_of("blink", self.blink, BLINKS)
        if not 0 <= self.style < STYLES:
            raise SettingsError(f"style={self.style} given; expected 0 to {STYLES - 1}.")
        if not 0 <= self.expression_scale <= 3:
            raise SettingsError(
                f"expression_scale={self.expression_scale} given; expected 0 to 3, 1 as trained."
            )

    @property
    def full(self) -> bool:
        """Whether the face goes back into its picture."""
        return self.mode in ("full", "extfull")

    @property
    def keeps_head(self) -> bool:
        """Whether the head stays as it is in the picture."""
        return self.full if self.still is None else self.still

    @property
    def extended(self) -> bool:
        """Whether the crop has a wide border."""
        return self.mode in ("extcrop", "extfull")

    @property
    def coefficients(self) -> int:
        """Numbers per frame that the mapping network reads."""
        return 73 if self.full else 70


def _one_of(name: str, value: Any, known: Sequence[Any]) -> None:
    if value not in known:
        raise SettingsError(f"{name}={value!r} given; expected {', '.join(map(str, known))}.")
