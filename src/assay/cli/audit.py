"""`assay verify`: what an auditor runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from assay.cli.options import Format, Json, formats
from assay.errors import ConfigurationError

Workspace = Annotated[Path, typer.Option("--workspace", "-w", help="The folder that holds .assay.")]


class NotForPacks(ConfigurationError):
    """An option about workspaces was given for a pack."""

    code = "usage.not-for-packs"


def verify(
    pack: Annotated[
        Path | None,
        typer.Argument(metavar="PACK", help="A pack's zip; default: the workspace's log."),
    ] = None,
    workspace: Workspace = Path(),
    state: Annotated[
        bool, typer.Option("--state", help="Also prove that every table follows from the log.")
    ] = False,
    recompute: Annotated[
        bool, typer.Option("--recompute", help="Also derive every figure and decision again.")
    ] = False,
    key: Annotated[
        str | None,
        typer.Option("--key", help="The log's public key; default: the one that lies there."),
    ] = None,
    manifest: Annotated[
        Path | None,
        typer.Option("--manifest", "-m", help="Whose own checks --recompute may run."),
    ] = None,
    format: Format = None,  # noqa: A002 - the option's name
    json: Json = False,
) -> None:
    """Verify a pack, or the whole audit log.

    Of a pack every file, offline; of the log every entry, hash, signature and blob. What was
    proved is said, and what was not. Exit 4: something is off.
    """
    asked = formats(format, json)
    if pack is not None:
        if state or workspace != Path():
            raise NotForPacks(
                "A pack is verified without a workspace.",
                remedy="Leave out --state and --workspace.",
            )
        _verify_pack(pack, key, asked, recompute=recompute, manifest=manifest)
        return
    from assay import bootstrap
    from assay.cli.output import emit
    from assay.documents.verification import render_verification, verification_json

    report = bootstrap.verify_workspace(
        workspace, key=key, state=state, recompute=recompute, manifest=manifest
    )
    emit(
        asked,
        {
            "text": lambda: render_verification(report),
            "json": lambda: verification_json(report),
        },
    )


def _verify_pack(
    pack: Path, key: str | None, asked: list[str], *, recompute: bool, manifest: Path | None
) -> None:
    from assay import bootstrap
    from assay.cli.output import emit
    from assay.documents.packs.verification import (
        pack_verification_json,
        render_pack_verification,
    )

    found = bootstrap.verify_pack(pack, key=key, recompute=recompute, manifest=manifest)
    emit(
        asked,
        {
            "text": lambda: render_pack_verification(found),
            "json": lambda: pack_verification_json(found),
        },
    )
