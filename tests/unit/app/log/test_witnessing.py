"""Two teams that watch each other over loopback, and what a witness refuses."""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from assay.adapters.keys import Ed25519Signer, cosignature_verifier
from assay.adapters.memory import MemoryJournal
from assay.adapters.tile_store import TileFolder
from assay.adapters.witness_server import (
    FileWitnessState,
    NotListening,
    WitnessServer,
    WitnessStateDamaged,
    WitnessStateUnusable,
)
from assay.adapters.witnesses import (
    REPLY_BYTES_MAX,
    HttpWitness,
    MalformedWitnessUrl,
    UnreadableTrustPolicy,
    WitnessUnreachable,
    load_quorum,
)
from assay.app.log.publishing import publish_bundles, publish_tiles
from assay.app.log.witnessing import WitnessAhead, Witnesses, WitnessRefused, answer_request
from assay.app.ports import Answer
from assay.governance.events import Event
from assay.governance.fold import fold
from assay.tlog.keys import ED25519_COSIGNATURE
from assay.tlog.note import parse_note
from assay.tlog.trust_policy import QuorumMissed
from assay.tlog.witness import REQUEST_BYTES_MAX

Story = Callable[[int], list[Event]]

pytestmark = pytest.mark.enable_socket


@dataclass
class StandingClock:
    time: datetime = field(default_factory=lambda: datetime(2026, 3, 1, 12, tzinfo=UTC))

    def now(self) -> datetime:
        return self.time


class Serving:
    """A server on a free port of loopback, in a thread, within a `with`."""

    def __init__(self, server: HTTPServer) -> None:
        self._server = server
        self._thread = threading.Thread(
            target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        )

    def __enter__(self) -> str:
        self._thread.start()
        host, port = self._server.server_address[:2]
        return f"http://{host!s}:{port}"

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@dataclass
class Team:
    """A team with a log of its own, and a witness for the logs of others."""

    name: str
    folder: Path
    journal: MemoryJournal = field(default_factory=lambda: MemoryJournal(fold=fold))

    def __post_init__(self) -> None:
        seed = self.name.encode().ljust(32)
        self.signer = Ed25519Signer.from_seed(f"{self.name}.example/log", seed)
        self.witness = Ed25519Signer.from_seed(
            f"{self.name}.example/witness", seed[::-1], algorithm=ED25519_COSIGNATURE
        )
        self.state = FileWitnessState(self.folder / f"{self.name}.state")

    def watch(self, *others: Team) -> Serving:
        logs = {other.signer.name: [other.signer.verifier] for other in others}
        return Serving(
            WitnessServer(
                "127.0.0.1:0",
                lambda body: answer_request(
                    body, logs=logs, state=self.state, signer=self.witness, clock=StandingClock()
                ),
            )
        )

    def publish(self, policy: str) -> tuple[str, ...]:
        file = self.folder / f"{self.name}.policy"
        file.write_text(policy)
        witnesses = Witnesses(quorum=load_quorum(file), at=HttpWitness)
        tiles = TileFolder(self.folder / self.name)
        return publish_tiles(self.journal, self.signer, tiles, witnesses=witnesses).cosigners


def one(team: Team, url: str) -> str:
    """The trust policy that asks for one witness."""
    return f"witness w {team.witness.key} {url}\nquorum w\n"


@pytest.fixture
def teams(tmp_path: Path) -> tuple[Team, Team]:
    return Team("ada", tmp_path), Team("ben", tmp_path)


@pytest.fixture
def watched(teams: tuple[Team, Team], story: Story) -> Iterator[tuple[Team, str]]:
    """Ada's log of 300 entries, which Ben's witness has cosigned, and the witness's URL."""
    ada, ben = teams
    ada.journal.append(story(300), expected={})
    with ben.watch(ada) as url:
        ada.publish(one(ben, url))
        yield ada, url


def _cosigned(team: Team, by: Team) -> int:
    """The size of a published checkpoint, which the other team's witness must have cosigned."""
    note = parse_note((team.folder / team.name / "checkpoint").read_bytes())
    (line,) = (line for line in note.signatures if line.name == by.witness.name)
    cosignature_verifier(by.witness.key).verify(note.text.encode(), line.signature)
    return int(note.text.split("\n")[1])


def test_two_teams_watch_each_other(teams: tuple[Team, Team], story: Story) -> None:
    """Each publishes what the other cosigned, as both logs grow."""
    ada, ben = teams
    told = story(700)
    with ada.watch(ben) as at_ada, ben.watch(ada) as at_ben:
        for start, end in ((0, 3), (3, 3), (3, 256), (256, 700)):
            for team, other, url in ((ada, ben, at_ben), (ben, ada, at_ada)):
                if end > start:
                    team.journal.append(told[start:end], expected={})
                assert team.publish(one(other, url)) == (other.witness.name,)
                assert _cosigned(team, other) == end
    kept = ada.journal.last_checkpoint()
    assert kept == (700, (ada.folder / "ada" / "checkpoint").read_bytes())
    bundles = TileFolder(ada.folder / "bundles")
    publish_bundles(ada.journal, ada.signer, bundles)
    assert bundles.checkpoint() == kept[1]


