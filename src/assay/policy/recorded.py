"""What a policy's canonical form says of each requirement, for measuring it again.

The form is read as it was recorded, without the text and without the checks that it names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, cast

from assay.errors import VerificationFailed
from assay.evidence.canonical import Json, parse_object
from assay.policy.canonical import SCHEMA
from assay.policy.policy import Direction, ErrorBudget


class MalformedPolicyForm(VerificationFailed):
    """Bytes are not the canonical form of a policy that is known here."""

    code = "policy.malformed-form"


class UnknownPolicyForm(MalformedPolicyForm):
    """A policy was recorded in a form of another version of Assay."""

    code = "policy.unknown-form"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedRule:
    """A requirement's check, its parameters as the form spells them, and its bar's direction."""

    check: str
    parameters: Mapping[str, Json]
    direction: Direction | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedPolicy:
    """A policy's name and version, error budget, and requirements.

    Attributes:
        name: written `name@version`, as decisions name it.
        false_allow: the error at which compliance is shown, shared among declared uses.
        max_excluded: the share of rows that an estimate may leave out.
    """

    name: str
    false_allow: float
    false_deny: float
    max_excluded: Decimal
    rules: Mapping[str, RecordedRule]


def parse_recorded_policy(data: bytes) -> RecordedPolicy:
    """What the canonical form in some bytes says.

    Raises:
        UnknownPolicyForm: they are one of another version.
        MalformedPolicyForm: they are not one.
    """
    try:
        return _policy(cast(Mapping[str, Any], parse_object(data)))
    except (AttributeError, InvalidOperation, KeyError, TypeError, ValueError) as error:
        raise MalformedPolicyForm(f"The policy's canonical form is unreadable: {error}") from error


def _policy(form: Mapping[str, Any]) -> RecordedPolicy:
    if form["schema"] != SCHEMA:
        raise UnknownPolicyForm(f"The policy's form is not {SCHEMA}.")
    uses = form["errors"].get("uses", 1)
    if type(uses) is not int or uses < 1:
        raise ValueError(f"{uses!r} is not a number of uses.")
    budget = ErrorBudget(false_allow=_share(form["errors"]["false_allow"], below=0.5), uses=uses)
    return RecordedPolicy(
        name=f"{form['policy']}@{form['version']}",
        false_allow=budget.allow_error,
        false_deny=float(_share(form["errors"]["false_deny"], below=0.5)),
        max_excluded=_share(form["max_excluded"], below=1),
        rules={name: _rule(item) for name, item in form["requirements"].items()},
    )


def _share(text: str, *, below: float) -> Decimal:
    """A decimal in [0, below]."""
    share = Decimal(text)
    if not 0 <= share <= below:
        raise ValueError(f"{text!r} is not a share of at most {below}.")
    return share


def _rule(form: Mapping[str, Any]) -> RecordedRule:
    if not isinstance(form["check"], str):
        raise TypeError("a check's name is not text.")
    directions = [item for item in Direction if item.value in form]
    return RecordedRule(
        check=form["check"],
        parameters=dict(form["with"]),
        direction=directions[0] if directions else None,
    )
