"""`assay policy`: what the policies are that hold here, and those that Assay ships."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from assay.cli.options import MANIFEST, Format, Json, Manifest, formats

app = typer.Typer(help="Policies: read, merged, tested and compared.", no_args_is_help=True)

SHOW_FORMATS = ("text", "yaml", "json")


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
def show(
    policy: Annotated[
        str | None,
        typer.Argument(
            metavar="[POLICY]", help="A file or a ready policy's name; default: the manifest's."
        ),
    ] = None,
    origin: Annotated[
        bool, typer.Option("--origin", help="Say of every value which file and line gave it.")
    ] = False,
    manifest: Manifest = MANIFEST,
    format: Format = None,  # noqa: A002 - the option's name
    json: Json = False,
) -> None:
    """Print a policy, merged with all that it builds on.

    As text, a policy that builds on nothing is printed as it was written. As yaml it is always
    the merged one, in a file that loads; json has its canonical form and every value's origin.
    """
    from assay.bootstrap.merged_policies import layer_names, merged_policy, read_policy
    from assay.cli.output import emit
    from assay.documents.merged_policy import merged_json, render_merged

    asked = formats(format, json, SHOW_FORMATS)
    written = read_policy(policy, manifest)
    merged, layers = merged_policy(written, manifest), layer_names(written)

    def text() -> str:
        if origin or written.beneath:
            return render_merged(merged, layers, origins=origin)
        return written.source.decode("utf-8")

    emit(
        asked,
        {
            "text": text,
            "yaml": lambda: render_merged(merged, layers, origins=origin),
            "json": lambda: merged_json(merged, layers),
        },
    )


@app.command()
def ready(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="A ready policy; `assay policy list` has all.")
    ],
) -> None:
    """Print what a ready policy leaves to people, by the role in which each is confirmed.

    No check shows it yet, or not in full. Until a person has attested it, the gate holds.
    """
    from assay import bootstrap

    sys.stdout.write(bootstrap.attested_by_people(name))
