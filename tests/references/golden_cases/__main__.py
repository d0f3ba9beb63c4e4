"""``python -m golden_cases FOLDER...``: replay cases, print errors and tolerances."""

from __future__ import annotations

import argparse
import fnmatch
import sys
from collections.abc import Sequence
from pathlib import Path

from golden_cases.cases import find_cases
from golden_cases.replay import Outcome, replay

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Return 0 if every case passed, 1 if one failed, 2 if there was none to replay."""
    parser = argparse.ArgumentParser(
        prog="python -m golden_cases",
        description="Replay recorded cases through our networks; names what was skipped.",
    )
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    parser.add_argument("--only", default="*", metavar="PATTERN", help="cases by name, as in a*")
    parser.add_argument("--skip", default="", metavar="PATTERN", help="cases to leave out")
    given = parser.parse_args(arguments)
    outcomes = []
    for folder in given.folders:
        if not folder.is_dir():
            print(f"{folder} is no folder; expected one with .npz cases.", file=sys.stderr)
            return 2
        for path in find_cases(folder):
            left_out = fnmatch.fnmatch(path.stem, given.skip)
            if left_out or not fnmatch.fnmatch(path.stem, given.only):
                label = f"{path.parent.name}/{path.stem}"
                outcomes.append(Outcome(label, skipped="left out by --only or --skip"))
            else:
                outcomes.append(_replayed(path))
            _show(outcomes[-1])
    done = [o for o in outcomes if not o.skipped]
    failed = [o.name for o in done if not o.passed]
    skipped = [o.name for o in outcomes if o.skipped]
    print(f"{len(done) - len(failed)} of {len(done)} cases passed", end="")
    print(f"; failed: {', '.join(failed)}" if failed else "", end="")
    print(f"; skipped: {', '.join(skipped)}" if skipped else "")
    if not done:
        return 2
    return 1 if failed else 0


def _replayed(path: Path) -> Outcome:
    try:
        return replay(path)
    except Exception as error:
        # One broken case must not hide the others; it counts as failed.
        label = f"{path.parent.name}/{path.stem}"
        return Outcome(label, divergence=f"{type(error).__name__}: {error}")


def _show(outcome: Outcome) -> None:
    if outcome.skipped:
        print(f"SKIP {outcome.name}: {outcome.skipped}", flush=True)
        return
    print(f"{'PASS' if outcome.passed else 'FAIL'} {outcome.name} ({outcome.seconds:.1f} s)")
    for check in outcome.checks:
        mark = "ok " if check.passed else "BAD"
        note = f"  {check.note}" if check.note else ""
        print(
            f"  {mark} {check.name:24} error {check.error:.2e}  allowed {check.allowed:.2e}{note}"
        )
    if outcome.unchecked:
        print(f"  not compared: {', '.join(outcome.unchecked)}")
    if outcome.divergence:
        print(f"  {outcome.divergence}")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
