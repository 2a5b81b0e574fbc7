"""`assay check`, `assay gate`, `assay explain`: measure, decide, explain."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from assay.cli import exits
from assay.cli.gate_report import GATE_FORMATS, GateFormat, emit_gate_report
from assay.cli.options import MANIFEST, Actor, At, Format, Json, Manifest, Version, end_of, formats


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
    from assay.app.judging.measuring import check_version
    from assay.cli.output import Progress, emit
    from assay.documents.checks import checks_json, render_checks
    from assay.documents.measurements import measurements_json, render_measurements

    asked = formats(format, json)
    if listing:
        known = bootstrap.known_checks(manifest)
        emit(
            asked,
            {"text": lambda: render_checks(known), "json": lambda: checks_json(known)},
        )
        return
    project = bootstrap.open_project(manifest)
    progress = Progress("Reading")
    name = bootstrap.actor_name(actor, project.root)
    with bootstrap.open_workspace(project.root) as services:
        report = check_version(services, project, actor=name, progress=progress)
    progress.close()
    emit(
        asked,
        {
            "text": lambda: render_measurements(report),
            "json": lambda: measurements_json(report),
        },
    )


def gate(
    manifest: Manifest = MANIFEST,
    actor: Actor = None,
    format: GateFormat = None,  # noqa: A002 - the option's name
    json: Json = False,
    at: At = None,
) -> None:
    """Decide whether the version may ship.

    With --at nothing is measured or recorded: it tells what would be decided then, by what was
    recorded. Exit 0: allowed, 1: denied, 3: on hold, 4: could not be evaluated.
    """
    from assay import bootstrap
    from assay.app.judging.gate import gate_version
    from assay.app.judging.past import gate_as_of
    from assay.cli.output import Progress

    asked = formats(format, json, GATE_FORMATS)
    project = bootstrap.open_project(manifest)
    if at is not None:
        instant = end_of(at)
        with bootstrap.open_workspace(project.root, create=False) as services:
            wanted = bootstrap.recorded_version(services, project, None)
            report = gate_as_of(services, project, wanted, at=instant)
        emit_gate_report(report, asked, folder=project.root)
        raise typer.Exit(exits.DECISIONS[report.decision.effective.value])
    progress = Progress("Reading")
    name = bootstrap.actor_name(actor, project.root)
    with bootstrap.open_workspace(project.root) as services:
        report = gate_version(services, project, actor=name, progress=progress)
    progress.close()
    emit_gate_report(report, asked, folder=project.root)
    raise typer.Exit(exits.DECISIONS[report.decision.effective.value])


def explain(
    requirement: Annotated[str, typer.Argument(help="A requirement of the policy, by its name.")],
    version: Version = None,
    manifest: Manifest = MANIFEST,
    format: Format = None,  # noqa: A002 - the option's name
    json: Json = False,
    sample_size: Annotated[
        bool,
        typer.Option(
            "--sample-size",
            help="Say how many units would show a pass if the truth is what was observed.",
        ),
    ] = False,
    if_truth: Annotated[
        float | None,
        typer.Option(metavar="VALUE", help="Say how many would if this is the truth."),
    ] = None,
    picture: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Draw it too, as SVG or PNG by the file's suffix."),
    ] = None,
    dark: Annotated[bool, typer.Option("--dark", help="Draw for a dark background.")] = False,
    at: At = None,
) -> None:
    """Explain one verdict, from figure to limit."""
    from assay import bootstrap
    from assay.app.judging.explanation import explain_requirement
    from assay.cli.output import columns, emit
    from assay.cli.picture import draw_explanation, image_of
    from assay.documents.explanation import explanation_json, render_explanation

    image = image_of(picture) if picture else None
    project = bootstrap.open_project(manifest)
    with bootstrap.open_workspace(project.root, create=False) as services:
        wanted = bootstrap.recorded_version(services, project, version)
        explanation = explain_requirement(
            services,
            project,
            wanted,
            requirement,
            sample_size=sample_size or if_truth is not None,
            truth=if_truth,
            at=end_of(at) if at else None,
        )
    if picture and image:
        drawer = bootstrap.open_drawer(project.root)
        draw_explanation(explanation, picture, image, drawer=drawer, dark=dark)
    emit(
        formats(format, json),
        {
            "text": lambda: render_explanation(explanation, width=columns()),
            "json": lambda: explanation_json(explanation),
        },
    )
