"""The chain for a still: the same face, in the same pose, with an emotion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from emoanim.engines.eat import key_points as points
from emoanim.engines.eat.deformation import DeformationNetwork
from emoanim.engines.eat.files import EatFiles, read_arrays, read_silence
from emoanim.engines.eat.head_pose import head_numbers, pose_images
from emoanim.engines.eat.keypoint_transformer import WINDOW, KeypointTransformer
from emoanim.engines.eat.prompt import NOISE, PromptMapper
from emoanim.engines.keypoint_renderer.keypoints import KeypointDetector
from emoanim.engines.keypoint_renderer.pose import HeadPose, HeadPoseEstimator
from emoanim.engines.keypoint_renderer.renderer import Renderer, prepare
from emoanim.weights import checkpoints

__all__ = [
    "EMOTIONS",
    "Faces",
    "Networks",
    "angles_of",
    "emotional_stills",
    "load",
    "picture_of",
    "pixels_of",
    "prompts_of",
    "read_faces",
    "still_points",
]

Image = NDArray[np.uint8]

EMOTIONS = ("anger", "contempt", "disgust", "fear", "happy", "neutral", "sad", "surprise")
"""EAT's order."""


@dataclass(frozen=True, slots=True)
class Networks:
    """EAT's networks and arrays on one device."""

    prompt: Any
    transformer: Any
    deformation: Any
    detector: Any
    pose: Any
    renderer: Any
    basis: Tensor
    mean: Tensor
    mel: Tensor
    deep: Tensor
    device: torch.device


def load(files: EatFiles, device: str = "auto") -> Networks:
    """Load every network strictly and make the renderer fast.

    Raises:
        SettingsError: no such device.
        WeightsError: a file is damaged or of another version.
    """
    torch_device = checkpoints.device_named(device)

    def part(key: str, make: Any, path: Any = files.checkpoint) -> Any:
        return checkpoints.build(make, checkpoints.read(path, key=key), f"{path} ({key})")

    renderer = prepare(part("generator", lambda: Renderer(prompted=True)))
    checkpoints.own_memory(renderer)
    silence = read_silence(files.pad)
    arrays = (*read_arrays(files), silence.mel, silence.deep)
    basis, mean, mel, deep = (torch.from_numpy(a).to(torch_device) for a in arrays)
    return Networks(
        prompt=part("emotionprompt", PromptMapper).to(torch_device),
        transformer=part("audio2kptransformer", KeypointTransformer).to(torch_device),
        deformation=part("sidetuning", DeformationNetwork).to(torch_device),
        detector=part("kp_detector", KeypointDetector).to(torch_device),
        pose=part("he_estimator", HeadPoseEstimator, files.pose).to(torch_device),
        renderer=renderer.to(torch_device),
        basis=basis,
        mean=mean,
        mel=mel,
        deep=deep,
        device=torch_device,
    )


def prompts_of(
    networks: Networks, emotion: str, intensity: float, seed: int
) -> tuple[Tensor, Tensor]:
    """Return prompt and deep prompts, between neutral (0) and the emotion (1), from the same noise.

    Args:
        networks: see ``load``.
        emotion: one of ``EMOTIONS``.
        intensity: 0 to 1.
        seed: of the noise.
    """
    noise = np.random.default_rng(seed).standard_normal((1, NOISE)).astype(np.float32)
    z = torch.from_numpy(noise).to(networks.device)
    with torch.inference_mode():
        rest = networks.prompt(z, EMOTIONS.index("neutral"))
        goal = networks.prompt(z, EMOTIONS.index(emotion))
    prompt, deep = (a + (b - a) * intensity for a, b in zip(rest, goal, strict=True))
    return prompt, deep


