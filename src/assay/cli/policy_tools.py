"""`assay policy lint`, `diff`, `test`, `backtest`: policies handled as code is."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from assay.cli import exits
from assay.cli.options import MANIFEST, Format, Json, Manifest, formats

LINT_FORMATS: Final = ("text", "json", "sarif")
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
