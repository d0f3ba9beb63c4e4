"""Golden numbers: replaying recorded cases of research networks through ours.

``python -m golden_cases FOLDER...`` replays every case of the folders. A case is an
``.npz`` with inputs and outputs; ``manifest_X.json`` lists the tensors of its network, which are
filled from their names (see ``fill``), and ``taps_X.json`` holds statistics of inner points, which
locate the first divergence when an output is wrong.
"""

from __future__ import annotations

from golden_cases.cases import Case, Check, Tolerance, find_cases
from golden_cases.fill import fill, load_manifest
from golden_cases.replay import Outcome, replay

__all__ = [
    "Case",
    "Check",
    "Outcome",
    "Tolerance",
    "fill",
    "find_cases",
    "load_manifest",
    "replay",
]
