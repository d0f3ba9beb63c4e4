"""``python -m emoanim.adapters.voices.elevenlabs``: delete the voice clones that a crash left."""

from __future__ import annotations

import sys

from emoanim.adapters.voices.elevenlabs.client import Service
from emoanim.adapters.voices.elevenlabs.cloning import delete_leftovers
from emoanim.errors import EmoanimError
from emoanim.paid_calls import leftover_clones


def main() -> int:
    """Delete them; return 0 if none is left."""
    try:
        for address in sorted({clone.address for clone in leftover_clones("elevenlabs")}):
            delete_leftovers(Service(address or None))
    except EmoanimError as error:
        print(f"emoanim: error: {error}", file=sys.stderr)
        return error.exit_code
    left = leftover_clones("elevenlabs")
    for clone in left:
        print(f"still there: {clone.name} {clone.voice_id} ({clone.made})", file=sys.stderr)
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
