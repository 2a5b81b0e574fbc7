"""`assay log`: the audit log for people to read, and for outsiders to check."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from assay.cli import erasing
from assay.cli.audit import Keys, Threshold, Witnesses, Workspace
from assay.cli.options import Actor, Format, Json, formats


class _ListsByDefault(TyperGroup):
    """`assay log` alone, or with options alone, lists entries."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Name the command that was meant."""
        if not args or (args[0].startswith("-") and args[0] not in ctx.help_option_names):
            args = ["list", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=_ListsByDefault,
    rich_markup_mode=None,
    help="Show the audit log, publish it, and prove what is in it. Alone, it lists entries.",
)
keys = typer.Typer(rich_markup_mode=None, help="Show the keys of the log, or make a new one.")
app.add_typer(keys, name="key")
app.command()(erasing.erase)
app.command()(erasing.retention)


@app.command("list")
def list_entries(
    workspace: Workspace = Path(),
    last: Annotated[int, typer.Option("--last", min=1, help="How many entries to show.")] = 20,
    format: Format = None,  # noqa: A002 - the option's name
    json: Json = False,
) -> None:
    """Show the latest entries of the audit log."""
    from assay import bootstrap
    from assay.app.log.reading import latest_entries
    from assay.cli.output import emit
    from assay.documents.log import log_json, render_log

    with bootstrap.open_workspace(workspace, create=False) as services:
        shown = latest_entries(services, last)
    emit(
        formats(format, json), {"text": lambda: render_log(shown), "json": lambda: log_json(shown)}
    )


@app.command()
def publish(
    place: Annotated[
        str, typer.Argument(metavar="PLACE", help="A folder, made if need be, or s3://BUCKET/….")
    ],
    bundles: Annotated[
        str | None,
        typer.Option("--bundles", metavar="PLACE", help="Where to put the entries: confidential."),
    ] = None,
    witnesses: Annotated[
        Path | None,
        typer.Option("--witnesses", metavar="FILE", help="Who must cosign first (C2SP policy)."),
    ] = None,
    workspace: Workspace = Path(),
) -> None:
    """Publish the log as files that any web server can serve (C2SP tlog-tiles).

    PLACE gets hashes and a signed checkpoint, which tell nothing of what was decided. Only new
    tiles are written. Exit 4: the journal does not continue what was published, or too few
    witnesses agree; nothing was published.
    """
    from assay import bootstrap
    from assay.app.log.publishing import publish_bundles, publish_tiles

    asked = bootstrap.witnesses_in(witnesses, workspace / bootstrap.WORKSPACE)
    with bootstrap.open_workspace(workspace, create=False) as services:
        signer = services.signer
        public = bootstrap.tile_store(place)
        done = [(publish_tiles(services.journal, signer, public, witnesses=asked), place)]
        if bundles is not None:
            store = bootstrap.tile_store(bundles, confidential=True)
            done.append((publish_bundles(services.journal, signer, store), bundles))
    for publication, where in done:
        size = publication.checkpoint.size
        typer.echo(f"PUBLISHED  {signer.name}   {size} entries, {publication.added} new   {where}")
        if publication.cosigners:
            typer.echo(f"  cosigned by {', '.join(publication.cosigners)}")
        for name, failure in publication.failures.items():
            typer.echo(f"  not cosigned by {name}: {failure.what}")


@app.command()
def check(
    place: Annotated[
        str, typer.Argument(metavar="PLACE", help="What was published: a folder or s3://BUCKET/….")
    ],
    bundles: Annotated[
        str | None,
        typer.Option("--bundles", metavar="PLACE", help="Its entries, which are checked too."),
    ] = None,
    keys: Keys = None,
    threshold: Threshold = 1,
    witnesses: Witnesses = None,
    workspace: Workspace = Path(),
) -> None:
    """Check that every published file is what the log's key signed.

    Needs no workspace where --key is given. Exit 4: a file is missing or was changed; it is
    named, and with --bundles the entry too.
    """
    from assay import bootstrap
    from assay.documents.gate import count

    trust = bootstrap.Trust(keys=keys or (), threshold=threshold, witnesses=witnesses)
    found = bootstrap.verify_published(place, bundles=bundles, folder=workspace, trust=trust)
    origin, size = found.checkpoint.origin, found.checkpoint.size
    typer.echo(f"VERIFIED  {origin}   {size} entries, {count(found.tiles, 'tile')}   {place}")
    if found.bundles is not None:
        typer.echo(f"VERIFIED  {origin}   {found.bundles.size} entries, every byte   {bundles}")


