"""Writes to an object store that fail before or after they persist, at once or on their way."""

from __future__ import annotations

import contextlib
import http.client
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import obstore
import pytest
from obstore.exceptions import BaseError, GenericError
from tests.faults.published import check_bundles, check_tiles
from tests.packed import repository

from assay import bootstrap
from assay.adapters.keys import Ed25519Signer
from assay.adapters.memory import MemoryJournal
from assay.adapters.objects.blobs import ObjectBlobs
from assay.adapters.objects.store import ObjectsUnreachable, open_objects
from assay.adapters.objects.tiles import ObjectTiles
from assay.app.log.publishing import publish_bundles, publish_tiles
from assay.app.ports import Journal
from assay.governance.events import Event
from assay.governance.fold import fold

Story = Callable[[int], list[Event]]
Publish = Callable[[Journal, Ed25519Signer, ObjectTiles], object]

SIGNER = Ed25519Signer.from_seed("example.org/log", b"s" * 32)
WRITES_MAX = 40

WHEN = pytest.mark.parametrize("after", [False, True], ids=["before", "after"])

pytestmark = pytest.mark.enable_socket


def _fail_write(monkeypatch: pytest.MonkeyPatch, number: int, *, after: bool) -> Callable[[], bool]:
    """Let the n-th write or deletion fail, before or after it persisted; tells if one did."""
    count = 0

    def wrap(call: Callable[..., Any]) -> Callable[..., Any]:
        def strike(*arguments: Any, **options: Any) -> Any:
            nonlocal count
            count += 1
            if count != number:
                return call(*arguments, **options)
            if after:
                with contextlib.suppress(BaseError):  # Whatever it answers is lost.
                    call(*arguments, **options)
            raise GenericError("the store does not answer")

        return strike

    for name in ("put", "delete"):
        monkeypatch.setattr(obstore, name, wrap(getattr(obstore, name)))
    return lambda: count >= number


def _check(url: str, folder: Path, publish: Publish) -> int:
    """The size of what an independent reader finds to be whole."""
    objects = open_objects(url)
    for name in objects.names(""):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(objects.get(name, bytes_max=1 << 24).data)
    if publish is publish_bundles:
        return len(check_bundles(folder, SIGNER.public_key))
    return check_tiles(folder, SIGNER.public_key)


@WHEN
@pytest.mark.parametrize("publish", [publish_tiles, publish_bundles])
def test_every_write_of_a_publication_may_fail(
    tmp_path: Path, s3: str, story: Story, publish: Publish, after: bool
) -> None:
    """Tile, checkpoint, or what is taken away: what is published verifies, and can go on."""
    told, number = story(260), 0
    for number in range(1, WRITES_MAX):
        url, folder = f"{s3}/{number}", tmp_path / str(number)
        journal = MemoryJournal(fold=fold)
        journal.append(told[:250], expected={})
        publish(journal, SIGNER, ObjectTiles(open_objects(url)))
        journal.append(told[250:], expected={})
        with pytest.MonkeyPatch.context() as patch:
            struck = _fail_write(patch, number, after=after)
            failed = False
            try:
                publish(journal, SIGNER, ObjectTiles(open_objects(url)))
            except ObjectsUnreachable:
                failed = True
        assert failed is struck()
        assert _check(url, folder / "then", publish) in ({250, 260} if failed else {260})
        publish(journal, SIGNER, ObjectTiles(open_objects(url)))
        assert _check(url, folder / "later", publish) == 260
        if not failed:
            break
    # Tiles or bundles, the checkpoint, and a partial one that is full now.
    assert 4 <= number < WRITES_MAX - 1


@WHEN
def test_content_whose_write_failed_can_be_stored_again(s3: str, after: bool) -> None:
    """It is whole or absent, and what was acknowledged before is there."""
    blobs = ObjectBlobs(open_objects(s3))
    kept = blobs.put(b"kept")
    with pytest.MonkeyPatch.context() as patch:
        _fail_write(patch, 1, after=after)
        with pytest.raises(ObjectsUnreachable):
            blobs.put(b"content")
    digest = blobs.put(b"content")
    assert (blobs.get(kept), blobs.get(digest)) == (b"kept", b"content")


