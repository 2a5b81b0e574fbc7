"""What people and editors look up: checks, schemas, stages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assay.bootstrap.beginnings import catalogues
from assay.bootstrap.workspaces import check_catalogue
from assay.errors import ConfigurationError, suggest

if TYPE_CHECKING:
    from assay.checks.check import Check


class UnknownSchema(ConfigurationError):
    """A schema was named that does not exist."""

    code = "schema.unknown"


def known_checks(manifest: Path) -> Mapping[str, Check]:
    """Every check there is: installed ones, and those that the manifest names, if it exists."""
    return check_catalogue(manifest if manifest.exists() else None).all()


def json_schema(name: str, manifest: Path) -> dict[str, Any]:
    """The JSON Schema of that name: "manifest", "intake", "policy" or "gate".

    A policy's schema lists the checks there are, those of the manifest included.

    Raises:
        UnknownSchema: there is none.
    """
    from assay.adapters.loaders.intake_schema import intake_schema
    from assay.adapters.loaders.schema import manifest_schema, policy_schema
    from assay.documents.gate_schema import gate_schema

    schemas: Mapping[str, Callable[[], dict[str, Any]]] = {
        "manifest": manifest_schema,
        "intake": lambda: intake_schema(catalogues().questionnaire, catalogues().library),
        "policy": lambda: policy_schema(known_checks(manifest)),
        "gate": gate_schema,
    }
    if name not in schemas:
        raise UnknownSchema(
            f"There is no schema {name!r}.",
            remedy=suggest(name, schemas, otherwise=f"Schemas: {', '.join(schemas)}."),
        )
    return schemas[name]()
