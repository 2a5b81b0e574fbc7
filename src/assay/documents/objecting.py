"""What people hold against a decision, in words, and what takes it away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.policy.objections import Objection, Standing

if TYPE_CHECKING:
    from assay.documents.gate import GateReport


def objection_text(standing: Standing, report: GateReport) -> str:
    """One objection as a sentence."""
    person = report.names.get(standing.person, standing.person)
    match standing.kind:
        case Objection.REJECTED:
            return f"Rejected by {person}, as {standing.detail}."
        case Objection.CHANGES_REQUESTED:
            return f"{person}, as {standing.detail}, asks for changes."
        case Objection.FINDING:
            return f"Finding {standing.reference} ({standing.detail}), of {person}, is open."
        case Objection.FINDING_OVERDUE:
            return f"Finding {standing.reference} ({standing.detail}), of {person}, is overdue."
        case Objection.INTAKE_UNREVIEWED:
            return f"Nobody has reviewed the intake's answers, which {person} submitted."


def objection_remedy(standing: Standing) -> str:
    """What takes an objection away."""
    match standing.kind:
        case Objection.REJECTED | Objection.CHANGES_REQUESTED:
            return "Change the version and gate it; or their own approval takes it back."
        case Objection.FINDING | Objection.FINDING_OVERDUE:
            return (
                "Mend it, and let a validator close it: assay finding close "
                f'{standing.reference} --reason "…"'
            )
        case Objection.INTAKE_UNREVIEWED:
            return "Someone other than who submitted them reviews them: assay intake review"
