"""Cases of EAT: its networks and its functions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from golden_cases.cases import Case, Check, Tolerance
from golden_cases.kinds import FunctionKind, NetworkKind, Outputs

__all__ = ["FUNCTIONS", "NETWORKS"]

_NETWORK = {"": Tolerance(relative=1e-4)}
_EMOTIONS = 8


def _make_prompt(_case: Case) -> Any:
    from emoanim.engines.eat.prompt import PromptMapper

    return PromptMapper()


def _run_prompt(network: Any, case: Case) -> Outputs:
    import torch

    noise = torch.from_numpy(case.input("z"))
    made = [network(noise, emotion) for emotion in range(_EMOTIONS)]
    return {
        "emoprompt_all8": torch.cat([m[0] for m in made]),
        "deepprompt_all8": torch.cat([m[1] for m in made]),
    }


def _make_transformer(_case: Case) -> Any:
    from emoanim.engines.eat.keypoint_transformer import KeypointTransformer

    return KeypointTransformer()


def _run_transformer(network: Any, case: Case) -> Outputs:
    import torch

    from emoanim.engines.eat.head_pose import head_numbers

    angles = [torch.from_numpy(case.input(n)).flatten(0, -2) for n in ("yaw", "pitch", "roll", "t")]
    count, window = len(angles[0]), 11
    mels = case.input_or_random("mel", "eat:mel", (1, count, 1, 80, window), 1.0)
    poses = case.input_or_random("pose", "eat:pose", (count, window, 1, 64, 64), 0.3)
    if not case.has("pose"):
        poses = np.clip(np.abs(poses), 0, 1)
    deep = case.input_or_random("deep", "eat:deep", (1, count, window, 16, 29), 1.0)
    face = case.input_or_random("prediction_map", "eat:prediction_map", (1, 15, 16, 64, 64), 0.35)
    outputs: Outputs = network(
        torch.from_numpy(mels).reshape(count, 1, 80, window),
        torch.from_numpy(poses).reshape(count, window, 1, 64, 64),
        torch.from_numpy(deep).reshape(count, window, 16, 29),
        head_numbers(*angles),
        torch.from_numpy(face),
        torch.from_numpy(case.input("emoprompt")),
        torch.from_numpy(case.input("deepprompt")),
    )._asdict()
    return outputs


def _make_deformation(_case: Case) -> Any:
    from emoanim.engines.eat.deformation import DeformationNetwork

    return DeformationNetwork()


def _run_deformation(network: Any, case: Case) -> Outputs:
    import torch

    names = ("face_feature_map", "emoprompt", "deepprompt")
    offset = network(*(torch.from_numpy(case.input(n)) for n in names))
    frames = int(case.arrays["exp_delta.shape"][0])
    return {"exp_delta": offset.repeat_interleave(frames // len(offset), 0)}


def _chain(case: Case) -> Iterator[Check]:
    import torch

    from emoanim.engines.eat import key_points as k

    basis, mean = (torch.from_numpy(case.input(n)) for n in ("basis", "basis_mean"))
    given = {n: torch.from_numpy(case.input(n)) for n in case.arrays if case.arrays[n].ndim > 1}
    canonical = given["kp_canonical"]
    exp = k.expression_of(given["pca_coeff"], basis, mean, given["exp_delta"], canonical)

    def placed(role: str, expression: Any) -> Any:
        yaw, pitch, roll, t = (given[f"{role}_{part}"] for part in ("yaw", "pitch", "roll", "t"))
        return k.placed(canonical, yaw, pitch, roll, t, expression)

    source, driving = placed("src", given["src_exp"]), placed("drv", exp)
    volume = k.hull_volume(case.input("kp_canonical")[0])
    yield case.check("hull_volume", [volume], Tolerance(relative=1e-6))
    yield case.check("exp", exp, Tolerance(relative=1e-4))
    yield case.check("kp_source", source, Tolerance(absolute=1e-4))
    yield case.check("kp_driving", k.shifted(driving, source), Tolerance(absolute=1e-4))


def _pose_image(case: Case) -> Iterator[Check]:
    import torch

    from emoanim.engines.eat.head_pose import pose_images

    drawn = pose_images(*(torch.from_numpy(case.input(n)) for n in ("yaw", "pitch", "roll", "t")))
    yield case.check("pose_image", drawn, Tolerance(absolute=1e-3))


NETWORKS: Mapping[str, NetworkKind] = {
    "emotionprompt": NetworkKind(_make_prompt, _run_prompt, _NETWORK),
    "audio2kptransformer": NetworkKind(
        _make_transformer, _run_transformer, _NETWORK, points={"@hp45": "hp_extractor"}
    ),
    "sidetuning": NetworkKind(_make_deformation, _run_deformation, _NETWORK),
}
"""By the beginning of a case's name."""

FUNCTIONS: Mapping[str, FunctionKind] = {"kp_chain": _chain, "pose_image": _pose_image}
"""Cases without a network, by the beginning of their name."""
