"""Whatever becomes of a manifest or a policy, it loads or is refused with a place."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml as pyyaml
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.adapters.loaders.documents import parse_document
from assay.adapters.loaders.manifest import parse_manifest
from assay.adapters.loaders.policy import parse_policy
from assay.adapters.plugins import find_checks
from assay.app.ports import Written
from assay.errors import ConfigurationError, Problems, Span

MANIFEST = """\
assay: 1
system: {id: credit, purpose: Decide loans, owner: "team:lending", tier: high}
version: {name: 4.2.0, kind: binary-classifier, model: models/credit.onnx, code: .}
data:
  training: {path: data/train.parquet, datasheet: docs/datasheet.yaml}
  evaluation:
    path: data/holdout.parquet
    label: {column: defaulted, positive: "1"}
    score: p_default
    decision: {favourable_when: "<", threshold: 0.35}
    protected: [sex, {age: [25, 40, 60]}]
    unit: applicant_id
policy: policy/lending.yaml
documents: {model_card: docs/model-card.yaml}
monitoring: monitoring.yaml
checks: [checks/own.py]
"""
POLICY = """\
policy: lending
version: 3.1.0
errors: {false_allow: 0.05, false_deny: 0.05}
requirements:
  ranks: {check: performance.roc_auc, at_least: {low: 0.60, high: 0.70}, owner: me}
  gap:
    check: fairness.selection_rate_difference
    with: {by: [sex, age], intersections: true, min_group_size: 30}
    at_most: {medium: 0.15, high: 0.10}
    insufficient: {low: allow, critical: deny}
  card: {check: documents.model_card, requires: {high: true}, when: tier >= HIGH}
  some: {check: performance.accuracy, between: [0.4, 0.9], until: 2027-12-31, max_age: 90d}
  none: {check: data.missing_values, equals: 0, satisfies: ["eu-ai-act:ART10-2-F"]}
  own: {expression: "evidence.rows >= 100 && measurement.ranks.low > 0.5"}
  said: {attest: The risk file is current., by: risk-owner, effective_from: 2026-08-02}
approvals: {high: [{role: validator}, {role: approver}]}
mode: warn
max_excluded: 0.02
max_age: {high: 180d}
"""
DOCUMENT = """\
---
model_details: {name: credit}
---
# Credit

## Intended use
Loans. <!-- why -->

### Users
Bankers.
```
## not a heading
```
"""
FOLDER = Path("/nowhere")
CHECKS = find_checks()

ODD: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, 0, -1, 1, 10**40, 1.5, "", " ", "x", "../x", "/etc", "a.b", [], [[]], {}, {"a": 1},
     ["x", 1], {"low": 0}, {"high": [{}]}, "prohibited", "<<", {"check": "data.rows"}]
)  # fmt: skip


def manifest(data: bytes) -> object:
    return parse_manifest(Written(file="f.yaml", source=data), folder=FOLDER)


def policy(data: bytes) -> object:
    return parse_policy(Written(file="f.yaml", source=data), CHECKS)


def document(data: bytes) -> object:
    return parse_document(Written(file="f.md", source=data))


LOADERS = [(MANIFEST, manifest), (POLICY, policy), (DOCUMENT, document)]


def loads_or_is_refused_with_places(load: Callable[[bytes], object], data: bytes) -> None:
    """Anything but a value or located errors of the family fails the test by itself."""
    try:
        load(data)
    except ConfigurationError as error:
        problems = error.problems if isinstance(error, Problems) else (error,)
        assert all(isinstance(problem.where, Span) for problem in problems)
        assert all(problem.what and problem.remedy for problem in problems)


@pytest.mark.parametrize(("text", "load"), LOADERS)
def test_the_unchanged_texts_load(text: str, load: Callable[[bytes], object]) -> None:
    """What is mutated below is valid before."""
    assert load(text.encode())


@pytest.mark.parametrize(("text", "load"), LOADERS)
@settings(derandomize=True, max_examples=200, deadline=None)
@given(data=st.data())
def test_edited_text(text: str, load: Callable[[bytes], object], data: st.DataObject) -> None:
    """Some characters are deleted and some put in, as a person's editor or a merge would."""
    start = data.draw(st.integers(0, len(text)))
    end = min(len(text), start + data.draw(st.integers(0, 30)))
    put = data.draw(st.text(alphabet=":-{}[],'\"#&*!|> \n\tax0.\\é", max_size=8))
    mutated = text[:start] + put + text[end:]
    loads_or_is_refused_with_places(load, mutated.encode())


@pytest.mark.parametrize(("text", "load"), LOADERS[:2])
@settings(derandomize=True, max_examples=200, deadline=None)
@given(seed=st.integers(0, 2**32), value=ODD, edits=st.integers(1, 3))
def test_edited_structure(
    text: str, load: Callable[[bytes], object], seed: int, value: Any, edits: int
) -> None:
    """A value anywhere becomes another one, a key is renamed, dropped or added."""
    source = random.Random(seed)
    tree = pyyaml.safe_load(text)
    for _ in range(edits):
        edit(tree, source, value)
    loads_or_is_refused_with_places(load, dump(tree).encode())


def edit(node: Any, source: random.Random, value: Any) -> None:
    """Walk down at random and change what is found there."""
    while True:
        keys = list(node) if isinstance(node, dict) else list(range(len(node)))
        if not keys:
            return
        key = source.choice(keys)
        child = node[key]
        if isinstance(child, dict | list) and child and source.random() < 0.7:
            node = child
            continue
        action = source.choice(["replace", "drop", "rename", "add"])
        if action == "replace":
            node[key] = value
        elif action == "drop":
            del node[key]
        elif action == "rename" and isinstance(node, dict):
            node[f"{key}x"] = node.pop(key)
        elif isinstance(node, dict):
            node["extra"] = value
        return


class NoAliases(pyyaml.SafeDumper):
    """Values that occur twice are written twice."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def dump(tree: Any) -> str:
    written: str = pyyaml.dump(tree, Dumper=NoAliases, sort_keys=False)
    return written
