"""The first texts of a repository: a manifest, a policy, a model card and a monitoring plan."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Final

from assay.adapters.discovery.answers import Answers
from assay.adapters.loaders.scalars import resolve_plain
from assay.checks.documents import REQUIRED_SECTIONS
from assay.checks.monitoring import REQUIRED_KEYS
from assay.errors import InvalidArgument, Span
from assay.evidence.roles import Protected, cut_text, decimal_text

MANIFEST: Final = "assay.yaml"
POLICY: Final = "policy.yaml"
MODEL_CARD: Final = "docs/model-card.yaml"
MONITORING: Final = "monitoring.yaml"

_PLAIN: Final = re.compile(r"[A-Za-z_](?:[ :]?[A-Za-z0-9_./-])*")
"""Text that is the same inside and outside brackets; a colon or space stands between words."""


def starter_files(answers: Answers, reasons: Mapping[str, str]) -> dict[str, str]:
    """Every text of a first repository, by its path; together they load."""
    return {
        MANIFEST: render_manifest(answers, reasons),
        POLICY: starter_policy(answers),
        MODEL_CARD: starter_model_card(answers),
        MONITORING: starter_monitoring(answers),
    }


def render_manifest(answers: Answers, reasons: Mapping[str, str] | None = None) -> str:
    """A first `assay.yaml`, which loads; what was found says why in a comment.

    Args:
        answers: everything that a manifest needs (`answers.complete`).
        reasons: by field, why what was found was taken.

    Raises:
        InvalidArgument: something that a manifest needs is missing.
    """
    why = reasons or {}
    lines = [
        "# What this repository declares about an AI system and one version of it.",
        "# `assay schema manifest` prints a JSON Schema that completes it in an editor.",
        "assay: 1",
        "",
        "system:",
        *_line(2, "id", _given(answers, "system"), why.get("system")),
        *_line(2, "purpose", _given(answers, "purpose")),
        *_line(2, "owner", _given(answers, "owner")),
        *_line(2, "tier", _given(answers, "tier"), "low, medium, high or critical"),
        "",
        "version:                      # by default its name is that of `git describe`",
        "  kind: binary-classifier",
        *_line(2, "model", _given(answers, "model"), why.get("model")),
        *_line(2, "code", answers.code, why.get("code")),
        *_line(2, "environment", answers.environment, why.get("environment")),
        *_line(2, "configuration", answers.configuration, why.get("configuration")),
        "",
        "data:",
        *_line(2, "training", answers.training, why.get("training")),
        "  evaluation:                 # data that the model has not seen",
        *_line(4, "path", _given(answers, "evaluation"), why.get("evaluation")),
        *_label(answers, why),
        *_scores(answers, why),
        "    # When a person gets the favourable decision (the loan, the job):",
        _decision(answers),
        *_protected(answers, why),
        *_line(4, "unit", answers.unit, why.get("unit")),
        "",
        f"policy: {POLICY}",
        "documents:",
        f"  model_card: {MODEL_CARD}",
        f"monitoring: {MONITORING}",
    ]
    return "\n".join(lines) + "\n"


def starter_policy(answers: Answers) -> str:
    """A first policy, which loads with the built-in checks and the columns of `answers`."""
    protected = [item.column for item in answers.protected or ()]
    return _POLICY.format(
        name=scalar(_given(answers, "system")),
        fairness=_FAIRNESS.format(by=_flow(map(scalar, protected))) if protected else "",
    )


def starter_model_card(answers: Answers) -> str:
    """A model card with every required section, none of them yet filled in."""
    lines = [
        f"# The model card of {_given(answers, 'system')}, by Mitchell et al. (2019).",
        "# Each TODO is yours to replace: the card counts as complete when none is left.",
    ]
    for section in REQUIRED_SECTIONS:
        lines += ["", f"{section}:", f"  text: {scalar(f'TODO: {_CARD[section]}')}"]
    return "\n".join(lines) + "\n"


def starter_monitoring(answers: Answers) -> str:
    """A monitoring plan with every required key, none of them yet settled."""
    lines = [
        f"# How {_given(answers, 'system')} is watched once it is in production.",
        "# Each TODO is yours to replace: the plan counts as settled when none is left.",
    ]
    for key, meaning in REQUIRED_KEYS.items():
        lines += ["", f"{key}: {scalar(f'TODO: {meaning}; {_PLAN[key]}')}"]
    return "\n".join(lines) + "\n"


def scalar(text: str) -> str:
    """Text as a YAML scalar that reads back as that text, quoted only where it must be.

    >>> scalar("models/credit.onnx"), scalar("no: 1"), scalar("true")
    ('models/credit.onnx', '"no: 1"', '"true"')
    """
    if _PLAIN.fullmatch(text) and resolve_plain(text, Span("", 1, 1)) == text:
        return text
    return json.dumps(text, ensure_ascii=False)


def _given(answers: Answers, name: str) -> str:
    value = getattr(answers, name)
    if value is None:
        raise InvalidArgument(f"A first manifest needs {name!r}.")
    return str(value)


def _line(indent: int, key: str, value: str | None, comment: str | None = None) -> list[str]:
    """A key with its value, or nothing where there is none."""
    if value is None:
        return []
    line = f"{' ' * indent}{key}: {scalar(value)}"
    # A reason holds names out of files; a line break in one would end the comment.
    return [f"{line:<29} # {' '.join(comment.split())}" if comment else line]


def _label(answers: Answers, why: Mapping[str, str]) -> list[str]:
    column = _given(answers, "label")
    if answers.positive is None:
        return _line(4, "label", column, why.get("label"))
    positive = scalar(answers.positive)
    line = f"    label: {{column: {scalar(column)}, positive: {positive}}}"
    reason = why.get("positive")
    return [f"{line}  # {' '.join(reason.split())}" if reason else line]


def _scores(answers: Answers, why: Mapping[str, str]) -> list[str]:
    if answers.predict is not None:
        return [f"    predict: {_flow(map(scalar, answers.predict))}"]
    return _line(4, "score", _given(answers, "score"), why.get("score"))


def _decision(answers: Answers) -> str:
    if answers.threshold is None:
        raise InvalidArgument("A first manifest needs 'threshold'.")
    comparison = scalar(_given(answers, "favourable_when"))
    threshold = decimal_text(answers.threshold)
    return f"    decision: {{favourable_when: {comparison}, threshold: {threshold}}}"


def _protected(answers: Answers, why: Mapping[str, str]) -> list[str]:
    if not answers.protected:
        return [
            "    protected: []               # name the columns whose groups must be treated alike"
        ]
    reason = why.get("protected", "")
    return [
        *(f"    # {' '.join(part.split())}" for part in reason.split("; ") if part.strip()),
        f"    protected: {_flow(map(_column, answers.protected))}",
    ]


def _column(item: Protected) -> str:
    if not item.cuts:
        return scalar(item.column)
    return f"{{{scalar(item.column)}: {_flow(map(cut_text, item.cuts))}}}"


def _flow(items: Iterable[str]) -> str:
    return f"[{', '.join(items)}]"


_POLICY: Final = """\
# What a version must show before it may ship. These bars are a start and no advice: a person
# who answers for them sets each, and says why under `rationale`.
# `assay schema policy` prints a JSON Schema that completes this file in an editor.
policy: {name}
version: 0.1.0

