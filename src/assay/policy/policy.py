"""A policy: the requirements that a version must meet, tier by tier."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Final, NewType

from assay.errors import Span
from assay.policy.tiers import Tier, at_tier

RequirementId = NewType("RequirementId", str)

Parameter = bool | int | Decimal | str | tuple[str, ...]
"""A value under `with`; numbers with a fraction are decimals, so they have one spelling."""


class Direction(StrEnum):
    """Where a figure must lie with regard to its bar."""

    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    EQUALS = "equals"
    BETWEEN = "between"


class Outcome(StrEnum):
    """What a decision says, and what a verdict does to it; in order of strictness."""

    ALLOW = "allow"
    HOLD = "hold"
    DENY = "deny"


def stricter(first: Outcome, second: Outcome) -> Outcome:
    """The stricter of two outcomes: allow < hold < deny."""
    order = list(Outcome)
    return max(first, second, key=order.index)


class Mode(StrEnum):
    """Whether a denied or held decision stops the release, warns, or only records."""

    ENFORCE = "enforce"
    WARN = "warn"
    OBSERVE = "observe"


class LimitBasis(StrEnum):
    """Where a requirement's limit comes from."""

    LAW = "law"
    STATISTICS = "statistics"
    CONVENTION = "convention"
    DEFAULT = "default"
    """A starting value, to be calibrated on the policy's own data."""


INSUFFICIENT_DEFAULT: Final[Mapping[Tier, Outcome]] = {
    Tier.LOW: Outcome.ALLOW,
    Tier.MEDIUM: Outcome.HOLD,
    Tier.HIGH: Outcome.HOLD,
    Tier.CRITICAL: Outcome.DENY,
}
"""What `insufficient` does where a policy does not say (statistics, section 2)."""

MAX_EXCLUDED_DEFAULT: Final = Decimal("0.01")
"""Share of rows excluded beyond which a dataset's measurements are `insufficient`."""


@dataclass(frozen=True, slots=True)
class Range:
    """Two limits between which a figure must lie, both included."""

    low: Decimal
    high: Decimal


Limit = Decimal | Range
"""What a bar says at one tier: a Range for `between`, else a number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A threshold by tier. A tier left out takes the nearest lower one; below the first, none.

    `equals` suits facts alone: no sample shows that a figure is exactly something.
    """

    direction: Direction
    by_tier: Mapping[Tier, Limit]
    spans: Mapping[Tier, Span] = field(default_factory=dict[Tier, Span], compare=False)


EXPRESSION: Final = "expression"
"""In place of a check's name: the rule is a CEL expression, its parameter `expression`."""

ATTESTATION: Final = "attestation"
"""In place of a check's name: a person must confirm what the parameter `asks` says.

The parameter `by` names the role in which they do. Names of checks have a dot, these have none.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """One rule: a check, its parameters, and the bar that its figure must clear.

    A requirement without a bar asks that a fact be true (a model card is complete).

    Attributes:
        check: a check's name, or EXPRESSION or ATTESTATION.
        required_from: the lowest tier at which a fact is asked for; a bar has tiers of its own.
        when: a CEL expression; where it is false, the requirement does not apply.
        effective_from: the instant from which it applies.
        until: the instant at which it ceases to apply.
        max_age: how old its evidence may be, by tier; the stricter of this and the policy's.
        satisfies: references to provisions, "regulation:provision", each in the catalogues.
        laxer_because: why a higher tier is asked for less than a lower one, where it is.
        basis: where its limit comes from, where the policy says it.
    """

    id: RequirementId
    check: str
    parameters: Mapping[str, Parameter] = field(default_factory=dict[str, Parameter])
    bar: Bar | None = None
    required_from: Tier = Tier.LOW
    when: str | None = None
    effective_from: datetime | None = None
    until: datetime | None = None
    max_age: Mapping[Tier, timedelta] = field(default_factory=dict[Tier, timedelta])
    insufficient: Mapping[Tier, Outcome] = field(default_factory=lambda: INSUFFICIENT_DEFAULT)
    satisfies: tuple[str, ...] = ()
    laxer_because: str | None = None
    basis: LimitBasis | None = None
    owner: str | None = None
    rationale: str | None = None
    span: Span | None = field(default=None, compare=False)

    @property
    def by_check(self) -> bool:
        """Whether a check measures it; else an expression or a person answers it."""
        return self.check not in {EXPRESSION, ATTESTATION}

    def limit_is_default(self, tier: Tier) -> bool:
        """Whether the bar at a tier is a default that nobody has calibrated yet.

        A bar that another policy tightened is none: it stands in another text.
        """
        if self.basis is not LimitBasis.DEFAULT or self.bar is None:
            return False
        bar, own = at_tier(self.bar.spans, tier), self.span
        return bar is None or own is None or bar.file == own.file

    def insufficient_at(self, tier: Tier) -> Outcome:
        """What `insufficient` does at a tier.

        A tier that the policy leaves out takes the default, or the treatment of the nearest
        lower tier named where that is stricter: silence never loosens.
        """
        if tier in self.insufficient:
            return self.insufficient[tier]
        default = INSUFFICIENT_DEFAULT.get(tier, Outcome.DENY)
        return stricter(default, at_tier(self.insufficient, tier) or default)


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorBudget:
    """The error rates that the policy declares for its decisions, fractions in (0, 0.5).

    Attributes:
        uses: how many versions one evaluation set is meant to judge; `false_allow` is then
            that of all of them together.
    """

    false_allow: Decimal = Decimal("0.05")
    false_deny: Decimal = Decimal("0.05")
    uses: int = 1

    @property
    def allow_error(self) -> float:
        """The error at which one version's compliance is shown: its share of `false_allow`."""
        return float(Fraction(self.false_allow) / self.uses)


@dataclass(frozen=True, slots=True, kw_only=True)
class Approver:
    """One approval that a tier asks for; each by a different person, none the author."""

    role: str


LONGEST_WAIVERS: Final[Mapping[Tier, timedelta]] = {
    Tier.LOW: timedelta(days=365),
    Tier.MEDIUM: timedelta(days=180),
    Tier.HIGH: timedelta(days=90),
    Tier.CRITICAL: timedelta(days=30),
}
"""How long a waiver may last where a policy does not say; a default of ours."""

WAIVERS_GRANTED_BY: Final[Mapping[Tier, str]] = {Tier.LOW: "approver"}
"""Who grants waivers where a policy does not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaiverRules:
    """What the policy allows of waivers, by tier.

    Attributes:
        longest: how long one may last; below the first tier named, there are none.
        granted_by: the role in which it is granted.
        renewals: how often the same waiver may be granted anew.
    """

    longest: Mapping[Tier, timedelta] = field(default_factory=lambda: LONGEST_WAIVERS)
    granted_by: Mapping[Tier, str] = field(default_factory=lambda: WAIVERS_GRANTED_BY)
    renewals: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A policy as loaded; `digest` (SHA-256, hex) pins its canonical form."""

    name: str
    version: str
    digest: str
    requirements: tuple[Requirement, ...]
    errors: ErrorBudget = field(default_factory=ErrorBudget)
    approvals: Mapping[Tier, tuple[Approver, ...]] = field(
        default_factory=dict[Tier, tuple[Approver, ...]]
    )
    mode: Mode = Mode.ENFORCE
    max_age: Mapping[Tier, timedelta] = field(default_factory=dict[Tier, timedelta])
    waivers: WaiverRules = field(default_factory=WaiverRules)
    max_excluded: Decimal = MAX_EXCLUDED_DEFAULT
