"""Checkpoint files written from manifests, laid out like the official ones.

They hold pseudo-random numbers, but everything that reads the official files reads these too.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from golden_cases.fill import fill, load_manifest

__all__ = ["write_eat", "write_safetensors", "write_torch"]

_EAT = ("audio2kptransformer", "generator", "kp_detector", "sidetuning", "emotionprompt")


def write_safetensors(manifests: list[Path], path: Path) -> Path:
    """Write one safetensors file with the tensors of all manifests under their prefixes."""
    import torch
    from safetensors.torch import save_file

    tensors = {}
    for manifest_path in manifests:
        manifest = load_manifest(manifest_path)
        for name, array in fill(manifest).items():
            tensors[f"{manifest['checkpoint_prefix']}{name}"] = torch.from_numpy(array)
    save_file(tensors, path)
    return path


def write_torch(manifests: list[Path], path: Path) -> Path:
    """Write one torch file; each manifest under its ``container_key``, or alone without one."""
    import torch

    content: dict[str, object] = {}
    for manifest_path in manifests:
        manifest = load_manifest(manifest_path)
        tensors = {n: torch.from_numpy(a) for n, a in fill(manifest).items()}
        key = manifest.get("container_key")
        content.update({key: tensors} if key else tensors)
    torch.save(content, path)
    return path


def write_eat(golden: Path, folder: Path) -> Path:
    """Write the four official files of EAT into a folder; the PCA is the made-up one."""
    import torch

    manifests = [golden / "eat" / f"manifest_{name}.json" for name in _EAT]
    write_torch(manifests, folder / "deepprompt_eam3d_all_final_313.pth.tar")
    pose = fill(load_manifest(golden / "sadtalker" / "manifest_he_estimator.json"))
    state = {n: torch.from_numpy(a) for n, a in pose.items()}
    torch.save({"he_estimator": state}, folder / "pretrain_new_274.pth.tar")
    with np.load(golden / "eat" / "kp_chain.npz", allow_pickle=False) as case:
        np.save(folder / "U_mead.npy", case["basis"])
        np.save(folder / "mean_mead.npy", case["basis_mean"])
    return folder
