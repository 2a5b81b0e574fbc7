"""A version: a candidate for release, named by the digests of its components."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NewType, cast

from assay.evidence.canonical import Json, canonical_digest

VersionDigest = NewType("VersionDigest", str)

MODEL: Final = "model"
TRAINING_DATA: Final = "training_data"
CODE: Final = "code"
ENVIRONMENT: Final = "environment"
CONFIGURATION: Final = "configuration"

REFERENCE: Final = re.compile(r"[a-z][a-z0-9+.-]*://\S+")
"""How a manifest names a model that is hosted elsewhere, and so cannot be pinned."""

SHORT: Final = 12
"""Digits of a digest that people read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A version of a system.

    Attributes:
        name: what people call it, such as "4.2.0"; not part of the digest.
        digest: SHA-256 (hex) over the named components.
        components: by name, each pinned: {"sha256": …} for a file, {"oms": …} for a folder,
            {"git": commit, "dirty": bool, …} for code, {"reference": URI, "unpinned": true}
            for a model that is hosted elsewhere.
    """

    name: str
    digest: VersionDigest
    components: Mapping[str, Mapping[str, Json]]

    @property
    def model_digest(self) -> str | None:
        """The digest of the model alone, all that admission can see; None if it is unpinned."""
        return model_digest(self.components)


def model_digest(components: Mapping[str, Mapping[str, Json]]) -> str | None:
    """The SHA-256 (hex) of a model's file, or the OMS root of its folder; None if unpinned."""
    model = components[MODEL]
    return cast(str | None, model.get("sha256") or model.get("oms"))


def version_digest(components: Mapping[str, Mapping[str, Json]]) -> VersionDigest:
    """The digest that names a version.

    Evaluation data and policy are not in it: they belong to the evidence and to the
    decision. A component that is not declared is absent, not null, so that declaring it
    later makes another version.
    """
    return VersionDigest(canonical_digest({"assay": "version/1", "components": dict(components)}))
