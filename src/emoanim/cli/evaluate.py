"""``emoanim evaluate``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from emoanim.cli.loudness import notices
from emoanim.cli.options import PersonOption
from emoanim.cli.printing import print_json
from emoanim.cli.tables import print_table
from emoanim.errors import InputError

__all__ = ["evaluate"]


def evaluate(
    original: Annotated[
        Path, typer.Argument(help="video, still, folder of stills, or a score file (.npz, .csv)")
    ],
    generated: Annotated[
        Path | None, typer.Argument(help="the generated video; not needed for a score file")
    ] = None,
    emotion: Annotated[
        str, typer.Option("--emotion", "-e", help="the target, for instance happy")
    ] = "",
    classifier: Annotated[
        list[str] | None,
        typer.Option("--classifier", help="by name, the main one first; may be repeated (fer8)"),
    ] = None,
    second: Annotated[
        str, typer.Option("--second", help='second classifier, on every fifth frame, or "none"')
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
    person: PersonOption = None,
    scores: Annotated[
        Path | None, typer.Option("--scores", help="keep what was measured (.npz)")
    ] = None,
    report: Annotated[
        Path | None, typer.Option("--report", help="write a page with plots (.html)")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print everything as JSON")] = False,
) -> None:
    """Compare a video with its original: did the emotion change, and at what cost in quality."""
    from emoanim.cli.progress import ProgressBars
    from emoanim.evaluation.comparison import evaluate as measure
    from emoanim.evaluation.report import check_report, write_report
    from emoanim.evaluation.score_files import check_scores, is_score_file, write_observations
    from emoanim.evaluation.summary import rows

    if not emotion:
        raise InputError(
            "no emotion given; expected the target, such as --emotion happy. Name the one that "
            "the generated clip should show."
        )
    if generated is None:
        if not is_score_file(original) or original.suffix.lower() == ".csv":
            raise InputError(
                f"{str(original)!r} given alone; expected ORIGINAL and GENERATED, or a score file "
                "of both. Give the generated clip too."
            )
        generated = original
    if scores is not None:
        check_scores(scores)
    if report is not None:
        check_report(report)
    console = notices()
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
            person=person,
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
    print_table(("measure", "original", "generated"), rows(result))
