"""The files of data that Assay ships, in the package `assay.catalogues`."""

from __future__ import annotations

from importlib.resources import files
from typing import Final

from assay.app.ports import Written
from assay.catalogues import SHOWN_UNDER

PACKAGE: Final = "assay.catalogues"


def shipped(name: str) -> Written:
    """A file of the package's data, such as "regulations/eu-ai-act.yaml"."""
    source = files(PACKAGE).joinpath(name).read_bytes()
    return Written(file=f"{SHOWN_UNDER}{name}", source=source)


def shipped_names(folder: str) -> list[str]:
    """The names of the YAML files in a folder of the package's data, sorted."""
    entries = files(PACKAGE).joinpath(folder).iterdir()
    return sorted(entry.name for entry in entries if entry.name.endswith(".yaml"))
