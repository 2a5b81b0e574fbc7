"""Signatures of models in the OpenSSF Model Signing form, by its reference library.

A signature is a Sigstore bundle around an in-toto statement that lists a model's files with
their digests. It is made with an elliptic curve key (P-256, P-384 or P-521), as that form
asks; the log's own Ed25519 key is none.

Source: OpenSSF Model Signing 1.0. The library lists files in the order of their paths'
components and the specification by code point; so roots are computed from the list here.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import io
import json
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Any, Final, cast

from assay.adapters.digests import component
from assay.documents.signed_model import SignedModel
from assay.errors import ConfigurationError, EnvironmentUnavailable, VerificationFailed
from assay.evidence.envelopes import parse_envelope
from assay.evidence.statements import parse_statement

_BUNDLE_BYTES_MAX: Final = 64 << 20
_CERTIFICATE: Final = b"-----BEGIN CERTIFICATE-----"

_FOREIGN: Final = (AttributeError, LookupError, OSError, RecursionError, TypeError, ValueError)
"""What the library raises of bundles that are none, besides signatures that do not fit."""


class SigningMissing(EnvironmentUnavailable):
    """The library that signs and verifies models is not installed."""

    code = "signing.missing"


class ModelKeyUnusable(ConfigurationError):
    """A file holds no elliptic curve key in PEM that models are signed with."""

    code = "signing.key-unusable"


class SignatureMisplaced(ConfigurationError):
    """A signature inside a model's folder would change the model."""

    code = "signing.misplaced"


class SignatureNotWritten(EnvironmentUnavailable):
    """A model cannot be signed, or its signature not be written."""

    code = "signing.not-written"


class ModelNotVerified(VerificationFailed):
    """A model is not the one that was signed, or was not signed by that key."""

    code = "signing.not-verified"


def sign_model(model: Path, *, key: Path, signature: Path) -> SignedModel:
    """Sign a model and write the bundle.

    Args:
        model: a file or a folder.
        key: the private key in PEM.
        signature: where to write the bundle; not inside the model.

    Raises:
        SigningMissing: the extra `signing` is not installed.
        ModelKeyUnusable: there is no usable key.
        SignatureMisplaced: the signature would become part of the model.
        SignatureNotWritten: the model cannot be read, or the bundle not written.
    """
    signing = _library("signing")
    digest = _pin(model)
    if signature.resolve().is_relative_to(model.resolve()):
        raise SignatureMisplaced(
            "The signature would become a part of the model, and change its digest.",
            where=str(signature),
            remedy="Write it beside the model.",
        )
    with _key(key):
        config = signing.Config().use_elliptic_key_signer(private_key=key)
    try:
        config.sign(model, signature)
    except (OSError, ValueError) as error:
        raise SignatureNotWritten(
            f"The model cannot be signed: {error}", where=str(model)
        ) from error
    return _signed(model, signature, digest)


def verify_model(model: Path, *, key: Path, signature: Path) -> SignedModel:
    """Verify a model against a bundle, whoever made it.

    Args:
        model: a file or a folder.
        key: the public key in PEM; or the certificate in PEM to which that of the signer, in
            the bundle, must lead.
        signature: the bundle.

    Raises:
        SigningMissing: the extra `signing` is not installed.
        ModelKeyUnusable: there is no usable key.
        ModelNotVerified: the model is not what was signed, or another key signed.
    """
    from cryptography.exceptions import InvalidSignature

    hashing, verifying = _library("hashing"), _library("verifying")
    digest = _pin(model)
    with _key(key):
        config = (
            verifying.Config().use_certificate_verifier(certificate_chain=[key])
            if _CERTIFICATE in key.read_bytes()
            else verifying.Config().use_elliptic_key_verifier(public_key=key)
        )
    foreign: tuple[type[Exception], ...] = (*_FOREIGN, *_untrusted())
    inside = signature.resolve().is_relative_to(model.resolve())
    ignored = [signature.resolve().relative_to(model.resolve())] if inside else []
    config.set_hashing_config(hashing.Config().set_ignored_paths(paths=ignored))
    try:
        if signature.stat().st_size > _BUNDLE_BYTES_MAX:
            raise _unverified(signature, "the signature is too large.")
        # The library speaks of old bundles on standard output, which is the report's.
        with contextlib.redirect_stdout(io.StringIO()):
            config.verify(model, signature)
        return _signed(model, signature, digest)
    except InvalidSignature as error:
        raise _unverified(signature, "the signature is not that key's over the bundle.") from error
    except foreign as error:
        raise _unverified(signature, str(error)) from error


def _library(module: str) -> Any:
    try:
        return importlib.import_module(f"model_signing.{module}")
    except ImportError as error:
        raise SigningMissing(
            "Models are signed and verified by the library `model-signing`, which is missing.",
            remedy="Install it with `pip install 'assay[signing]'`.",
        ) from error


def _untrusted() -> tuple[type[Exception], ...]:
    """What is raised of certificates that do not lead to the trusted one."""
    crypto = importlib.import_module("OpenSSL.crypto")
    return (crypto.Error, crypto.X509StoreContextError)


def _pin(model: Path) -> str:
    return cast(str, next(iter(component(model).values())))


@contextlib.contextmanager
def _key(path: Path) -> Generator[None]:
    from cryptography.exceptions import UnsupportedAlgorithm

    try:
        yield
    except (OSError, TypeError, ValueError, AttributeError, UnsupportedAlgorithm) as error:
        raise ModelKeyUnusable(
            "The file is no elliptic curve key (P-256, P-384 or P-521) or certificate in PEM.",
            where=str(path),
            remedy="Make one with `openssl ecparam -name prime256v1 -genkey -noout -out KEY.pem`; "
            "its public half with `openssl ec -in KEY.pem -pubout -out KEY.pub.pem`.",
        ) from error


def _unverified(signature: Path, why: str) -> ModelNotVerified:
    return ModelNotVerified(
        f"The model is not verified: {why}",
        where=str(signature),
        remedy="Get model, signature and key again from whoever signed.",
    )


def _signed(model: Path, signature: Path, digest: str) -> SignedModel:
    """What a bundle signs, by its own list."""
    envelope = json.dumps(json.loads(signature.read_bytes())["dsseEnvelope"]).encode()
    predicate = parse_statement(parse_envelope(envelope).payload).predicate
    listed = cast(list[Mapping[str, Any]], predicate["resources"])
    return SignedModel(
        path=str(model),
        signature=str(signature),
        files=len(listed),
        digest=digest,
        pinned=_root(listed, single=model.is_file()) == digest,
    )


def _root(listed: list[Mapping[str, Any]], *, single: bool) -> str | None:
    """The root over listed files in code-point order; None if they have other digests."""
    if any(item["algorithm"] != "sha256" for item in listed):
        return None
    digests = [str(item["digest"]) for item in sorted(listed, key=lambda item: str(item["name"]))]
    if single:
        return digests[0] if len(digests) == 1 else None
    return hashlib.sha256(b"".join(map(bytes.fromhex, digests))).hexdigest()
