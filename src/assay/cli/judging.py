"""`assay check`, `assay gate`, `assay explain`: measure, decide, explain."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from assay.cli import exits
from assay.cli.options import MANIFEST, Actor, Format, Json, Manifest, Version, formats


def check(
    manifest: Manifest = MANIFEST,
    actor: Actor = None,
    format: Format = None,  # noqa: A002 - the option's name
    json: Json = False,
    listing: Annotated[
        bool, typer.Option("--list", help="List every check there is, and exit.")
    ] = False,
) -> None:
    """Run the policy's checks; judge nothing."""
    from assay import bootstrap
    from assay.app.measuring import check_version
    from assay.cli.output import Progress, emit
    from assay.documents.checks import checks_json, render_checks
    from assay.documents.measurements import measurements_json, render_measurements

    if listing:
        known = bootstrap.known_checks(manifest)
        emit(
            formats(format, json),
            {"text": lambda: render_checks(known), "json": lambda: checks_json(known)},
        )
        return
    project = bootstrap.open_project(manifest)
    progress = Progress("Reading")
    report = check_version(
        bootstrap.open_workspace(project.root),
        project,
        actor=bootstrap.actor_name(actor, project.root),
        progress=progress,
    )
    progress.close()
    emit(
        formats(format, json),
        {
            "text": lambda: render_measurements(report),
            "json": lambda: measurements_json(report),
        },
    )


def gate(
    manifest: Manifest = MANIFEST,
    actor: Actor = None,
    format: Format = None,  # noqa: A002 - the option's name
    json: Json = False,
) -> None:
    """Decide whether the version may ship.

    Exit 0: allowed, 1: denied, 3: on hold, 4: could not be evaluated.
    """
    from assay import bootstrap
    from assay.app.gate import gate_version
    from assay.cli.output import Progress

    project = bootstrap.open_project(manifest)
    progress = Progress("Reading")
    report = gate_version(
        bootstrap.open_workspace(project.root),
        project,
        actor=bootstrap.actor_name(actor, project.root),
        progress=progress,
    )
    progress.close()
    emit_gate_report(report, formats(format, json))
    raise typer.Exit(exits.DECISIONS[report.decision.effective.value])


def explain(
    requirement: Annotated[str, typer.Argument(help="A requirement of the policy, by its name.")],
    version: Version = None,
    manifest: Manifest = MANIFEST,
    format: Format = None,  # noqa: A002 - the option's name
    json: Json = False,
) -> None:
    """Explain one verdict, from figure to limit."""
    from assay import bootstrap
    from assay.app.explanation import explain_requirement
    from assay.cli.output import columns, emit
    from assay.documents.explanation import explanation_json, render_explanation

    project = bootstrap.open_project(manifest)
    services = bootstrap.open_workspace(project.root, create=False)
    wanted = bootstrap.recorded_version(services, project, version)
    explanation = explain_requirement(services, project, wanted, requirement)
    emit(
        formats(format, json),
        {
            "text": lambda: render_explanation(explanation, width=columns()),
            "json": lambda: explanation_json(explanation),
        },
    )


def emit_gate_report(report: object, wanted: list[str]) -> None:
    """Write a gate's report in the wanted formats; approvals show it too."""
    from assay.cli.output import columns, emit, paint
    from assay.documents.gate import GateReport
    from assay.documents.gate_json import render_json
    from assay.documents.gate_markdown import render_markdown
    from assay.documents.gate_text import render_text

    assert isinstance(report, GateReport)  # noqa: S101 - imported late to keep --help fast
    emit(
        wanted,
        {
            "text": lambda: render_text(report, style=paint(sys.stdout), width=columns()),
            "json": lambda: render_json(report),
            "markdown": lambda: render_markdown(report),
        },
    )
