"""Cases of EmoNet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from golden_cases.cases import Case, Tolerance
from golden_cases.kinds import NetworkKind, Outputs

__all__ = ["NETWORKS"]


def _make_emonet(case: Case) -> Any:
    from emoanim.engines.emonet.network import EmoNet

    outputs = next(t for t in case.manifest["tensors"] if t["name"] == "emo_fc_2.3.bias")
    return EmoNet(outputs["shape"][0] - 2)


def _prepare_emonet(network: Any) -> Any:
    from emoanim.engines.emonet.network import prepare

    return prepare(network)


def _run_emonet(network: Any, case: Case) -> Outputs:
    import torch

    images = torch.from_numpy(case.images()).contiguous(memory_format=torch.channels_last)
    # All at once, as the case was recorded: sums are rounded otherwise for another batch.
    output: Outputs = network(images)._asdict()
    return output


_EMONET = NetworkKind(_make_emonet, _run_emonet, {"": Tolerance(relative=1e-5)}, _prepare_emonet)

NETWORKS: Mapping[str, NetworkKind] = {"emonet": _EMONET, "emonet_8": _EMONET, "emonet_5": _EMONET}
"""By the beginning of a case's name."""
