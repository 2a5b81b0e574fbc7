"""`assay access`: who may do what here, and by which tokens."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from assay.cli.audit import Workspace
from assay.cli.options import Actor, Until, end_of

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Give and take roles. Without an administrator, everybody here may do everything.",
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="A person or a service account.")]
RoleName = Annotated[
    str,
    typer.Argument(
        metavar="ROLE",
        help="viewer, developer, validator, approver, operator, auditor, administrator, or one "
        "of your own that a policy names.",
    ),
]


@app.command()
def grant(name: Name, role: RoleName, workspace: Workspace = Path(), actor: Actor = None) -> None:
    """Give a role. The first administrator closes the workspace to everybody without one."""
    from assay import bootstrap
    from assay.app.people.granting import grant_role

    who = bootstrap.actor_name(actor, workspace)
    with bootstrap.open_workspace(workspace, create=False) as services:
        grant_role(services, actor=who, to=name, role=role)
    typer.echo(f"GRANTED  {role} to {name}")


@app.command()
def revoke(name: Name, role: RoleName, workspace: Workspace = Path(), actor: Actor = None) -> None:
    """Take a role away."""
    from assay import bootstrap
    from assay.app.people.granting import revoke_role

    who = bootstrap.actor_name(actor, workspace)
    with bootstrap.open_workspace(workspace, create=False) as services:
        revoke_role(services, actor=who, of=name, role=role)
    typer.echo(f"REVOKED  {role} of {name}")


@app.command()
def link(
    name: Name,
    same_as: Annotated[str, typer.Argument(metavar="NAME", help="The same person's account.")],
    workspace: Workspace = Path(),
    actor: Actor = None,
) -> None:
    """Say that two accounts are one person, who then approves nothing that either made."""
    from assay import bootstrap
    from assay.app.people.granting import link_people

    who = bootstrap.actor_name(actor, workspace)
    with bootstrap.open_workspace(workspace, create=False) as services:
        link_people(services, actor=who, account=name, same_as=same_as)
    typer.echo(f"LINKED  {name} is {same_as}")


@app.command("list")
def list_roles(workspace: Workspace = Path()) -> None:
    """Show who holds which role."""
    from assay import bootstrap
    from assay.app.people.granting import holders

    with bootstrap.open_workspace(workspace, create=False) as services:
        found = list(holders(services))
    for item in found:
        typer.echo(f"{item.name}: {', '.join(item.roles)}")
    if not found:
        typer.echo("Nobody holds a role, so everybody here may do everything.")


@app.command()
def token(
    name: Name,
    permissions: Annotated[
        list[str], typer.Option("--for", metavar="PERMISSION", help="Repeatable: version:gate.")
    ],
    until: Until,
    workspace: Workspace = Path(),
    actor: Actor = None,
) -> None:
    """Make a token for a service account. It is shown this once; only its digest is kept.

    Programs give it in the environment variable ASSAY_TOKEN.
    """
    from assay import bootstrap
    from assay.app.people.granting import issue_token, permission_named

    wanted = [permission_named(item) for item in permissions]
    expires = end_of(until)
    who = bootstrap.actor_name(actor, workspace)
    with bootstrap.open_workspace(workspace, create=False) as services:
        made = issue_token(services, actor=who, to=name, permissions=wanted, expires=expires)
    typer.echo(made)


@app.command("revoke-token")
def revoke_token(
    token: Annotated[str, typer.Argument(help="Its id: the part between the underscores.")],
    workspace: Workspace = Path(),
    actor: Actor = None,
) -> None:
    """End a token before its time."""
    from assay import bootstrap
    from assay.app.people import granting

    who = bootstrap.actor_name(actor, workspace)
    with bootstrap.open_workspace(workspace, create=False) as services:
        granting.revoke_token(services, actor=who, token=token)
    typer.echo(f"REVOKED  token {token}")
