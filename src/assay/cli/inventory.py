"""`assay inventory` and `assay show`: what there is, what it uses, and where it comes from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from typer.core import TyperGroup

from assay.cli.audit import Workspace
from assay.cli.options import (
    MANIFEST,
    Actor,
    AsOf,
    Format,
    Json,
    Manifest,
    Reason,
    Version,
    end_of,
    formats,
)


class _ListsByDefault(TyperGroup):
    """`assay inventory` alone, or with options alone, lists."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Name the command that was meant."""
        if not args or (args[0].startswith("-") and args[0] not in ctx.help_option_names):
            args = ["list", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=_ListsByDefault,
    rich_markup_mode=None,
    help="Show systems, what they use and who answers for them. Alone, it lists them.",
)


@app.command("list")
def list_inventory(
    workspace: Workspace = Path(),
    at: AsOf = None,
    format: Format = None,  # noqa: A002 - the option's name
    json: Json = False,
) -> None:
    """Show every system, what others make, and data."""
    from assay import bootstrap
    from assay.app.life.inventory import inventory
    from assay.cli.output import emit
    from assay.documents.inventory import inventory_json, render_inventory

    asked, instant = formats(format, json), end_of(at) if at else None
    with bootstrap.open_workspace(workspace, create=False) as services:
        found = inventory(services, at=instant)
    emit(asked, {"text": lambda: render_inventory(found), "json": lambda: inventory_json(found)})


@app.command()
def add(
    asset: Annotated[str, typer.Argument(help="Its id, which systems name under `uses`.")],
    kind: Annotated[
        Literal["dataset", "model", "service"], typer.Option("--kind", help="What it is.")
    ],
    owner: Annotated[str, typer.Option("--owner", help="Who answers for it here.")],
    purpose: Annotated[str, typer.Option("--purpose", help="What it is used for.")],
    uses: Annotated[
        list[str] | None, typer.Option("--uses", help="What it uses itself. Repeatable.")
    ] = None,
    exposures: Annotated[
        list[str] | None,
        typer.Option("--exposure", help="A legal class that its users are in. Repeatable."),
    ] = None,
    workspace: Workspace = Path(),
    actor: Actor = None,
) -> None:
    """Take in a model, a service or a dataset that others make."""
    from assay import bootstrap
    from assay.app.life.inventory import declare_asset

    name = bootstrap.actor_name(actor, workspace)
    with bootstrap.open_workspace(workspace, create=False) as services:
        index = declare_asset(
            services,
            actor=name,
            asset=asset,
            kind=kind,
            owner=owner,
            purpose=purpose,
            uses=uses or (),
            exposures=exposures or (),
        )
    typer.echo(f"ADDED  {kind} {asset}   entry {index}")


@app.command()
def review(
    system: Annotated[str, typer.Argument(help="The system.")],
    reason: Reason,
    workspace: Workspace = Path(),
    actor: Actor = None,
) -> None:
    """Say that a system has been reviewed today."""
    from assay import bootstrap
    from assay.app.life.inventory import review_system

    name = bootstrap.actor_name(actor, workspace)
    with bootstrap.open_workspace(workspace, create=False) as services:
        index = review_system(services, system, actor=name, reason=reason)
    typer.echo(f"REVIEWED  {system}   entry {index}")


@app.command()
def discover(
    folders: Annotated[
        list[Path], typer.Argument(metavar="FOLDER...", help="Where to look.", exists=True)
    ],
    workspace: Workspace = Path(),
    format: Format = None,  # noqa: A002 - the option's name
    json: Json = False,
) -> None:
    """Find models, deployments and model calls in folders, and show what is ungoverned.

    Nothing is loaded or run. Exit 1: something is ungoverned.
    """
    from assay import bootstrap
    from assay.cli import exits
    from assay.cli.output import emit
    from assay.documents.discovered import discovered_json, render_discovered

    asked = formats(format, json)
    with bootstrap.open_workspace(workspace, create=False) as services:
        found = bootstrap.discover_estate(services, folders)
    emit(asked, {"text": lambda: render_discovered(found), "json": lambda: discovered_json(found)})
    if any(not item.governed for item in found):
        raise typer.Exit(exits.DENIED)


def show(
    version: Version = None,
    manifest: Manifest = MANIFEST,
    at: AsOf = None,
    format: Format = None,  # noqa: A002 - the option's name
    json: Json = False,
) -> None:
    """Show where a version comes from and what happened to it."""
    from assay import bootstrap
    from assay.app.life.inventory import lineage
    from assay.cli.output import emit
    from assay.documents.inventory import lineage_json, render_lineage

    asked, instant = formats(format, json), end_of(at) if at else None
    project = bootstrap.open_project(manifest)
    with bootstrap.open_workspace(project.root, create=False) as services:
        wanted = bootstrap.recorded_version(services, project, version)
        found = lineage(services, wanted, at=instant)
    emit(asked, {"text": lambda: render_lineage(found), "json": lambda: lineage_json(found)})
