"""The chain for a still: the same face, in the same pose, with an emotion."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from emoanim.adapters.face_emoters.eat import key_points as points
from emoanim.adapters.face_emoters.eat.deformation import DeformationNetwork
from emoanim.adapters.face_emoters.eat.files import EatFiles, read_silence
from emoanim.adapters.face_emoters.eat.head_pose import head_numbers, pose_images
from emoanim.adapters.face_emoters.eat.keypoint_transformer import WINDOW, KeypointTransformer
from emoanim.adapters.face_emoters.eat.prompt import NOISE, PromptMapper
from emoanim.keypoint_renderer.keypoints import KeypointDetector
from emoanim.keypoint_renderer.pose import HeadPoseEstimator
from emoanim.keypoint_renderer.renderer import Renderer, prepare
from emoanim.weights import checkpoints

__all__ = ["EMOTIONS", "Networks", "emotional_still", "load", "prompts_of"]

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
    place = checkpoints.device_named(device)

    def part(key: str, make: Any, path: Any = files.checkpoint) -> Any:
        return checkpoints.build(make, checkpoints.read(path, key=key), f"{path} ({key})")

    renderer = prepare(part("generator", lambda: Renderer(prompted=True)))
    checkpoints.own_memory(renderer)
    silence = read_silence(files.pad)
    arrays = (
        np.load(files.basis, allow_pickle=False),
        np.load(files.mean, allow_pickle=False),
        silence.mel,
        silence.deep,
    )
    basis, mean, mel, deep = (torch.from_numpy(a.astype(np.float32)).to(place) for a in arrays)
    return Networks(
        prompt=part("emotionprompt", PromptMapper).to(place),
        transformer=part("audio2kptransformer", KeypointTransformer).to(place),
        deformation=part("sidetuning", DeformationNetwork).to(place),
        detector=part("kp_detector", KeypointDetector).to(place),
        pose=part("he_estimator", HeadPoseEstimator, files.pose).to(place),
        renderer=renderer.to(place),
        basis=basis,
        mean=mean,
        mel=mel,
        deep=deep,
        device=place,
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


def emotional_still(networks: Networks, image: Image, prompts: tuple[Tensor, Tensor]) -> Image:
    """Render a face with an emotion, its pose kept and its lips at rest.

    Args:
        networks: see ``load``.
        image: uint8 (256, 256, 3) RGB, a face cut as EAT expects it.
        prompts: see ``prompts_of``.

    Returns:
        uint8 (256, 256, 3).
    """
    prompt, deep_prompts = prompts
    with torch.inference_mode():
        pixels = torch.from_numpy(image.copy()).to(networks.device).permute(2, 0, 1)[None]
        pixels = pixels.to(torch.float32) / 255
        pose = networks.pose(pixels)
        canonical, raw = networks.detector(pixels)
        angles = (pose.yaw, pose.pitch, pose.roll, pose.t)
        drawn = torch.from_numpy(pose_images(*angles)).to(networks.device)
        said = networks.transformer(
            networks.mel[None, None, :, None].expand(1, 1, -1, WINDOW).contiguous(),
            drawn[None].expand(1, WINDOW, -1, -1, -1).contiguous(),
            networks.deep[None, None].expand(1, WINDOW, -1, -1).contiguous(),
            head_numbers(*angles),
            raw,
            prompt,
            deep_prompts,
        )
        offset = networks.deformation(said.face_feature_map, prompt, deep_prompts)
        exp = points.expression_of(said.pca_coeff, networks.basis, networks.mean, offset, canonical)
        source = points.placed(canonical, *angles, pose.exp)
        driving = points.shifted(points.placed(canonical, *angles, exp), source)
        feature = networks.renderer.encode(pixels, prompt)
        made = networks.renderer(feature, source, driving).prediction[0]
        # The original truncates here.
        return np.asarray((made * 255).to(torch.uint8).permute(1, 2, 0).cpu().numpy())
