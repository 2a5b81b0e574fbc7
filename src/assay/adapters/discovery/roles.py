"""Guesses at what columns are for, each with its reason: by what they hold, then by name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from assay.adapters.discovery.sampling import Holding
from assay.evidence.roles import Protected

LABEL_WORDS: Final = frozenset((
    "actual", "class", "defaulted", "label", "outcome", "recid", "response", "target", "truth", "y",
))  # fmt: skip
SCORE_WORDS: Final = frozenset((
    "p", "pred", "predicted", "prediction", "prob", "proba", "probability", "risk", "score",
    "scores", "yhat",
))  # fmt: skip
DECISION_WORDS: Final = frozenset(("decision", "pred", "predicted", "prediction"))
PROTECTED_WORDS: Final = frozenset((
    "age", "agep", "citizenship", "disability", "disabled", "ethnic", "ethnicity", "foreign",
    "gender", "marital", "nationality", "pregnancy", "pregnant", "race", "rac1p", "religion", "sex",
    "veteran",
))  # fmt: skip
PERSON_WORDS: Final = frozenset((
    "account", "applicant", "client", "customer", "employee", "member", "patient", "person",
    "subject", "user",
))  # fmt: skip
ID_WORDS: Final = frozenset(("id", "ids", "key", "nbr", "no", "number", "uuid"))
HARM_WORDS: Final = frozenset((
    "bad", "churn", "churned", "default", "defaulted", "delinquent", "disease", "fraud", "late",
    "readmitted", "recid", "risk",
))  # fmt: skip
"""Words of an outcome that a person would rather not be predicted to have."""

AGE_CUTS: Final = (Decimal(25), Decimal(40), Decimal(60))
GROUPS_MAX: Final = 20
"""More groups than this are not compared as they are."""
NUMBERS_MAX: Final = 10
"""Numbers with more different values than this need bands."""
UNITS_SHARE: Final = 0.05
"""A column with fewer values than this share of the rows names kinds, not people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """Columns that may have a role, best first, and why; more than one means: ask."""

    columns: tuple[str, ...]
    reason: str


def guess_score(columns: Sequence[Holding]) -> Guess:
    """A column of more than two numbers from 0 to 1, with a name like a probability's."""
    fractions = [
        item
        for item in columns
        if item.distinct > 2
        and item.low is not None
        and item.high is not None
        and item.low >= 0
        and item.high <= 1
    ]
    named = [item for item in fractions if words(item.column) & SCORE_WORDS]
    found = named or fractions
    reason = "numbers from 0 to 1" + (", and a name like a probability's" if named else "")
    return Guess(columns=_names(found), reason=reason)


def guess_label(columns: Sequence[Holding]) -> Guess:
    """A column of exactly two values that is neither protected nor a decision."""
    outcomes = [
        item
        for item in columns
        if item.distinct == 2 and not words(item.column) & (PROTECTED_WORDS | DECISION_WORDS)
    ]
    named = [item for item in outcomes if words(item.column) & LABEL_WORDS]
    reason = "exactly two values" + (", and a name like an outcome's" if named else "")
    return Guess(columns=_names(named or outcomes), reason=reason)


def guess_protected(columns: Sequence[Holding]) -> Iterator[tuple[Protected, str]]:
    """Columns named like a trait that the law protects, numbers in bands, with the reason."""
    seen: set[str] = set()
    for item in columns:
        traits = words(item.column) & PROTECTED_WORDS
        if not traits or traits & seen or item.distinct < 2:
            continue
        protected = _protected(item, traits)
        if protected is not None:
            seen |= traits
            bands = f", in {len(protected.cuts) + 1} bands" if protected.cuts else ""
            yield protected, f"named like {min(traits)}, {item.distinct} values{bands}"


def guess_unit(columns: Sequence[Holding]) -> Guess:
    """A column named like a person's id, whose values repeat."""
    repeated = [
        item
        for item in columns
        if words(item.column) & (ID_WORDS | PERSON_WORDS)
        and max(2, UNITS_SHARE * item.present) <= item.distinct < item.present
    ]
    repeated.sort(key=lambda item: (not words(item.column) & PERSON_WORDS, -item.distinct))
    return Guess(columns=_names(repeated[:1]), reason="named like a person's id, and it repeats")


def words(name: str) -> frozenset[str]:
    """The words of a column's name, in lower case.

    >>> sorted(words("pDefault_now"))
    ['default', 'now', 'p']
    """
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    return frozenset(re.findall(r"[^\W_]+", spaced.lower()))


def _protected(item: Holding, traits: frozenset[str]) -> Protected | None:
    if item.numeric and item.distinct > NUMBERS_MAX:
        if not traits & {"age", "agep"} or item.low is None or item.high is None:
            return None
        cuts = tuple(cut for cut in AGE_CUTS if item.low <= cut < item.high)
        return Protected(column=item.column, cuts=cuts) if cuts else None
    return Protected(column=item.column) if item.distinct <= GROUPS_MAX else None


def _names(columns: Sequence[Holding]) -> tuple[str, ...]:
    return tuple(item.column for item in columns)
