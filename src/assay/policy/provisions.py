"""Provisions of law, standards and guidance, and references to them.

A reference is "catalogue:item", such as "eu-ai-act:ART15-1", or "catalogue:group", which means
every item of that group, such as "eu-ai-act:Article 9 - risk management system".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NewType

Reference = NewType("Reference", str)


@dataclass(frozen=True, slots=True, kw_only=True)
class Provision:
    """One numbered demand, in short words of our own; the law's text decides.

    Attributes:
        group: the heading it stands under; None where the catalogue has none.
        evidence: kinds of evidence that speak to it.
    """

    id: str
    title: str
    text: str
    group: str | None
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Regulation:
    """A law, standard or guidance as a list of provisions.

    Attributes:
        citation: what is listed, with its edition, its licence where it has one.
        status: whether it is in force, as of `as_of`.
        verification: how far the list was checked against the text.
        applies_from: the day from which an item, or a group, applies; "" means the whole.
    """

    id: str
    title: str
    citation: str
    status: str
    as_of: str
    verification: str
    provisions: Mapping[str, Provision]
    applies_from: Mapping[str, date] = field(default_factory=dict[str, date])

    def day_of(self, provision: Provision) -> date | None:
        """The day from which a provision applies, as far as the catalogue gives one."""
        names = (provision.id, provision.group or provision.id, "")
        return next((self.applies_from[name] for name in names if name in self.applies_from), None)

    def named(self, name: str) -> tuple[Provision, ...]:
        """The provision of that id, or else those of the group of that name."""
        one = self.provisions.get(name)
        if one is not None:
            return (one,)
        return tuple(item for item in self.provisions.values() if item.group == name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """Every regulation, by id."""

    regulations: Mapping[str, Regulation]

    def find(self, reference: Reference) -> tuple[Provision, ...]:
        """The provisions that a reference means; none where it dangles."""
        regulation, _, name = reference.partition(":")
        known = self.regulations.get(regulation)
        return known.named(name) if known else ()

    def title(self, reference: Reference) -> str:
        """What a reference is called: an item's title, or the group's own name."""
        found = self.find(reference)
        name = reference.partition(":")[2]
        return found[0].title if len(found) == 1 and found[0].id == name else name

    def effective_from(self, references: Iterable[Reference]) -> date | None:
        """The first day on which one of some provisions applies; None where one has no day."""
        days = [self._day_of(reference) for reference in references]
        dated = [day for day in days if day is not None]
        return min(dated) if dated and len(dated) == len(days) else None

    def _day_of(self, reference: Reference) -> date | None:
        regulation = self.regulations.get(reference.partition(":")[0])
        days = [regulation.day_of(item) for item in self.find(reference)] if regulation else []
        return min((day for day in days if day is not None), default=None)
