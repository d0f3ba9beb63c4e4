"""EAT's own use: a face, speech, an emotion and head motion to an emotional talking head."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from emoanim.clips import Animation, Clip, Image, Portrait, Speech
from emoanim.emotions import EmotionPrompt
from emoanim.engines.eat import verification
from emoanim.engines.eat.deep_features import check_length, deep_features, read_features
from emoanim.engines.eat.files import find_files, trust_files
from emoanim.engines.eat.mel import FPS, RATE, mel_spectrogram
from emoanim.engines.eat.square import SIZE, paste_square, read_template, square_for
from emoanim.errors import FaceError, InputError, SettingsError
from emoanim.extras import require
from emoanim.faces import FaceFinder, frontality
from emoanim.faces.crop import Square, cut
from emoanim.registry.verbs import options_repr, verb
from emoanim.sound.signals import resample

if TYPE_CHECKING:
    from emoanim.engines.eat.still import Networks

__all__ = ["EatAnimator"]

GRAPH = "deepspeech-0_1_0-b90017e8.pb"
_LEAST_FACE = 64.0
_LEAST_FRONTALITY = 0.15
_LEAST_SAMPLES = 1280  # two frames; the spectrogram mirrors 1024 samples at the ends
_MODES = ("full", "crop")


class EatAnimator:
    """EAT (Gan et al. 2023): a still face and speech to a talking head with an emotion.

    It starts from the frame as it was filmed (``Portrait.original``): the emotion is the prompt's,
    with its intensity between EAT's neutral (0) and its emotion (1).

    Args:
        deep_speech: the frozen graph of DeepSpeech 0.1.0, a folder that holds it, or features that
            were computed elsewhere for this very speech (``.npy`` or array, (t, 16, 29)). Else the
            graph of the environment variable EMOANIM_WEIGHTS_DEEPSPEECH_0_1_0_B90017E8_PB.
        mode: "full" pastes the face back into the picture, "crop" gives the face alone.
        still: keep the head as it is; by default in the full mode without a driving video, where
            a moving head would part from its neck. Without any video it is kept anyway.
        driving: a video whose head motion is taken; else the source clip's.
        weights: folder with the official files; else they are found or fetched.
        accept_licence: CC BY-NC 4.0, which forbids commercial use; accepted once for all.
        sha256: hashes by file name that are checked instead of those of the first use.
        template: points to which faces are aligned, as for the face emoter.
        seed: of the prompt's noise.
        device: "auto", "cpu", "cuda" or "mps".

    Raises:
        MissingExtraError: torch is not installed.
        SettingsError: an option out of its range.
        WeightsError: files are missing or changed, or the licence was not accepted.
    """

    @classmethod
    def verify(cls) -> Iterator[tuple[str, bool, str]]:
        """Check the official files: hashes, strict loading, and a picture that makes sense."""
        yield from verification.verify()

    def __init__(
        self,
        *,
        deep_speech: str | Path | NDArray[Any] | None = None,
        mode: str = "full",
        still: bool | None = None,
        driving: str | Path | None = None,
        weights: str | Path | None = None,
        accept_licence: bool = False,
        sha256: Mapping[str, str] | None = None,
        template: str | Path | None = None,
        seed: int = 0,
        device: str = "auto",
    ) -> None:
        if mode not in _MODES:
            raise SettingsError(f"mode={mode!r} given; expected {' or '.join(_MODES)}.")
        for module in ("torch", "cv2"):
            require(module, "eat")
        from emoanim.engines.eat.acoustic_network import load_network
        from emoanim.engines.eat.still import load
        from emoanim.weights.checkpoints import official

        hashes = dict(sha256 or {})
        graph_hash = hashes.pop(GRAPH, "")
        self._template = None if template is None else read_template(Path(template))
        self._features: NDArray[np.float32] | None = None
        self._ear: Any = None
        if isinstance(deep_speech, np.ndarray) or str(deep_speech).endswith(".npy"):
            assert deep_speech is not None
            self._features = read_features(deep_speech)
        else:
            self._ear = load_network(official(GRAPH, deep_speech, sha256=graph_hash))
        files = find_files(weights, accept_licence=accept_licence, sha256=hashes)
        self._networks: Networks = load(files, device)
        trust_files(files, hashes)
        self._mode = mode
        self._still = mode == "full" and driving is None if still is None else still
        self._driving = driving
        self._seed = seed
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
        """Make the face say the speech with the emotion, at 25 frames per second.

        The key points of all frames are computed before the first is rendered: where the face
        stands depends on their mean. Rendered frames are made as they are read.

        Args:
            portrait: its original shows a face that looks at the camera; of several the largest.
            speech: any length above nothing; silence gives lips at rest.
            prompt: any of the eight emotions.
            source: gives the head's motion, unless it is kept still or a driving video was given.

        Raises:
            FaceError: no face, too small a face, or one in profile.
            InputError: no sound, or features that are not this speech's.
        """
        sound = resample(speech.audio, RATE).samples
        if not len(sound):
            raise InputError("speech of 0 samples given; expected at least one frame (40 ms).")
        step = RATE // FPS
        count = -(-len(sound) // step)
        sound = np.pad(sound, (0, max(count * step, _LEAST_SAMPLES) - len(sound)))
        if self._features is not None:
            check_length(self._features, count)
        picture = np.asarray(portrait.original)
        square = self._square(picture)
        clip = None if self._still else self._clip(source)
        height, width = picture.shape[:2]
        size = (width, height) if self._mode == "full" else (SIZE, SIZE)
        frames = self._frames(picture, square, sound, count, prompt, clip)
        return Animation(float(FPS), size, count, frames)

    def _frames(
        self,
        picture: Image,
        square: Square,
        sound: NDArray[np.float32],
        count: int,
        prompt: EmotionPrompt,
        clip: Clip | None,
    ) -> Iterator[Image]:
        import torch

        from emoanim.engines.eat.clip_points import clip_points
        from emoanim.engines.eat.head_motion import head_motion, there_and_back
        from emoanim.engines.eat.still import picture_of, prompts_of, read_faces

        networks = self._networks
        face = read_faces(networks, [cut(picture, square, SIZE)])
        motion = face.pose
        if clip is not None:
            motion = head_motion(networks, clip, self._faces(), count, self._template)
        deep = self._features
        if deep is None:
            deep = deep_features(self._ear, sound, count)
        prompts = prompts_of(networks, str(prompt.emotion), prompt.intensity, self._seed)
        moving = there_and_back(motion, count)
        points = clip_points(networks, face, moving, mel_spectrogram(sound), deep, prompts)
        source_points = face.points
        with torch.inference_mode():
            feature = networks.renderer.encode(face.pixels, prompts[0])
        for k in range(count):
            with torch.inference_mode():
                rendered = networks.renderer(feature, source_points, points[k : k + 1]).prediction[
                    0
                ]
                frame = picture_of(rendered)
            yield paste_square(picture, frame, square) if self._mode == "full" else frame

    def _square(self, picture: Image) -> Square:
        points = self._faces().largest_face(picture, _LEAST_FACE).points
        turned = frontality(points)
        if turned < _LEAST_FRONTALITY:
            raise FaceError(
                f"the largest face is turned away (frontality {turned:.2f} of 1); expected a "
                "person who looks towards the camera. Take another frame of the clip."
            )
        return square_for(points, self._template)

    def _clip(self, source: Clip | None) -> Clip | None:
        if self._driving is None:
            return source
        from emoanim.media import Video

        return Video(self._driving)

    def _faces(self) -> FaceFinder:
        if self._finder is None:
            self._finder = FaceFinder()
        return self._finder
