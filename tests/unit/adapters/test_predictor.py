"""A model's command: what it is given, what it gives back, and what it cannot see or leave."""

from __future__ import annotations

import json
import os
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import duckdb
import pytest

from assay.adapters.digests import FileChanged, MissingFile
from assay.adapters.predictor import Limits, SubprocessPredictor
from assay.adapters.predictor.isolation import Isolation, isolation
from assay.adapters.predictor.predictor import NoTemporaryFolder
from assay.adapters.predictor.process import (
    SHOWN_BYTES,
    CommandFailed,
    CommandMissing,
    CommandOutOfMemory,
    CommandTimedOut,
)
from assay.adapters.predictor.scores import NoScores, WrongRowCount
from assay.app.ports import Predicted

SCORE = """
import csv, os
rows, out = open(os.environ["ASSAY_ROWS"], newline=""), open(os.environ["ASSAY_SCORES"], "w")
with rows, out:
    out.write("score\\n")
    for row in csv.DictReader(rows):
        out.write(f"{int(row['x']) / 10}\\n")
"""
WRITE_SCORES = (
    'import os; open(os.environ["ASSAY_SCORES"], "w").write("score\\n0.1\\n0.2\\n0.3\\n")\n'
)

needs_closed_network = pytest.mark.skipif(
    not isolation().network_closed, reason="the platform cannot close the network here"
)
needs_own_processes = pytest.mark.skipif(
    not isolation().own_processes, reason="the platform has no process namespaces here"
)


@pytest.fixture(params=["closest", "open"])
def within(request: pytest.FixtureRequest) -> Isolation:
    """The closest isolation that works here, and none."""
    return isolation() if request.param == "closest" else Isolation()


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary folders are made."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A model's repository with three rows of data."""
    folder = tmp_path / "repository"
    folder.mkdir()
    (folder / "rows.csv").write_text("x,label,sex\n1,0,f\n2,1,m\n3,0,f\n")
    return folder


Predict = Callable[..., Predicted]


@pytest.fixture
def predict(repository: Path, temporary: Path) -> Predict:
    """Run a Python program as the repository's command, on its rows."""

    def run(
        code: str, *arguments: str, within: Isolation | None = None, **limits: Any
    ) -> Predicted:
        predictor = SubprocessPredictor(limits=Limits(**limits), within=within)
        kept.append(predictor)
        return predictor.predict(
            [sys.executable, "-I", "-S", "-c", code, *arguments],
            rows=repository / "rows.csv",
            folder=repository,
            withhold=["label"],
        )

    kept: list[SubprocessPredictor] = []
    return run


def scores(predicted: Predicted) -> list[float | None]:
    """The scores in their order."""
    table = duckdb.read_parquet(str(predicted.scores))
    assert table.columns == ["score"]
    return [score for (score,) in table.fetchall()]


def test_scores_come_back_in_the_order_of_the_rows(predict: Predict, within: Isolation) -> None:
    """A command reads rows and writes scores, closed off or not, and the result says which."""
    predicted = predict(SCORE, within=within)
    assert scores(predicted) == [0.1, 0.2, 0.3]
    assert predicted.isolated is within.network_closed


def test_parquet_rows_come_as_parquet_and_scores_may_be_parquet(
    repository: Path, temporary: Path
) -> None:
    """Types survive, and the format of the scores is told by their content."""
    rows = repository / "rows.parquet"
    query = "SELECT i AS x, DATE '2026-01-01' AS day, i % 2 AS label FROM range(5) r(i)"
    duckdb.execute(f"COPY ({query}) TO '{rows}' (FORMAT parquet)")
    code = """
import duckdb, os
rows = duckdb.read_parquet(os.environ["ASSAY_ROWS"])
assert os.environ["ASSAY_ROWS"].endswith(".parquet")
assert (rows.columns, rows.types) == (["x", "day"], ["BIGINT", "DATE"])
duckdb.sql("SELECT (x / 10)::FLOAT AS score FROM rows").write_parquet(os.environ["ASSAY_SCORES"])
"""
    with SubprocessPredictor() as predictor:
        predicted = predictor.predict(
            [sys.executable, "-c", code], rows=rows, folder=repository, withhold=["label"]
        )
        assert scores(predicted) == pytest.approx([0.0, 0.1, 0.2, 0.3, 0.4])


def test_the_label_is_withheld(predict: Predict, repository: Path) -> None:
    """The copy of the rows has every column but those that are withheld."""
    predict(
        'import os, pathlib; pathlib.Path("seen").write_bytes('
        'pathlib.Path(os.environ["ASSAY_ROWS"]).read_bytes())\n' + WRITE_SCORES
    )
    assert (repository / "seen").read_text() == "x,sex\n1,f\n2,m\n3,f\n"


