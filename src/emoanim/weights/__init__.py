"""Weight files: where they come from, their hashes and licences, and how checkpoints are read.

``fetch(name)`` returns the path of one file; see ``emoanim.weights.resolver`` for where it looks
and which environment variables it minds.
"""

from __future__ import annotations

from emoanim.folders import cache_folder
from emoanim.weights.cache import expected, first_use_note, trust
from emoanim.weights.in_packages import folder_of, in_packages
from emoanim.weights.resolver import (
    WeightStatus,
    assemble,
    check_licence,
    fetch,
    known,
    own_file,
    status,
    verify,
)
from emoanim.weights.table import WEIGHTS, Weight

__all__ = [
    "WEIGHTS",
    "Weight",
    "WeightStatus",
    "assemble",
    "cache_folder",
    "check_licence",
    "expected",
    "fetch",
    "first_use_note",
    "folder_of",
    "in_packages",
    "known",
    "own_file",
    "status",
    "trust",
    "verify",
]
