"""`assay verify`: what an auditor runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assay.cli.options import Format, Json, formats
from assay.errors import ConfigurationError

if TYPE_CHECKING:
    from assay.documents.packs.verification import PackVerification

Workspace = Annotated[Path, typer.Option("--workspace", "-w", help="The folder that holds .assay.")]


class NotForPacks(ConfigurationError):
    """An option about workspaces was given for a pack."""

    code = "usage.not-for-packs"


class SignatureIncomplete(ConfigurationError):
    """A model alone is verified by its signature and by its signer's key."""

    code = "usage.signature-incomplete"


def verify(
    pack: Annotated[
        Path | None,
        typer.Argument(metavar="PACK", help="A pack's zip; default: the workspace's log."),
    ] = None,
    workspace: Workspace = Path(),
    state: Annotated[
        bool, typer.Option("--state", help="Also prove that every table follows from the log.")
    ] = False,
    recompute: Annotated[
        bool, typer.Option("--recompute", help="Also derive every figure and decision again.")
    ] = False,
    keys: Annotated[
        list[str] | None,
        typer.Option("--key", help="The log's public key; default: the one that lies there."),
    ] = None,
    threshold: Annotated[
        int, typer.Option("--threshold", min=1, help="How many of several keys must have signed.")
    ] = 1,
    witnesses: Annotated[
        Path | None,
        typer.Option("--witnesses", metavar="FILE", help="Who must have cosigned (C2SP policy)."),
    ] = None,
    manifest: Annotated[
        Path | None,
        typer.Option("--manifest", "-m", help="Whose own checks --recompute may run."),
    ] = None,
    model: Annotated[
        Path | None,
        typer.Option("--model", help="A model: is it the pack's, or the one that was signed?"),
    ] = None,
    signature: Annotated[
        Path | None,
        typer.Option("--signature", metavar="FILE", help="The model's own (OpenSSF)."),
    ] = None,
    signer: Annotated[
        Path | None,
        typer.Option(
            "--signer", metavar="PEM", help="The public key, or root certificate, of who signed it."
        ),
    ] = None,
    format: Format = None,  # noqa: A002 - the option's name
    json: Json = False,
) -> None:
    """Verify a pack, a model's signature, or the whole audit log.

    Of a pack every file, offline; of the log every entry, hash, signature and blob. What was
    proved is said, and what was not. Exit 4: something is off.
    """
    asked = formats(format, json)
    if pack is not None:
        if state or workspace != Path():
            raise NotForPacks(
                "A pack is verified without a workspace.",
                remedy="Leave out --state and --workspace.",
            )
        from assay import bootstrap

        found = bootstrap.verify_pack(
            pack,
            keys=keys or (),
            threshold=threshold,
            recompute=recompute,
            manifest=manifest,
            model=model,
            witnesses=witnesses,
        )
        _show_pack(found, asked)
        return
    if model is not None or signature is not None or signer is not None:
        _verify_model(model, signature, signer, asked)
        return
    from assay import bootstrap
    from assay.cli.output import emit
    from assay.documents.verification import render_verification, verification_json

    report = bootstrap.verify_workspace(
        workspace,
        keys=keys or (),
        threshold=threshold,
        state=state,
        recompute=recompute,
        manifest=manifest,
        witnesses=witnesses,
    )
    emit(
        asked,
        {
            "text": lambda: render_verification(report),
            "json": lambda: verification_json(report),
        },
    )


def _verify_model(
    model: Path | None, signature: Path | None, signer: Path | None, asked: list[str]
) -> None:
    from assay.adapters.model_signatures import verify_model
    from assay.cli.output import emit
    from assay.documents.signed_model import render_signed, signed_json

    if model is None or signature is None or signer is None:
        raise SignatureIncomplete(
            "A model's signature is verified with --model, --signature and --signer.",
            remedy="Name all three; or name a pack and --model, to see whether it is the pack's.",
        )
    found = verify_model(model, key=signer, signature=signature)
    emit(
        asked,
        {"text": lambda: render_signed(found, made=False), "json": lambda: signed_json(found)},
    )


def _show_pack(found: PackVerification, asked: list[str]) -> None:
    from assay.cli.output import emit
    from assay.documents.packs.verification import (
        pack_verification_json,
        render_pack_verification,
    )

    emit(
        asked,
        {
            "text": lambda: render_pack_verification(found),
            "json": lambda: pack_verification_json(found),
        },
    )