# How often a version at its limit may be allowed, and one within its limits be denied.
errors: {{false_allow: 0.05, false_deny: 0.05}}

requirements:
  ranks-well:
    check: performance.roc_auc
    at_least: {{low: 0.60, medium: 0.65, high: 0.70}}
  honest-probabilities:
    check: calibration.expected_calibration_error
    at_most: {{medium: 0.10}}
{fairness}\
  enough-rows: {{check: data.rows, at_least: 300}}
  few-left-out: {{check: data.excluded_rows, at_most: 0.01}}
  model-card: {{check: documents.model_card}}
  monitoring-plan: {{check: monitoring.plan}}

# Each approval by a different person, none of them the author of the version.
approvals:
  medium: [{{role: validator}}]
  high: [{{role: validator}}, {{role: approver}}]
"""

_FAIRNESS: Final = """\
  favourable-decision-gap:
    check: fairness.selection_rate_difference
    with: {{by: {by}, min_group_size: 30}}
    at_most: {{low: 0.20, medium: 0.15, critical: 0.10}}
"""

_CARD: Final[Mapping[str, str]] = {
    "model_details": "who built it, when, which version and type of model, whom to ask.",
    "intended_use": "what it is for, who uses it, what it must not be used for.",
    "factors": "groups, instruments and environments in which it may behave differently.",
    "metrics": "which measures, at which threshold, and how their uncertainty is stated.",
    "evaluation_data": "which data it is judged on, why these, and how they were prepared.",
    "training_data": "which data it learnt from, and whom they represent.",
    "quantitative_analyses": "the results, also by group and by intersections of groups.",
    "ethical_considerations": "sensitive data, risks to people, and what was done about them.",
    "caveats_and_recommendations": "what was not tested, and advice to those who use it.",
}
"""What each section of Mitchell et al. (2019) is to say."""

_PLAN: Final[Mapping[str, str]] = {
    "watch": "such as scores, the share of favourable decisions by group, missing inputs",
    "every": "such as each week",
    "notify": "such as team:lending",
    "limits": "such as the bars of the policy",
    "actions": "such as stop, roll back, or review by a person",
}
"""An example of what each key of the plan may say."""