@app.command()
def rebuild(workspace: Workspace = Path()) -> None:
    """Make every table that follows from the log anew, and put it in place of what is there.

    Others may go on reading and recording meanwhile. A log that an earlier version of Assay
    wrote is brought up to date first. Nothing that was recorded changes.
    """
    from assay import bootstrap

    with bootstrap.open_workspace(workspace, create=False) as services:
        size = services.journal.rebuild()
        typer.echo(f"REBUILT  {services.signer.name}   {size} entries")


@app.command()
def anchor(
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="Gets the checkpoint; default: shown.")
    ] = None,
    git_note: Annotated[
        bool, typer.Option("--git-note", help="Keep it as a git note on the current commit.")
    ] = False,
    workspace: Workspace = Path(),
) -> None:
    """Keep the signed checkpoint where the log's owner cannot change it unnoticed.

    What is kept there already must be a beginning of this log. Exit 4: it is not.
    """
    from assay import bootstrap
    from assay.app.log.anchoring import anchor_checkpoint
    from assay.app.log.publishing import signed_note

    with bootstrap.open_workspace(workspace, create=False) as services:
        journal, signer = services.journal, services.signer
        places = bootstrap.anchors(workspace, signer.name, file=file, git_note=git_note)
        for place, where in places.items():
            checkpoint = anchor_checkpoint(journal, signer, where)
            typer.echo(f"ANCHORED  {checkpoint.origin}   {checkpoint.size} entries   {place}")
        if not places:
            typer.echo(signed_note(journal, signer), nl=False)


@app.command()
def proof(
    index: Annotated[int, typer.Argument(metavar="INDEX", help="Of the entry, from 0.")],
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="Gets the proof; default: shown.")
    ] = None,
    workspace: Workspace = Path(),
) -> None:
    """Prove that an entry is in the log, for someone who has only its public key.

    The proof is a C2SP .tlog-proof: index, path and signed checkpoint.
    """
    from assay import bootstrap
    from assay.app.log.inclusion import prove_entry
    from assay.cli.output import emit

    with bootstrap.open_workspace(workspace, create=False) as services:
        found = prove_entry(services.journal, services.signer, index)
    target = "proof" if file is None else f"proof={file}"
    emit([target], {"proof": lambda: found.to_bytes().decode()})
    if file is not None:
        typer.echo(f"PROVED  entry {index}   {file}")


@keys.command("show")
def show_keys(workspace: Workspace = Path()) -> None:
    """Show the public keys of the log, one a line; the last one is in force."""
    from assay import bootstrap

    with bootstrap.open_workspace(workspace, create=False) as services:
        for key in bootstrap.workspace_keys(services.journal):
            typer.echo(str(key))


@keys.command()
def rotate(workspace: Workspace = Path(), actor: Actor = None) -> None:
    """Make a new key that signs from now on; the old one vouches for it, and is destroyed.

    Whoever holds the old public key is led to the new one by the log itself.
    """
    from assay import bootstrap

    home = workspace / bootstrap.WORKSPACE
    with bootstrap.open_workspace(workspace, create=False) as services:
        rotation = bootstrap.rotate_workspace_key(
            services, home, actor=bootstrap.actor_name(actor, workspace)
        )
    typer.echo(f"ROTATED  {rotation.old}\n  {rotation.new}")


@app.command()
def witness(
    listen: Annotated[
        str, typer.Option("--listen", metavar="HOST:PORT", help="Where to listen; port 0: any.")
    ],
    state: Annotated[
        Path, typer.Option("--state", metavar="FILE", help="What was cosigned; never delete it.")
    ],
    key: Annotated[Path, typer.Option("--key", metavar="FILE", help="Its key; made if need be.")],
    logs: Annotated[
        list[str], typer.Option("--log", metavar="KEY", help="A log's public key; repeatable.")
    ],
    name: Annotated[
        str | None, typer.Option("--name", help="What to call the key, where it is made.")
    ] = None,
) -> None:
    """Watch the logs of others: cosign what continues what was seen (C2SP tlog-witness).

    Forks, rollbacks and unknown logs are refused. Listens until it is interrupted; put a web
    server with HTTPS before it.
    """
    from assay import bootstrap
    from assay.documents.gate import count

    with bootstrap.open_witness(listen=listen, state=state, key=key, name=name, logs=logs) as (
        server,
        public,
    ):
        watched = count(len(logs), "log")
        typer.echo(f"WITNESSING  {watched}   {server.url}\n  {public}")
        sys.stdout.flush()
        server.serve_forever()
