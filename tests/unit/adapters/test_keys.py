"""The workspace's key file: made once, readable by its owner alone, never shown."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from assay.adapters.keys import (
    Ed25519Signer,
    KeyExposed,
    KeyUnusable,
    SignatureFailed,
    create_key,
    load_key,
    verify_ed25519,
)
from assay.errors import InvalidArgument

# RFC 8032, section 7.1, test 2.
SEED = bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
PUBLIC = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
SIGNATURE = bytes.fromhex(
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
)


def test_signs_as_the_rfc_says() -> None:
    """The key and signature of RFC 8032, and no other signature, verify."""
    signer = Ed25519Signer.from_seed("log", SEED)
    assert (signer.public_key, signer.sign(b"\x72")) == (PUBLIC, SIGNATURE)
    verify_ed25519(public_key=PUBLIC, message=b"\x72", signature=SIGNATURE)
    for message, signature, key in (
        (b"\x73", SIGNATURE, PUBLIC),
        (b"\x72", SIGNATURE[:-1], PUBLIC),
        (b"\x72", SIGNATURE, bytes(31)),
    ):
        with pytest.raises(SignatureFailed):
            verify_ed25519(public_key=key, message=message, signature=signature)


def test_file_gives_the_key_back(tmp_path: Path) -> None:
    """A key that was made can be loaded, with its name."""
    made = create_key(tmp_path / "key", name="example.org/log")
    loaded = load_key(tmp_path / "key")
    assert loaded.key == made.key
    loaded.verifier.verify(b"message", made.sign(b"message"))


def test_file_is_its_owners_alone(tmp_path: Path) -> None:
    """The file has mode 0600 whatever the umask, and nothing else is left behind."""
    before = os.umask(0)
    try:
        create_key(tmp_path / "key", name="log")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["key"]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o601])
def test_looser_modes_are_refused(tmp_path: Path, mode: int) -> None:
    """A key that others can reach is not used, and the remedy says what to do."""
    create_key(tmp_path / "key", name="log")
    (tmp_path / "key").chmod(mode)
    with pytest.raises(KeyExposed) as caught:
        load_key(tmp_path / "key")
    assert "chmod 600" in caught.value.remedy


def test_a_key_is_never_replaced(tmp_path: Path) -> None:
    """Making a key where one is fails and leaves the old one."""
    first = create_key(tmp_path / "key", name="log")
    with pytest.raises(KeyUnusable):
        create_key(tmp_path / "key", name="log")
    assert load_key(tmp_path / "key").key == first.key
    assert [path.name for path in tmp_path.iterdir()] == ["key"]


def test_unusable_name_makes_no_file(tmp_path: Path) -> None:
    """A name that a signature line cannot carry is refused before anything is written."""
    with pytest.raises(InvalidArgument):
        create_key(tmp_path / "key", name="two words")
    assert list(tmp_path.iterdir()) == []


def test_missing_folder_and_missing_file_have_remedies(tmp_path: Path) -> None:
    """What is not there is said plainly."""
    with pytest.raises(KeyUnusable):
        create_key(tmp_path / "absent" / "key", name="log")
    with pytest.raises(KeyUnusable) as caught:
        load_key(tmp_path / "key")
    assert caught.value.remedy


def test_secret_is_never_shown(tmp_path: Path) -> None:
    """No text of a signer, and no error about a damaged file, holds the secret."""
    signer = create_key(tmp_path / "key", name="log")
    line = (tmp_path / "key").read_text()
    secret = line.rstrip().split("+", 4)[4]
    assert secret not in f"{signer!r} {signer}"
    (tmp_path / "key").write_text(line.replace("log", "lag"))
    with pytest.raises(KeyUnusable) as caught:
        load_key(tmp_path / "key")
    assert secret[:8] not in f"{caught.value} {caught.value.__cause__} {caught.value!r}"
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("content", ["", "PRIVATE+KEY+", "\xe9", "log+00000000+AA=="])
def test_other_files_are_no_keys(tmp_path: Path, content: str) -> None:
    """A file with anything else is refused."""
    (tmp_path / "key").write_text(content)
    (tmp_path / "key").chmod(0o600)
    with pytest.raises(KeyUnusable):
        load_key(tmp_path / "key")
