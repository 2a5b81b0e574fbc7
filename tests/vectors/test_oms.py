"""Models are signed as OpenSSF Model Signing says: theirs verify here, ours verify there."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from referencing import Registry, Resource

from assay.adapters.digests import component, oms_root
from assay.adapters.model_signatures import (
    ModelKeyUnusable,
    ModelNotVerified,
    SignatureMisplaced,
    SignatureNotWritten,
    sign_model,
    verify_model,
)

DATA = Path(__file__).parent / "data" / "oms"
MODEL = DATA / "v1.1.0-elliptic-key"
KEY = DATA / "keys" / "signing-key-pub.pem"

SCHEMAS = {
    path.name.partition(".")[0]: json.loads(path.read_text())
    for path in (DATA / "schemas").glob("*.json")
}
REGISTRY: Any = Registry().with_resources(
    [(schema["$id"], Resource.from_contents(schema)) for schema in SCHEMAS.values()]
)


def check(name: str, document: Any) -> None:
    """Validate against the schema of that name."""
    jsonschema.Draft202012Validator(SCHEMAS[name], registry=REGISTRY).validate(document)


def statement_of(bundle: Any) -> Any:
    return json.loads(base64.b64decode(bundle["dsseEnvelope"]["payload"]))


def test_the_root_equals_the_signed_subject():
    """The signed statement's subject is our root over the same files."""
    statement = statement_of(json.loads((MODEL / "model.sig").read_text()))
    outside = {"model.sig", *statement["predicate"]["serialization"].get("ignore_paths", [])}
    names = {Path(name).name for name in outside}
    signed = statement["subject"][0]["digest"]["sha256"]
    assert oms_root(MODEL, ignored=names) == signed


@pytest.fixture
def signing() -> None:
    """Skip where the library of the extra is not installed."""
    pytest.importorskip("model_signing")


