"""What importing and asking for help load: nothing heavy, so that both answer at once."""

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {
    "cryptography",
    "duckdb",
    "fastapi",
    "numpy",
    "pydantic",
    "scipy",
    "sklearn",
    "sqlalchemy",
    "vl_convert",
}
SERVER_DIALECTS = {
    f"sqlalchemy.dialects.{name}" for name in ("mssql", "mysql", "oracle", "postgresql")
}


def loaded_by(code: str, *, folder: Path) -> set[str]:
    """The names of all modules that a fresh interpreter holds after running some code."""
    listing = "\nimport sys\nprint('\\n'.join(sorted(sys.modules)), file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", code + listing],
        capture_output=True,
        text=True,
        check=True,
        cwd=folder,
    )
    return set(done.stderr.split())


def test_importing_assay_loads_nothing_heavy(tmp_path: Path):
    """`import assay` costs what the standard library costs."""
    loaded = loaded_by("import assay", folder=tmp_path)
    assert "assay" in loaded
    assert loaded & HEAVY == set()


@pytest.mark.parametrize("words", ["--help", "gate --help", "--version"])
def test_help_loads_nothing_heavy(words: str, tmp_path: Path):
    """Help and version come before any library that reads, computes or stores."""
    code = f"from assay.cli.run import run\nassert run({words.split()!r}) == 0"
    loaded = loaded_by(code, folder=tmp_path)
    assert "assay.cli.run" in loaded
    # Typer itself reads a command's options by pydantic.
    assert loaded & (HEAVY - {"pydantic"}) == set()


def test_a_workspace_loads_no_dialect_for_servers(tmp_path: Path):
    """A workspace on this machine opens with SQLite's dialect and no other."""
    code = (
        "from pathlib import Path\n"
        "from assay import bootstrap\n"
        "with bootstrap.open_workspace(Path()) as services:\n"
        "    assert services.journal.head().size == 1"
    )
    loaded = loaded_by(code, folder=tmp_path)
    assert "sqlalchemy.dialects.sqlite" in loaded
    assert loaded & SERVER_DIALECTS == set()
    assert loaded & {"fastapi", "sklearn"} == set()