def test_order_is_exact_over_many_rows(repository: Path, temporary: Path) -> None:
    """Row by row, 200,000 scores in the order of a Parquet file with many row groups."""
    rows = repository / "rows.parquet"
    query = "SELECT i * 7919 % 200003 AS x, i % 2 AS label FROM range(200000) r(i)"
    duckdb.execute(f"COPY ({query}) TO '{rows}' (FORMAT parquet, ROW_GROUP_SIZE 6000)")
    code = """
import duckdb, os
rows = duckdb.read_parquet(os.environ["ASSAY_ROWS"]).fetchall()
with open(os.environ["ASSAY_SCORES"], "w") as out:
    out.write("score\\n" + "".join(f"{x}\\n" for (x,) in rows))
"""
    with SubprocessPredictor() as predictor:
        predicted = predictor.predict(
            [sys.executable, "-c", code], rows=rows, folder=repository, withhold=["label"]
        )
        assert scores(predicted) == [i * 7919 % 200003 for i in range(200_000)]


def test_paths_stand_in_for_placeholders(predict: Predict) -> None:
    """`{rows}` and `{scores}` become the paths that the variables have; nothing else changes."""
    code = (
        "import os, sys\n"
        "rows, scores = os.environ['ASSAY_ROWS'], os.environ['ASSAY_SCORES']\n"
        "assert sys.argv[1:] == [rows, '--out=' + scores, '{other}', '$HOME; *'], sys.argv\n"
    )
    predict(code + WRITE_SCORES, "{rows}", "--out={scores}", "{other}", "$HOME; *")


def test_a_program_may_lie_in_the_repository(repository: Path, temporary: Path) -> None:
    """A path with a slash is relative to the repository, which is the working directory."""
    script = repository / "score.sh"
    script.write_text('#!/bin/sh\nexec cat table.csv > "$ASSAY_SCORES"\n')
    script.chmod(0o700)
    (repository / "table.csv").write_text("score\n0.3\n0.2\n0.1\n")
    with SubprocessPredictor() as predictor:
        predicted = predictor.predict(
            ["./score.sh"], rows=repository / "rows.csv", folder=repository, withhold=["label"]
        )
        assert scores(predicted) == [0.3, 0.2, 0.1]


@pytest.mark.parametrize("program", ["no-such-program", "./no-such-script", "./rows.csv"])
def test_a_missing_program_is_named(repository: Path, program: str) -> None:
    """What is not there, or may not be executed, is said before anything runs."""
    with pytest.raises(CommandMissing, match=program) as caught:
        SubprocessPredictor().predict(
            [program, "x y"], rows=repository / "rows.csv", folder=repository, withhold=["label"]
        )
    assert caught.value.code == "predict.command-missing"
    assert caught.value.where == f"{program} 'x y'"
    assert caught.value.remedy