def test_a_witness_that_moved_on_is_asked_again_from_its_size(
    watched: tuple[Team, str], teams: tuple[Team, Team], story: Story
) -> None:
    """A log that lost its published checkpoint learns from the 409 where to go on."""
    (ada, url), (_, ben) = watched, teams
    (ada.folder / "ada" / "checkpoint").unlink()
    ada.journal.append(story(400)[300:], expected={})
    assert ada.publish(one(ben, url)) == (ben.witness.name,)
    assert _cosigned(ada, ben) == 400


def test_a_fork_is_not_cosigned_nor_published(
    watched: tuple[Team, str], teams: tuple[Team, Team], story: Story, tmp_path: Path
) -> None:
    """The key's holder signs a second history; the witness saw the first."""
    (ada, url), (_, ben) = watched, teams
    (tmp_path / "second").mkdir()
    fork = Team("ada", tmp_path / "second")
    fork.journal.append(story(301)[1:], expected={})
    fork.journal.append(story(400)[301:], expected={})
    with pytest.raises(WitnessRefused, match="422"):
        fork.publish(one(ben, url))
    assert not (fork.folder / "ada" / "checkpoint").exists()
    same_size = Team("ada", tmp_path / "second")
    same_size.journal.append(story(301)[1:], expected={})
    with pytest.raises(WitnessRefused, match="409"):
        same_size.publish(one(ben, url))
    assert _cosigned(ada, ben) == 300


def test_a_rollback_is_told_from_a_fork(
    watched: tuple[Team, str], teams: tuple[Team, Team], story: Story, tmp_path: Path
) -> None:
    """An old backup that is published elsewhere has fewer entries than the witness saw."""
    (_, url), (_, ben) = watched, teams
    (tmp_path / "old").mkdir()
    old = Team("ada", tmp_path / "old")
    old.journal.append(story(200), expected={})
    with pytest.raises(WitnessAhead, match="300 entries"):
        old.publish(one(ben, url))


def test_unknown_logs_and_keys_are_refused(
    watched: tuple[Team, str], teams: tuple[Team, Team], story: Story
) -> None:
    """404 for a log that nobody watches, 403 for another key in a watched log's name."""
    (ada, url), (_, ben) = watched, teams
    ben.journal.append(story(3), expected={})
    with pytest.raises(WitnessRefused, match="404"):
        ben.publish(one(ben, url))
    ada.signer = Ed25519Signer.from_seed(ada.signer.name, b"x" * 32)
    ada.journal = MemoryJournal(fold=fold)
    ada.journal.append(story(301), expected={})
    ada.folder /= "elsewhere"
    ada.folder.mkdir()
    with pytest.raises(WitnessRefused, match="403"):
        ada.publish(one(ben, url))


def test_a_witness_remembers_over_restarts(watched: tuple[Team, str], tmp_path: Path) -> None:
    """What it cosigned is in its file before it answers, with the log's own signature."""
    ada, _ = watched
    again = FileWitnessState(tmp_path / "ben.state")
    note = again.seen()[ada.signer.name]
    assert parse_note(note).text.split("\n")[1] == "300"
    (tmp_path / "ben.state").write_text('{"form": "assay.witness/1"}')
    with pytest.raises(WitnessStateDamaged):
        again.seen()
    with pytest.raises(WitnessStateUnusable), FileWitnessState(tmp_path / "no" / "x").locked():
        pass
    with pytest.raises(WitnessStateUnusable):
        FileWitnessState(tmp_path / "no" / "x").remember("o", note)


def test_a_witness_cosigns_nothing_that_it_could_not_keep(
    teams: tuple[Team, Team], story: Story, tmp_path: Path
) -> None:
    """Where its memory fails, it answers 500, and the checkpoint is not published."""
    ada, ben = teams
    ada.journal.append(story(3), expected={})

    class Full(FileWitnessState):
        def remember(self, origin: str, note: bytes) -> None:
            raise WitnessStateUnusable("No space left on device.")

    ben.state = Full(tmp_path / "ben.state")
    with ben.watch(ada) as url, pytest.raises(WitnessRefused, match="500"):
        ada.publish(one(ben, url))
    assert not (tmp_path / "ada" / "checkpoint").exists()


