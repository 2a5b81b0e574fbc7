"""Fixtures that tests of several rooms share."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

import pytest

from assay.evidence.canonical import Json
from assay.governance import events
from assay.governance.events import Event, PersonId

Story = Callable[[int], list[Event]]


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
