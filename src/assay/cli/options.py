"""The options that commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Manifest = Annotated[
    Path, typer.Option("--manifest", "-m", help="The manifest; paths in it are relative to it.")
]
Actor = Annotated[
    str | None, typer.Option("--as", metavar="NAME", help="Who you are; default: git's identity.")
]
Format = Annotated[
    list[str] | None,
    typer.Option("--format", "-f", metavar="NAME[=FILE]", help="Repeatable; default: text."),
]
Json = Annotated[bool, typer.Option("--json", help="Short for --format json.")]
Version = Annotated[
    str | None,
    typer.Argument(metavar="VERSION", help="Name or digest; default: what the folder holds now."),
]

MANIFEST = Path("assay.yaml")


def formats(wanted: list[str] | None, json: bool) -> list[str]:
    """The formats asked for; `--json` is short for one of them."""
    return [*(wanted or []), *(["json"] if json else [])]
