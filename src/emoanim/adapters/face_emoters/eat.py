"""The face emoter of the paper: EAT, on its official weights."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from emoanim.clips import Frames, Image, Portrait
from emoanim.emotions import EmotionPrompt
from emoanim.engines.eat import verification
from emoanim.engines.eat.files import find_files, trust_files
from emoanim.engines.eat.square import (
    SIZE,
    paste_square,
    read_template,
    square_for,
)
from emoanim.errors import FaceError, SettingsError
from emoanim.extras import require
from emoanim.faces import FaceFinder, frontality
from emoanim.faces.crop import Square, cut
from emoanim.registry.verbs import options_repr, verb

if TYPE_CHECKING:
    from emoanim.engines.eat.still import Networks

__all__ = ["EatFaceEmoter"]

_LEAST_FACE = 64.0
_STILL_BYTES = 5e8
"""What rendering takes per still beside the networks, measured."""


class EatFaceEmoter:
    """EAT (Gan et al. 2023): stills of the same face in the target emotion.

    Args:
        weights: folder with the official files; else the environment variable EMOANIM_WEIGHTS_EAT,
            the cache, or a download.
        accept_licence: CC BY-NC 4.0, which forbids commercial use; accepted once for all.
        sha256: hashes by file name that are checked instead of those of the first use.
        template: ``.npy`` with 47 or 68 points in 256x256 pixels to which faces are aligned, as
            the original does; without it our own eye-levelled square is cut.
        seed: of the prompt's noise.
        batch: stills that are rendered together at most; fewer if memory is short.
        device: "auto", "cpu", "cuda" or "mps".

    Raises:
        MissingExtraError: torch is not installed.
        SettingsError: a template of another shape, no such device, a batch below 1.
        WeightsError: files are missing or changed, or the licence was not accepted.
    """

    @classmethod
    def verify(cls) -> Iterator[tuple[str, bool, str]]:
        """Check the official files: hashes, strict loading, and a picture that makes sense."""
        yield from verification.verify()

    def __init__(
        self,
        *,
        weights: str | Path | None = None,
        accept_licence: bool = False,
        sha256: Mapping[str, str] | None = None,
        template: str | Path | None = None,
        seed: int = 0,
        batch: int = 5,
        device: str = "auto",
    ) -> None:
        if batch < 1:
            raise SettingsError(f"batch={batch} given; expected at least 1 still at a time.")
        for module in ("torch", "cv2"):
            require(module, "eat")
        self._template = None if template is None else read_template(Path(template))
        files = find_files(weights, accept_licence=accept_licence, sha256=sha256)
        from emoanim.engines.eat.still import load

        self._networks: Networks = load(files, device)
        trust_files(files, sha256)
        self._seed = seed
        self._batch = batch
        self._finder: FaceFinder | None = None

    __repr__ = options_repr

    @verb
    def emote(self, frames: Sequence[Image] | Frames, prompt: EmotionPrompt) -> list[Portrait]:
        """Return one portrait per frame, in order.

        The prompt's intensity lies between EAT's neutral (0) and its emotion (1).

        Args:
            frames: uint8 (n, h, w, 3) RGB.
            prompt: any of the eight emotions.

        Raises:
            FaceError: a frame without a face of at least 64 pixels.
        """
        from emoanim.engines.eat.still import emotional_stills, prompts_of

        networks = self._networks
        prompts = prompts_of(networks, str(prompt.emotion), prompt.intensity, self._seed)
        faces = [self._square_of(number, frame) for number, frame in enumerate(frames)]
        at_once = min(self._batch, stills_that_fit(networks.device))
        stills: list[Image] = []
        for first in range(0, len(faces), at_once):
            pairs = zip(frames[first : first + at_once], faces[first:], strict=False)
            parts = [cut(frame, square, SIZE) for frame, (square, _) in pairs]
            stills += emotional_stills(networks, parts, prompts)
        return [
            Portrait(
                paste_square(np.asarray(frame), still, square),
                np.asarray(frame),
                quality=quality,
                emoter="eat",
                details={"seed": self._seed},
            )
            for frame, still, (square, quality) in zip(frames, stills, faces, strict=True)
        ]

    def rate(self, frames: Sequence[Image] | Frames) -> list[float | None]:
        """Return how frontal each frame's face is, in [0, 1], before anything is rendered.

        Args:
            frames: uint8 (n, h, w, 3) RGB.

        Raises:
            FaceError: a frame without a face of at least 64 pixels.
        """
        return [self._square_of(number, frame)[1] for number, frame in enumerate(frames)]

    def _square_of(self, number: int, frame: Image) -> tuple[Square, float]:
        if self._finder is None:
            self._finder = FaceFinder()
        try:
            face = self._finder.largest_face(frame, _LEAST_FACE)
        except FaceError as error:
            raise FaceError(f"frame {number}: {error}") from error
        quality = float(np.clip(frontality(face.points), 0, 1))
        return square_for(face.points, self._template), quality


def stills_that_fit(device: Any) -> int:
    """Return how many stills can be rendered together in half of the memory that is free."""
    if device.type == "cuda":
        import torch

        free = torch.cuda.mem_get_info(device)[0]
    else:
        free = _free_memory()
    return max(1, int(free / 2 / _STILL_BYTES))


def _free_memory() -> int:
    """Bytes that can be had without swapping; 0 where the system does not say."""
    with suppress(OSError):
        for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    return 0
