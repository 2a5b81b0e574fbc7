"""An object store on loopback for tests: moto's, which speaks S3."""

from __future__ import annotations

import http.client
import itertools
import logging
import os
from collections.abc import Iterator

import pytest

SECRET = "a-secret-that-no-text-may-show"

_BUCKETS = itertools.count()


@pytest.fixture(scope="session")
def s3_server() -> Iterator[tuple[str, int]]:
    """The address of a server that keeps objects in memory; its tests are marked enable_socket."""
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    yield server.get_host_and_port()
    server.stop()


@pytest.fixture
def s3(s3_server: tuple[str, int], monkeypatch: pytest.MonkeyPatch) -> str:
    """The URL of an empty place in the store; the environment says how to reach it."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    host, port = s3_server
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "tests")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
    monkeypatch.setenv("AWS_ALLOW_HTTP", "true")
    bucket = f"bucket-{next(_BUCKETS)}"
    connection = http.client.HTTPConnection(host, port)
    connection.request("PUT", f"/{bucket}")
    assert connection.getresponse().status == 200
    connection.close()
    return f"s3://{bucket}/a/prefix"