def test_a_quorum_bears_with_a_witness_that_is_away(
    watched: tuple[Team, str], teams: tuple[Team, Team], story: Story, tmp_path: Path
) -> None:
    """One of two suffices where the policy says so, and where it asks for both, neither is."""
    (ada, url), (_, ben) = watched, teams
    away = Team("cleo", tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    named = (
        f"witness b {ben.witness.key} {url}\nwitness c {away.witness.key} http://127.0.0.1:{port}\n"
    )
    ada.journal.append(story(310)[300:], expected={})
    with pytest.raises(WitnessUnreachable):
        ada.publish(named + "group g all b c\nquorum g\n")
    assert _cosigned(ada, ben) == 300
    assert ada.publish(named + "group g any b c\nquorum g\n") == (ben.witness.name,)
    with pytest.raises(QuorumMissed):
        ada.publish(f"witness c {away.witness.key}\nquorum c\n")


def test_racing_requests_never_roll_back(teams: tuple[Team, Team], story: Story) -> None:
    """Of many requests at once each is either a continuation of what was kept, or refused."""
    ada, ben = teams
    with ben.watch(ada) as url:
        logs = [Team("ada", ada.folder / f"{number}") for number in range(6)]
        for number, team in enumerate(logs):
            team.folder.mkdir()
            team.journal.append(story(10 + number), expected={})
        ends: list[str] = []

        def publish(team: Team) -> None:
            try:
                team.publish(one(ben, url))
                ends.append("cosigned")
            except (WitnessAhead, WitnessRefused):
                ends.append("refused")

        threads = [threading.Thread(target=publish, args=(team,)) for team in logs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert "cosigned" in ends
        last = int(parse_note(ben.state.seen()[ada.signer.name]).text.split("\n")[1])
        largest = max(
            _cosigned(team, ben) for team in logs if (team.folder / "ada" / "checkpoint").exists()
        )
        assert last == largest


@pytest.mark.parametrize(
    ("method", "path", "headers", "body", "status"),
    [
        ("POST", "/", {}, b"", 404),
        ("GET", "/add-checkpoint", {}, None, 501),
        ("POST", "/add-checkpoint", {}, b"old 1\n", 400),
        ("POST", "/add-checkpoint", {}, b"\xff" * 1000, 400),
        ("POST", "/add-checkpoint", {}, b"old 0\n\nnot a note", 400),
        ("POST", "/add-checkpoint", {"Content-Length": "-1"}, None, 411),
        ("POST", "/add-checkpoint", {"Content-Length": "9" * 30}, None, 411),
        ("POST", "/add-checkpoint", {"Content-Length": str(REQUEST_BYTES_MAX + 1)}, None, 413),
    ],
)
def test_hostile_requests_are_refused_unread(
    watched: tuple[Team, str],
    method: str,
    path: str,
    headers: dict[str, str],
    body: bytes | None,
    status: int,
) -> None:
    """Each has its answer, and the witness goes on."""
    parts = urlsplit(watched[1])
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=5)
    connection.request(method, path, body=body, headers=headers)
    assert connection.getresponse().status == status
    connection.close()


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Answer(status=200, body=b"\xff"), WitnessRefused),
        (Answer(status=200, body=b""), WitnessRefused),
        (Answer(status=200, body="\u2014 ben.example/witness AAAA\n".encode()), WitnessRefused),
        (Answer(status=409, body=b"x\n", media_type="text/x.tlog.size"), WitnessRefused),
        (Answer(status=409, body=b"2\n", media_type="text/x.tlog.size"), WitnessRefused),
        (Answer(status=409, body=b"9" * 15, media_type="text/x.tlog.size"), WitnessAhead),
        (Answer(status=302, body=b""), WitnessRefused),
        (Answer(status=200, body=b"x" * (REPLY_BYTES_MAX + 1)), WitnessUnreachable),
    ],
    ids=range(8),
)
def test_what_a_false_witness_replies_is_not_kept(
    teams: tuple[Team, Team], story: Story, reply: Answer, error: type[Exception]
) -> None:
    """Its lines are verified, its sizes bounded, its redirections not followed."""
    ada, ben = teams
    ada.journal.append(story(5), expected={})
    with Serving(WitnessServer("127.0.0.1:0", lambda _: reply)) as url, pytest.raises(error):
        ada.publish(one(ben, url))
    assert not (ada.folder / "ada" / "checkpoint").exists()


def test_a_witness_that_drips_is_cut_off() -> None:
    """However slowly it answers, one exchange ends."""

    class Dripping(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_response(200)
            self.end_headers()
            try:
                while True:
                    self.wfile.write(b"x")
                    self.wfile.flush()
            except OSError:
                pass

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Dripping)
    with Serving(server) as url, pytest.raises(WitnessUnreachable):
        HttpWitness(url, seconds_max=0.05).add_checkpoint(b"old 0\n\n")


@pytest.mark.parametrize(
    "url",
    ["", "ftp://host", "http://", "https://user:secret@host", "http://h:x", "http://h/?q", "h/x"],
)
def test_addresses_are_plain_and_keep_no_secrets(url: str) -> None:
    """An address with a password is refused, and the message does not repeat it."""
    with pytest.raises(MalformedWitnessUrl) as found:
        HttpWitness(url)
    assert "secret" not in str(found.value)


def test_what_cannot_be_used_says_so(tmp_path: Path) -> None:
    """A missing policy, a taken port, an address that is none."""
    with pytest.raises(UnreadableTrustPolicy):
        load_quorum(tmp_path / "none")
    for listen in ("127.0.0.1:99999", "127.0.0.1", "nowhere:x"):
        with pytest.raises(NotListening):
            WitnessServer(listen, lambda _: Answer(status=200))
