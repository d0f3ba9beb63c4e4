"""Cases of SadTalker: its small networks and its functions."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from golden_cases.cases import Case, Check, Tolerance
from golden_cases.kinds import FunctionKind, NetworkKind, Outputs

__all__ = ["FUNCTIONS", "NETWORKS"]

_NETWORK = {"": Tolerance(relative=1e-4)}
_EXACT = Tolerance(absolute=1e-12)
_POINTS = Tolerance(absolute=1e-3)
_OVERRIDE = (20.0, -30.0)


def _make_regressor(_case: Case) -> Any:
    from emoanim.engines.sadtalker.reconstruction import CoefficientRegressor

    return CoefficientRegressor()


def _run_regressor(network: Any, case: Case) -> Outputs:
    import torch

    return {"coeff": network(torch.from_numpy(case.images()))}


def _make_expression(_case: Case) -> Any:
    from emoanim.engines.sadtalker.audio_networks import AudioToExpression

    return AudioToExpression()


def _prepare_expression(network: Any) -> Any:
    from emoanim.engines.sadtalker.audio_networks import prepare_expression

    return prepare_expression(network)


def _run_expression(network: Any, case: Case) -> Outputs:
    import torch

    mels, reference, ratio = (torch.from_numpy(case.input(n)) for n in ("mel", "ref", "ratio"))
    batch, count = mels.shape[:2]
    out = network(mels.flatten(0, 1), reference.flatten(0, 1), ratio.flatten(0, 1))
    return {"exp": out.reshape(batch, count, -1)}


def _make_pose(_case: Case) -> Any:
    from emoanim.engines.sadtalker.audio_networks import AudioToPose

    return AudioToPose()


def _prepare_pose(network: Any) -> Any:
    from emoanim.engines.sadtalker.audio_networks import prepare_pose

    return prepare_pose(network)


def _run_pose(network: Any, case: Case) -> Outputs:
    import torch

    from emoanim.engines.sadtalker.coefficients import smoothed

    mels, reference, noise = (torch.from_numpy(case.input(n)) for n in ("mel", "ref", "z"))
    style = int(case.input("style").reshape(-1)[0])
    blocks = noise.reshape(-1, noise.shape[-1])
    motions = [network(mels[i], reference[i, 0, -6:], style, blocks) for i in range(mels.shape[0])]
    motion = torch.stack(motions)
    pose = motion + reference[:, :1, -6:]
    outputs: dict[str, Any] = {"pose_motion": motion, "pose": pose}
    if "pose_smoothed" in case.arrays:
        outputs["pose_smoothed"] = np.stack([smoothed(track) for track in pose.numpy()])
    if case.records("audio_emb_first32"):
        parts = [network.embed(m[1:33]) for m in mels]
        # A clip of fewer frames may have been recorded after it was filled up in front.
        lacking = int(case.arrays["audio_emb_first32.shape"][1]) - len(parts[0])
        padded = [torch.cat((p[:1].expand(max(lacking, 0), -1), p)) for p in parts]
        outputs["audio_emb_first32"] = torch.stack(padded)
    return outputs


def _make_mapping(case: Case) -> Any:
    from emoanim.engines.sadtalker.mapping import Mapping as MappingNetwork

    first = next(t for t in case.manifest["tensors"] if t["name"] == "first.0.weight")
    return MappingNetwork(first["shape"][1])


def _run_mapping(network: Any, case: Case) -> Outputs:
    import torch

    from emoanim.engines.keypoint_renderer.geometry import degrees
    from emoanim.engines.sadtalker.keypoints import driven_keypoints, head_rotation

    mapped = network(torch.from_numpy(case.input("coeff")))
    outputs: dict[str, Any] = mapped._asdict()
    for name in ("yaw", "pitch", "roll"):
        outputs[f"{name}_deg"] = degrees(outputs[name])
    outputs["rot"] = head_rotation(mapped)
    canonical = torch.from_numpy(case.input("kp_canonical"))
    outputs["kp"] = driven_keypoints(canonical, mapped)
    if "kp_yaw_override" in case.arrays:
        count = len(canonical)
        turned = case.input("yaw_override") if case.has("yaw_override") else _OVERRIDE
        yaw = torch.tensor(np.resize(np.asarray(turned, dtype=np.float32), count))
        outputs["kp_yaw_override"] = driven_keypoints(canonical, mapped, yaw=yaw)
    return outputs


def _mel(case: Case) -> Iterator[Check]:
    from emoanim.engines.sadtalker.mel import mel_spectrogram, window_rows, windows

    samples = case.input("wav")
    mel = mel_spectrogram(samples)
    frames = len(samples) // 640
    tolerance = Tolerance(absolute=1e-4)
    if "num_frames" in case.arrays:
        yield case.check("num_frames", [frames], _EXACT)
    if "cropped_len" in case.arrays:
        yield case.check("cropped_len", [frames * 640], _EXACT)
    yield case.check("mel", mel, tolerance)
    yield case.check("window_index", window_rows(frames, len(mel)), _EXACT)
    yield case.check("windows_first3", windows(mel, 0, min(3, frames))[:, 0], tolerance)
    yield case.check("windows_last3", windows(mel, max(frames - 3, 0), frames)[:, 0], tolerance)


def _align(case: Case) -> Iterator[Check]:
    from emoanim.engines.sadtalker.face_crop import align, five_points

    image, landmarks = case.input("image"), case.input("landmarks68")
    aligned = align(image, landmarks)
    yield case.check("five_points", five_points(landmarks, len(image)), _POINTS)
    yield case.check("trans_params", aligned.parameters, Tolerance(relative=1e-6))
    yield case.check("aligned_landmarks", aligned.landmarks, _POINTS)
    yield case.check("aligned_u8", aligned.image, Tolerance(absolute=1.0))


def _crop(case: Case) -> Iterator[Check]:
    from emoanim.engines.sadtalker.face_crop import crop_box

    stems = [n.removesuffix("landmarks68") for n in case.arrays if n.endswith("landmarks68")]
    for stem in stems:
        width, height = (int(n) for n in case.input(f"{stem}size"))
        box = crop_box(case.input(f"{stem}landmarks68"), width, height)
        yield case.check(f"{stem}rsize", box.size, _EXACT)
        yield case.check(f"{stem}crop", box.crop, _EXACT)
        yield case.check(f"{stem}quad", box.quad, Tolerance(absolute=1e-6))


def _semantics(case: Case) -> Iterator[Check]:
    from emoanim.engines.sadtalker import coefficients as c

    near = Tolerance(absolute=1e-6)
    track = case.input("coeff")
    yield case.check("target_all", c.target_windows(track), near)
    yield case.check("source", c.source_window(track[0]), near)
    for name in [n for n in case.arrays if n.endswith("_args")]:
        *stops, count, batch = (int(n) for n in case.input(name))
        angles = c.camera_track(stops, count)
        padded = np.concatenate((angles, np.repeat(angles[-1:], -count % batch)))
        yield case.check(name.removesuffix("_args"), padded.reshape(batch, -1), near)
    for name in [n for n in case.arrays if n.startswith("blink_")]:
        count = int(name.rsplit("_", 1)[1])
        yield case.check(name, _blinks(name, count), near)


def _blinks(name: str, count: int) -> Any:
    from emoanim.engines.sadtalker import coefficients as c

    if "seed" in name:
        seed = int(name.split("seed")[1].split("_")[0])
        # The recorded pauses were drawn from this generator.
        return c.blink_track(count, random.Random(seed).choice)
    return c.blink_track(count, lambda _pauses: 80, (0.5, 0.6, 0.7, 0.9, 1, 0.9, 0.7, 0.6, 0.5))


_MAPPING = NetworkKind(_make_mapping, _run_mapping, {**_NETWORK, "kp": Tolerance(absolute=1e-4)})

NETWORKS: Mapping[str, NetworkKind] = {
    "net_recon": NetworkKind(_make_regressor, _run_regressor, _NETWORK),
    "audio2exp": NetworkKind(
        _make_expression,
        _run_expression,
        _NETWORK,
        _prepare_expression,
        {"@mapping1_in": "mapping1"},
    ),
    "audio2pose": NetworkKind(
        _make_pose,
        _run_pose,
        _NETWORK,
        _prepare_pose,
        {"@mlp_in": "netG.decoder.MLP", "@resunet_in": "netG.decoder.resunet"},
    ),
    "mapping": _MAPPING,
    "mapping_00109": _MAPPING,
    "mapping_00229": _MAPPING,
}
"""By the beginning of a case's name."""

FUNCTIONS: Mapping[str, FunctionKind] = {
    "mel": _mel,
    "align": _align,
    "crop": _crop,
    "semantics": _semantics,
}
"""Cases without a network, by the beginning of their name."""
