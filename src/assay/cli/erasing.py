"""`assay log erase` and `assay log retention`: what may go, and what goes, with a word."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from assay.cli.audit import Workspace
from assay.cli.options import Actor, Format, Json, formats


def erase(
    what: Annotated[
        str, typer.Argument(metavar="DIGEST|PERSON", help="Content's SHA-256, or a name or id.")
    ],
    reason: Annotated[str, typer.Option("--reason", help="request, retention, order or mistake.")],
    confirm: Annotated[
        bool, typer.Option("--confirm", help="Erase even what a standing decision rests on.")
    ] = False,
    workspace: Workspace = Path(),
    actor: Actor = None,
) -> None:
    """Erase content, or a person's name and words; the log keeps a tombstone.

    Entries, proofs and packs go on to verify, and say what was erased, when and why.
    Signed statements stay: in them people are opaque ids.
    """
    from assay import bootstrap
    from assay.app.log import erasing

    ground = bootstrap.ground_named(reason)
    with bootstrap.open_workspace(workspace, create=False) as services:
        erased = erasing.erase(
            services,
            what,
            ground=ground,
            actor=bootstrap.actor_name(actor, workspace),
            confirmed=confirm,
        )
    for item in erased:
        typer.echo(f"ERASED  {item}")


def retention(
    workspace: Workspace = Path(),
    format: Format = None,  # noqa: A002 - the option's name
    json: Json = False,
) -> None:
    """List the content whose retention time is over; nothing is erased.

    Retention times stand in the workspace's settings, under retention_days.
    """
    from assay import bootstrap
    from assay.app.log.erasing import retained
    from assay.cli.output import emit
    from assay.documents.retention import render_retention, retention_json

    asked = formats(format, json)
    days = bootstrap.retention_days(workspace)
    with bootstrap.open_workspace(workspace, create=False) as services:
        due = retained(services, days)
    emit(
        asked,
        {"text": lambda: render_retention(due, days), "json": lambda: retention_json(due, days)},
    )
