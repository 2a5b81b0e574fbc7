"""The program: its commands in the order of a version's life, and how they end."""

from __future__ import annotations

import signal
from types import FrameType
from typing import Annotated

import typer

import assay
from assay.cli import (
    access,
    attesting,
    audit,
    exits,
    findings,
    initialising,
    intake,
    inventory,
    judging,
    life,
    models,
    packs,
    policies,
    policy_tools,
    provenance,
    publishing,
    pulling,
    setting_up,
    waivers,
)
from assay.cli.output import show_error, show_misuse
from assay.errors import AssayError

app = typer.Typer(
    name="assay",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

for command in (
    initialising.init,
    judging.check,
    judging.gate,
    judging.explain,
    life.inbox,
    life.approve,
    attesting.attest,
    life.reject,
    life.comment,
    life.delegate,
    life.promote,
    life.recheck,
    life.retire,
    inventory.show,
    provenance.provenance,
    packs.pack,
    pulling.pull,
    models.sign,
    audit.verify,
    setting_up.schema,
    setting_up.demo,
):
    app.command()(command)
policies.app.command()(policy_tools.lint)
policies.app.command("test")(policy_tools.run_tests)
policies.app.command()(policy_tools.diff)
policies.app.command()(policy_tools.backtest)
app.add_typer(intake.app, name="intake")
app.add_typer(inventory.app, name="inventory")
app.add_typer(waivers.app, name="waive")
app.add_typer(access.app, name="access")
app.add_typer(findings.app, name="finding")
app.add_typer(policies.app, name="policy")
app.add_typer(publishing.app, name="log")


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(assay.__version__)
        raise typer.Exit


@app.callback()
def program(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print it.")
    ] = False,
) -> None:
    """Decide, with evidence, whether a model may ship."""


def _stop(_signal: int, _frame: FrameType | None) -> None:
    """End as an interrupt does, so that temporary files are cleared."""
    raise KeyboardInterrupt


def run(arguments: list[str]) -> int:
    """Run one command and return its exit code.

    An Assay error becomes a text with its code, place and remedy, misuse of the command line
    a text with its usage; nothing else is caught.
    """
    signal.signal(signal.SIGTERM, _stop)
    try:
        code = app(arguments, standalone_mode=False)
    except AssayError as error:
        show_error(error)
        return exits.exit_code(error)
    except typer.TyperException as error:
        show_misuse(error)
        return exits.USAGE
    except (typer.Abort, KeyboardInterrupt):
        return exits.INTERRUPTED
    return code if isinstance(code, int) else exits.OK
