"""``python -m emoanim.weights NAME ... [--accept-licence]`` fetches weights ahead of time."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from emoanim.errors import EmoanimError
from emoanim.weights.hub_models import HUB_MODELS, fetch_hub_model
from emoanim.weights.resolver import fetch
from emoanim.weights.table import WEIGHTS

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Fetch the named weights and print their paths; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m emoanim.weights", description=__doc__)
    known = ", ".join((*WEIGHTS, *HUB_MODELS))
    parser.add_argument("names", nargs="+", metavar="NAME", help=f"of: {known}")
    parser.add_argument("--accept-licence", action="store_true", help="accept what they ask for")
    given = parser.parse_args(arguments)
    try:
        for name in given.names:
            if name in HUB_MODELS:
                print(fetch_hub_model(name))
            else:
                print(fetch(name, accept_licence=given.accept_licence))
    except EmoanimError as error:
        print(f"emoanim: {error}", file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
