"""Running a command: every Assay error becomes a text with a place, a remedy and an exit code."""

from __future__ import annotations

import typer

from assay.cli import audit, exits, judging, life, setting_up
from assay.cli.options import app
from assay.cli.output import show_error
from assay.errors import AssayError

COMMANDS = (audit, judging, life, setting_up)
"""The modules whose commands belong to the program."""


def run(arguments: list[str]) -> int:
    """Run one command and return its exit code."""
    try:
        code = app(arguments, standalone_mode=False)
    except AssayError as error:
        show_error(error)
        return exits.exit_code(error)
    except typer.Abort:
        return exits.INTERRUPTED
    except KeyboardInterrupt:
        return exits.INTERRUPTED
    return code if isinstance(code, int) else exits.OK
