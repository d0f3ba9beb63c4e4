"""``emoanim evaluate``."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from emoanim.cli.printing import print_json
from emoanim.errors import InputError

if TYPE_CHECKING:
    from emoanim.evaluation.comparison import Evaluation

__all__ = ["evaluate"]


def evaluate(
    original: Annotated[
        Path, typer.Argument(help="video, still, folder of stills, or a score file (.npz)")
    ],
    generated: Annotated[
        Path | None, typer.Argument(help="what was made of it; not needed for a score file")
    ] = None,
    emotion: Annotated[
        str, typer.Option("--emotion", "-e", help="the target, for instance happy")
    ] = "",
    classifier: Annotated[
        list[str] | None,
        typer.Option("--classifier", help="by name, the main one first; may be repeated (fer8)"),
    ] = None,
    second: Annotated[
        str, typer.Option("--second", help='second opinion on every fifth frame, or "none"')
    ] = "facex",
    accept_licence: Annotated[
        bool, typer.Option("--accept-licence", help="of the classifiers' weights")
    ] = False,
    reference: Annotated[
        Path | None, typer.Option("--reference", help="aligned frame by frame, for PSNR")
    ] = None,
    identity: Annotated[
        bool, typer.Option("--identity/--no-identity", help="compare the persons")
    ] = True,
    every: Annotated[int, typer.Option("--every", min=1, help="look at every n-th frame")] = 1,
    seed: Annotated[int, typer.Option("--seed", min=0, help="of the bootstraps")] = 0,
    scores: Annotated[
        Path | None, typer.Option("--scores", help="keep what was measured (.npz)")
    ] = None,
    report: Annotated[
        Path | None, typer.Option("--report", help="write a page with plots (.html)")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print everything as JSON")] = False,
) -> None:
    """Score a video against its original: did the emotion come in, and at what price."""
    from emoanim.cli.progress import ProgressBars
    from emoanim.evaluation.comparison import evaluate as measure
    from emoanim.evaluation.report import check_report, write_report
    from emoanim.evaluation.score_files import check_scores, is_score_file, write_observations

    if not emotion:
        raise InputError(
            "no emotion given; expected the target, such as --emotion happy. Name the one that "
            "the generated clip should show."
        )
    if generated is None:
        if not is_score_file(original):
            raise InputError(
                f"{str(original)!r} given alone; expected ORIGINAL and GENERATED, or a score file "
                "of both. Give the generated clip too."
            )
        generated = original
    if scores is not None:
        check_scores(scores)
    if report is not None:
        check_report(report)
    console = Console(stderr=True)
    with ProgressBars(console) as bars:
        result = measure(
            original,
            generated,
            emotion,
            classifiers=classifier or ("fer8",),
            second=None if second == "none" else second,
            reference=reference,
            identity=identity,
            every=every,
            accept_licence=accept_licence,
            seed=seed,
            on_step=bars,
        )
    if scores is not None:
        write_observations(scores, *result.observations)
    if report is not None:
        write_report(report, result)
    for warning in result.warnings:
        console.print(f"warning: {escape(warning)}", style="yellow", soft_wrap=True)
    if as_json:
        print_json(result.to_dict())
        return
    for row in rows(result):
        typer.echo("\t".join(row))


def rows(result: Evaluation) -> list[tuple[str, ...]]:
    """Return the results as lines of a table: name and value, or name, before and after."""
    lines: list[tuple[str, ...]] = []
    for change in result.changes:
        value, interval = change.edd, change.edd.interval
        ends = "" if interval is None else f" [{_text(interval.low)}, {_text(interval.high)}]"
        lines += [
            (f"EDD of {result.emotion} by {change.classifier}", f"{_text(value.edd)}{ends}"),
            ("  without smoothing", _text(change.unsmoothed.edd)),
            ("  of the original's halves", _text(change.null.edd)),
            (f"  mean p({result.emotion})", *(_text(v) for v in change.mean)),
            ("  top label", *(_share(v) for v in change.top)),
            ("  frames with a face", *(_share(v) for v in change.coverage)),
        ]
    for side, agreed in result.agreements.items():
        names = " and ".join(agreed.classifiers)
        lines.append((f"kappa of {names}, {side}", _text(agreed.kappa)))
    sides: tuple[Any, ...] = (result.original, result.generated)
    lines += [
        ("CPBD of the face at 256 px", *(_text(s.sharpness.value) for s in sides)),
        ("head motion, degrees", *(_text(s.head_motion.value) for s in sides)),
        ("beat alignment", *(_text(s.beat_alignment.value) for s in sides)),
        ("lips with sound, correlation", *(_text(s.lips.correlation) for s in sides)),
        ("sound after lips, s", *(_text(s.lips.lag) for s in sides)),
        ("identity distance", _text(result.identity.distance)),
    ]
    if result.generated.psnr is not None:
        lines.append(("PSNR, dB", _text(result.generated.psnr.value)))
    return lines


def _text(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.3f}"


def _share(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.0%}"
