"""Witnesses over HTTP, and the file in which a trust policy names them."""

from __future__ import annotations

import http.client
import time
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, urlsplit

from assay.adapters.keys import cosignature_verifier
from assay.app.ports import Answer
from assay.errors import ConfigurationError, EnvironmentUnavailable
from assay.tlog.cosignature import Quorum
from assay.tlog.trust_policy import POLICY_BYTES_MAX, Party, parse_trust_policy

SECONDS_MAX: Final = 20.0
REPLY_BYTES_MAX: Final = 64 << 10

_CHUNK: Final = 4096
_HEADER: Final = {"Content-Type": "application/octet-stream"}


class WitnessUnreachable(EnvironmentUnavailable):
    """A witness gave no usable answer in time."""

    code = "witness.unreachable"


class MalformedWitnessUrl(ConfigurationError):
    """A witness's address is not an HTTP URL without user, query or fragment."""

    code = "witness.malformed-url"


class UnreadableTrustPolicy(ConfigurationError):
    """A file that was named as a trust policy cannot be read."""

    code = "witness.unreadable-policy"


class HttpWitness:
    """A witness at a URL prefix. Redirections are not followed, and replies are bounded.

    Args:
        url: the submission prefix, `https://…` or `http://…`.
        seconds_max: how long one exchange may take.
    """

    def __init__(self, url: str, *, seconds_max: float = SECONDS_MAX) -> None:
        self._url = url
        self._parts = _split(url)
        self._seconds_max = seconds_max

    def add_checkpoint(self, request: bytes) -> Answer:
        """Send a request and return the answer, whatever its status.

        Raises:
            WitnessUnreachable: there was none in time, or it is too large.
        """
        deadline = time.monotonic() + self._seconds_max
        connection = self._connection()
        try:
            path = f"{self._parts.path.rstrip('/')}/add-checkpoint"
            connection.request("POST", path, body=request, headers=_HEADER)
            response = connection.getresponse()
            body = self._read(response, deadline)
        except (OSError, http.client.HTTPException) as error:
            raise self._unreachable(str(error) or type(error).__name__) from error
        finally:
            connection.close()
        media_type = response.headers.get("Content-Type", "")
        return Answer(status=response.status, body=body, media_type=media_type)

    def _connection(self) -> http.client.HTTPConnection:
        host, port = self._parts.hostname or "", self._parts.port
        if self._parts.scheme == "https":
            return http.client.HTTPSConnection(host, port, timeout=self._seconds_max)
        return http.client.HTTPConnection(host, port, timeout=self._seconds_max)

    def _read(self, response: http.client.HTTPResponse, deadline: float) -> bytes:
        # Each read waits by itself, so whoever sends a byte at a time is cut off here.
        body = b""
        while chunk := response.read1(_CHUNK):
            body += chunk
            if len(body) > REPLY_BYTES_MAX:
                raise self._unreachable(f"it answers with more than {REPLY_BYTES_MAX:,} bytes")
            if time.monotonic() > deadline:
                raise self._unreachable(f"it takes more than {self._seconds_max:g} seconds")
        return body

    def _unreachable(self, why: str) -> WitnessUnreachable:
        return WitnessUnreachable(
            f"The witness cannot be reached: {why}.",
            where=self._url,
            remedy="Look whether it is running, and try again. Nothing was published.",
        )


def load_quorum(path: Path) -> Quorum:
    """The trust policy in a file (C2SP tlog-policy), ready to check cosignatures.

    Raises:
        ConfigurationError: it cannot be read, or is none.
    """
    try:
        with path.open("rb") as file:
            data = file.read(POLICY_BYTES_MAX + 1)
    except OSError as error:
        raise UnreadableTrustPolicy(
            f"The trust policy cannot be read: {error.strerror}.",
            where=str(path),
            remedy="Name a file with lines such as `witness NAME KEY URL` and `quorum NAME`.",
        ) from error
    policy = parse_trust_policy(data)
    parties = [item for item in policy.members.values() if isinstance(item, Party)]
    for party in parties:
        if party.url:
            _split(party.url)
    verifiers = {party.key: cosignature_verifier(party.key) for party in parties}
    return Quorum(policy=policy, verifiers=verifiers)


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        usable, parts = False, SplitResult("", "", "", "", "")
    if not usable or parts.username or parts.password or parts.query or parts.fragment:
        # The address is left out: it may hold a password.
        raise MalformedWitnessUrl(
            "A witness's address is not a plain URL.",
            remedy="Write it as `https://HOST[:PORT][/PREFIX]`.",
        )
    return parts
