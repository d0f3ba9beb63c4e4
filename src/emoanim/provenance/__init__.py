"""What made a file: said in its tags, signed in a C2PA manifest, read back in plain words."""

from emoanim.provenance.inspection import Inspection, compare, inspect
from emoanim.provenance.manifest import SIGNED_SUFFIXES, Manifest
from emoanim.provenance.tags import Provenance, avatar_tags, read, tags

__all__ = [
    "SIGNED_SUFFIXES",
    "Inspection",
    "Manifest",
    "Provenance",
    "avatar_tags",
    "compare",
    "inspect",
    "read",
    "tags",
]
