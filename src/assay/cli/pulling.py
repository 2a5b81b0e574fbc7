"""`assay pull`: take in what another workspace has shown about a version."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from assay.cli import exits
from assay.cli.gate_report import GATE_FORMATS, GateFormat, emit_gate_report
from assay.cli.options import MANIFEST, Actor, Json, Manifest, formats


def pull(
    pack: Annotated[Path, typer.Argument(metavar="PACK", help="A pack for auditors.")],
    keys: Annotated[
        list[str], typer.Option("--key", help="The public key of the log that it comes from.")
    ],
    gate: Annotated[
        bool, typer.Option("--gate", help="Also judge the version by the policy of this place.")
    ] = False,
    manifest: Manifest = MANIFEST,
    actor: Actor = None,
    format: GateFormat = None,  # noqa: A002 - the option's name
    json: Json = False,
) -> None:
    """Take in a pack from another workspace, such as that of a CI job.

    It is verified first. Each statement becomes one entry here, however often it is pulled;
    evidence counts, decisions and approvals of others do not. With --gate the exit codes are
    those of `assay gate`.
    """
    from assay import bootstrap
    from assay.app.packs.pulling import judge
    from assay.documents.packs.pulled import render_pulled

    asked = formats(format, json, GATE_FORMATS)
    project = bootstrap.open_project(manifest)
    name = bootstrap.actor_name(actor, project.root)
    with bootstrap.open_workspace(project.root) as services:
        pulled = bootstrap.pull_pack(services, pack, keys=keys, actor=name)
        typer.echo(
            render_pulled(pulled.pack, received=pulled.received, known=pulled.known),
            nl=False,
            err=bool(asked),
        )
        if not gate:
            return
        report = judge(services, project, pulled.version, actor=name)
    emit_gate_report(report, asked, folder=project.root)
    raise typer.Exit(exits.DECISIONS[report.decision.effective.value])
