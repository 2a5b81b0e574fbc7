"""An object store that speaks S3, by the `obstore` library: the four things that are asked of it.

Keys and secrets come from the environment alone, under the names that AWS gave them
(`AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_REGION`, `AWS_ENDPOINT_URL` …); no address,
error or text of ours holds one.
"""

from __future__ import annotations

import os
import re
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from assay.errors import ConfigurationError, EnvironmentUnavailable

if TYPE_CHECKING:
    from obstore.store import ObjectStore

SCHEME: Final = "s3://"

_URL: Final = re.compile(
    r"s3://(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(?P<prefix>[A-Za-z0-9._/-]*))?"
)
_ENDPOINTS: Final = ("AWS_ENDPOINT", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3")
_RETRIES: Final = 4
_RETRYING_MAX: Final = timedelta(seconds=30)


class MalformedObjectUrl(ConfigurationError):
    """A text is not the address of a place in an object store."""

    code = "objects.malformed-url"


class ObjectsMissing(EnvironmentUnavailable):
    """The library for object stores is not installed."""

    code = "objects.library-missing"


class ObjectsUnreachable(EnvironmentUnavailable):
    """An object store cannot be reached, or does not allow what is asked."""

    code = "objects.unreachable"


class ObjectAbsent(LookupError):
    """There is no object of that name."""


class ObjectExists(Exception):
    """There is an object of that name already, or another than the one that was read."""


@dataclass(frozen=True, slots=True)
class Object:
    """An object's bytes, and the tag that its store gives to exactly this content."""

    data: bytes
    tag: str


class Objects:
    """The objects below an address, each written whole and durable once it is acknowledged.

    Args:
        store: the library's store, at the bucket and prefix.
        url: the address, for messages.
    """

    def __init__(self, store: ObjectStore, url: str) -> None:
        self._store = store
        self.url = url

    def get(self, name: str, *, bytes_max: int) -> Object:
        """An object; of one too large, one byte more than is allowed, which fits nothing.

        Raises:
            ObjectAbsent: it is not there.
        """
        import obstore

        with self._reached(name):
            found = obstore.get(self._store, name)
            tag = str(found.meta["e_tag"])
            if found.meta["size"] > bytes_max:
                data = obstore.get_range(self._store, name, start=0, end=bytes_max + 1)
                return Object(bytes(data), tag)
            return Object(bytes(found.bytes()), tag)

    def has(self, name: str) -> bool:
        """Whether an object is there."""
        import obstore

        try:
            with self._reached(name):
                obstore.head(self._store, name)
        except ObjectAbsent:
            return False
        return True

    def create(self, name: str, data: bytes) -> None:
        """Write an object that is not there yet; raises ObjectExists."""
        self._put(name, data, mode="create")

    def replace(self, name: str, data: bytes, *, tag: str) -> None:
        """Write an object in place of the one with that tag; raises ObjectExists."""
        self._put(name, data, mode={"e_tag": tag})

    def delete(self, name: str) -> None:
        """Take an object away; one that is not there is taken away already."""
        import obstore

        try:
            with self._reached(name):
                obstore.delete(self._store, name)
        except ObjectAbsent:
            return

    def names(self, prefix: str) -> Iterator[str]:
        """The names of the objects whose names begin so."""
        import obstore

        with self._reached(prefix):
            for page in obstore.list(self._store, prefix):
                yield from (str(item["path"]) for item in page)

    def _put(self, name: str, data: bytes, *, mode: Any) -> None:
        import obstore

        with self._reached(name):
            # One request, never parts: only so does the store compare and write at once.
            obstore.put(self._store, name, data, mode=mode, use_multipart=False)

    @contextmanager
    def _reached(self, name: str) -> Generator[None]:
        from obstore.exceptions import AlreadyExistsError, BaseError, PreconditionError

        try:
            yield
        except FileNotFoundError as error:
            raise ObjectAbsent(name) from error
        except (AlreadyExistsError, PreconditionError) as error:
            raise ObjectExists(name) from error
        except (BaseError, OSError) as error:
            # What the library says may quote a request, so only its kind is repeated.
            raise ObjectsUnreachable(
                f"The object store does not answer as it should ({type(error).__name__}).",
                where=f"{self.url}/{name}",
                remedy="Look at AWS_ENDPOINT_URL, AWS_REGION and the credentials in the "
                "environment, and at the bucket's rights.",
            ) from error


def _check_endpoint() -> None:
    # The library ends the whole process where the endpoint is no URL.
    for name in _ENDPOINTS:
        parts = urlsplit(os.environ.get(name, "https://unset"))
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ObjectsUnreachable(
                "The endpoint in the environment is not an HTTP URL.",
                where=name,
                remedy="Write it as `https://HOST[:PORT]`, or leave it out for AWS itself.",
            )


def is_object_url(place: str) -> bool:
    """Whether a place is in an object store rather than in a folder."""
    return place.startswith(SCHEME)


def open_objects(url: str) -> Objects:
    """The objects at `s3://BUCKET[/PREFIX]`.

    Raises:
        MalformedObjectUrl: it is no such address.
        ObjectsMissing: the library is not installed.
        ObjectsUnreachable: the environment's settings cannot be used.
    """
    match = _URL.fullmatch(url)
    parts = (match["prefix"] or "").split("/") if match else []
    if match is None or any(part in {"", ".", ".."} for part in parts[:-1]) or ".." in parts:
        raise MalformedObjectUrl(
            "The address is not one of a place in an object store.",
            remedy="Write it as `s3://BUCKET/PREFIX`; credentials come from the environment.",
        )
    _check_endpoint()
    prefix = "/".join(part for part in parts if part)
    try:
        from obstore.exceptions import BaseError
        from obstore.store import S3Store
    except ImportError as error:
        raise ObjectsMissing(
            "Object stores are reached by the library `obstore`, which is missing.",
            remedy="Install it with `pip install 'assay[objects]'`.",
        ) from error
    try:
        store = S3Store(
            match["bucket"],
            prefix=prefix or None,
            retry_config={"max_retries": _RETRIES, "retry_timeout": _RETRYING_MAX},
        )
    except BaseError as error:
        raise ObjectsUnreachable(
            f"The environment's settings cannot be used ({type(error).__name__}).",
            where=url,
            remedy="Look at the variables whose names begin with AWS_.",
        ) from error
    return Objects(store, url.rstrip("/"))
