"""`assay approve`, `assay promote`: the life of a version after the gate."""

from __future__ import annotations

from typing import Annotated

import typer

from assay.cli.gate_report import GATE_FORMATS, GateFormat, emit_gate_report
from assay.cli.options import MANIFEST, Actor, Json, Manifest, Version, formats


def approve(
    role: Annotated[str, typer.Option("--role", help="The role in which you approve.")],
    reason: Annotated[str, typer.Option("--reason", help="Why, in your own words.")],
    version: Version = None,
    manifest: Manifest = MANIFEST,
    actor: Actor = None,
    format: GateFormat = None,  # noqa: A002 - the option's name
    json: Json = False,
) -> None:
    """Approve a version that is on hold.

    The approval is of exactly the decision that was recorded. Exit 1: refused.
    """
    from assay import bootstrap
    from assay.app.approval import approve_version

    asked = formats(format, json, GATE_FORMATS)
    project = bootstrap.open_project(manifest)
    name = bootstrap.actor_name(actor, project.root)
    with bootstrap.open_workspace(project.root, create=False) as services:
        wanted = bootstrap.recorded_version(services, project, version)
        report = approve_version(services, project, wanted, actor=name, role=role, reason=reason)
    emit_gate_report(report, asked, folder=project.root)


def promote(
    version: Version = None,
    to: Annotated[str, typer.Option("--to", help="The stage to move to.")] = "production",
    manifest: Manifest = MANIFEST,
    actor: Actor = None,
) -> None:
    """Move an allowed version to a later stage.

    Exit 1: refused.
    """
    from assay import bootstrap
    from assay.app.promotion import promote_version

    project = bootstrap.open_project(manifest)
    name, stage = bootstrap.actor_name(actor, project.root), bootstrap.stage_named(to)
    with bootstrap.open_workspace(project.root, create=False) as services:
        wanted = bootstrap.recorded_version(services, project, version)
        promotion = promote_version(services, project, wanted, actor=name, stage=stage)
    typer.echo(
        f"PROMOTED  {promotion.system} {promotion.version}   "
        f"{promotion.before} → {promotion.stage}   entry {promotion.index}"
    )
