"""What every test shares: seeds, golden files, a story of events, one width, no way out."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from tests.objects import s3, s3_server
from tests.postgres import Cluster, running_cluster

from assay.evidence.canonical import Json
from assay.governance import events
from assay.governance.events import Event, PersonId

__all__ = ["s3", "s3_server"]

settings.register_profile(
    "assay",
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("assay")

# A worker of several wraps text at 80 columns and a process alone at 100, unless told.
os.environ["COLUMNS"] = "100"

Golden = Callable[[str, str], None]
Story = Callable[[int], list[Event]]


def pytest_addoption(parser: pytest.Parser) -> None:
    """`make golden` writes the golden files anew, to be reviewed as a diff."""
    parser.addoption("--regenerate", action="store_true", help="write the golden files anew")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """Compare a text with the golden file of that name below the test's folder."""

    def compare(name: str, text: str) -> None:
        path = Path(request.path).parent / name
        if request.config.getoption("--regenerate"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert path.exists(), f"{path} is missing; write it with `make golden` and review it."
        assert text == path.read_text(encoding="utf-8"), "Review the change, then `make golden`."

    return compare


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """A private PostgreSQL server, for tests of anything but durability."""
    with running_cluster(durable=False) as cluster:
        yield cluster


@pytest.fixture(scope="session")
def durable_postgres() -> Iterator[Cluster]:
    """A private PostgreSQL server whose commits wait for the disk, as they do by default."""
    with running_cluster(durable=True) as cluster:
        yield cluster


@pytest.fixture(scope="session")
def story() -> Story:
    """The first n events of an endless story: systems, versions of them, promotions.

    It is the same for every n, its times strictly increase, and it touches records that
    stand already: each third event changes the version that the one before it registered.
    """
    return lambda count: [_event(index) for index in range(count)]


def _event(index: int) -> Event:
    chapter, step = divmod(index, 3)
    system = f"system-{chapter % 7}"
    version = hashlib.sha256(str(chapter).encode()).hexdigest()
    steps: list[tuple[str, str, Mapping[str, Json], Mapping[str, str]]] = [
        (
            events.SYSTEM_DECLARED,
            f"system/{system}",
            {"system": system, "tier": "low", "tier_source": "declared"},
            {"manifest": version},
        ),
        (
            events.VERSION_REGISTERED,
            f"version/{system}/{version}",
            {
                "system": system,
                "version": version,
                "name": f"1.{chapter}",
                "author": "p-1",
                "components": {"model": {"sha256": version}},
            },
            {"manifest": version},
        ),
        (
            events.VERSION_PROMOTED,
            f"version/{system}/{version}",
            {"system": system, "version": version, "stage": "production", "decision": version},
            {},
        ),
    ]
    kind, subject, body, digests = steps[step]
    return Event(
        type=kind,
        time=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=index),
        actor=PersonId("p-1"),
        subject=subject,
        body=body,
        digests=digests,
    )
