"""Golden numbers: replaying recorded cases of research networks through ours.

``python -m emoanim.testing.golden FOLDER...`` replays every case of the folders. A case is an
``.npz`` with inputs and outputs; ``manifest_X.json`` lists the tensors of its network, which are
filled from their names (see ``fill``), and ``taps_X.json`` holds statistics of inner points, which
locate the first divergence when an output is wrong.
"""

from __future__ import annotations

from emoanim.testing.golden.cases import Case, Check, Tolerance, find_cases
from emoanim.testing.golden.fill import fill, load_manifest
from emoanim.testing.golden.replay import Outcome, replay

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