@dataclass(frozen=True, slots=True, eq=False)
class Faces:
    """What is read off the pictures of n faces.

    Attributes:
        pixels: (n, 3, 256, 256) in [0, 1].
        pose: head poses and expressions as they are.
        canonical: (n, 15, 3), key points in the face's own space.
        raw: (n, 15, 16, 64, 64), the map that they come from.
    """

    pixels: Tensor
    pose: HeadPose
    canonical: Tensor
    raw: Tensor

    @property
    def points(self) -> Tensor:
        """Key points of the pictures, (n, 15, 3)."""
        return points.placed(self.canonical, *angles_of(self.pose), self.pose.exp)


def angles_of(pose: HeadPose) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return yaw, pitch, roll (n, 66 each) and translation (n, 3)."""
    return pose.yaw, pose.pitch, pose.roll, pose.t


def pixels_of(networks: Networks, images: Sequence[Image]) -> Tensor:
    """Return n pictures, uint8 (256, 256, 3) RGB, as (n, 3, 256, 256) in [0, 1]."""
    stacked = torch.from_numpy(np.stack(images)).to(networks.device)
    return stacked.permute(0, 3, 1, 2).to(torch.float32) / 255


def read_faces(networks: Networks, images: Sequence[Image]) -> Faces:
    """Read pictures of faces, uint8 (256, 256, 3) RGB each, cut as EAT expects them."""
    with torch.inference_mode():
        pixels = pixels_of(networks, images)
        canonical, raw = networks.detector(pixels)
        return Faces(pixels, networks.pose(pixels), canonical, raw)


def picture_of(tensor: Tensor) -> Image:
    """Return a rendered frame (3, h, w) in [0, 1] as uint8 (h, w, 3)."""
    # The original truncates here.
    return np.asarray((tensor * 255).to(torch.uint8).permute(1, 2, 0).cpu().contiguous().numpy())


def still_points(
    networks: Networks, faces: Faces, prompts: tuple[Tensor, Tensor]
) -> tuple[Tensor, Tensor]:
    """Return the key points of n pictures and those that their emotional stills have.

    Args:
        networks: see ``load``.
        faces: n of them; each keeps its pose and says nothing.
        prompts: see ``prompts_of``.

    Returns:
        Twice (n, 15, 3).
    """
    prompt, deep_prompts = prompts
    count = len(faces.pixels)
    angles = angles_of(faces.pose)
    with torch.inference_mode():
        drawn = torch.from_numpy(pose_images(*angles)).to(networks.device)
        said = networks.transformer(
            networks.mel[None, None, :, None].expand(count, 1, -1, WINDOW).contiguous(),
            drawn[:, None].expand(count, WINDOW, -1, -1, -1).contiguous(),
            networks.deep[None, None].expand(count, WINDOW, -1, -1).contiguous(),
            head_numbers(*angles),
            faces.raw,
            prompt,
            deep_prompts,
        )
        offset = networks.deformation(
            said.face_feature_map,
            prompt.expand(count, -1),
            deep_prompts.expand(count, -1, -1),
        )
        exp = points.expression_of(
            said.pca_coeff, networks.basis, networks.mean, offset, faces.canonical
        )
        source = faces.points
        driving = points.placed(faces.canonical, *angles, exp)
        # Every still is a clip of its own.
        pairs = zip(driving, source, strict=True)
        return source, torch.cat([points.shifted(d[None], s[None]) for d, s in pairs])


def emotional_stills(
    networks: Networks, images: Sequence[Image], prompts: tuple[Tensor, Tensor]
) -> list[Image]:
    """Render faces with an emotion, their poses kept and their lips at rest, in one batch.

    Args:
        networks: see ``load``.
        images: uint8 (256, 256, 3) RGB each, faces cut as EAT expects them.
        prompts: see ``prompts_of``.

    Returns:
        uint8 (256, 256, 3) each.
    """
    faces = read_faces(networks, images)
    source, driving = still_points(networks, faces, prompts)
    with torch.inference_mode():
        feature = networks.renderer.encode(faces.pixels, prompts[0])
        rendered = networks.renderer(feature, source, driving).prediction
        return [picture_of(one) for one in rendered]
