"""A private PostgreSQL for tests: one cluster for each process of tests, on a Unix socket.

It listens on no network address, and its superuser is let in by the folder's rights alone.
The server refuses to run as root, so there it runs as the user `postgres` that Debian's
package makes. It is ended by its own process id when the tests end.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Any, Final

import psycopg
import pytest

SKIP: Final = "ASSAY_TESTS_WITHOUT_POSTGRES"
"""Set to 1, it lets tests be skipped where there is no PostgreSQL; else they fail."""

_USER: Final = "assay"
_FOLDERS: Final = "/usr/lib/postgresql", "/opt/homebrew/opt", "/usr/local/opt"
_STARTED: Final = "database system is ready to accept connections"
_FAST: Final = "fsync=off", "full_page_writes=off"
"""For tests of anything but durability."""

_numbers: Final = count(1)


@dataclass(frozen=True)
class Cluster:
    """A running server: its folder (also of its socket) and the process id of its postmaster."""

    folder: Path
    process: int

    def url(self, database: str = "postgres") -> str:
        """Where one of its databases is, as SQLAlchemy spells it."""
        return f"postgresql+psycopg://{_USER}@/{database}?host={self.folder}"

    @cached_property
    def shared(self) -> str:
        """The URL of one database for every test that needs no more than a space of its own."""
        return self.new_database()

    def new_schema(self) -> str:
        """The URL of an empty schema in that database: as good to most tests, and sooner made."""
        name = f"schema_{next(_numbers)}"
        with self._connected(self.shared) as connection:
            connection.execute(f"CREATE SCHEMA {name}".encode())
        return f"{self.shared}&options=-csearch_path%3D{name}"

    def new_database(self) -> str:
        """The URL of an empty database."""
        name = f"test_{os.getpid()}_{next(_numbers)}"
        with self._connected(self.url()) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE template0".encode())
        return self.url(name)

    def _connected(self, url: str) -> psycopg.Connection[Any]:
        return psycopg.connect(url.replace("+psycopg", ""), autocommit=True)


@contextmanager
def running_cluster(*, durable: bool) -> Generator[Cluster]:
    """A new cluster; gone when the block ends.

    Args:
        durable: whether a commit waits for the disk, as it does by default.
    """
    with new_cluster() as folder, running(folder, durable=durable) as cluster:
        yield cluster


@contextmanager
def new_cluster(*, within: Path | None = None) -> Generator[Path]:
    """The folder of a cluster that does not run yet; gone when the block ends.

    Args:
        within: a folder that the server's user can reach; default: that of temporary files.
    """
    folder = Path(tempfile.mkdtemp(prefix="assay-pg-", dir=within))
    try:
        words = [
            str(_binaries() / "initdb"),
            "--no-sync",
            "--wal-segsize=1",
            "--auth=trust",
            f"--username={_USER}",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            f"--pgdata={folder / 'data'}",
        ]
        user = _other_user(folder)
        made = subprocess.run(
            words, cwd=folder, capture_output=True, text=True, check=False, **user
        )
        assert made.returncode == 0, made.stderr
        yield folder
    finally:
        shutil.rmtree(folder)


@contextmanager
def running(folder: Path, *, durable: bool) -> Generator[Cluster]:
    """The server of a cluster; it is cut off, as by a crash, when the block ends."""
    settings = (
        "listen_addresses=",
        f"unix_socket_directories={folder}",
        "max_connections=40",
        "shared_buffers=64MB",
        *(() if durable else _FAST),
    )
    words = [str(_binaries() / "postgres"), "-D", str(folder / "data")]
    words += [word for item in settings for word in ("-c", item)]
    process = subprocess.Popen(
        words,
        cwd=folder,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        **_other_user(folder),
    )
    assert process.stderr is not None
    said: list[str] = []
    for line in process.stderr:
        said.append(line)
        if _STARTED in line:
            break
    else:
        pytest.fail("".join(said))
    drain = subprocess.Popen(["cat"], stdin=process.stderr, stdout=subprocess.DEVNULL)
    try:
        yield Cluster(folder, process.pid)
    finally:
        process.send_signal(signal.SIGQUIT)
        process.wait(timeout=30)
        drain.wait(timeout=30)
        process.stderr.close()


def _binaries() -> Path:
    """The folder of the server's programs.

    A missing server fails the tests: a check that is skipped in silence checks nothing.
    """
    found = [path for top in _FOLDERS for path in Path(top).glob("*/bin/initdb")]
    if found:
        return max(found, key=_version).parent
    if on_path := shutil.which("initdb"):
        return Path(on_path).resolve().parent
    if os.environ.get(SKIP) == "1":
        pytest.skip(f"PostgreSQL is not installed, and {SKIP} allows that.")
    pytest.fail(
        "PostgreSQL's server is not installed. Install it (Debian: `apt-get install postgresql`), "
        f"or set {SKIP}=1 to skip what needs it."
    )


def _version(path: Path) -> tuple[int, ...]:
    digits = "".join(sign if sign.isdigit() else " " for sign in path.parts[-3])
    return tuple(map(int, digits.split()))


def _other_user(folder: Path) -> dict[str, Any]:
    """How to start a program as who may run the server, to whom the folder is given."""
    if os.geteuid() != 0:
        return {}
    import pwd

    other = pwd.getpwnam("postgres")
    os.chown(folder, other.pw_uid, other.pw_gid)
    return {"user": other.pw_uid, "group": other.pw_gid, "extra_groups": []}
