"""A workspace's settings: what this machine allows, which no repository can allow itself."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from pydantic import Field

from assay.adapters.loaders.files import MissingFile, read_written
from assay.adapters.loaders.problems import Strict, validate
from assay.adapters.loaders.yaml import parse_yaml

SETTINGS: Final = "settings.yaml"


class Settings(Strict):
    """`.assay/settings.yaml`; without the file, nothing beyond the repository is allowed."""

    roots: list[str] = Field(
        default_factory=list,
        description="Absolute folders outside the repository in which a manifest's paths may lie.",
    )


def load_roots(workspace: Path) -> tuple[Path, ...]:
    """The folders outside the repository that this workspace allows.

    Raises:
        ConfigurationError: the settings cannot be used, and where.
    """
    path = workspace / SETTINGS
    try:
        written = read_written(path, file=str(path))
    except MissingFile:
        return ()
    settings = validate(Settings, parse_yaml(written.source, file=written.file))
    return tuple(Path(root) for root in settings.roots)
