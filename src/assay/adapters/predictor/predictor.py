"""The port `Predictor`, by a process of its own for each command."""

from __future__ import annotations

import os
import shlex
import weakref
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import Final, Self

from assay.adapters.digests import FileState
from assay.adapters.predictor.isolation import Isolation, isolation
from assay.adapters.predictor.limits import Limits
from assay.adapters.predictor.process import find_program, run_command
from assay.adapters.predictor.rows import write_rows
from assay.adapters.predictor.scores import keep_scores
from assay.app.ports import Predicted
from assay.errors import EnvironmentUnavailable

_ROWS: Final = "{rows}"
_SCORES: Final = "{scores}"


class NoTemporaryFolder(EnvironmentUnavailable):
    """There is no place for a copy of the rows."""

    code = "predict.no-temporary-folder"


class SubprocessPredictor:
    """Runs commands one at a time or several, each in private folders (mode 0700).

    A command's own folder, with its rows, is gone when `predict` returns. The scores stay
    until the predictor is closed, or forgotten, or the program ends.
    """

    def __init__(self, *, limits: Limits | None = None, within: Isolation | None = None) -> None:
        """Configure what commands may do.

        Args:
            limits: what one may use; by default those of `Limits`.
            within: what one is put into; by default the closest that works here.
        """
        self._limits = limits or Limits()
        self._within = within
        self._removals: list[weakref.finalize[[], SubprocessPredictor]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Remove all scores."""
        for remove in self._removals:
            remove()

    def predict(
        self, command: Sequence[str], *, rows: Path, folder: Path, withhold: Sequence[str]
    ) -> Predicted:
        """Run; see `assay.app.ports.Predictor`."""
        where = shlex.join(command)
        program = find_program(command[0], folder, where=where)
        within = self._within or isolation()
        original = FileState.of(rows)
        with _private_folder("assay-predict-") as name:
            room = Path(name)
            given = write_rows(rows, room, withhold=withhold)
            written = room / "scores.csv"
            paths = {_ROWS: str(given.path), _SCORES: str(written)}
            run_command(
                [program, *(_filled(word, paths) for word in command[1:])],
                folder=folder.absolute(),
                room=room,
                environment=_environment(room, paths),
                limits=self._limits,
                isolation=within,
                where=where,
            )
            original.verify_unchanged()
            kept = self._new_file()
            keep_scores(written, kept, rows=given.count, where=where)
        return Predicted(scores=kept, isolated=within.network_closed)

    def _new_file(self) -> Path:
        folder = _private_folder("assay-scores-")
        self._removals.append(weakref.finalize(self, folder.cleanup))
        return Path(folder.name, "scores.parquet")


def _private_folder(prefix: str) -> TemporaryDirectory[str]:
    try:
        return TemporaryDirectory(prefix=prefix, ignore_cleanup_errors=True)
    except OSError as error:
        raise NoTemporaryFolder(
            f"No temporary folder can be made: {error.strerror}.",
            where=gettempdir(),
            remedy="Make room there, or let the variable TMPDIR name another folder.",
        ) from error


def _filled(word: str, paths: Mapping[str, str]) -> str:
    for placeholder, path in paths.items():
        word = word.replace(placeholder, path)
    return word


def _environment(room: Path, paths: Mapping[str, str]) -> dict[str, str]:
    """All that a command inherits: no token of this process reaches it."""
    for name in ("home", "tmp"):
        (room / name).mkdir(mode=0o700)
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "LANG": "C.UTF-8",
        "HOME": str(room / "home"),
        "TMPDIR": str(room / "tmp"),
        # Running a model must not change the folder whose state is the version's code.
        "PYTHONDONTWRITEBYTECODE": "1",
        "ASSAY_ROWS": paths[_ROWS],
        "ASSAY_SCORES": paths[_SCORES],
    }
