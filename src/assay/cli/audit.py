"""`assay verify`: what an auditor runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from assay.cli.options import Format, Json, formats

Workspace = Annotated[Path, typer.Option("--workspace", "-w", help="The folder that holds .assay.")]


def verify(
    workspace: Workspace = Path(),
    state: Annotated[
        bool, typer.Option("--state", help="Also prove that every table follows from the log.")
    ] = False,
    key: Annotated[
        str | None,
        typer.Option("--key", help="The log's public key; default: the workspace's own."),
    ] = None,
    format: Format = None,  # noqa: A002 - the option's name
    json: Json = False,
) -> None:
    """Verify the whole audit log.

    Entries, hashes, signatures and blobs; with --state, tables too. Exit 4: something is off.
    """
    from assay import bootstrap
    from assay.cli.output import emit
    from assay.documents.verification import render_verification, verification_json

    report = bootstrap.verify_workspace(workspace, key=key, state=state)
    emit(
        formats(format, json),
        {
            "text": lambda: render_verification(report),
            "json": lambda: verification_json(report),
        },
    )
