"""Object stores: addresses, bounds, damage, and secrets that nothing shows."""

from __future__ import annotations

import builtins
import socket
import traceback
from pathlib import Path

import pytest
from tests.objects import SECRET

from assay.adapters.blobs import BlobDamaged, BlobsUnreachable
from assay.adapters.objects import store as objects_store
from assay.adapters.objects.blobs import ObjectBlobs
from assay.adapters.objects.store import (
    MalformedObjectUrl,
    ObjectExists,
    ObjectsMissing,
    ObjectsUnreachable,
    is_object_url,
    open_objects,
)

pytestmark = pytest.mark.enable_socket


@pytest.mark.parametrize(
    "url",
    [
        "",
        "s3://",
        "s3://b",
        "S3://bucket",
        "s3://user:secret@bucket/prefix",
        "s3://bucket/../other",
        "s3://bucket/a/..",
        "s3://bucket//a",
        "s3://bucket/a b",
        "s3://bucket/a?secret=x",
        "https://bucket/a",
        "/a/folder",
    ],
)
def test_addresses_have_one_form(url: str) -> None:
    """An address with credentials, or that leads elsewhere, is refused and not repeated."""
    with pytest.raises(MalformedObjectUrl) as found:
        open_objects(url)
    assert "secret" not in str(found.value)


def test_an_address_is_told_from_a_folder() -> None:
    """Only the scheme decides."""
    assert is_object_url("s3://bucket")
    assert not is_object_url("s3:/bucket")
    assert not is_object_url("folder")


def test_prefixes_keep_apart(s3: str) -> None:
    """Two prefixes of a bucket are two places, and the bucket itself is a third."""
    bucket = s3.removesuffix("/a/prefix")
    for place in (s3, f"{bucket}/other", f"{bucket}/", bucket):
        open_objects(place).create("name", b"x") if place != bucket else None
    assert list(open_objects(s3).names("")) == ["name"]
    with pytest.raises(ObjectExists):
        open_objects(bucket).create("a/prefix/name", b"y")


def test_damaged_blobs_are_found_and_mended(s3: str) -> None:
    """What was changed in the store is not handed out; the same content put again heals it."""
    objects = open_objects(s3)
    blobs = ObjectBlobs(objects, bytes_max=100)
    digest = blobs.put(b"content")
    name = f"sha256/{digest[:2]}/{digest}"
    for data in (b"changed", b"x" * 1000, b""):
        objects.replace(name, data, tag=objects.get(name, bytes_max=10).tag)
        with pytest.raises(BlobDamaged):
            blobs.get(digest)
    assert blobs.put(b"content") == digest
    assert blobs.get(digest) == b"content"
    with pytest.raises(BlobsUnreachable):
        blobs.put(b"x" * 101)


def test_a_large_object_is_not_read_whole(s3: str) -> None:
    """One byte more than is allowed is read, whatever the store holds."""
    objects = open_objects(s3)
    objects.create("large", b"x" * 10_000)
    assert objects.get("large", bytes_max=10).data == b"x" * 11


def test_a_store_out_of_reach_says_so_without_secrets(
    s3: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No text of the error, its causes included, holds the secret key."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
    monkeypatch.setattr(objects_store, "_RETRIES", 0)
    objects = open_objects(s3)
    with pytest.raises(ObjectsUnreachable) as found:
        ObjectBlobs(objects).put(b"content")
    assert found.value.where is not None
    assert str(found.value.where).startswith(s3)
    whole = "".join(traceback.format_exception(found.value))
    assert SECRET not in f"{whole} {found.value!r} {objects!r} {objects._store!r}"


def test_without_the_library_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing extra has a remedy."""
    real = builtins.__import__

    def without(name: str, *rest: object) -> object:
        if name.startswith("obstore"):
            raise ImportError(name)
        return real(name, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ObjectsMissing, match=r"assay\[objects\]"):
        open_objects("s3://bucket/prefix")


def test_settings_of_the_environment_that_are_none(
    s3: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """An endpoint that is no address is an error of the environment."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "nonsense")
    monkeypatch.setattr(objects_store, "_RETRIES", 0)
    with pytest.raises(ObjectsUnreachable):
        open_objects(s3).has("name")
