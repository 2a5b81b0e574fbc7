"""Backtests of a workspace, by as many processes as help, and of packs."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from assay.bootstrap.journals import open_journal
from assay.bootstrap.policy_tools import LoadedPolicy, load_policy
from assay.bootstrap.signing import KEY
from assay.bootstrap.stores import open_blobs
from assay.bootstrap.workspaces import WORKSPACE, check_workspace

if TYPE_CHECKING:
    from datetime import datetime

    from assay.app.judging.replay import Recorded
    from assay.app.packs.recomputing import StatementOf
    from assay.app.policies.backtesting import Backtester
    from assay.app.ports import CheckCatalogue
    from assay.documents.backtest import BacktestReport

Progress = Callable[[float], None]

BATCH: Final = 50
"""Versions that a process judges before it reports."""

PROCESSES_MAX: Final = 8

_THREADS: Final = "OPENBLAS_NUM_THREADS"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Task:
    """What every process needs to begin."""

    candidate: Path
    manifest: Path
    at: datetime


@contextmanager
def _one_thread_each() -> Generator[None]:
    """Keep linear algebra to one thread a process: on many small arrays more only wait.

    It is read when the library loads, so this holds for new processes, and for this one where
    nothing has been computed yet.
    """
    before = os.environ.get(_THREADS)
    os.environ[_THREADS] = before or "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[_THREADS]


@_one_thread_each()
def backtest_workspace(
    candidate: Path,
    manifest: Path,
    *,
    at: datetime | None = None,
    processes: int | None = None,
    progress: Progress | None = None,
) -> BacktestReport:
    """Judge every version of a workspace by a candidate policy; nothing is recorded.

    Args:
        candidate: the policy's file.
        manifest: beside which the workspace lies; it need not exist.
        at: the instant of which it is judged; now where there is none.
        processes: how many; by default one for each processor, and one where that is enough.
        progress: told the fraction done.

    Raises:
        ConfigurationError: the candidate cannot be used, and where.
        NoWorkspace: there is none.
    """
    from assay.app.policies.backtesting import versions_of

    check_workspace(manifest.parent / WORKSPACE)
    task = _Task(candidate=candidate, manifest=manifest, at=at or _now())
    loaded = load_policy(candidate, manifest)  # its errors come first, from this process
    with _opened(manifest, loaded.known.checks) as recorded:
        keys = [version.key for version in versions_of(recorded)]
    batches = [keys[start : start + BATCH] for start in range(0, len(keys), BATCH)]
    wanted = min(processes or os.cpu_count() or 1, PROCESSES_MAX, len(batches))
    report = _empty(loaded)
    for done, part in enumerate(_parts(task, batches, wanted), start=1):
        report.merge(part)
        if progress is not None:
            progress(done / len(batches))
    return report


@_one_thread_each()
def backtest_packs(
    candidate: Path,
    manifest: Path,
    packs: Sequence[Path],
    *,
    at: datetime | None = None,
    progress: Progress | None = None,
) -> BacktestReport:
    """Judge the versions of auditors' packs by a candidate policy, pack by pack.

    Each pack is verified against the key in it, so what it holds fits together.

    Raises:
        ConfigurationError: the candidate cannot be used, and where.
        VerificationFailed: a pack is not whole.
    """
    from assay.adapters.archives import open_archive
    from assay.adapters.keys import Ed25519Verifier
    from assay.adapters.project import RecordedTexts
    from assay.app.packs.unpacking.outside import pack_key
    from assay.app.packs.verification import recorded_in, statements_in, verify_pack
    from assay.app.policies.backtesting import versions_of

    loaded, moment = load_policy(candidate, manifest), at or _now()
    report = _empty(loaded)
    for done, file in enumerate(packs, start=1):
        files = open_archive(file)
        verifiers = [Ed25519Verifier(pack_key(files))]
        pack = verify_pack(files, verifiers=verifiers)
        recorded = recorded_in(files, pack, texts=RecordedTexts(), catalogue=loaded.known.checks)
        statement_of = statements_in(files, pack, verifiers=verifiers)
        tester = _tester(recorded, statement_of, loaded, moment)
        for version in versions_of(recorded):
            report.add(tester.judge(version))
        if progress is not None:
            progress(done / len(packs))
    return report


def _parts(
    task: _Task, batches: Sequence[Sequence[str]], processes: int
) -> Iterator[BacktestReport]:
    """What each batch of versions comes to, in whatever order it is done."""
    if processes <= 1:
        worker = _Worker(task)
        yield from map(worker.judge, batches)
        worker.close()
        return
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    # Forked children of a process with threads can hang; a fresh one costs half a second.
    with ProcessPoolExecutor(
        processes, mp_context=get_context("spawn"), initializer=_begin, initargs=(task,)
    ) as pool:
        yield from pool.map(_judge_batch, batches)


class _Worker:
    """What a process keeps from batch to batch: the workspace, open, and the candidate."""

    def __init__(self, task: _Task) -> None:
        from assay.app.policies.past_decisions import stored_statements

        self._open = ExitStack()
        self._loaded = load_policy(task.candidate, task.manifest)
        recorded = self._open.enter_context(_opened(task.manifest, self._loaded.known.checks))
        self._records = recorded.records
        statement_of = stored_statements(recorded.blobs)
        self._tester = _tester(recorded, statement_of, self._loaded, task.at)

    def judge(self, keys: Sequence[str]) -> BacktestReport:
        from assay.governance.records import read_version

        report = _empty(self._loaded)
        for key in keys:
            version = read_version(self._records, key)
            if version is not None:
                report.add(self._tester.judge(version))
        return report

    def close(self) -> None:
        self._open.close()


_workers: list[_Worker] = []
"""The one of this process, which lives until it ends."""


def _begin(task: _Task) -> None:
    _workers.append(_Worker(task))


def _judge_batch(keys: Sequence[str]) -> BacktestReport:
    return _workers[-1].judge(keys)


@contextmanager
def _opened(manifest: Path, catalogue: CheckCatalogue) -> Generator[Recorded]:
    """A workspace's records and content, to be read."""
    from assay.adapters.keys import load_key
    from assay.adapters.project import RecordedTexts
    from assay.app.judging.replay import Recorded

    home = manifest.parent / WORKSPACE
    space = load_key(home / KEY).verifier.name
    with open_journal(home, space=space, read_only=True) as journal:
        yield Recorded(
            records=journal,
            blobs=open_blobs(home),
            texts=RecordedTexts(),
            catalogue=catalogue,
        )


def _tester(
    recorded: Recorded, statement_of: StatementOf, loaded: LoadedPolicy, at: datetime
) -> Backtester:
    from assay.app.policies.backtesting import Backtester
    from assay.app.policies.tried_versions import Candidate

    candidate = Candidate(
        policy=loaded.policy,
        text=loaded.text,
        programs=loaded.programs(),
    )
    return Backtester(recorded, statement_of, candidate, at=at)


def _now() -> datetime:
    from assay.adapters.clocks import SystemClock

    return SystemClock().now()


def _empty(loaded: LoadedPolicy) -> BacktestReport:
    from assay.documents.backtest import BacktestReport

    policy = loaded.policy
    return BacktestReport(policy=f"{policy.name}@{policy.version}", digest=policy.digest)
