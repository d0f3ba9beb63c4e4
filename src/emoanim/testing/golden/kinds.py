"""The kinds of cases that are understood: how each network is made, run and judged."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from emoanim.testing.golden.cases import Case, Check, Tolerance

__all__ = ["FUNCTIONS", "NETWORKS", "NetworkKind"]

Outputs = Mapping[str, Any]


def _as_it_is(network: Any) -> Any:
    return network


@dataclass(frozen=True, slots=True)
class NetworkKind:
    """A network that a manifest fills.

    Attributes:
        make: builds the plain network for a case.
        run: feeds it the case's inputs and returns its outputs by their recorded names.
        tolerances: by output; "" is the one of all others.
        prepare: makes the plain network the one that users run.
        points: recorded points of the data flow that are the input of a module.
    """

    make: Callable[[Case], Any]
    run: Callable[[Any, Case], Outputs]
    tolerances: Mapping[str, Tolerance]
    prepare: Callable[[Any], Any] = _as_it_is
    points: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def tolerance(self, output: str) -> Tolerance:
        """Return the tolerance of an output."""
        return self.tolerances.get(output, self.tolerances[""])


def _make_emonet(case: Case) -> Any:
    from emoanim.adapters.classifiers.emofan.network import EmoNet

    outputs = next(t for t in case.manifest["tensors"] if t["name"] == "emo_fc_2.3.bias")
    return EmoNet(outputs["shape"][0] - 2)


def _prepare_emonet(network: Any) -> Any:
    from emoanim.adapters.classifiers.emofan.network import prepare

    return prepare(network)


def _run_emonet(network: Any, case: Case) -> Outputs:
    import torch

    images = torch.from_numpy(case.images()).contiguous(memory_format=torch.channels_last)
    output: Outputs = network(images)._asdict()
    return output


_EMONET = NetworkKind(_make_emonet, _run_emonet, {"": Tolerance(relative=1e-5)}, _prepare_emonet)

NETWORKS: Mapping[str, NetworkKind] = {"emonet_8": _EMONET, "emonet_5": _EMONET, "emonet": _EMONET}
"""By the beginning of a case's name."""

FUNCTIONS: Mapping[str, Callable[[Case], Iterable[Check]]] = {}
"""Cases without a manifest, by the beginning of their name."""
