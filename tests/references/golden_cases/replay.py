"""Replaying a case through our networks and functions."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from emoanim.weights import checkpoints
from golden_cases import eat_kinds, emonet_kinds, renderer_kinds, sadtalker_kinds
from golden_cases.cases import Case, Check
from golden_cases.fill import checksum_error, fill
from golden_cases.kinds import FunctionKind, NetworkKind
from golden_cases.taps import first_divergence

__all__ = ["FUNCTIONS", "NETWORKS", "Outcome", "replay"]

NETWORKS: Mapping[str, NetworkKind] = {
    **emonet_kinds.NETWORKS,
    **renderer_kinds.NETWORKS,
    **sadtalker_kinds.NETWORKS,
    **eat_kinds.NETWORKS,
}
"""Kinds of cases with a manifest, by the beginning of their name."""
FUNCTIONS: Mapping[str, FunctionKind] = {
    **sadtalker_kinds.FUNCTIONS,
    **eat_kinds.FUNCTIONS,
}
"""Kinds of cases without one."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a case.

    Attributes:
        name: "folder/case".
        checks: one per output; empty if the case was skipped.
        skipped: why, or "".
        seconds: of the replay.
        divergence: the first inner point that is wrong, if an output is.
        unchecked: recorded outputs that nothing was compared with.
    """

    name: str
    checks: tuple[Check, ...] = ()
    skipped: str = ""
    seconds: float = 0.0
    divergence: str = ""
    unchecked: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Every output lies within its tolerance."""
        judged = [c for c in self.checks if c.name != "checksums"]
        return bool(judged) and all(c.passed for c in self.checks)


def replay(path: str | Path) -> Outcome:
    """Replay one case; a case that is not understood comes back as skipped, with the reason."""
    path = Path(path)
    label = f"{path.parent.name}/{path.stem}"
    started = time.perf_counter()
    case = Case(path)
    function = _kind_of(case, FUNCTIONS)
    network = _kind_of(case, NETWORKS)
    divergence = ""
    if network is not None:
        if case.manifest_path is None:
            return Outcome(label, skipped="no manifest_*.json beside it that begins its name")
        checks, divergence = _replay_network(case, network)
    elif function is not None:
        checks = list(function(case))
    else:
        known = ", ".join(sorted({*FUNCTIONS, *NETWORKS}))
        return Outcome(label, skipped=f"its name begins with none of: {known}")
    seconds = time.perf_counter() - started
    compared = {c.name for c in checks}
    left = tuple(n for n in case.outputs if n not in compared)
    return Outcome(label, tuple(checks), seconds=seconds, divergence=divergence, unchecked=left)


def _kind_of(case: Case, kinds: Mapping[str, Any]) -> Any:
    """Return the kind with the longest name that the case's or its manifest's name begins with."""
    names = [case.name]
    if case.manifest_path is not None:
        names.append(str(case.manifest.get("case", "")))
    found = [k for k in kinds if any(f"{n}_".startswith(f"{k}_") for n in names)]
    return kinds[max(found, key=len)] if found else None


def _replay_network(case: Case, kind: NetworkKind) -> tuple[list[Check], str]:
    import torch

    arrays = fill(case.manifest)
    ratio, worst = checksum_error(case.manifest, arrays)
    checks = [Check("checksums", ratio, 1.0, ratio <= 1.0, worst if ratio > 1.0 else "")]
    tensors = {n: torch.from_numpy(a) for n, a in arrays.items()}
    make = partial(kind.make, case)
    build = partial(checkpoints.build, make, tensors, case.name)
    with torch.inference_mode():
        outputs = kind.run(kind.prepare(build()), case)
        checks += [
            case.check(n, o, kind.tolerance(n)) for n, o in outputs.items() if case.records(n)
        ]
        if all(c.passed for c in checks) or not case.taps:
            return checks, ""
        return checks, first_divergence(build(), kind, case)
