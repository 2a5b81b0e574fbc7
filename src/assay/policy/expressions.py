"""Expressions of a policy: what they may read, and what became of one.

The language is CEL, but nothing here knows that: a port compiles a text to a Program. Three ways
in which an expression could be true for want of data are closed here, whatever the language
makes of them: every datum that is read is present and finite before it is evaluated, and an
evaluation that fails is never true.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, Protocol

from assay.checks.check import Check
from assay.evidence.measurement import CheckFailed, Fact, NotCollected
from assay.policy.policy import ATTESTATION, EXPRESSION, Requirement, RequirementId
from assay.policy.tiers import Tier
from assay.stats.estimate import Undefined


class Kind(Enum):
    """What a variable holds, in words."""

    TRUTH = "true or false"
    WHOLE = "a whole number"
    NUMBER = "a number with a fraction"
    TEXT = "text"
    TEXTS = "a list of texts"


Variables = Mapping[str, Kind]
"""The variables of an expression, by their dotted names."""

Datum = bool | int | float | str | tuple[str, ...]
"""What a variable holds; by its Kind."""

Data = Mapping[str, Datum | NotCollected | Undefined]
"""The value of each variable, or why it has none; one that is left out has none either."""

CONSTANTS: Final[Mapping[str, int]] = {tier.name: int(tier) for tier in Tier}
"""Tiers as whole numbers, LOW to PROHIBITED, so that they compare in their order."""

COMPONENTS: Final = ("model", "training_data", "code", "environment", "configuration")
"""The components of a version, each pinned by digest or not."""

MAGNITUDE_MAX: Final = 1e15
"""Numbers beyond it are not read: with few products, no result can then overflow."""


class ExpressionFailed(Exception):
    """An evaluation that gave an error, or something that is neither true nor false."""


class Program(Protocol):
    """A compiled expression."""

    @property
    def text(self) -> str:
        """The expression as written."""
        ...

    @property
    def reads(self) -> frozenset[str]:
        """The variables that it reads, all of them."""
        ...

    def evaluate(self, data: Mapping[str, Datum]) -> bool:
        """Whether it holds, given a value for each variable that it reads.

        Raises:
            ExpressionFailed: it has no value that is true or false.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Programs:
    """The compiled expressions of a policy, by requirement.

    Attributes:
        conditions: each requirement's `when`.
        rules: the expression that is a requirement's rule.
    """

    conditions: Mapping[RequirementId, Program] = field(
        default_factory=dict[RequirementId, Program]
    )
    rules: Mapping[RequirementId, Program] = field(default_factory=dict[RequirementId, Program])


def condition_variables(questions: Mapping[str, bool]) -> dict[str, Kind]:
    """What a condition (`when`) may read: everything that is fixed before data are read.

    Args:
        questions: the intake's questions by id, and whether each allows several answers.
    """
    return {
        **dict.fromkeys(CONSTANTS, Kind.WHOLE),
        "tier": Kind.WHOLE,
        "tier_source": Kind.TEXT,
        **dict.fromkeys(("system.id", "system.purpose", "system.owner"), Kind.TEXT),
        **dict.fromkeys(("version.name", "version.kind"), Kind.TEXT),
        **{f"version.{name}.pinned": Kind.TRUTH for name in COMPONENTS},
        **dict.fromkeys(("evidence.rows", "evidence.excluded"), Kind.WHOLE),
        "evidence.age_days": Kind.WHOLE,
        "evidence.produced": Kind.TEXT,
        **{
            f"answers.{name}": Kind.TEXTS if several else Kind.TEXT
            for name, several in questions.items()
        },
    }


def measurement_variables(
    rules: Iterable[Requirement], checks: Mapping[str, Check]
) -> dict[str, Kind]:
    """What a rule may read besides: the figures and bounds of the requirements with a check.

    Args:
        rules: the policy's requirements.
        checks: the checks that they name.
    """
    found: dict[str, Kind] = {}
    for rule in rules:
        prefix = f"measurement.{variable_name(rule.id)}"
        if rule.check == ATTESTATION:
            found[f"{prefix}.value"] = Kind.TRUTH
        elif rule.check != EXPRESSION:
            check = checks[rule.check]
            found[f"{prefix}.value"] = Kind.TRUTH if check.better == "true" else Kind.NUMBER
            if check.statistical:
                found[f"{prefix}.low"] = found[f"{prefix}.high"] = Kind.NUMBER
    return found


def variable_name(requirement: str) -> str:
    """A requirement's id as a part of a variable's name.

    >>> variable_name("approval-gap"), variable_name("4-fifths")
    ('approval_gap', '_4_fifths')
    """
    name = requirement.replace("-", "_")
    return name if name[:1].isalpha() or name[:1] == "_" else f"_{name}"


def evaluated(program: Program, data: Data) -> Fact | NotCollected | Undefined | CheckFailed:
    """What became of an expression: a truth, or why there is none.

    Every variable that it reads is looked at first, even where the expression could be decided
    without it: `a || b` is not true for want of b.
    """
    known: dict[str, Datum] = {}
    for name in sorted(program.reads):
        datum = data.get(name, CONSTANTS.get(name))
        if datum is None:
            return NotCollected(reason=f"`{name}` has no value.")
        if isinstance(datum, NotCollected | Undefined):
            return datum
        if not _usable(datum):
            return Undefined(reason=f"`{name}` is {datum}, which is no number to judge by.")
        known[name] = datum
    try:
        held = program.evaluate(known)
    except ExpressionFailed as error:
        return CheckFailed(reason=f"The expression has no value: {error}")
    return Fact(value=held, detail=f"{program.text} is {str(held).lower()}.")


def ruled(
    program: Program, data: Data, *, estimated: Collection[str]
) -> Fact | NotCollected | Undefined | CheckFailed:
    """What became of an expression that is a requirement's rule.

    A claim about estimates that the data do not show is not shown to be false either.

    Args:
        program: the expression.
        data: what it reads.
        estimated: the variables that are estimates or their bounds.
    """
    found = evaluated(program, data)
    if isinstance(found, Fact) and found.value is False and program.reads & set(estimated):
        return Undefined(reason=f"The data do not show that {program.text}.")
    return found


def _usable(datum: Datum) -> bool:
    """Whether a number is finite, and small enough that sums and products of it are."""
    if isinstance(datum, bool) or not isinstance(datum, int | float):
        return True
    return math.isfinite(datum) and abs(datum) <= MAGNITUDE_MAX
