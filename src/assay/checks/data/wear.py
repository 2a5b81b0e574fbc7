"""How old the data are, and how often they have judged: both make a verdict worth less."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Final

from assay.checks.check import check
from assay.checks.occasion import EVALUATED_ON, HOLDOUT_USE
from assay.errors import InvalidArgument
from assay.evidence.inputs import Absent, Evidence, Need
from assay.evidence.measurement import Document, Fact
from assay.stats.estimate import Undefined
from assay.stats.tallies.inspections import Profiles

_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d")


def _age_needs(*, column: str = "", document: str = "datasheet") -> Sequence[Need]:
    return [EVALUATED_ON, Profiles(of=(column,)) if column else Document(document)]


@check("data.age", better="lower", needs=_age_needs, unit="days")
def age(evidence: Evidence, *, column: str = "", document: str = "datasheet") -> Fact | Undefined:
    """How many days old the newest row was when the data were evaluated.

    Formula: the day of the evaluation (UTC) - the day of the latest date in the column, or of
        the date that a document declares under `collected_until`.
    Source: a count of days.
    Undefined: the column holds no date, or the newest lies after the evaluation.
    Tallies: profile of the column, or the document; and the day of the evaluation, which is
        recorded with the evidence, so that the figure can be derived again.

    Args:
        evidence: the evidence.
        column: a column of dates or timestamps; empty means that the document says.
        document: the name of a document in the manifest, such as the datasheet.
    """
    today = evidence[EVALUATED_ON]
    if today is None:
        raise Absent("The day of the evaluation was not recorded.")
    newest = _newest(evidence, column) if column else _declared(evidence, Document(document))
    if isinstance(newest, Undefined):
        return newest
    days = (date.fromisoformat(str(today.content["date"])) - newest).days
    if days < 0:
        return Undefined(
            reason=f"The newest data are of {newest}, {-days} days after the evaluation."
        )
    return Fact(
        value=days,
        detail=f"The newest data are of {newest}.",
        remedy="Evaluate on data that were collected since.",
    )


@check("data.holdout_uses", better="lower", needs=(HOLDOUT_USE,), unit="versions")
def holdout_uses(evidence: Evidence) -> Fact:
    """How many versions these evaluation data have judged, this one included.

    Each version that is chosen by its result on them fits them a little better than the world.

    Formula: the place of this version among those evaluated on the same rows, by the order of
        their first evaluation in this workspace, whatever the system. Rows are the same if
        their number, and the outcomes in every protected group, are; scores do not matter.
    Source: Dwork et al. (2015), Science 349(6248), 636-638.
    Undefined: never.
    Tallies: none; the place is recorded with the evidence.
    """
    noted = evidence[HOLDOUT_USE]
    if noted is None:
        raise Absent("How often the data were used was not recorded.")
    use = int(noted.content["use"])
    others = "No other version was" if use == 1 else f"{use - 1} other versions were"
    if use == 2:
        others = "One other version was"
    return Fact(
        value=use,
        detail=f"{others} judged on these rows before.",
        remedy="Draw a fresh holdout, or divide false_allow among the versions: "
        "`errors: {uses: N}` in the policy.",
    )


def _newest(evidence: Evidence, column: str) -> date | Undefined:
    profile = evidence[Profiles(of=(column,))].columns[column]
    if profile.dates is None:
        found = ", ".join(profile.types) or "nothing"
        return Undefined(
            reason=f"Column {column!r} holds no date such as 2026-01-31, only {found}."
        )
    return date.fromisoformat(profile.dates[1][:10])


def _declared(evidence: Evidence, document: Document) -> date:
    found = evidence[document]
    said = None if found is None else found.content.get("collected_until")
    if found is None or said is None:
        missing = f"There is no document {document.name!r}"
        raise Absent(
            f"{missing}." if found is None else f"{found.path} has no `collected_until`.",
            remedy="Say there when the data were collected: `collected_until: 2026-01-31`; or "
            "name a column of dates under `with: {column: …}`.",
        )
    text = str(said)
    if not _DATE.fullmatch(text):
        raise InvalidArgument(f"{found.path}: collected_until is {text!r}, not a date.")
    return date.fromisoformat(text)
