"""The demo's scripts, run once for all tests, as the demo runs them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from assay.cli.demo.folder import FIRST, SECOND, lay_out


@pytest.fixture(scope="session")
def run_script() -> Callable[[Path, str], str]:
    """Runs a script in a folder and returns what it printed."""

    def run(folder: Path, script: str) -> str:
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        command = [sys.executable, "-W", "error", script]
        return subprocess.run(
            command, cwd=folder, check=True, capture_output=True, text=True, env=environment
        ).stdout

    return run


@pytest.fixture(scope="session")
def first(tmp_path_factory: pytest.TempPathFactory, run_script: Callable[[Path, str], str]) -> Path:
    """A folder with version 1, trained."""
    folder = tmp_path_factory.mktemp("first")
    lay_out(FIRST, folder)
    run_script(folder, "prepare.py")
    run_script(folder, "train.py")
    return folder


@pytest.fixture(scope="session")
def second(
    tmp_path_factory: pytest.TempPathFactory, run_script: Callable[[Path, str], str]
) -> Path:
    """A folder with version 2, trained and described."""
    folder = tmp_path_factory.mktemp("second")
    lay_out(FIRST, folder)
    lay_out(SECOND, folder)
    run_script(folder, "prepare.py")
    (folder / "printed.txt").write_text(run_script(folder, "train.py"))
    run_script(folder, "card.py")
    return folder
