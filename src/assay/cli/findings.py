"""`assay finding`: what validators found wrong, and how it ended."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from assay.cli.audit import Workspace
from assay.cli.options import (
    MANIFEST,
    Actor,
    AsOf,
    Format,
    Json,
    Manifest,
    Reason,
    Until,
    end_of,
    formats,
)

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Record what is wrong with a version: who must answer it by when, and how it ended.",
)


@app.command("raise")
def raise_one(
    text: Annotated[str, typer.Argument(help="What is wrong, in your own words.")],
    severity: Annotated[
        Literal["low", "medium", "high", "critical"],
        typer.Option("--severity", help="high and critical hold the release from now on."),
    ],
    until: Until,
    owner: Annotated[str | None, typer.Option("--owner", help="Who must answer it.")] = None,
    version: Annotated[
        str | None, typer.Option("--version", help="Default: what the folder holds now.")
    ] = None,
    system: Annotated[
        bool, typer.Option("--system", help="About every version of the system.")
    ] = False,
    manifest: Manifest = MANIFEST,
    actor: Actor = None,
) -> None:
    """Record a finding.

    It holds the release at once if it is grave, else from the day on which it is due.
    """
    from assay import bootstrap
    from assay.app.life.findings import raise_finding
    from assay.policy.objections import Severity

    due = end_of(until)
    project = bootstrap.open_project(manifest)
    name = bootstrap.actor_name(actor, project.root)
    with bootstrap.open_workspace(project.root, create=False) as services:
        finding = raise_finding(
            services,
            bootstrap.recorded_version(services, project, version),
            actor=name,
            severity=Severity(severity),
            owner=owner or name,
            due=due,
            text=text,
            whole_system=system,
        )
    typer.echo(f"RAISED  finding {finding}, {severity}")


@app.command()
def close(
    reason: Reason,
    finding: Annotated[
        str | None,
        typer.Argument(help="Its id, or how that begins; default: the only one that is open."),
    ] = None,
    override: Annotated[
        bool, typer.Option("--override", help="It is not mended, and you answer for that.")
    ] = False,
    manifest: Manifest = MANIFEST,
    actor: Actor = None,
) -> None:
    """Close a finding: it is mended, or you override it, which is counted.

    Exit 1: refused.
    """
    from assay import bootstrap
    from assay.app.life.findings import close_finding

    project = bootstrap.open_project(manifest)
    name = bootstrap.actor_name(actor, project.root)
    with bootstrap.open_workspace(project.root, create=False) as services:
        closed = close_finding(
            services,
            finding,
            actor=name,
            how="overridden" if override else "resolved",
            reason=reason,
        )
    typer.echo(f"CLOSED  finding {closed.key}, {'overridden' if override else 'resolved'}")
    typer.echo("Next: assay gate decides anew.")


@app.command("list")
def list_findings(
    workspace: Workspace = Path(),
    at: AsOf = None,
    format: Format = None,  # noqa: A002 - the option's name
    json: Json = False,
) -> None:
    """Show every finding, those that are due first before the others."""
    from assay import bootstrap
    from assay.app.life.findings import findings
    from assay.cli.output import emit
    from assay.documents.standing import findings_json, render_findings

    asked, instant = formats(format, json), end_of(at) if at else None
    with bootstrap.open_workspace(workspace, create=False) as services:
        found = list(findings(services, at=instant or services.clock.now()))
    emit(asked, {"text": lambda: render_findings(found), "json": lambda: findings_json(found)})
