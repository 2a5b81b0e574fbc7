"""A workspace's settings: what this machine allows, which no repository can allow itself."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

from pydantic import Field

from assay.adapters.loaders.fields import Text
from assay.adapters.loaders.files import MissingFile, read_written
from assay.adapters.loaders.problems import Strict, validate
from assay.adapters.loaders.stages import parse_stages, shipped_stages
from assay.adapters.loaders.yaml import parse_yaml
from assay.governance.stages import StageMachine

SETTINGS: Final = "settings.yaml"


class Settings(Strict):
    """`.assay/settings.yaml`; without the file, nothing beyond the repository is allowed."""

    roots: list[str] = Field(
        default_factory=list,
        description="Absolute folders outside the repository in which a manifest's paths may lie.",
    )
    cosigners: list[str] = Field(
        default_factory=list,
        description="Absolute files of keys that sign every checkpoint and statement besides.",
    )
    blobs: Text | None = Field(
        default=None,
        description="Where content lies, `s3://BUCKET/PREFIX`; default: a folder here. "
        "Credentials come from the environment.",
    )
    witnesses: Text | None = Field(
        default=None,
        description="A trust policy (C2SP tlog-policy) with the witnesses that `assay log publish` "
        "asks where none are named, from the workspace's folder.",
    )
    retention_days: dict[str, Annotated[int, Field(ge=0, le=36500)]] = Field(
        default_factory=dict,
        description="By kind of content (tallies, profile, reason, document …), how many days "
        "after an entry last named it `assay log retention` lists it as due to go.",
    )
    database: Text | None = Field(
        default=None,
        description="The URL of a PostgreSQL database for the journal; default: a file here. "
        "The environment variable ASSAY_DATABASE goes before it, and is the place for a password.",
    )
    policies: list[Text] = Field(
        default_factory=list,
        description="Files of the policies that every manifest's here builds on, the most general "
        "first: the hub's, the space's. They lie in the repository or below one of the roots.",
    )
    stages: Text | None = Field(
        default=None,
        description="A file with the organisation's own stages, from the workspace's folder.",
    )


def load_settings(workspace: Path) -> Settings:
    """What a workspace allows.

    Raises:
        ConfigurationError: the settings cannot be used, and where.
    """
    path = workspace / SETTINGS
    try:
        written = read_written(path, file=str(path))
    except MissingFile:
        return Settings()
    return validate(Settings, parse_yaml(written.source, file=written.file))


def load_stages(workspace: Path) -> StageMachine:
    """The organisation's stages, or those that Assay ships.

    Raises:
        ConfigurationError: the settings or the stages cannot be used, and where.
    """
    named = load_settings(workspace).stages
    if named is None:
        return shipped_stages()
    return parse_stages(read_written(workspace / named, file=named))
