"""What a check says about a version: an estimate, a fact, or why there is neither."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from assay.stats.estimate import Estimate, Undefined


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """Something counted or looked up, not estimated; it takes no share of an error budget.

    Attributes:
        value: a truth, a count, or a decimal.
        detail: one sentence for the report, such as which sections of a card are missing.
        remedy: what to do when the fact does not suffice.
    """

    value: bool | int | Decimal
    detail: str = ""
    remedy: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotApplicable:
    """The check has nothing to say about this version, and why (nothing in production yet)."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NotCollected:
    """The evidence that the check needs does not exist; a gate reads `missing`."""

    reason: str
    remedy: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckFailed:
    """The check itself raised; a gate reads `error` and denies."""

    reason: str


Measurement = Estimate | Undefined | Fact | NotApplicable | NotCollected | CheckFailed


@dataclass(frozen=True, slots=True)
class Document:
    """Ask for a document that the manifest names ("model_card", "monitoring")."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentContent:
    """A document as parsed: its path, the SHA-256 of its bytes, and its mapping."""

    path: str
    digest: str
    content: Mapping[str, Any] = field(default_factory=dict[str, Any])
