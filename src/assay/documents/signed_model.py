"""What was found of a model's signature."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from assay.documents.gate import count

SCHEMA: Final = "assay.signed-model/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedModel:
    """A model whose signature was made or verified.

    Attributes:
        path: the model.
        signature: the bundle.
        files: how many files are signed.
        digest: the SHA-256 (hex) by which a version pins it: of a file that of its bytes, of
            a folder its OMS root.
        pinned: whether the signed files are exactly those under that digest. A signature may
            leave files out, or digest them by other functions.
    """

    path: str
    signature: str
    files: int
    digest: str
    pinned: bool


def render_signed(found: SignedModel, *, made: bool) -> str:
    """A few lines: the model, its signature, the digest that versions name."""
    pinned = "that versions name it by" if found.pinned else "of it, which the signature is not of"
    return (
        f"{'SIGNED' if made else 'VERIFIED'}  {found.path}   {count(found.files, 'file')}\n"
        f"  {found.signature}\n"
        f"  {found.digest}, the digest {pinned}\n"
    )


def signed_json(found: SignedModel) -> str:
    """The same as JSON, schema `assay.signed-model/1`."""
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "model": found.path,
        "signature": found.signature,
        "files": found.files,
        "digest": found.digest,
        "pinned": found.pinned,
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
