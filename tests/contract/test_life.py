"""The life of a version on every database: the same story, and one winner where two people act."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier

import pytest
from tests.property.test_life import MANIFEST, POLICY, Clock, holdout

from assay.adapters.engine import DuckDbCollector
from assay.adapters.keys import Ed25519Signer
from assay.adapters.loaders.stages import shipped_stages
from assay.adapters.memory import MemoryBlobs
from assay.adapters.predictor import SubprocessPredictor
from assay.adapters.project import LocalProject
from assay.adapters.sql.journal import SqlJournal
from assay.adapters.sql.postgres import open_postgres
from assay.adapters.sql.sqlite import open_sqlite
from assay.app.judging.gate import gate_version
from assay.app.judging.replay import find_version
from assay.app.life.approval import approve_version
from assay.app.life.inventory import inventory, lineage
from assay.app.life.promotion import promote_version
from assay.app.life.rejudging import judge_live
from assay.app.life.retirement import retire_version
from assay.app.life.waiving import grant_waiver, request_waiver
from assay.app.log.beginning import begin_workspace
from assay.app.log.verification import verify_journal
from assay.app.services import Services
from assay.errors import Refused
from assay.governance import events
from assay.governance.events import parse_entry
from assay.governance.fold import fold
from assay.governance.stages import PRODUCTION
from assay.policy.policy import Outcome

Open = Callable[[], SqlJournal]


@pytest.fixture(params=["sqlite", "postgres"])
def connect(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Open]:
    """Opens one more connection to one journal."""
    with ExitStack() as opened:

        def sqlite() -> SqlJournal:
            return opened.enter_context(open_sqlite(tmp_path / "journal.sqlite", fold=fold))

        def postgres() -> SqlJournal:
            url = request.getfixturevalue("postgres").shared
            return opened.enter_context(open_postgres(url, fold=fold, space=request.node.name))

        yield sqlite if request.param == "sqlite" else postgres


@pytest.fixture
def services(connect: Open) -> Services:
    counter = iter(range(1_000_000))
    signer = Ed25519Signer.from_seed("test.assay.local", bytes(32))
    opened = Services(
        clock=Clock(),
        journal=connect(),
        blobs=MemoryBlobs(),
        signer=signer,
        collector=DuckDbCollector(threads=1),
        predictor=SubprocessPredictor(),
        stages=shipped_stages(),
        random_bytes=lambda size: next(counter).to_bytes(size, "big"),
    )
    begin_workspace(opened)
    return opened


@pytest.fixture
def project(tmp_path: Path) -> LocalProject:
    (tmp_path / "assay.yaml").write_text(MANIFEST)
    (tmp_path / "policy.yaml").write_text(POLICY.replace("at_most: 0.20", "at_most: 0.01"))
    (tmp_path / "model.json").write_text("{}")
    (tmp_path / "holdout.csv").write_text(holdout(0.0))
    return LocalProject(tmp_path / "assay.yaml")


def decided(services: Services, project: LocalProject) -> None:
    """Gated, waived where the data cannot tell, and approved by two people."""
    gate_version(services, project, actor="ada")
    version = find_version(services, "credit", "1.0.0")
    end = datetime(2026, 4, 1, tzinfo=UTC)
    for requirement in ("ranks-well", "approval-gap"):
        asked = request_waiver(
            services,
            project,
            version,
            actor="ada",
            requirement=requirement,
            expires=end,
            reason="More data come.",
            compensating="People read refusals.",
        )
        grant_waiver(services, project, asked.waiver, actor="eve", role="approver")
    for actor, role in (("ben", "validator"), ("cleo", "approver")):
        found = find_version(services, "credit", "1.0.0")
        report = approve_version(services, project, found, actor=actor, role=role, reason="r")
    assert report.decision.outcome is Outcome.ALLOW


def test_a_whole_life(services: Services, project: LocalProject) -> None:
    """Gate, waivers, approvals, production, a breach in time, retirement; then it all verifies."""
    decided(services, project)
    version = find_version(services, "credit", "1.0.0")
    promote_version(services, project, version, actor="ops", stage=PRODUCTION)
    clock = services.clock
    assert isinstance(clock, Clock)
    before = clock.now()
    clock.time += timedelta(days=60)
    (live,) = judge_live(services, project, actor="cron")
    assert live.breach
    retire_version(
        services, find_version(services, "credit", "1.0.0"), actor="ops", reason="Ended."
    )
    (now,) = inventory(services).systems
    (then,) = inventory(services, at=before).systems
    assert (len(then.advanced), len(now.advanced)) == (1, 0)
    assert lineage(services, version).steps[-1].what == "moved to retired"
    verify_journal(
        services.journal,
        origin=services.signer.name,
        verifiers=[Ed25519Signer.from_seed("test.assay.local", bytes(32)).verifier],
        blobs=services.blobs,
        fold=fold,
        state=True,
    )


def test_of_two_people_who_promote_at_the_same_moment_one_does(
    services: Services, project: LocalProject, connect: Open
) -> None:
    """Both read the same version; whoever comes second is refused, and nothing is lost."""
    decided(services, project)
    seen = find_version(services, "credit", "1.0.0")
    at_once = Barrier(2)

    def promote(name: str) -> bool:
        own = replace(services, journal=connect())
        at_once.wait(timeout=30)
        try:
            promote_version(own, project, seen, actor=name, stage=PRODUCTION)
        except Refused:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(promote, ["ops", "eve"])) == [False, True]
    kinds = [parse_entry(entry.data).type for entry in services.journal.entries()]
    assert kinds.count(events.VERSION_PROMOTED) == 1
