"""`assay sign`: a model's own signature, which other tools verify."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from assay.cli.options import Format, Json, formats


def sign(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="A file or a folder.")],
    key: Annotated[
        Path, typer.Option("--key", metavar="PEM", help="Your private key, P-256 for example.")
    ],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="The signature; default: MODEL.sig."),
    ] = None,
    format: Format = None,  # noqa: A002 - the option's name
    json: Json = False,
) -> None:
    """Sign a model or a dataset in the OpenSSF Model Signing form.

    Other tools verify it, such as `model_signing verify key`. Needs the extra `signing`.
    """
    from assay.adapters.model_signatures import sign_model
    from assay.cli.output import emit
    from assay.documents.signed_model import render_signed, signed_json

    asked = formats(format, json)
    signature = output or model.with_name(f"{model.name}.sig")
    found = sign_model(model, key=key, signature=signature)
    emit(
        asked,
        {"text": lambda: render_signed(found, made=True), "json": lambda: signed_json(found)},
    )
