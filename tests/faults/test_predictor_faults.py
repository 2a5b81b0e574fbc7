"""Commands that do not end, and callers that do: nothing lives on, and no rows lie about."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from assay.adapters.predictor import Limits, SubprocessPredictor
from assay.adapters.predictor.isolation import Isolation, isolation
from assay.adapters.predictor.process import CommandFailed, CommandTimedOut

# A grandchild takes a lock, which the system frees at its death, and says so.
GRANDCHILD = """
import fcntl, time
file = open("lock", "w")
fcntl.flock(file, fcntl.LOCK_EX)
open("locked", "w").close()
time.sleep(60)
"""
PARENT = f"""
import os, subprocess, sys, time
session = "session" in sys.argv
quiet = subprocess.DEVNULL if session else None
subprocess.Popen([sys.executable, "-I", "-S", "-c", {GRANDCHILD!r}], start_new_session=session,
                 stdout=quiet, stderr=quiet)
while not os.path.exists("locked"):
    time.sleep(0.005)
"""
FOR_EVER = "time.sleep(60)\n"
SCORES = 'open(os.environ["ASSAY_SCORES"], "w").write("score\\n0.1\\n0.2\\n")\n'

WITHIN = [
    pytest.param(Isolation(), id="open"),
    pytest.param(
        isolation(),
        id="closed",
        marks=pytest.mark.skipif(
            not isolation().own_processes, reason="the platform has no process namespaces here"
        ),
    ),
]


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A model's repository with two rows of data; temporary folders are made beside it."""
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    folder = tmp_path / "repository"
    folder.mkdir()
    (folder / "rows.csv").write_text("x,label\n1,0\n2,1\n")
    return folder


def predict(
    repository: Path, code: str, *arguments: str, within: Isolation, wall_seconds: float = 30
) -> None:
    """Run a Python program as the repository's command."""
    with SubprocessPredictor(limits=Limits(wall_seconds=wall_seconds), within=within) as predictor:
        predictor.predict(
            [sys.executable, "-I", "-S", "-c", code, *arguments],
            rows=repository / "rows.csv",
            folder=repository,
            withhold=["label"],
        )


def assert_dead(repository: Path) -> None:
    """The grandchild had its lock, and has it no longer."""
    assert (repository / "locked").exists()
    with (repository / "lock").open("w") as lock:
        for _ in _moments():
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
    pytest.fail("A process lives on.")


def _moments() -> Iterator[None]:
    """Short moments, up to five seconds: on a busy machine a death takes several."""
    for _ in range(500):
        yield
        time.sleep(0.01)


@pytest.mark.parametrize("within", WITHIN)
def test_a_command_that_takes_too_long_ends_with_its_children(
    repository: Path, within: Isolation
) -> None:
    """The whole group is killed, what it said is shown, and its folder goes."""
    code = 'print("training instead", flush=True)\n' + PARENT + FOR_EVER
    for seconds in (0.5, 1, 2, 4):  # until there was time for a grandchild
        with pytest.raises(CommandTimedOut, match=f"stopped after {seconds} seconds") as caught:
            predict(repository, code, within=within, wall_seconds=seconds)
        if (repository / "locked").exists():
            break
    assert caught.value.code == "predict.timeout"
    assert caught.value.what.endswith("training instead")
    assert caught.value.remedy
    assert_dead(repository)
    assert list((repository.parent / "temporary").iterdir()) == []


@pytest.mark.parametrize("within", WITHIN)
@pytest.mark.parametrize("end", [SCORES, "sys.exit(3)"], ids=["well", "badly"])
def test_children_of_a_command_that_ended_do_not_live_on(
    repository: Path, within: Isolation, end: str
) -> None:
    """Whether it did well or not."""
    with contextlib.suppress(CommandFailed):
        predict(repository, PARENT + end, within=within)
    assert_dead(repository)


@pytest.mark.parametrize("within", WITHIN[1:])
def test_a_daemon_does_not_escape_its_namespace(repository: Path, within: Isolation) -> None:
    """A process that has left the group ends with the namespace."""
    predict(repository, PARENT + SCORES, "session", within=within)
    assert_dead(repository)


@pytest.mark.parametrize("within", WITHIN)
def test_a_command_does_not_outlive_a_caller_that_is_killed(
    repository: Path, within: Isolation
) -> None:
    """Nor do the rows that it was given."""
    temporary = repository.parent / "temporary"
    code = f"""
import sys
from pathlib import Path
from assay.adapters.predictor import SubprocessPredictor
from assay.adapters.predictor.isolation import Isolation
within = Isolation(prefix={within.prefix!r}, own_processes={within.own_processes})
command = [sys.executable, "-I", "-S", "-c", {PARENT + FOR_EVER!r}]
SubprocessPredictor(within=within).predict(
    command, rows=Path("rows.csv"), folder=Path(), withhold=["label"])
"""
    with subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=repository,
        env={**os.environ, "TMPDIR": str(temporary)},
    ) as caller:
        while not (repository / "locked").exists():
            assert caller.poll() is None
            time.sleep(0.01)
        caller.send_signal(signal.SIGKILL)
    assert_dead(repository)
    for _ in _moments():
        if not list(temporary.iterdir()):
            return
    pytest.fail(f"Files are left behind: {list(temporary.rglob('*'))}")


def test_an_interruption_ends_the_command(repository: Path) -> None:
    """The person at the terminal need not wait for it."""
    main = threading.get_ident()

    def interrupt() -> None:
        while not (repository / "locked").exists():
            time.sleep(0.01)
        signal.pthread_kill(main, signal.SIGINT)

    threading.Thread(target=interrupt, daemon=True).start()
    with pytest.raises(KeyboardInterrupt):
        predict(repository, PARENT + FOR_EVER, within=isolation())
    assert_dead(repository)
    assert list((repository.parent / "temporary").iterdir()) == []
