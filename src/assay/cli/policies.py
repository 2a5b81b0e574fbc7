"""`assay policy`: the ready policies that Assay ships."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from assay.cli.options import Format, Json, formats

app = typer.Typer(help="The ready policies that Assay ships.", no_args_is_help=True)

Name = Annotated[
    str, typer.Argument(metavar="NAME", help="A ready policy; `assay policy list` has all.")
]


@app.command("list")
def list_policies(
    format: Format = None,  # noqa: A002 - the option's name
    json: Json = False,
) -> None:
    """List the ready policies, with how much of each is checked and how much attested."""
    from assay import bootstrap
    from assay.cli.output import emit
    from assay.documents.ready import ready_list_json, render_ready_list

    known = bootstrap.catalogues()
    emit(
        formats(format, json),
        {
            "text": lambda: render_ready_list(known.ready, known.controls, known.library),
            "json": lambda: ready_list_json(known.ready, known.controls, known.library),
        },
    )


@app.command()
def show(name: Name) -> None:
    """Print a ready policy, to be read, changed and kept as a file of your own."""
    from assay import bootstrap

    policy, _ = bootstrap.ready_policy(name)
    sys.stdout.write(policy)


@app.command()
def ready(name: Name) -> None:
    """Print what a ready policy leaves to people: no check shows it yet, or not in full.

    Each has an owner and an end. The gate does not read this list yet.
    """
    from assay import bootstrap

    _, attestations = bootstrap.ready_policy(name)
    sys.stdout.write(attestations)
