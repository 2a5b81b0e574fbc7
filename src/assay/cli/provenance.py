"""`assay provenance`: state what trained a version, out of what, and when."""

from __future__ import annotations

from typing import Annotated

import typer

from assay.cli.options import MANIFEST, Actor, Manifest, Version, end_of
from assay.errors import ConfigurationError


class MalformedParameter(ConfigurationError):
    """A parameter of a training run is not given as NAME=VALUE."""

    code = "usage.malformed-parameter"


def provenance(
    version: Version = None,
    builder: Annotated[
        str, typer.Option("--builder", metavar="URI", help="What ran the training.")
    ] = ...,  # type: ignore[assignment]
    invocation: Annotated[str, typer.Option("--run", help="Which run of it.")] = "",
    parameters: Annotated[
        list[str] | None,
        typer.Option("--parameter", metavar="NAME=VALUE", help="What it was started with."),
    ] = None,
    started: Annotated[
        str | None, typer.Option("--started", metavar="TIME", help="When it began, in UTC.")
    ] = None,
    finished: Annotated[
        str | None, typer.Option("--finished", metavar="TIME", help="When it ended, in UTC.")
    ] = None,
    manifest: Manifest = MANIFEST,
    actor: Actor = None,
) -> None:
    """State where a version comes from, as a signed SLSA provenance.

    Its ingredients are the version's own components, each by digest; the rest is as declared.
    """
    from assay import bootstrap
    from assay.app.life.provenance import Training, state_provenance

    training = Training(
        builder=builder,
        invocation=invocation,
        parameters=dict(map(_pair, parameters or ())),
        started=None if started is None else end_of(started),
        finished=None if finished is None else end_of(finished),
    )
    project = bootstrap.open_project(manifest)
    name = bootstrap.actor_name(actor, project.root)
    with bootstrap.open_workspace(project.root, create=False) as services:
        wanted = bootstrap.recorded_version(services, project, version)
        statement = state_provenance(services, wanted, training, actor=name)
    typer.echo(f"STATED  {wanted.parent} {wanted.value['name']}   provenance {statement}")


def _pair(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not separator or not name:
        raise MalformedParameter(
            f"{text[:100]!r} is not a name and a value.", remedy="Write it as NAME=VALUE."
        )
    return name, value
