"""`assay schema`, `assay demo`: what there is before a first gate."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from assay.cli.options import MANIFEST, Manifest


def schema(
    name: Annotated[str, typer.Argument(metavar="NAME", help="manifest, intake, policy or gate.")],
    manifest: Manifest = MANIFEST,
) -> None:
    """Print a JSON Schema, for editors and programs."""
    from assay import bootstrap

    typer.echo(json.dumps(bootstrap.json_schema(name, manifest), indent=2, ensure_ascii=False))


def demo(
    directory: Annotated[
        Path, typer.Option("--directory", "-d", help="Where to play; left behind for you.")
    ] = Path("assay-demo"),
) -> None:
    """Play the main job on real data, in a minute."""
    from assay.cli.demo.story import tell
    from assay.cli.run import run

    tell(directory, run=run)
