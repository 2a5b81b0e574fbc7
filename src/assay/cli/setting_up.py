"""`assay schema`, `assay demo`: what there is before a first gate."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def schema(
    name: Annotated[str, typer.Argument(help="manifest, policy or gate.")],
    manifest: Annotated[
        Path | None,
        typer.Option("--manifest", "-m", help="Include the checks that this manifest names."),
    ] = None,
) -> None:
    """Print a JSON Schema, for editors."""
    from assay import bootstrap

    typer.echo(bootstrap.json_schema(name, manifest), nl=False)


def demo(
    directory: Annotated[
        Path, typer.Option("--directory", "-d", help="Where to play; left behind for you.")
    ] = Path("assay-demo"),
) -> None:
    """Play the main job on real data, in a minute."""
    from assay.cli.demo.story import tell
    from assay.cli.run import run

    tell(directory, run=run)
