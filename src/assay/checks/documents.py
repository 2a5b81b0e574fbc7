"""Documents that a version must come with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from assay.checks.check import check
from assay.checks.completeness import told, unfilled
from assay.evidence.inputs import Evidence
from assay.evidence.measurement import Document, Fact

MODEL_CARD: Final = Document("model_card")

REQUIRED_SECTIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "model_details": ("model_details",),
    "intended_use": ("intended_use", "considerations.use_cases"),
    "factors": ("factors", "considerations.limitations"),
    "metrics": ("metrics", "quantitative_analysis.performance_metrics"),
    "evaluation_data": ("evaluation_data", "model_parameters.data"),
    "training_data": ("training_data", "model_parameters.data"),
    "quantitative_analyses": ("quantitative_analyses", "quantitative_analysis"),
    "ethical_considerations": (
        "ethical_considerations",
        "considerations.ethical_considerations",
    ),
    "caveats_and_recommendations": ("caveats_and_recommendations", "considerations.tradeoffs"),
}
"""The nine sections of Mitchell et al. (2019), each under its own key or, second, where a card
of the Model Card Toolkit's schema (0.0.2) says the same."""


@check("documents.model_card", better="true", needs=(MODEL_CARD,), unit="fact")
def model_card(evidence: Evidence) -> Fact:
    """Whether a model card is there and says something in all of its nine sections.

    Formula: true if every section of REQUIRED_SECTIONS is filled in. A section is filled in
        when it holds at least one value and no placeholder ("TODO", "...", "<...>").
    Source: Mitchell et al. (2019), Model Cards for Model Reporting, FAT* '19, sections 4.1
        to 4.9; Model Card Toolkit, schema 0.0.2.
    Undefined: never; a card that is not there is false.
    Tallies: none; it reads the document `model_card`.
    """
    card = evidence[MODEL_CARD]
    if card is None:
        return Fact(
            value=False,
            detail="There is no model card.",
            remedy="Write one and name it in the manifest under documents.model_card, with "
            f"the sections {', '.join(REQUIRED_SECTIONS)}.",
        )
    lacking = unfilled(card.content, REQUIRED_SECTIONS)
    return Fact(
        value=not lacking,
        detail=told(lacking)
        if lacking
        else f"All {len(REQUIRED_SECTIONS)} sections are filled in.",
        remedy=f"Fill in {card.path}." if lacking else "",
    )
