"""The animator of the paper: SadTalker, on its official weights."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from emoanim.clips import Animation, Clip, Portrait, Speech
from emoanim.emotions import EmotionPrompt
from emoanim.engines.keypoint_renderer.landmarks import landmarks68
from emoanim.engines.sadtalker import verification
from emoanim.engines.sadtalker.frames import render
from emoanim.engines.sadtalker.mel import FPS
from emoanim.engines.sadtalker.networks import find_files, load
from emoanim.engines.sadtalker.options import Options
from emoanim.engines.sadtalker.pasting import paste
from emoanim.engines.sadtalker.picture import FacePicture, coefficients_of, cut_face
from emoanim.engines.sadtalker.reference import reference_track
from emoanim.engines.sadtalker.speech_track import coefficient_track
from emoanim.errors import FaceError
from emoanim.extras import require
from emoanim.faces import FaceFinder, frontality
from emoanim.memory import give_back
from emoanim.registry.verbs import options_repr, verb

if TYPE_CHECKING:
    from emoanim.engines.sadtalker.networks import Networks

__all__ = ["SadtalkerAnimator"]

Image = NDArray[np.uint8]
Enhancer = Callable[[Image], Image]

_LEAST_FACE = 64.0
_LEAST_FRONTALITY = 0.15


class SadtalkerAnimator:
    """SadTalker (Zhang et al. 2023): a still face and speech to a talking head.

    The emotion comes with the portrait; the prompt's intensity is not used, nor is the source clip.

    Args:
        mode: "full", "crop", "resize", "extfull" or "extcrop" (see ``Options``).
        size: 256 or 512.
        still: keep the head still; by default in the full modes.
        style: of head motion, 0 to 45.
        expression_scale: of the lips' motion.
        blink: "random" or "none".
        yaw: stops of the head's turn in degrees; () for the speech's own motion.
        pitch: the same.
        roll: the same.
        seed: of head motion and blinks.
        reference_pose: a video whose head motion is added.
        reference_eyes: a video whose eyes, and with them its expression, are the reference.
        enhancer: applied to every rendered face (uint8 (s, s, 3), any size comes back).
        weights: folder with the official files; else they are found or fetched.
        sha256: hash of a checkpoint that is trusted instead of the official one.
        mapping_sha256: the same for the mapping file.
        device: "auto", "cpu", "cuda" or "mps".
        half: half precision on a GPU.
        compiled: use ``torch.compile``.

    Raises:
        MissingExtraError: torch is not installed.
        SettingsError: an option out of its range.
        WeightsError: files are missing or others than the official ones.
    """

    @classmethod
    def verify(cls) -> Iterator[tuple[str, bool, str]]:
        """Check the official files: hashes, strict loading, and a picture that makes sense."""
        yield from verification.verify()

    def __init__(
        self,
        *,
        mode: str = "full",
        size: int = 256,
        still: bool | None = None,
        style: int = 0,
        expression_scale: float = 1.0,
        blink: str = "random",
        yaw: Sequence[float] = (),
        pitch: Sequence[float] = (),
        roll: Sequence[float] = (),
        seed: int = 0,
        reference_pose: str | Path | None = None,
        reference_eyes: str | Path | None = None,
        enhancer: Enhancer | None = None,
        weights: str | Path | None = None,
        sha256: str = "",
        mapping_sha256: str = "",
        device: str = "auto",
        half: bool = False,
        compiled: bool = False,
    ) -> None:
        self._options = Options(
            mode, size, still, style, expression_scale, blink, yaw, pitch, roll, seed
        )
        for module in ("torch", "cv2", "PIL"):
            require(module, "sadtalker")
        files = find_files(
            size,
            full=self._options.full,
            weights=weights,
            sha256=sha256,
            mapping_sha256=mapping_sha256,
        )
        self._networks: Networks = load(files, device=device, half=half, compiled=compiled)
        self._enhancer = enhancer
        self._references = (reference_eyes, reference_pose)
        self._finder: FaceFinder | None = None

    __repr__ = options_repr

    @verb
    def animate(
        self,
        portrait: Portrait,
        speech: Speech,
        prompt: EmotionPrompt,
        source: Clip | None = None,
    ) -> Animation:
        """Make the portrait say the speech, at 25 frames per second.

        Args:
            portrait: a face that looks at the camera; of several the largest.
            speech: at least one frame (40 ms); silence gives closed lips.
            prompt: not used, the portrait has the emotion.
            source: not used.

        Raises:
            FaceError: no face, too small a face, or one in profile.
            InputError: no sound.
        """
        landmarks = self._landmarks(portrait.image)
        options = self._options
        face = cut_face(
            portrait.image,
            landmarks,
            options.size,
            extended=options.extended,
            whole=options.mode == "resize",
        )
        own = coefficients_of(self._networks.regressor, self._networks.device, face)
        eyes, pose = (self._reference(path, speech.audio.duration) for path in self._references)
        track = coefficient_track(self._networks, speech.audio, own, options, eyes=eyes, pose=pose)
        give_back()
        frames = render(self._networks, face.image, own, track, options)
        height, width = portrait.image.shape[:2]
        size = (width, height) if options.full else face.size
        return Animation(float(FPS), size, len(track), self._finished(frames, portrait.image, face))

    def _finished(
        self, frames: Iterator[Image], picture: Image, face: FacePicture
    ) -> Iterator[Image]:
        cv2 = require("cv2", "sadtalker")
        for frame in frames:
            finished = frame if self._enhancer is None else self._enhancer(frame)
            if self._options.full:
                yield paste(picture, finished, face.box)
            elif finished.shape[1::-1] != face.size:
                yield cv2.resize(finished, face.size, interpolation=cv2.INTER_LINEAR)
            else:
                yield finished

    def _landmarks(self, image: Image) -> NDArray[np.float64]:
        points = self._faces().largest_face(image, _LEAST_FACE).points
        turned = frontality(points)
        if turned < _LEAST_FRONTALITY:
            raise FaceError(
                f"the largest face is turned away (frontality {turned:.2f} of 1); expected a "
                "person who looks towards the camera. Take another frame of the clip."
            )
        return landmarks68(points)

    def _reference(self, path: str | Path | None, seconds: float) -> NDArray[np.float64] | None:
        if path is None:
            return None
        from emoanim.media import Video

        return reference_track(self._networks, Video(path), self._faces(), seconds)

    def _faces(self) -> FaceFinder:
        if self._finder is None:
            self._finder = FaceFinder()
        return self._finder