def test_the_environment_is_clean(
    predict: Predict, repository: Path, monkeypatch: pytest.MonkeyPatch, within: Isolation
) -> None:
    """No variable but PATH is inherited, and every folder named is private and empty."""
    monkeypatch.setenv("SECRET_TOKEN", "hunter2")
    code = """
import json, os, pathlib, sys
home, tmp, rows = (pathlib.Path(os.environ[name]) for name in ("HOME", "TMPDIR", "ASSAY_ROWS"))
pathlib.Path("seen.json").write_text(json.dumps({
    "environment": dict(os.environ), "input": sys.stdin.read(), "folder": os.getcwd(),
    "modes": [path.stat().st_mode & 0o777 for path in (home, tmp, rows.parent)],
    "files": [*os.listdir(home), *os.listdir(tmp)]}))
"""
    predict(code + WRITE_SCORES, within=within)
    seen = json.loads((repository / "seen.json").read_text())
    own = {"HOME", "TMPDIR", "ASSAY_ROWS", "ASSAY_SCORES"}
    assert {name: seen["environment"][name] for name in seen["environment"].keys() - own} == {
        "PATH": os.environ["PATH"],
        "LANG": "C.UTF-8",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    assert seen["environment"].keys() >= own
    assert (seen["input"], seen["files"], seen["modes"]) == ("", [], [0o700] * 3)
    assert Path(seen["folder"]) == repository
    assert not any(Path(seen["environment"][name]).exists() for name in own)


@needs_own_processes
def test_no_other_process_can_be_asked_for_its_secrets(predict: Predict, repository: Path) -> None:
    """The processes that can be seen are the launcher and the command, not Assay."""
    code = """
import pathlib
found = [p.name for p in pathlib.Path("/proc").iterdir() if p.name.isdigit()]
pathlib.Path("seen").write_text(" ".join(found))
"""
    predict(code + WRITE_SCORES)
    seen = (repository / "seen").read_text().split()
    assert len(seen) == 2


@needs_closed_network
@pytest.mark.enable_socket
def test_the_network_is_closed(predict: Predict, repository: Path) -> None:
    """Not even a service of this machine can be reached."""
    code = """
import pathlib, socket, sys
try:
    socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=0.5)
except OSError as error:
    pathlib.Path("seen").write_text(str(error))
"""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        predict(code + WRITE_SCORES, port)
        assert (repository / "seen").read_text()
        (repository / "seen").unlink()
        # Without isolation the very same attempt succeeds.
        predict(code + WRITE_SCORES, port, within=Isolation())
        assert not (repository / "seen").exists()


def test_nothing_is_left_behind(repository: Path, temporary: Path) -> None:
    """Rows go when the command ends; scores, in a private folder, when the predictor is closed."""
    before = sorted(repository.iterdir())
    (repository / "model.py").write_text("def f(x):\n    return x\n")
    code = "import sys; sys.path.insert(0, '.'); import model\n" + WRITE_SCORES
    with SubprocessPredictor() as predictor:
        predicted = predictor.predict(
            [sys.executable, "-c", code],
            rows=repository / "rows.csv",
            folder=repository,
            withhold=["label"],
        )
        assert list(temporary.iterdir()) == [predicted.scores.parent]
        assert stat.S_IMODE(predicted.scores.parent.stat().st_mode) == 0o700
    assert list(temporary.iterdir()) == []
    assert sorted(repository.iterdir()) == sorted([*before, repository / "model.py"])


def test_scores_go_with_the_program(repository: Path, temporary: Path) -> None:
    """A program that ends without closing its predictor leaves no file, and hears no warning."""
    code = """
import sys
from pathlib import Path
from assay.adapters.predictor import SubprocessPredictor
predictor = SubprocessPredictor()
command = [sys.executable, "-c", Path("score.py").read_text()]
predicted = predictor.predict(command, rows=Path("rows.csv"), folder=Path(), withhold=["label"])
assert predicted.scores.exists()
"""
    (repository / "score.py").write_text(SCORE)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=repository,
        env={**os.environ, "TMPDIR": str(temporary)},
        capture_output=True,
        check=True,
    )
    assert (done.stdout, done.stderr, list(temporary.iterdir())) == (b"", b"", [])


def test_commands_may_run_at_once(repository: Path, temporary: Path) -> None:
    """Two predictions of one predictor have nothing to do with each other."""
    with SubprocessPredictor() as predictor, ThreadPoolExecutor(2) as pool:
        code = 'import os, sys; open(os.environ["ASSAY_SCORES"], "w").write(sys.argv[1])'
        runs = [
            pool.submit(
                predictor.predict,
                [sys.executable, "-I", "-S", "-c", code, f"score\n{i}\n{i}\n{i}\n"],
                rows=repository / "rows.csv",
                folder=repository,
                withhold=["label"],
            )
            for i in range(2)
        ]
        assert [scores(run.result()) for run in runs] == [[0.0] * 3, [1.0] * 3]


def test_a_command_may_close_its_output(predict: Predict) -> None:
    """Its end is waited for, not that of its output."""
    code = "import os, time; os.close(1); os.close(2); time.sleep(0.1)\n"
    assert scores(predict(code + WRITE_SCORES)) == [0.1, 0.2, 0.3]


def test_a_failure_shows_the_end_of_the_output(predict: Predict, within: Isolation) -> None:
    """Of megabytes only the last bytes are kept, and none of them can move a terminal's cursor."""
    code = 'import sys; print("x" * 5_000_000); sys.exit("\\x1b[2J no model\\n here")'
    with pytest.raises(CommandFailed, match="ended with status 1") as caught:
        predict(code, within=within)
    assert caught.value.code == "predict.failed"
    assert caught.value.what.endswith("\N{REPLACEMENT CHARACTER}[2J no model\n here")
    assert len(caught.value.what.encode()) < SHOWN_BYTES + 100
    assert str(caught.value.where).startswith(sys.executable)
    assert caught.value.remedy


def test_a_failure_without_output_says_so(predict: Predict, within: Isolation) -> None:
    """A program that dies of a signal gives no words of its own."""
    with pytest.raises(CommandFailed, match=r"signal SIGABRT\. It wrote nothing"):
        predict("import os; os.abort()", within=within)


def test_what_cannot_be_executed_has_failed(repository: Path) -> None:
    """A script whose interpreter does not exist looks like a program until it is run."""
    script = repository / "score.sh"
    script.write_text("#!/no/such/interpreter\n")
    script.chmod(0o700)
    with pytest.raises(CommandFailed, match="cannot be executed"):
        SubprocessPredictor().predict(
            ["./score.sh"], rows=repository / "rows.csv", folder=repository, withhold=["label"]
        )