@pytest.fixture
def keys(tmp_path: Path) -> tuple[Path, Path]:
    """A P-256 key in PEM and its public half, as `openssl` would write them."""
    from cryptography.hazmat.primitives import serialization as to
    from cryptography.hazmat.primitives.asymmetric import ec

    private = ec.derive_private_key(7, ec.SECP256R1())
    secret, public = tmp_path / "key.pem", tmp_path / "key.pub.pem"
    secret.write_bytes(
        private.private_bytes(to.Encoding.PEM, to.PrivateFormat.PKCS8, to.NoEncryption())
    )
    public.write_bytes(
        private.public_key().public_bytes(to.Encoding.PEM, to.PublicFormat.SubjectPublicKeyInfo)
    )
    return secret, public


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A model whose files sort otherwise by code point than by path component."""
    model = tmp_path / "model"
    (model / "a").mkdir(parents=True)
    (model / "a" / "b").write_text("one")
    (model / "a-c").write_text("two")
    (model / ".gitignore").write_text("outside\n")
    return model


def theirs(*arguments: str | Path) -> int:
    """Run the reference command line; its exit code."""
    return subprocess.run(
        [sys.executable, "-m", "model_signing", *map(str, arguments)],
        env={"PATH": os.environ["PATH"], "HOME": "/nonexistent"},
        capture_output=True,
        check=False,
    ).returncode


@pytest.mark.usefixtures("signing")
class TestByTheLibrary:
    def test_a_folder_is_signed_under_the_digest_that_versions_name(self, folder, keys, tmp_path):
        """What is signed is what a version pins, whatever order the library lists files in."""
        secret, public = keys
        bundle = tmp_path / "model.sig"
        made = sign_model(folder, key=secret, signature=bundle)
        assert (made.files, made.digest, made.pinned) == (2, oms_root(folder), True)
        assert verify_model(folder, key=public, signature=bundle) == made

    def test_a_file_is_signed_under_its_sha256(self, keys, tmp_path):
        """A single file is a model, too."""
        secret, public = keys
        model, bundle = tmp_path / "model.bin", tmp_path / "model.bin.sig"
        model.write_bytes(b"weights")
        made = sign_model(model, key=secret, signature=bundle)
        assert made.digest == hashlib.sha256(b"weights").hexdigest() == component(model)["sha256"]
        assert made.pinned
        assert verify_model(model, key=public, signature=bundle) == made

    def test_bundles_are_of_the_published_form(self, folder, keys, tmp_path):
        """Bundle, envelope and statement pass the specification's schemas."""
        sign_model(folder, key=keys[0], signature=tmp_path / "model.sig")
        bundle = json.loads((tmp_path / "model.sig").read_text())
        check("bundle", bundle)
        check("statement", statement_of(bundle))

    def test_their_command_verifies_ours(self, folder, keys, tmp_path):
        """And no longer once a file has changed."""
        secret, public = keys
        sign_model(folder, key=secret, signature=tmp_path / "model.sig")
        how = ["--signature", tmp_path / "model.sig", "--public_key", public]
        assert theirs("verify", "key", folder, *how) == 0
        (folder / "a-c").write_text("three")
        assert theirs("verify", "key", folder, *how) != 0

    def test_theirs_verifies_here(self, folder, keys, tmp_path):
        """A model that their command signed."""
        secret, public = keys
        bundle = tmp_path / "model.sig"
        assert theirs("sign", "key", folder, "--signature", bundle, "--private_key", secret) == 0
        assert verify_model(folder, key=public, signature=bundle).pinned

    @pytest.mark.parametrize(
        "model", [MODEL, DATA / "v1.0.0-elliptic-key", DATA / "v0.3.1-elliptic-key"], ids=str
    )
    def test_published_signatures_verify(self, model, capfd):
        """Of every released form; those before 1.1.0 sign a single file."""
        signed = model if model is MODEL else model / "signme-1"
        found = verify_model(signed, key=KEY, signature=model / "model.sig")
        # The first leaves out a file that lies in its folder, and its signature is there too.
        assert (found.files, found.pinned) == ((2, False) if model is MODEL else (1, True))
        assert capfd.readouterr().out == ""

    def test_a_published_certificate_leads_to_its_root(self, tmp_path):
        """And to no other: neither to the intermediate one, nor to somebody else's."""
        model = DATA / "v1.1.0-certificate"
        found = verify_model(
            model, key=DATA / "keys" / "ca-cert.pem", signature=model / "model.sig"
        )
        assert found.files == 2
        for other in ("int-ca-cert.pem", "signing-key-pub.pem"):
            with pytest.raises(ModelNotVerified):
                verify_model(model, key=DATA / "keys" / other, signature=model / "model.sig")
        stranger = tmp_path / "stranger.pem"
        subprocess.run(
            [
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
                "-keyout",
                str(tmp_path / "key"),
                "-subj",
                "/CN=root-ca",
                "-days",
                "9",
                "-out",
                str(stranger),
            ],
            check=True,
            capture_output=True,
        )
        with pytest.raises(ModelNotVerified):
            verify_model(model, key=stranger, signature=model / "model.sig")
        copy = shutil.copytree(model, tmp_path / "copy")
        (copy / "signme-1").write_text("changed")
        with pytest.raises(ModelNotVerified):
            verify_model(copy, key=DATA / "keys" / "ca-cert.pem", signature=copy / "model.sig")

    def test_a_certificate_that_is_none_is_no_key(self, tmp_path):
        """A damaged certificate is an error of the file, not of the model."""
        broken = tmp_path / "broken.pem"
        broken.write_text("-----BEGIN CERTIFICATE-----\nnone\n-----END CERTIFICATE-----\n")
        with pytest.raises((ModelKeyUnusable, ModelNotVerified)):
            verify_model(MODEL, key=broken, signature=MODEL / "model.sig")

    def test_what_is_not_the_signed_model_is_refused(self, tmp_path):
        """A changed byte, a missing file, an added one, and another key."""
        for spoil in (
            lambda model: (model / "signme-1").write_text("signme-2\n"),
            lambda model: (model / "signme-2").unlink(),
            lambda model: (model / "signme-3").write_text("new"),
        ):
            copy = shutil.copytree(MODEL, tmp_path / "copy")
            verify_model(copy, key=KEY, signature=copy / "model.sig")
            spoil(copy)
            with pytest.raises(ModelNotVerified):
                verify_model(copy, key=KEY, signature=copy / "model.sig")
            shutil.rmtree(copy)

    def test_another_key_is_refused(self, keys):
        """Whoever signed did not sign with that one."""
        with pytest.raises(ModelNotVerified):
            verify_model(MODEL, key=keys[1], signature=MODEL / "model.sig")

    @pytest.mark.parametrize(
        "bundle", sorted((DATA / "bundles").rglob("*.json")), ids=lambda path: path.name
    )
    def test_bundles_of_other_models_are_refused(self, bundle):
        """Valid or not, none of them signs this model by this key; all end in one error."""
        with pytest.raises(ModelNotVerified):
            verify_model(MODEL, key=KEY, signature=bundle)

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "[]",
            "{}",
            "null",
            '{"verificationMaterial": []}',
            "\0",
            "[" * 100_000,
            '{"a":' * 9_999,
        ],
    )
    def test_what_is_no_bundle_is_refused(self, tmp_path, text):
        """Whatever it is instead."""
        (tmp_path / "model.sig").write_text(text)
        with pytest.raises(ModelNotVerified):
            verify_model(MODEL, key=KEY, signature=tmp_path / "model.sig")

    def test_keys_that_are_none(self, folder, keys, tmp_path):
        """Absent files, other texts, and keys of another kind."""
        from cryptography.hazmat.primitives import serialization as to
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        other = tmp_path / "ed25519.pem"
        other.write_bytes(
            Ed25519PrivateKey.from_private_bytes(bytes(32)).private_bytes(
                to.Encoding.PEM, to.PrivateFormat.PKCS8, to.NoEncryption()
            )
        )
        for key in (tmp_path / "absent", MODEL / "signme-1", other, keys[1]):
            with pytest.raises(ModelKeyUnusable):
                sign_model(folder, key=key, signature=tmp_path / "model.sig")
            if key != keys[1]:
                with pytest.raises(ModelKeyUnusable):
                    verify_model(MODEL, key=key, signature=MODEL / "model.sig")

    def test_a_signature_inside_the_model_is_refused(self, folder, keys):
        """It would change the model that it is of."""
        with pytest.raises(SignatureMisplaced):
            sign_model(folder, key=keys[0], signature=folder / "model.sig")
        assert not (folder / "model.sig").exists()

    def test_a_signature_that_cannot_be_written(self, folder, keys, tmp_path):
        """The place is named."""
        with pytest.raises(SignatureNotWritten):
            sign_model(folder, key=keys[0], signature=tmp_path / "absent" / "model.sig")


@pytest.mark.parametrize("path", sorted((DATA / "bundles" / "valid").iterdir()), ids=str)
def test_valid_bundles_pass_the_schemas(path):
    """The published examples are what the schemas describe."""
    bundle = json.loads(path.read_text())
    check("bundle", bundle)
    check("statement", statement_of(bundle))


@pytest.mark.parametrize("path", sorted((DATA / "bundles" / "invalid").iterdir()), ids=str)
def test_invalid_bundles_do_not(path):
    """Not even as JSON, or not as a bundle."""
    with pytest.raises((json.JSONDecodeError, jsonschema.ValidationError)):
        check("bundle", json.loads(path.read_text()))


def test_a_wrong_predicate_does_not():
    """The bundle is one; what it holds is no model's signature."""
    (path,) = (DATA / "bundles" / "invalid-payload").iterdir()
    bundle = json.loads(path.read_text())
    check("bundle", bundle)
    with pytest.raises(jsonschema.ValidationError):
        check("statement", statement_of(bundle))
