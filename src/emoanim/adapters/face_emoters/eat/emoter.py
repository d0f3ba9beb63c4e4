"""The face emoter of the paper: EAT, on its official weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from emoanim.adapters.face_emoters.eat.files import find_files
from emoanim.adapters.face_emoters.eat.square import paste_square, square_like, square_of_face
from emoanim.clips import Frames, Image, Portrait
from emoanim.emotions import EmotionPrompt
from emoanim.errors import FaceError, SettingsError
from emoanim.faces import FaceFinder, frontality
from emoanim.faces.crop import cut
from emoanim.keypoint_renderer.landmarks import landmarks68
from emoanim.registry import require

if TYPE_CHECKING:
    from emoanim.adapters.face_emoters.eat.still import Networks

__all__ = ["EatFaceEmoter"]

SIZE = 256
_LEAST_FACE = 64.0
_TEMPLATE = 47  # jaw, brows, nose and eyes; the lips move


class EatFaceEmoter:
    """EAT (Gan et al. 2023): stills of the same face in the target emotion.

    Args:
        weights: folder with the official files; else the environment variable EMOANIM_WEIGHTS_EAT.
        accept_licence: CC BY-NC 4.0, which forbids commercial use.
        sha256: hashes by file name that are checked instead of those of the first use.
        template: ``.npy`` with 47 or 68 points in 256x256 pixels to which faces are aligned, as
            the original does; without it our own eye-levelled square is cut.
        seed: of the prompt's noise.
        device: "auto", "cpu", "cuda" or "mps".

    Raises:
        MissingExtraError: torch is not installed.
        SettingsError: a template of another shape.
        WeightsError: files are missing or changed, or the licence was not accepted.
    """

    licence = "CC-BY-NC-4.0 (weights)"

    def __init__(
        self,
        *,
        weights: str | Path | None = None,
        accept_licence: bool = False,
        sha256: Mapping[str, str] | None = None,
        template: str | Path | None = None,
        seed: int = 0,
        device: str = "auto",
    ) -> None:
        for module in ("torch", "cv2"):
            require(module, "eat")
        files = find_files(weights, accept_licence=accept_licence, sha256=sha256)
        self._template = None if template is None else _read_template(Path(template))
        from emoanim.adapters.face_emoters.eat.still import load

        self._networks: Networks = load(files, device)
        self._seed = seed
        self._finder: FaceFinder | None = None

    def emote(self, frames: Sequence[Image] | Frames, prompt: EmotionPrompt) -> list[Portrait]:
        """Return one portrait per frame, in order.

        The prompt's intensity lies between EAT's neutral (0) and its emotion (1).

        Args:
            frames: uint8 (n, h, w, 3) RGB.
            prompt: any of the eight emotions.

        Raises:
            FaceError: a frame without a face of at least 64 pixels.
        """
        from emoanim.adapters.face_emoters.eat.still import emotional_still, prompts_of

        networks = self._networks
        prompts = prompts_of(networks, str(prompt.emotion), prompt.intensity, self._seed)
        portraits = []
        for number, frame in enumerate(frames):
            try:
                face = self._faces().largest_face(frame, _LEAST_FACE)
            except FaceError as error:
                raise FaceError(f"frame {number}: {error}") from error
            square = (
                square_of_face(face.points)
                if self._template is None
                else square_like(landmarks68(face.points)[:_TEMPLATE], self._template, SIZE)
            )
            still = emotional_still(networks, cut(frame, square, SIZE), prompts)
            portraits.append(
                Portrait(
                    paste_square(np.asarray(frame), still, square),
                    np.asarray(frame),
                    quality=float(np.clip(frontality(face.points), 0, 1)),
                    emoter="eat",
                    details={"seed": self._seed},
                )
            )
        return portraits

    def _faces(self) -> FaceFinder:
        if self._finder is None:
            self._finder = FaceFinder()
        return self._finder


def _read_template(path: Path) -> NDArray[np.float64]:
    if not path.is_file():
        raise SettingsError(f"template {path} given; there is no such file.")
    found = np.load(path, allow_pickle=False)
    if found.ndim != 2 or found.shape[0] not in (_TEMPLATE, 68) or found.shape[1] != 2:
        raise SettingsError(f"template of shape {found.shape} given; expected (47 or 68, 2).")
    return np.asarray(found[:_TEMPLATE], dtype=np.float64)
