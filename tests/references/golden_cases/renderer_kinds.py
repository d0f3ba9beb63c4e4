"""Cases of the key-point renderer and of the networks around it, for SadTalker and EAT."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from golden_cases.cases import Case, Tolerance
from golden_cases.kinds import NetworkKind, Outputs

__all__ = ["NETWORKS"]


def _make_renderer(case: Case) -> Any:
    from emoanim.engines.keypoint_renderer.renderer import Renderer

    names = [t["name"] for t in case.manifest["tensors"]]
    return Renderer(prompted=any(n.startswith("ea3d") for n in names))


def _prepare_renderer(network: Any) -> Any:
    from emoanim.engines.keypoint_renderer.renderer import prepare

    return prepare(network)


def _run_renderer(network: Any, case: Case) -> Outputs:
    import torch

    prompt = torch.from_numpy(case.input("emoprompt")) if network.prompted else None
    source = network.encode(torch.from_numpy(case.images()), prompt)
    points = (torch.from_numpy(case.input(n)) for n in ("kp_source", "kp_driving"))
    outputs: dict[str, Any] = network(source, *points)._asdict()
    outputs["deformation"] = outputs["deformation"].permute(0, 4, 1, 2, 3)  # as it is stored
    return outputs


def _make_detector(_case: Case) -> Any:
    from emoanim.engines.keypoint_renderer.keypoints import KeypointDetector

    return KeypointDetector()


def _run_detector(network: Any, case: Case) -> Outputs:
    import torch

    points, raw = network(torch.from_numpy(case.images()))
    outputs = {"kp": points}
    if "prediction_map.shape" in case.arrays:
        outputs["prediction_map"] = raw
    return outputs


def _make_pose(_case: Case) -> Any:
    from emoanim.engines.keypoint_renderer.pose import HeadPoseEstimator

    return HeadPoseEstimator()


def _run_pose(network: Any, case: Case) -> Outputs:
    import torch

    outputs: Outputs = network(torch.from_numpy(case.images()))._asdict()
    return outputs


_IMAGE = Tolerance(absolute=5e-4, mean=5e-5)
_FIFTY_MILLIONTHS = Tolerance(absolute=5e-5)
_RENDERER_TOLERANCES: Mapping[str, Tolerance] = MappingProxyType(
    {
        "": _IMAGE,
        "mask": _FIFTY_MILLIONTHS,
        "occlusion_map": _FIFTY_MILLIONTHS,
        # A share of the motion next to the cut at 1e-3 may fall on its other side.
        "deformation": Tolerance(absolute=1e-4, stray=1e-4, stray_absolute=2e-3),
    }
)
_RENDERER_POINTS = MappingProxyType(
    {
        "@hourglass_in": "dense_motion_network.hourglass",
        "@occlusion_in": "dense_motion_network.occlusion",
        "@third_in": "third",
        "@decoder_in": "decoder",
        "@up_0_in": "decoder.up_0",
    }
)
_RENDERER = NetworkKind(
    _make_renderer, _run_renderer, _RENDERER_TOLERANCES, _prepare_renderer, _RENDERER_POINTS
)
_DETECTOR = NetworkKind(
    _make_detector, _run_detector, {"": Tolerance(relative=1e-4), "kp": Tolerance(absolute=1e-4)}
)
_POSE = NetworkKind(_make_pose, _run_pose, {"": Tolerance(relative=1e-4)})

NETWORKS: Mapping[str, NetworkKind] = {
    "generator": _RENDERER,
    "kp_extractor": _DETECTOR,
    "kp_detector": _DETECTOR,
    "he_estimator": _POSE,
}
"""By the beginning of a case's name."""
