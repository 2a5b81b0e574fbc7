"""`assay pack`: what was recorded about a version, for someone who trusts nobody."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from assay.cli.options import MANIFEST, Format, Json, Manifest, Version, formats


def pack(
    version: Version = None,
    audience: Annotated[
        str, typer.Option("--for", metavar="WHOM", help="auditor, or public: digests for tallies.")
    ] = "auditor",
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="The zip; default: by the version."),
    ] = None,
    manifest: Manifest = MANIFEST,
    format: Format = None,  # noqa: A002 - the option's name
    json: Json = False,
) -> None:
    """Pack the evidence of a version, to be verified by anyone.

    One zip with statements, policy, documents, tallies and proofs, and how to check them
    without Assay. The same state gives the same bytes.
    """
    from assay import bootstrap
    from assay.cli.output import emit
    from assay.documents.packs.written import render_written, written_json

    asked = formats(format, json)
    project = bootstrap.open_project(manifest)
    with bootstrap.open_workspace(project.root, create=False) as services:
        wanted = bootstrap.recorded_version(services, project, version)
        written = bootstrap.write_pack(services, wanted, audience=audience, output=output)
    emit(asked, {"text": lambda: render_written(written), "json": lambda: written_json(written)})
