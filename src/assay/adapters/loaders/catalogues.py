"""The catalogues that Assay ships, strictly: no key unknown, no reference dangling.

Parsing all of them takes some tenths of a second, so a gate reads the questionnaire alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from assay.adapters.loaders.controls import parse_controls
from assay.adapters.loaders.library import parse_evidence_kinds, parse_library
from assay.adapters.loaders.problems import raise_problems
from assay.adapters.loaders.questionnaires import QUESTIONNAIRE, load_questionnaire
from assay.adapters.loaders.ready_policies import parse_ready_plans
from assay.adapters.loaders.shipped import shipped, shipped_names
from assay.errors import ConfigurationError, suggest
from assay.policy.controls import Control
from assay.policy.provisions import Library, Reference
from assay.policy.questionnaire import Questionnaire
from assay.policy.ready import ReadyPlans

REGULATIONS: Final = "regulations"
CONTROLS: Final = "assay-controls.yaml"
RISKS: Final = "assay-risks.yaml"
EVIDENCE_KINDS: Final = "evidence-kinds.yaml"
READY_PLANS: Final = "ready-policies.yaml"


class DanglingReference(ConfigurationError):
    """A catalogue refers to a provision that no catalogue has."""

    code = "catalogue.dangling-reference"


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogues:
    """Everything that Assay knows of law and good practice, every reference resolved.

    Attributes:
        controls: by id, in the catalogue's order.
    """

    questionnaire: Questionnaire
    library: Library
    controls: Mapping[str, Control]
    ready: ReadyPlans


@cache
def load_catalogues() -> Catalogues:
    """Every catalogue that Assay ships.

    Raises:
        ConfigurationError: what is wrong and where; Problems, if several things are.
    """
    kinds = parse_evidence_kinds(shipped(EVIDENCE_KINDS))
    library = parse_library(
        [shipped(f"{REGULATIONS}/{name}") for name in shipped_names(REGULATIONS)], kinds
    )
    questionnaire = load_questionnaire()
    controls = parse_controls(
        shipped(CONTROLS), shipped(RISKS), questionnaire=questionnaire, kinds=kinds
    )
    catalogues = Catalogues(
        questionnaire=questionnaire,
        library=library,
        controls=controls,
        ready=parse_ready_plans(shipped(READY_PLANS), controls=controls, library=library),
    )
    raise_problems(list(dangling(catalogues)))
    return catalogues


def dangling(catalogues: Catalogues) -> Iterator[ConfigurationError]:
    """Every reference of the controls and the questionnaire that means no provision."""
    controls, questionnaire = catalogues.controls.values(), catalogues.questionnaire
    named: list[tuple[str, str, Iterable[Reference]]] = [
        *((CONTROLS, f"Control {item.id!r}", item.serves) for item in controls),
        *(
            (QUESTIONNAIRE, f"Question {item.id!r}", item.explained_by.values())
            for item in questionnaire.questions.values()
        ),
        *(
            (QUESTIONNAIRE, f"Contradiction {item.id!r}", item.because)
            for item in questionnaire.contradictions
        ),
        *(
            (QUESTIONNAIRE, f"Rule {rule.id!r}", item.because)
            for rule in questionnaire.rules
            for item in rule.any
        ),
        (QUESTIONNAIRE, "The score", questionnaire.score.because),
        *(
            (QUESTIONNAIRE, f"Legal class {item.id!r}", item.obligations)
            for item in questionnaire.legal_classes
        ),
    ]
    for file, owner, references in named:
        for reference in references:
            yield from dangling_reference(catalogues.library, reference, file=file, owner=owner)


def dangling_reference(
    library: Library, reference: Reference, *, file: str, owner: str
) -> Iterator[DanglingReference]:
    """What is wrong with a reference, if it means no provision."""
    if library.find(reference):
        return
    regulation = library.regulations.get(reference.partition(":")[0])
    known = (
        [f"{regulation.id}:{name}" for name in regulation.provisions]
        if regulation
        else list(library.regulations)
    )
    yield DanglingReference(
        f"{owner} refers to {reference!r}, which is no provision.",
        where=f"assay/catalogues/{file}",
        remedy=suggest(reference, known, otherwise="Write `catalogue:item` or `catalogue:group`."),
    )
