"""Checkpoint files written from manifests, laid out like the official ones.

They hold pseudo-random numbers, but everything that reads the official files reads these too.
"""

from __future__ import annotations

from pathlib import Path

from golden_cases.fill import fill, load_manifest

__all__ = ["write_safetensors", "write_torch"]


def write_safetensors(manifests: list[Path], path: Path) -> Path:
    """Write one safetensors file with the tensors of all manifests under their prefixes."""
    import torch

    from emoanim.weights.checkpoints import save_safetensors

    tensors = {}
    for manifest_path in manifests:
        manifest = load_manifest(manifest_path)
        for name, array in fill(manifest).items():
            tensors[f"{manifest['checkpoint_prefix']}{name}"] = torch.from_numpy(array)
    save_safetensors(tensors, path)
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
