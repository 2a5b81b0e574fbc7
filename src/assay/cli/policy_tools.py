"""`assay policy lint`, `diff`, `test`, `backtest`: policies handled as code is."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from assay.cli import exits
from assay.cli.options import MANIFEST, Format, Json, Manifest, end_of, formats

LINT_FORMATS: Final = ("text", "json", "sarif")
BACKTEST_FORMATS: Final = ("text", "json", "markdown")
TEST_FORMATS: Final = ("text", "json", "junit", "tap")
DIFF_FORMATS: Final = ("text", "json", "markdown")

Rows = Annotated[
    int | None,
    typer.Option(
        min=1,
        metavar="N",
        help="The size of the sample that bars must be shown on; default: that of the latest "
        "evaluation.",
    ),
]


def lint(
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[FILE]...", help="Policies; default: the manifest's."),
    ] = None,
    rows: Rows = None,
    manifest: Manifest = MANIFEST,
    format: Format = None,  # noqa: A002 - the option's name
    json: Json = False,
) -> None:
    """Find requirements that can never matter, be met, or be shown to be met.

    Exit 0: nothing was found, 1: something was.
    """
    import assay
    from assay.bootstrap import repository_prefix
    from assay.bootstrap.policy_tools import lint_policies
    from assay.cli.output import emit
    from assay.documents.policy_lint import lint_json, lint_sarif, render_lint

    asked = formats(format, json, LINT_FORMATS)
    reports = lint_policies(files or [], manifest, rows=rows)
    emit(
        asked,
        {
            "text": lambda: render_lint(reports),
            "json": lambda: lint_json(reports),
            "sarif": lambda: lint_sarif(
                reports,
                tool_version=assay.__version__,
                folder=repository_prefix(Path() if files else manifest.parent),
            ),
        },
    )
    raise typer.Exit(exits.DENIED if any(report.findings for report in reports) else exits.OK)


def diff(
    old: Annotated[
        str,
        typer.Argument(
            metavar="OLD", help="A policy's file, or the digest of one that was judged by."
        ),
    ],
    new: Annotated[
        Path | None, typer.Argument(metavar="[NEW]", help="A file; default: the manifest's policy.")
    ] = None,
    manifest: Manifest = MANIFEST,
    format: Format = None,  # noqa: A002 - the option's name
    json: Json = False,
) -> None:
    """Say in words what changed from one policy to another, and which way."""
    from assay.bootstrap.policy_tools import compare_policies
    from assay.cli.output import emit
    from assay.documents.policy_difference import (
        difference_json,
        difference_markdown,
        render_difference,
    )

    asked = formats(format, json, DIFF_FORMATS)
    report = compare_policies(old, new, manifest)
    emit(
        asked,
        {
            "text": lambda: render_difference(report),
            "json": lambda: difference_json(report),
            "markdown": lambda: difference_markdown(report),
        },
    )


def run_tests(
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[FILE]...", help="Files of cases; default: policy/tests beside the manifest."
        ),
    ] = None,
    step: Annotated[
        float | None,
        typer.Option(
            min=0.001,
            max=1.0,
            metavar="SHARE",
            help="By which share of itself a threshold moves in a mutant; default: 0.1.",
        ),
    ] = None,
    complete: Annotated[
        bool,
        typer.Option(
            "--complete", help="Fail too where a pair is not covered or a change not noticed."
        ),
    ] = False,
    manifest: Manifest = MANIFEST,
    format: Format = None,  # noqa: A002 - the option's name
    json: Json = False,
) -> None:
    """Run a policy's test cases, and say what they do not cover and would not notice.

    Exit 0: every case holds, 1: some do not.
    """
    from decimal import Decimal

    from assay.bootstrap.policy_tools import run_policy_tests
    from assay.cli.output import emit
    from assay.documents.policy_tests import (
        policy_tests_json,
        policy_tests_junit,
        policy_tests_tap,
        render_policy_tests,
    )

    asked = formats(format, json, TEST_FORMATS)
    moved = None if step is None else Decimal(str(step))
    report = run_policy_tests(files or [], manifest, step=moved)
    emit(
        asked,
        {
            "text": lambda: render_policy_tests(report),
            "json": lambda: policy_tests_json(report),
            "junit": lambda: policy_tests_junit(report),
            "tap": lambda: policy_tests_tap(report),
        },
    )
    wanting = not report.holds or (complete and not report.complete)
    raise typer.Exit(exits.DENIED if wanting else exits.OK)


def backtest(
    candidate: Annotated[
        Path, typer.Argument(metavar="CANDIDATE", help="The policy's file that is tried.")
    ],
    pack: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE",
            help="An auditor's pack, in place of the workspace beside the manifest; repeatable.",
        ),
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(
            metavar="TIME",
            help="As of a day (its end, in UTC) or an instant, such as when a requirement begins.",
        ),
    ] = None,
    processes: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="How many processes; default: one a processor."),
    ] = None,
    manifest: Manifest = MANIFEST,
    format: Format = None,  # noqa: A002 - the option's name
    json: Json = False,
) -> None:
    """Try a policy on the recorded evidence of every version, without touching any data.

    Says who would newly be denied, be allowed, or lack evidence. Exit 0: nobody would newly be
    denied, 1: someone would.
    """
    from assay.bootstrap.backtesting import backtest_packs, backtest_workspace
    from assay.cli.output import Progress, emit

    asked = formats(format, json, BACKTEST_FORMATS)
    progress = Progress("Judging")
    moment = end_of(at) if at else None
    report = (
        backtest_packs(candidate, manifest, pack, at=moment, progress=progress)
        if pack
        else backtest_workspace(
            candidate, manifest, at=moment, processes=processes, progress=progress
        )
    )
    progress.close()
    # Reports load what computes, and that is told of its threads before it is loaded.
    from assay.documents.backtest import backtest_json, backtest_markdown, render_backtest

    emit(
        asked,
        {
            "text": lambda: render_backtest(report),
            "json": lambda: backtest_json(report),
            "markdown": lambda: backtest_markdown(report),
        },
    )
    raise typer.Exit(exits.DENIED if report.denials else exits.OK)