@pytest.mark.parametrize("stride", [5, pytest.param(1, marks=pytest.mark.slow)])
@WHEN
def test_every_write_of_a_gate_may_fail(tmp_path: Path, s3: str, after: bool, stride: int) -> None:
    """A run whose content could not be stored recorded nothing; run again, it records all."""
    home = tmp_path / bootstrap.WORKSPACE
    repository(tmp_path)
    home.mkdir(mode=0o700)
    (home / "settings.yaml").write_text(f"blobs: {s3}\n")
    with bootstrap.open_workspace(tmp_path) as services:
        size = services.journal.head().size
    found, number = bootstrap.verify_workspace(tmp_path, state=True).report, 0
    for number in range(1, WRITES_MAX, stride):
        with pytest.MonkeyPatch.context() as patch:
            struck = _fail_write(patch, number, after=after)
            failed = False
            try:
                bootstrap.gate(tmp_path / "assay.yaml", actor="ada")
            except ObjectsUnreachable:
                failed = True
        assert failed is struck()
        found = bootstrap.verify_workspace(tmp_path, state=True).report
        assert found.absent_count == 0
        if not failed:
            break
        assert found.size == size
    assert found.size > size
    assert 5 < number < WRITES_MAX - stride


class Gateway:
    """An HTTP server before the store, which lets one write fail on its way.

    Args:
        store: the host and port behind it.
    """

    def __init__(self, store: tuple[str, int]) -> None:
        gateway = self
        self._store = store
        self._lock = threading.Lock()
        self._left = 0
        self._after = False

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                gateway.forward(self)

            do_PUT = do_DELETE = do_HEAD = do_POST = do_GET  # noqa: N815 - the server's names

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True

    def cut(self, number: int, *, after: bool) -> None:
        """Cut the n-th write from now on off, before or after the store has it."""
        with self._lock:
            self._left, self._after = number, after

    @property
    def struck(self) -> bool:
        """Whether that write came."""
        return self._left <= 0

    def forward(self, request: BaseHTTPRequestHandler) -> None:
        """Hand a request on and its answer back, unless it is the one to cut off."""
        body = request.rfile.read(int(request.headers.get("Content-Length", 0)))
        cut = False
        if request.command in {"PUT", "DELETE", "POST"}:
            with self._lock:
                self._left -= 1
                cut = self._left == 0
        if cut and not self._after:
            request.close_connection = True
            return
        with closing(http.client.HTTPConnection(*self._store)) as connection:
            connection.request(request.command, request.path, body, dict(request.headers))
            answer = connection.getresponse()
            content = answer.read()
        if cut:
            request.close_connection = True
            return
        request.send_response_only(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in {"transfer-encoding", "connection"}:
                request.send_header(name, value)
        request.end_headers()
        request.wfile.write(content)


@pytest.fixture
def gateway(
    s3: str, s3_server: tuple[str, int], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Gateway]:
    """What the environment names as the store."""
    found = Gateway(s3_server)
    thread = threading.Thread(target=found.server.serve_forever)
    thread.start()
    host, port = found.server.server_address[:2]
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{host!s}:{port}")
    yield found
    found.server.shutdown()
    found.server.server_close()
    thread.join()


@pytest.mark.parametrize("stride", [3, pytest.param(1, marks=pytest.mark.slow)])
@WHEN
def test_a_connection_may_break_at_every_write(
    tmp_path: Path, s3: str, gateway: Gateway, story: Story, after: bool, stride: int
) -> None:
    """The library asks again, or fails; its own first write is nobody else's publication."""
    told, number = story(260), 0
    for number in range(1, WRITES_MAX, stride):
        url, folder = f"{s3}/{number}", tmp_path / str(number)
        journal = MemoryJournal(fold=fold)
        journal.append(told[:250], expected={})
        publish_tiles(journal, SIGNER, ObjectTiles(open_objects(url)))
        journal.append(told[250:], expected={})
        gateway.cut(number, after=after)
        failed = False
        try:
            publish_tiles(journal, SIGNER, ObjectTiles(open_objects(url)))
        except ObjectsUnreachable:
            failed = True
        struck = gateway.struck
        assert _check(url, folder / "then", publish_tiles) in ({250, 260} if failed else {260})
        publish_tiles(journal, SIGNER, ObjectTiles(open_objects(url)))
        assert _check(url, folder / "later", publish_tiles) == 260
        if not struck:
            break
    assert 4 <= number < WRITES_MAX - stride
