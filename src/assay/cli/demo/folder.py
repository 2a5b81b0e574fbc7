"""The demo's folder: what is laid out in it, and when it may be."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Final

from assay.errors import ConfigurationError

MARK: Final = ".assay-demo"
"""The file by which the demo knows a folder of its own."""

MADE: Final = (
    ".assay", "assay.yaml", "card.py", "card.template.yaml", "data", "docs", "environment.txt",
    "models", "monitoring.yaml", "policy", "prepare.py", "reports", "tampered", "train.py",
)  # fmt: skip
"""Everything at the top of the folder that the demo makes; it replaces nothing else."""

FIRST: Final[Mapping[str, str]] = {
    "german_credit.csv": "data/german_credit.csv",
    "german_credit.README.md": "data/README.md",
    "prepare.py": "prepare.py",
    "train_1.py": "train.py",
    "assay_1.yaml": "assay.yaml",
    "lending.yaml": "policy/lending.yaml",
}
"""Version 1, by what a file is called in the package and what in the folder."""

SECOND: Final[Mapping[str, str]] = {
    "train_2.py": "train.py",
    "card.py": "card.py",
    "card.template.yaml": "card.template.yaml",
    "monitoring.yaml": "monitoring.yaml",
    "assay_2.yaml": "assay.yaml",
}
"""What version 2 changes and adds."""


class DirectoryTaken(ConfigurationError):
    """The demo was pointed at a folder that holds something else."""

    code = "demo.directory-taken"


def claim(directory: Path) -> None:
    """Make the folder, or empty an earlier demo's of what that demo made.

    Raises:
        DirectoryTaken: it is a file, or holds anything and was not made by the demo.
    """
    if directory.exists() and not _is_ours(directory):
        raise DirectoryTaken(
            "The demo writes into an empty folder or one of its own, and this is neither.",
            where=str(directory),
            remedy="Name another with `assay demo --directory DIR`.",
        )
    directory.mkdir(parents=True, exist_ok=True)
    (directory / MARK).write_text("Made by `assay demo`, which replaces it when run again.\n")
    for name in MADE:
        _remove(directory / name)


def lay_out(material: Mapping[str, str], directory: Path) -> None:
    """Write files of the package into the folder, replacing those of an earlier version."""
    shipped = files("assay.cli.demo") / "material"
    for name, path in material.items():
        target = directory / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((shipped / name).read_bytes())


def _is_ours(directory: Path) -> bool:
    return directory.is_dir() and ((directory / MARK).is_file() or not any(directory.iterdir()))


def _remove(path: Path) -> None:
    if path.is_symlink() or path.is_file():
        path.unlink()
    elif path.is_dir():
        shutil.rmtree(path)
