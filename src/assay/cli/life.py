"""The life of a version after the gate: decided on, promoted, judged again, retired."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from assay.cli import exits
from assay.cli.audit import Workspace
from assay.cli.gate_report import GATE_FORMATS, GateFormat, emit_gate_report
from assay.cli.options import (
    MANIFEST,
    Actor,
    Format,
    Json,
    Manifest,
    Reason,
    Role,
    Until,
    Version,
    end_of,
    formats,
)


def approve(
    role: Role,
    reason: Reason,
    version: Version = None,
    behalf: Annotated[
        str | None,
        typer.Option("--for", metavar="NAME", help="Who delegated this role to you."),
    ] = None,
    manifest: Manifest = MANIFEST,
    actor: Actor = None,
    format: GateFormat = None,  # noqa: A002 - the option's name
    json: Json = False,
) -> None:
    """Approve a version that is on hold.

    The approval is of exactly the decision that was recorded. Exit 1: refused.
    """
    from assay import bootstrap
    from assay.app.life.approval import approve_version

    asked = formats(format, json, GATE_FORMATS)
    project = bootstrap.open_project(manifest)
    name = bootstrap.actor_name(actor, project.root)
    with bootstrap.open_workspace(project.root, create=False) as services:
        wanted = bootstrap.recorded_version(services, project, version)
        report = approve_version(
            services, project, wanted, actor=name, role=role, reason=reason, behalf=behalf
        )
    emit_gate_report(report, asked, folder=project.root)


def reject(
    role: Role,
    reason: Reason,
    version: Version = None,
    changes: Annotated[
        bool, typer.Option("--changes", help="Ask for changes instead: the version is held.")
    ] = False,
    manifest: Manifest = MANIFEST,
    actor: Actor = None,
    format: GateFormat = None,  # noqa: A002 - the option's name
    json: Json = False,
) -> None:
    """Reject a version, or ask for changes to it.

    It is of exactly the decision that was recorded; your own approval takes it back. Exit 1:
    refused.
    """
    from assay import bootstrap
    from assay.app.life.reviewing import review_version
    from assay.policy.objections import Objection

    asked = formats(format, json, GATE_FORMATS)
    project = bootstrap.open_project(manifest)
    name = bootstrap.actor_name(actor, project.root)
    kind = Objection.CHANGES_REQUESTED if changes else Objection.REJECTED
    with bootstrap.open_workspace(project.root, create=False) as services:
        wanted = bootstrap.recorded_version(services, project, version)
        report = review_version(
            services, project, wanted, actor=name, role=role, kind=kind, reason=reason
        )
    emit_gate_report(report, asked, folder=project.root)


def comment(
    text: Annotated[str, typer.Argument(help="What you have to say.")],
    version: Annotated[
        str | None, typer.Option("--version", help="Default: what the folder holds now.")
    ] = None,
    manifest: Manifest = MANIFEST,
    actor: Actor = None,
) -> None:
    """Say something of a version that decides nothing."""
    from assay import bootstrap
    from assay.app.life.reviewing import comment_on

    project = bootstrap.open_project(manifest)
    name = bootstrap.actor_name(actor, project.root)
    with bootstrap.open_workspace(project.root, create=False) as services:
        wanted = bootstrap.recorded_version(services, project, version)
        index = comment_on(services, wanted, actor=name, text=text)
    typer.echo(f"SAID  entry {index}")


def delegate(
    to: Annotated[str, typer.Option("--to", metavar="NAME", help="Who decides in your place.")],
    role: Role,
    until: Until,
    workspace: Workspace = Path(),
    actor: Actor = None,
) -> None:
    """Let someone else approve in your place, in one role, until an end.

    They approve with `assay approve --for YOU`. Exit 1: refused.
    """
    from assay import bootstrap
    from assay.app.life import delegating
    from assay.policy.periods import end_words

    end = end_of(until)
    name = bootstrap.actor_name(actor, workspace)
    with bootstrap.open_workspace(workspace, create=False) as services:
        given = delegating.delegate(services, actor=name, to=to, role=role, until=end)
    typer.echo(f"DELEGATED  {role} to {to} until {end_words(end)}   delegation {given}")


def promote(
    version: Version = None,
    to: Annotated[str, typer.Option("--to", help="The stage to move to.")] = "production",
    emergency: Annotated[
        bool, typer.Option("--emergency", help="Past the gate: a second person must ask too.")
    ] = False,
    reason: Annotated[
        str | None, typer.Option("--reason", help="Why: an emergency needs one.")
    ] = None,
    manifest: Manifest = MANIFEST,
    actor: Actor = None,
) -> None:
    """Move an allowed version to a later stage.

    In an emergency two people, neither the author, may move one that the gate does not allow;
    what was passed over becomes a finding with a deadline. Exit 1: refused.
    """
    from assay import bootstrap
    from assay.app.life.promotion import Requested, promote_in_emergency, promote_version
    from assay.cli.options import NoReason
    from assay.policy.periods import end_words

    if emergency and not reason:
        raise NoReason("An emergency needs a reason.", remedy="Say why with --reason TEXT.")
    project = bootstrap.open_project(manifest)
    name = bootstrap.actor_name(actor, project.root)
    with bootstrap.open_workspace(project.root, create=False) as services:
        stage = services.stages.named(to)
        wanted = bootstrap.recorded_version(services, project, version)
        done = (
            promote_in_emergency(services, project, wanted, actor=name, stage=stage, reason=reason)
            if emergency and reason
            else promote_version(services, project, wanted, actor=name, stage=stage)
        )
    if isinstance(done, Requested):
        typer.echo(f"ASKED  {done.system} {done.version} → {done.stage}   entry {done.index}")
        people = "one more person" if done.lacking == 1 else f"{done.lacking} more people"
        typer.echo(f"Next: {people} must ask for the same.")
        return
    typer.echo(
        f"PROMOTED  {done.system} {done.version}   {done.before} → {done.stage}   "
        f"entry {done.index}"
    )
    if done.follow_up:
        finding, due = done.follow_up
        typer.echo(f"Finding {finding} must be answered by {end_words(due)}.")


def recheck(manifest: Manifest = MANIFEST, actor: Actor = None) -> None:
    """Judge every live version again, by recorded evidence.

    Run it daily: a waiver or evidence may have ended, a policy's date may have come. What is
    live though the gate no longer allows it is recorded as a breach. Exit 1: there is one.
    """
    from assay import bootstrap
    from assay.app.life.rejudging import judge_live
    from assay.documents.gate import OUTCOME_WORDS

    project = bootstrap.open_project(manifest)
    name = bootstrap.actor_name(actor, project.root)
    with bootstrap.open_workspace(project.root, create=False) as services:
        found = list(judge_live(services, project, actor=name))
    for item in found:
        told = "BREACH" if item.breach else "EMERGENCY" if item.emergency else "FINE"
        typer.echo(
            f"{told:<9}  {item.system} {item.version}   {item.stage}   "
            f"{OUTCOME_WORDS[item.decision.outcome]}"
            + (f"   entry {item.index}" if item.index is not None else "")
        )
    if not found:
        typer.echo("No version is live.")
    if any(item.breach for item in found):
        raise typer.Exit(exits.DENIED)


def inbox(
    workspace: Workspace = Path(),
    format: Format = None,  # noqa: A002 - the option's name
    json: Json = False,
) -> None:
    """Show what waits for people, the most urgent first."""
    from assay import bootstrap
    from assay.app.life import inbox as waiting
    from assay.cli.output import emit
    from assay.documents.inbox import inbox_json, render_inbox

    asked = formats(format, json)
    with bootstrap.open_workspace(workspace, create=False) as services:
        at = services.clock.now()
        found = waiting.inbox(services, at=at)
    emit(
        asked,
        {"text": lambda: render_inbox(found, at=at), "json": lambda: inbox_json(found, at=at)},
    )


def retire(
    reason: Reason,
    version: Version = None,
    system: Annotated[
        bool, typer.Option("--system", help="The whole system, once no version of it is live.")
    ] = False,
    manifest: Manifest = MANIFEST,
    actor: Actor = None,
) -> None:
    """Retire a version, or the whole system.

    Its evidence is kept. Exit 1: refused, because something depends on it.
    """
    from assay import bootstrap
    from assay.app.life.retirement import retire_system, retire_version

    project = bootstrap.open_project(manifest)
    name = bootstrap.actor_name(actor, project.root)
    with bootstrap.open_workspace(project.root, create=False) as services:
        if system:
            named = project.manifest()[0].system.id
            done = retire_system(services, named, actor=name, reason=reason)
        else:
            wanted = bootstrap.recorded_version(services, project, version)
            done = retire_version(services, wanted, actor=name, reason=reason)
    typer.echo(
        f"RETIRED  {done.system} {done.version}".rstrip()
        + f"   evidence is kept until {done.retain_until:%Y-%m-%d}   entry {done.index}"
    )