def test_memory_is_limited(predict: Predict, within: Isolation) -> None:
    """An allocation beyond the limit fails in the command, and is told as what it is."""
    with pytest.raises(CommandOutOfMemory, match=r"0\.0625 GiB") as caught:
        predict("bytearray(200 << 20)", within=within, memory_bytes=64 << 20)
    assert caught.value.code == "predict.out-of-memory"
    assert caught.value.remedy


def test_a_kill_from_outside_is_taken_for_want_of_memory(predict: Predict) -> None:
    """The kernel, short of memory, gives no other sign."""
    with pytest.raises(CommandOutOfMemory, match="seems to have run out of memory"):
        predict("import os; os.kill(os.getpid(), 9)")


def test_processor_time_is_limited(predict: Predict) -> None:
    """A loop without end stops at the limit, long before the clock's."""
    with pytest.raises(CommandTimedOut, match="more than 1 seconds of processor time"):
        predict("while True: pass", cpu_seconds=1)


def test_files_and_core_dumps_are_limited(predict: Predict) -> None:
    """A file cannot grow beyond the limit; a crash leaves no dump."""
    code = """
import resource
assert resource.getrlimit(resource.RLIMIT_CORE) == (0, 0)
open("large", "wb").write(bytes(1 << 20))
"""
    with pytest.raises(CommandFailed, match="File too large"):
        predict(code, file_bytes=1 << 16)


@needs_own_processes
def test_threads_are_limited(predict: Predict, repository: Path) -> None:
    """The limit is there; that it binds cannot be shown to root."""
    code = (
        'import resource; open("seen", "w").write(str(resource.getrlimit(resource.RLIMIT_NPROC)))\n'
    )
    predict(code + WRITE_SCORES, threads=77)
    assert (repository / "seen").read_text() == "(77, 77)"


def test_no_scores_are_told_from_a_failure(predict: Predict) -> None:
    """A command that ends well without writing anything is asked to."""
    with pytest.raises(NoScores, match="wrote no scores") as caught:
        predict("print('done')")
    assert caught.value.code == "predict.no-scores"


def test_scores_must_be_as_many_as_rows(predict: Predict) -> None:
    """One short is told with both numbers."""
    with pytest.raises(WrongRowCount, match="2 scores for 3 rows") as caught:
        predict('import os; open(os.environ["ASSAY_SCORES"], "w").write("score\\n0.1\\n0.2\\n")')
    assert caught.value.code == "predict.row-count"


def test_rows_that_change_meanwhile_are_not_judged(predict: Predict) -> None:
    """Scores of other rows than those on disk are worth nothing."""
    with pytest.raises(FileChanged):
        predict('open("rows.csv", "a").write("4,1,m\\n")\n' + WRITE_SCORES)


def test_rows_that_are_missing_are_named(repository: Path) -> None:
    """Nothing runs without rows."""
    with pytest.raises(MissingFile):
        SubprocessPredictor().predict(
            [sys.executable, "-c", ""],
            rows=repository / "absent.csv",
            folder=repository,
            withhold=[],
        )


def test_a_copy_of_the_rows_needs_a_place(predict: Predict, temporary: Path) -> None:
    """A full disk or a wrong TMPDIR is the environment's failure, not the model's."""
    temporary.rmdir()
    with pytest.raises(NoTemporaryFolder, match="No such file or directory") as caught:
        predict(WRITE_SCORES)
    assert caught.value.code == "predict.no-temporary-folder"
    assert caught.value.where == str(temporary)


def test_a_launcher_that_is_killed_is_a_failure_too(predict: Predict) -> None:
    """A command that ends its own parent has not done well."""
    code = "import os, signal, time; os.kill(os.getppid(), signal.SIGTERM); time.sleep(9)"
    with pytest.raises(CommandFailed, match="ended with signal SIGTERM"):
        predict(code, within=Isolation())


def test_without_unshare_nothing_is_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A platform that has no such program is told as open."""
    monkeypatch.setenv("PATH", str(tmp_path))
    found = isolation.__wrapped__()
    assert (found, found.network_closed) == (Isolation(), False)


@pytest.mark.parametrize(("refuses", "network_closed"), [("--mount-proc", True), ("--net", False)])
def test_the_closest_that_works_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refuses: str, network_closed: bool
) -> None:
    """A container that forbids one thing may allow another."""
    program = tmp_path / "unshare"
    program.write_text(
        f'#!/bin/sh\ncase "$*" in *{refuses}*) exit 1;; esac\n'
        'while [ "$1" != -- ]; do shift; done; shift; exec "$@"\n'
    )
    program.chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{Path(shutil.which('sh') or '').parent}")
    found = isolation.__wrapped__()
    assert (found.network_closed, found.own_processes) == (network_closed, False)
