"""A witness of our own: what it remembers, in a file, and the HTTP server before it."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final

from assay.adapters.files import write_whole
from assay.app.ports import Answer
from assay.errors import ConfigurationError, EnvironmentUnavailable, VerificationFailed
from assay.tlog.witness import REQUEST_BYTES_MAX

_FORM: Final = "assay.witness/1"
_SECONDS_MAX: Final = 20.0
_PATH: Final = "/add-checkpoint"
_STATE_BYTES_MAX: Final = 256 << 20


class WitnessStateUnusable(EnvironmentUnavailable):
    """What a witness remembers cannot be read or written."""

    code = "witness.state-unusable"


class WitnessStateDamaged(VerificationFailed):
    """The file of a witness's memory holds something else; it must not begin anew."""

    code = "witness.state-damaged"


class NotListening(ConfigurationError):
    """An address to listen at is none, or cannot be had."""

    code = "witness.not-listening"


class FileWitnessState:
    """The last note of each log, in one JSON file that is replaced whole.

    Args:
        path: the file, made with the first note; its folder exists.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    @contextmanager
    def locked(self) -> Generator[None]:
        """Keep other threads and processes waiting; one that dies lets go."""
        lock = self._path.with_name(f".{self._path.name}.lock")
        try:
            descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise self._unusable(error) from error
        try:
            # Of a descriptor of its own, so that threads exclude each other too.
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def seen(self) -> Mapping[str, bytes]:
        """The last notes by origin.

        Raises:
            WitnessStateDamaged: the file is not one that this class wrote.
        """
        try:
            with self._path.open("rb") as file:
                data = file.read(_STATE_BYTES_MAX)
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise self._unusable(error) from error
        try:
            return _parse(data)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise WitnessStateDamaged(
                "The file is not a witness's memory.",
                where=str(self._path),
                remedy="Restore it from a copy. A witness that forgets what it cosigned cannot "
                "tell a fork.",
            ) from error

    def remember(self, origin: str, note: bytes) -> None:
        """Keep a note in place of the one before, durable when it returns."""
        notes = {**self.seen(), origin: note}
        document = {"form": _FORM, "notes": {key: notes[key].decode() for key in sorted(notes)}}
        data = json.dumps(document, indent=1, ensure_ascii=False).encode()
        try:
            write_whole(self._path, data, replace=True)
        except OSError as error:
            raise self._unusable(error) from error

    def _unusable(self, error: OSError) -> WitnessStateUnusable:
        return WitnessStateUnusable(
            f"A witness's memory cannot be read or written: {error.strerror}.",
            where=str(self._path),
            remedy="Name a file, by --state, in a folder that exists and that you may write to.",
        )


def _parse(data: bytes) -> dict[str, bytes]:
    found = json.loads(data)
    if found["form"] != _FORM:
        raise ValueError("another form")
    return {origin: note.encode() for origin, note in found["notes"].items()}


class WitnessServer(ThreadingHTTPServer):
    """Answers `POST /add-checkpoint`; requests are bounded in size and time.

    Args:
        listen: `HOST:PORT`; port 0 takes a free one.
        answer: what answers the body of a request.

    Raises:
        NotListening: the address is none, or taken.
    """

    daemon_threads = True

    def __init__(self, listen: str, answer: Callable[[bytes], Answer]) -> None:
        self.answer = answer
        host, _, port = listen.rpartition(":")
        try:
            super().__init__((host.strip("[]"), int(port)), _Handler)
        except (OSError, ValueError, OverflowError) as error:
            raise NotListening(
                f"Nothing can listen at {listen!r}: {error}.",
                remedy="Name an address of this machine and a free port, such as 127.0.0.1:8080.",
            ) from error

    @property
    def url(self) -> str:
        """Where it is reached on this machine."""
        host, port = self.server_address[:2]
        return f"http://{host!s}:{port}"


class _Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server_version = "assay"
    sys_version = ""
    timeout = _SECONDS_MAX
    server: WitnessServer  # pyright: ignore[reportIncompatibleVariableOverride] - always ours

    def do_POST(self) -> None:
        """Answer a request, and close where its body was not read."""
        length = self.headers.get("Content-Length", "")
        if self.path != _PATH:
            return self._refuse(404, "There is nothing here.")
        if not length.isascii() or not length.isdigit() or len(length) > 9:
            return self._refuse(411, "The length of the body must be given.")
        if int(length) > REQUEST_BYTES_MAX:
            return self._refuse(413, f"A request has at most {REQUEST_BYTES_MAX:,} bytes.")
        body = self.rfile.read(int(length))
        try:
            answer = self.server.answer(body)
        except Exception as error:  # noqa: BLE001 - an entrance: the next request must be served
            self.log_error("%s", error)
            return self._refuse(500, "The witness cannot answer now.")
        return self._send(answer)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Say nothing: whoever asks writes its own lines."""

    def _refuse(self, status: int, why: str) -> None:
        self.close_connection = True
        self._send(Answer(status=status, body=f"{why}\n".encode()))

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.media_type)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)
