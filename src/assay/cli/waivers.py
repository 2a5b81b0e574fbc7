"""`assay waive`: excuse a requirement for a while, and see what is excused."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from assay.cli.audit import Workspace
from assay.cli.gate_report import GATE_FORMATS, GateFormat, emit_gate_report
from assay.cli.options import (
    MANIFEST,
    Actor,
    AsOf,
    Format,
    Json,
    Manifest,
    Reason,
    Role,
    Until,
    end_of,
    formats,
)

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Excuse a requirement for a while: one person asks, another grants, and it ends.",
)

Id = Annotated[
    str,
    typer.Argument(
        metavar="WAIVER", help="Its id, how that begins, or its requirement if that has one only."
    ),
]


@app.command()
def request(
    requirement: Annotated[str, typer.Argument(help="The requirement, by its name.")],
    until: Until,
    reason: Reason,
    compensating: Annotated[
        str, typer.Option("--compensating", help="What takes the requirement's place meanwhile.")
    ],
    version: Annotated[
        str | None, typer.Option("--version", help="Default: what the folder holds now.")
    ] = None,
    system: Annotated[
        bool, typer.Option("--system", help="For every version of the system.")
    ] = False,
    manifest: Manifest = MANIFEST,
    actor: Actor = None,
) -> None:
    """Ask for a waiver.

    Exit 1: refused.
    """
    from assay import bootstrap
    from assay.app.life.waiving import request_waiver
    from assay.policy.periods import end_words

    expires = end_of(until)
    project = bootstrap.open_project(manifest)
    name = bootstrap.actor_name(actor, project.root)
    with bootstrap.open_workspace(project.root, create=False) as services:
        asked = request_waiver(
            services,
            project,
            bootstrap.recorded_version(services, project, version),
            actor=name,
            requirement=requirement,
            expires=expires,
            reason=reason,
            compensating=compensating,
            whole_system=system,
        )
    typer.echo(
        f"ASKED  waiver {asked.waiver} of {asked.requirement} until {end_words(asked.expires)}   "
        f"entry {asked.index}"
    )
    typer.echo(
        f"Next: someone else grants it: assay waive grant {asked.waiver} --role {asked.role}"
    )


@app.command()
def grant(
    waiver: Id,
    role: Role,
    manifest: Manifest = MANIFEST,
    actor: Actor = None,
    format: GateFormat = None,  # noqa: A002 - the option's name
    json: Json = False,
) -> None:
    """Grant a waiver that someone else asked for, and decide anew.

    Exit 1: refused.
    """
    from assay import bootstrap
    from assay.app.life.waiving import grant_waiver

    asked = formats(format, json, GATE_FORMATS)
    project = bootstrap.open_project(manifest)
    name = bootstrap.actor_name(actor, project.root)
    with bootstrap.open_workspace(project.root, create=False) as services:
        report = grant_waiver(services, project, waiver, actor=name, role=role)
    emit_gate_report(report, asked, folder=project.root)


@app.command()
def end(
    waiver: Id,
    reason: Reason,
    manifest: Manifest = MANIFEST,
    actor: Actor = None,
    format: GateFormat = None,  # noqa: A002 - the option's name
    json: Json = False,
) -> None:
    """End a waiver before its time, or refuse one that was asked for, and decide anew.

    Exit 1: refused.
    """
    from assay import bootstrap
    from assay.app.life.waiving import end_waiver

    asked = formats(format, json, GATE_FORMATS)
    project = bootstrap.open_project(manifest)
    name = bootstrap.actor_name(actor, project.root)
    with bootstrap.open_workspace(project.root, create=False) as services:
        report = end_waiver(services, project, waiver, actor=name, reason=reason)
    emit_gate_report(report, asked, folder=project.root)


@app.command("list")
def list_waivers(
    workspace: Workspace = Path(),
    at: AsOf = None,
    format: Format = None,  # noqa: A002 - the option's name
    json: Json = False,
) -> None:
    """Show every waiver, those that end first before the others."""
    from assay import bootstrap
    from assay.app.life.waiving import waiver_debt
    from assay.cli.output import emit
    from assay.documents.standing import render_waivers, waivers_json

    asked, instant = formats(format, json), end_of(at) if at else None
    with bootstrap.open_workspace(workspace, create=False) as services:
        found = list(waiver_debt(services, at=instant or services.clock.now()))
    emit(asked, {"text": lambda: render_waivers(found), "json": lambda: waivers_json(found)})
