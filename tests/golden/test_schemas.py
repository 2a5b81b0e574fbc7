"""The published JSON Schemas: golden, well formed, and of one mind with the loaders."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from assay.adapters.loaders.manifest import parse_manifest
from assay.adapters.loaders.policy import parse_policy
from assay.adapters.loaders.schema import manifest_schema, policy_schema
from assay.adapters.plugins import find_checks
from assay.app.ports import Written
from assay.errors import ConfigurationError

MANIFEST: dict[str, Any] = {
    "assay": 1,
    "system": {"id": "s", "purpose": "p", "owner": "o", "tier": "high"},
    "version": {"name": "1.0.0", "kind": "binary-classifier", "model": "m.onnx"},
    "data": {
        "training": {"path": "t.csv", "datasheet": "d.yaml"},
        "evaluation": {
            "path": "h.csv",
            "label": {"column": "y", "positive": 1},
            "score": "p",
            "decision": {"favourable_when": "<", "threshold": 0.5},
            "protected": ["sex", {"age": [25, 40.5]}],
            "unit": "person",
        },
    },
    "policy": "p.yaml",
    "documents": {"model_card": "card.md"},
    "monitoring": "m.yaml",
    "checks": ["own.py"],
}
POLICY: dict[str, Any] = {
    "policy": "p",
    "version": "v1",
    "errors": {"false_allow": 0.05},
    "requirements": {
        "auc": {"check": "performance.roc_auc", "at_least": {"low": 0.6, "high": 0.7}},
        "gap": {
            "check": "fairness.selection_rate_difference",
            "with": {"by": ["sex"], "min_group_size": 50, "small_groups": "report"},
            "at_most": 0.15,
            "insufficient": {"high": "deny"},
            "owner": "o",
            "rationale": "r",
        },
        "card": {"check": "documents.model_card", "requires": {"high": True}},
        "some": {
            "check": "performance.accuracy",
            "between": {"low": [0.4, 0.9], "high": [0.5, 0.9]},
            "when": "tier >= HIGH",
            "effective_from": "2026-08-02",
            "until": "2027-12-31T12:00Z",
            "max_age": {"high": "90d"},
            "satisfies": ["eu-ai-act:ART10-2-F"],
        },
        "rows": {"check": "data.missing_values", "equals": 0},
        "own": {"expression": "evidence.rows >= 100"},
        "said": {"attest": "The risk file is current.", "by": "risk-owner", "max_age": "36h"},
    },
    "max_age": "180d",
    "approvals": {"high": [{"role": "validator"}]},
    "mode": "warn",
    "max_excluded": 0.02,
}

# A path into the text, and what is put there; DROP deletes it.
DROP = object()
BAD_MANIFESTS: list[tuple[str, Any]] = [
    ("assay", 2),
    ("assay", True),
    ("system.tier", "hgih"),
    ("system.tier", DROP),
    ("system.intake", ["intake.yaml"]),
    ("system.id", "Not An Id"),
    ("version.kind", "regressor"),
    ("version.name", 1.5),
    ("version.model", DROP),
    ("data.evaluation.label", 3),
    ("data.evaluation.label.positive", DROP),
    ("data.evaluation.score", DROP),
    ("data.evaluation.score", None),
    ("data.evaluation.predict", ["python", "score.py"]),
    ("data.evaluation.decision.threshold", 35),
    ("data.evaluation.decision.favourable_when", "below"),
    ("data.evaluation.protected", "sex"),
    ("data.evaluation.protected", [{"age": []}]),
    ("data.evaluation.protected", [{"age": [1], "sex": [2]}]),
    ("data.training", ["t.csv"]),
    ("documents", {"Model Card": "x"}),
    ("checks", "own.py"),
    ("polcy", "p.yaml"),
]
BAD_POLICIES: list[tuple[str, Any]] = [
    ("version", 3.1),
    ("extends", []),
    ("extends", "nyc-ll144"),
    ("requirements", DROP),
    ("requirements", {}),
    ("requirements", {"Bad Id": {"check": "documents.model_card"}}),
    ("requirements.auc.check", "performance.auc"),
    ("requirements.auc.at_least", DROP),
    ("requirements.auc.at_least", 1),
    ("requirements.auc.at_least", 60),
    ("requirements.auc.at_least", {"hgih": 0.5}),
    ("requirements.auc.at_least", {}),
    ("requirements.auc.at_most", 0.5),
    ("requirements.gap.at_most", {"low": 0}),
    ("requirements.gap.with.min_group_sise", 3),
    ("requirements.gap.with.min_group_size", "3"),
    ("requirements.gap.with.small_groups", "ignore"),
    ("requirements.gap.with.by", 3),
    ("requirements.gap.rationale", DROP),
    ("requirements.gap.when", 3),
    ("requirements.gap.insufficient.high", "warn"),
    ("requirements.card.at_least", 1),
    ("requirements.card.requires", False),
    ("requirements.card.requires", {"high": False}),
    ("requirements.auc.requires", True),
    ("requirements.auc.equals", 0.7),
    ("requirements.some.between", 0.7),
    ("requirements.some.between", [0.7]),
    ("requirements.some.between", [0.7, 7]),
    ("requirements.some.at_least", 0.5),
    ("requirements.some.until", "tomorrow"),
    ("requirements.some.effective_from", 2026),
    ("requirements.some.max_age", "90"),
    ("requirements.some.max_age", {"hihg": "90d"}),
    ("requirements.some.satisfies", "eu-ai-act:ART10-2-F"),
    ("requirements.own.check", "data.rows"),
    ("requirements.own.expression", 3),
    ("requirements.said.by", DROP),
    ("requirements.said.attest", DROP),
    ("max_age", 90),
    ("approvals.high", "validator"),
    ("errors.false_allow", 0.5),
    ("mode", "enforced"),
    ("max_excluded", 1),
]


def changed(tree: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    changed = copy.deepcopy(tree)
    *parents, key = path.split(".")
    node = changed
    for parent in parents:
        node = node[parent]
    if value is DROP:
        del node[key]
    else:
        node[key] = value
    return changed


def load_manifest(tree: dict[str, Any]) -> None:
    # JSON is YAML, so the tree is written as the simplest text there is.
    written = Written(file="assay.yaml", source=json.dumps(tree).encode())
    parse_manifest(written, folder=Path("/nowhere"))


def load_policy(tree: dict[str, Any]) -> None:
    parse_policy(Written(file="p.yaml", source=json.dumps(tree).encode()), find_checks())


@pytest.fixture(scope="module")
def validators() -> dict[str, jsonschema.Draft202012Validator]:
    schemas = {"manifest": manifest_schema(), "policy": policy_schema(find_checks().all())}
    return {name: jsonschema.Draft202012Validator(schema) for name, schema in schemas.items()}


def test_the_manifest_schema(golden: Callable[[str, str], None]) -> None:
    """What `assay schema manifest` prints, reviewed as a diff."""
    golden("schemas/manifest.schema.json", json.dumps(manifest_schema(), indent=2) + "\n")


def test_the_policy_schema(golden: Callable[[str, str], None]) -> None:
    """What `assay schema policy` prints with the built-in checks, reviewed as a diff."""
    schema = policy_schema(find_checks().all())
    golden("schemas/policy.schema.json", json.dumps(schema, indent=2) + "\n")


@pytest.mark.parametrize("name", ["manifest", "policy"])
def test_the_schemas_are_schemas(
    name: str, validators: dict[str, jsonschema.Draft202012Validator]
) -> None:
    """They are valid against the dialect that they name."""
    schema = validators[name].schema
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    jsonschema.Draft202012Validator.check_schema(schema)


def test_what_loads_is_valid(validators: dict[str, jsonschema.Draft202012Validator]) -> None:
    """An editor marks nothing in a text that the loader takes."""
    load_manifest(MANIFEST)
    load_policy(POLICY)
    validators["manifest"].validate(MANIFEST)
    validators["policy"].validate(POLICY)


@pytest.mark.parametrize(("path", "value"), BAD_MANIFESTS)
def test_manifests_that_the_loader_refuses_are_invalid(
    path: str, value: Any, validators: dict[str, jsonschema.Draft202012Validator]
) -> None:
    """An editor marks what the loader would refuse."""
    bad = changed(MANIFEST, path, value)
    with pytest.raises(ConfigurationError):
        load_manifest(bad)
    assert not validators["manifest"].is_valid(bad)


@pytest.mark.parametrize(("path", "value"), BAD_POLICIES)
def test_policies_that_the_loader_refuses_are_invalid(
    path: str, value: Any, validators: dict[str, jsonschema.Draft202012Validator]
) -> None:
    """An editor marks what the loader would refuse, down to a check's own parameters."""
    bad = changed(POLICY, path, value)
    with pytest.raises(ConfigurationError):
        load_policy(bad)
    assert not validators["policy"].is_valid(bad)


def test_an_overlay_that_loads_is_valid(
    validators: dict[str, jsonschema.Draft202012Validator],
) -> None:
    """On top of others a requirement need not say what shows it, and there need be none."""
    own = {"policy": "own", "version": "v2", "extends": ["p.yaml"]}
    beneath = Written(file="p.yaml", source=json.dumps(POLICY).encode())
    for rules in ({}, {"auc": {"at_least": {"high": 0.8}}}, {"card": {"max_age": "30d"}}):
        tree = {**own, "requirements": rules}
        text = json.dumps(tree).encode()
        parse_policy(Written(file="own.yaml", source=text, beneath=(beneath,)), find_checks())
        validators["policy"].validate(tree)
    validators["policy"].validate(own)


def test_every_key_is_described(validators: dict[str, jsonschema.Draft202012Validator]) -> None:
    """Completion in an editor says what each key is for."""
    for validator in validators.values():
        models = [validator.schema, *validator.schema["$defs"].values()]
        described = [item for model in models for item in model.get("properties", {}).values()]
        assert described
        assert all(item.get("description") for item in described)
