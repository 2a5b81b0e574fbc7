"""`assay verify`: what an auditor runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assay.cli.options import Format, Json, formats
from assay.errors import ConfigurationError

if TYPE_CHECKING:
    from assay.documents.packs.verification import PackVerification
    from assay.documents.verification import WorkspaceVerification

Workspace = Annotated[Path, typer.Option("--workspace", "-w", help="The folder that holds .assay.")]


class NotForPacks(ConfigurationError):
    """An option about workspaces was given for a pack."""

    code = "usage.not-for-packs"


class SignatureIncomplete(ConfigurationError):
    """A model alone is verified by its signature and by its signer's key."""

    code = "usage.signature-incomplete"


Pack = Annotated[
    Path | None, typer.Argument(metavar="PACK", help="A pack's zip; default: the workspace's log.")
]
State = Annotated[
    bool, typer.Option("--state", help="Also prove that every table follows from the log.")
]
Recompute = Annotated[
    bool, typer.Option("--recompute", help="Also derive every figure and decision again.")
]
Keys = Annotated[
    list[str] | None,
    typer.Option("--key", help="The log's public key; default: the one that lies there."),
]
Threshold = Annotated[
    int, typer.Option("--threshold", min=1, help="How many of several keys must have signed.")
]
Witnesses = Annotated[
    Path | None,
    typer.Option("--witnesses", metavar="FILE", help="Who must have cosigned (C2SP policy)."),
]
OwnChecks = Annotated[
    Path | None, typer.Option("--manifest", "-m", help="Whose own checks --recompute may run.")
]
Model = Annotated[
    Path | None,
    typer.Option("--model", help="A model: is it the pack's, or the one that was signed?"),
]
Signature = Annotated[
    Path | None, typer.Option("--signature", metavar="FILE", help="The model's own (OpenSSF).")
]
SignedBy = Annotated[
    Path | None,
    typer.Option(
        "--signer", metavar="PEM", help="The public key, or root certificate, of who signed it."
    ),
]


def verify(
    pack: Pack = None,
    workspace: Workspace = Path(),
    state: State = False,
    recompute: Recompute = False,
    keys: Keys = None,
    threshold: Threshold = 1,
    witnesses: Witnesses = None,
    manifest: OwnChecks = None,
    model: Model = None,
    signature: Signature = None,
    signer: SignedBy = None,
    format: Format = None,  # noqa: A002 - the option's name
    json: Json = False,
) -> None:
    """Verify a pack, a model's signature, or the whole audit log.

    Of a pack every file, offline; of the log every entry, hash, signature and blob. What was
    proved is said, and what was not. Exit 4: something is off.
    """
    from assay import bootstrap

    asked = formats(format, json)
    trust = bootstrap.Trust(keys=keys or (), threshold=threshold, witnesses=witnesses)
    if pack is not None:
        if state or workspace != Path():
            raise NotForPacks(
                "A pack is verified without a workspace.",
                remedy="Leave out --state and --workspace.",
            )
        found = bootstrap.verify_pack(
            pack, trust=trust, recompute=recompute, manifest=manifest, model=model
        )
        _show_pack(found, asked)
    elif model is not None or signature is not None or signer is not None:
        _verify_model(model, signature, signer, asked)
    else:
        report = bootstrap.verify_workspace(
            workspace, trust=trust, state=state, recompute=recompute, manifest=manifest
        )
        _show_workspace(report, asked)


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


def _show_workspace(report: WorkspaceVerification, asked: list[str]) -> None:
    from assay.cli.output import emit
    from assay.documents.verification import render_verification, verification_json

    emit(
        asked,
        {
            "text": lambda: render_verification(report),
            "json": lambda: verification_json(report),
        },
    )
