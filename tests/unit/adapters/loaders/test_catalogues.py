"""The catalogues that Assay ships: strict, consistent, and with no reference dangling."""

from __future__ import annotations

import dataclasses
import re
from datetime import date
from pathlib import Path

import pytest

from assay.adapters.loaders import catalogues as shipped_catalogues
from assay.adapters.loaders.catalogues import (
    CONTROLS,
    REGULATIONS,
    RISKS,
    dangling,
    load_catalogues,
)
from assay.adapters.loaders.controls import parse_controls
from assay.adapters.loaders.library import parse_library
from assay.adapters.loaders.questionnaires import (
    QUESTIONNAIRE,
    load_questionnaire,
    parse_questionnaire,
)
from assay.adapters.loaders.shipped import shipped, shipped_names
from assay.app.ports import Written
from assay.errors import ConfigurationError, Problems, Span
from assay.policy.controls import Applies, Basis, serving
from assay.policy.provisions import Reference
from assay.policy.tiering import tier_of
from assay.policy.tiers import Tier

CATALOGUES = load_catalogues()
KINDS = frozenset(kind for item in CATALOGUES.controls.values() for kind in item.evidence)
TIERS = (Tier.LOW, Tier.MEDIUM, Tier.HIGH, Tier.CRITICAL)


def edited(name: str, old: str, new: str) -> Written:
    """A shipped catalogue with one text replaced, which must be there."""
    written = shipped(name)
    text = written.source.decode()
    assert old in text
    return Written(file=written.file, source=text.replace(old, new, 1).encode())


def parse(kind: str, written: Written) -> None:
    if kind == "questionnaire":
        parse_questionnaire(written)
    elif kind == "controls":
        parse_controls(
            written, shipped(RISKS), questionnaire=load_questionnaire(), kinds=all_kinds()
        )
    else:
        parse_library([written], all_kinds())


def refused(kind: str, written: Written) -> ConfigurationError:
    """The error that a text is refused with; of several, the first."""
    with pytest.raises(ConfigurationError) as caught:
        parse(kind, written)
    error = caught.value
    return error.problems[0] if isinstance(error, Problems) else error


def all_kinds() -> frozenset[str]:
    text = shipped("evidence-kinds.yaml").source.decode()
    return frozenset(re.findall(r"^- id: (\S+)$", text, re.MULTILINE))


def test_everything_is_there():
    """The counts are those of the published catalogues."""
    assert len(CATALOGUES.controls) == 63
    assert len(CATALOGUES.library.regulations) == 27
    assert sum(len(item.provisions) for item in CATALOGUES.library.regulations.values()) == 971
    assert len(all_kinds()) == 57


def test_no_reference_dangles():
    """Every provision that a control, a rule or a legal class names exists."""
    assert list(dangling(CATALOGUES)) == []


def test_a_dangling_reference_is_found_and_the_nearest_is_named():
    """So the test above can fail."""
    control = dataclasses.replace(
        CATALOGUES.controls["perf.floor"], serves=(Reference("eu-ai-act:ART9-88"),)
    )
    broken = dataclasses.replace(
        CATALOGUES, controls={**CATALOGUES.controls, "perf.floor": control}
    )
    [error] = dangling(broken)
    assert error.code == "catalogue.dangling-reference"
    assert "perf.floor" in error.what
    assert "'eu-ai-act:ART9-8'" in error.remedy


def test_every_regulation_that_is_shipped_is_used():
    """A catalogue to which nothing refers has no place here."""
    used = {
        reference.partition(":")[0]
        for control in CATALOGUES.controls.values()
        for reference in control.serves
    }
    used |= {reference.partition(":")[0] for reference in CATALOGUES.questionnaire.score.because}
    assert used == set(CATALOGUES.library.regulations)


def test_files_are_named_for_their_ids():
    """A reference says in which file to look."""
    named = {name.removesuffix(".yaml") for name in shipped_names(REGULATIONS)}
    assert named == set(CATALOGUES.library.regulations)


def test_licences_stand_in_the_citations_and_in_the_notice():
    """What others licensed is cited with its licence."""
    citations = {name: item.citation for name, item in CATALOGUES.library.regulations.items()}
    assert "Apache-2.0" in citations["mitre-atlas"]
    assert "MIT" in citations["ca-aia"]
    for name in ("owasp-llm-2026", "owasp-agentic"):
        assert "CC BY-SA 4.0" in citations[name]
    notice = (Path(__file__).parents[4] / "NOTICE").read_text(encoding="utf-8")
    for licence in ("Apache", "MIT", "Attribution-ShareAlike 4.0"):
        assert licence in notice


def test_every_limit_is_complete_and_no_tier_is_laxer():
    """Each control says what each tier asks, and a higher tier never asks for less."""
    for control in CATALOGUES.controls.values():
        assert set(control.thresholds) == set(control.limits) == set(TIERS)
        values = [control.limits[tier].value for tier in TIERS]
        numbers = [value for value in values if value is not None]
        ordered = sorted(numbers, reverse=control.comparison == "<=")
        assert numbers == ordered, control.id


def test_controls_have_owners_and_bases():
    """Someone answers for each, and each number says where it comes from."""
    assert CATALOGUES.controls["fair.impact-ratio"].owner == "fairness lead"
    assert CATALOGUES.controls["ops.stop"].owner == "product owner"
    defaults = [item for item in CATALOGUES.controls.values() if item.basis is Basis.D]
    assert len(defaults) == 24


def test_controls_apply_as_the_answers_tell():
    """Of some circumstances the answers say nothing: then it depends."""
    controls = CATALOGUES.controls
    nothing = tier_of(CATALOGUES.questionnaire, {}).answers
    assert controls["perf.floor"].applies(nothing) is Applies.YES
    assert controls["fair.odds-gap"].applies(nothing) is Applies.NO
    assert controls["data.labels"].applies(nothing) is Applies.DEPENDS
    assert controls["doc.ifu"].applies(nothing) is Applies.DEPENDS
    assert controls["data.labels"].circumstance() == "people label the data"


def test_what_a_tier_does_not_ask():
    """`n/a` and `none` ask for nothing; `report` asks for a report."""
    annex = CATALOGUES.controls["doc.annex4"]
    assert [annex.asked_at(tier) for tier in TIERS] == [False, False, True, True]
    assert not CATALOGUES.controls["intake.impact"].asked_at(Tier.LOW)
    assert CATALOGUES.controls["fair.proxy"].asked_at(Tier.LOW)


def test_serving_finds_the_controls_of_a_regulation():
    """A control that serves any of them is found once, in order."""
    found = [item.id for item in serving(CATALOGUES.controls.values(), ["nyc-ll144"])]
    assert found == ["data.min-cell", "fair.impact-ratio", "fair.ll144"]


def test_legal_days_are_those_of_the_regulations():
    """Each day stands in the text of a regulation to which its class refers."""
    classes = CATALOGUES.questionnaire.legal_classes
    assert len(classes) >= 15
    for item in classes:
        sources = {reference.partition(":")[0] for reference in item.obligations} or {"eu-ai-act"}
        text = " ".join(
            " ".join(shipped(f"{REGULATIONS}/{source}.yaml").source.decode().split())
            for source in sources
        )
        for part in item.applies:
            if part.day is not None:
                assert part.day.isoformat() in text or spelled(part.day) in text, item.id


def spelled(day: date) -> str:
    return f"{day.day} {day:%B} {day.year}"


def test_legal_days_can_be_wrong():
    """A day that no source has is told from one that some has."""
    text = shipped("regulations/nyc-ll144.yaml").source.decode()
    assert spelled(date(2023, 7, 5)) in text
    assert spelled(date(2023, 7, 6)) not in text


QUESTION = "- id: q_eu\n"
BAD: list[tuple[str, str, str, str, str, str]] = [
    # catalogue, kind, old, new, code, in the remedy or what
    (QUESTIONNAIRE, "questionnaire", "as_of:", "as_off:", "configuration.unknown-key", "as_of"),
    (
        QUESTIONNAIRE,
        "questionnaire",
        "{q: q_eu, in: ['yes']}",
        "{q: q_eu, in: ['yess']}",
        "catalogue.unknown-name",
        "'yes'",
    ),
    (
        QUESTIONNAIRE,
        "questionnaire",
        "{pred: listed_area}",
        "{pred: listed_areas}",
        "catalogue.unknown-name",
        "'listed_area'",
    ),
    (
        QUESTIONNAIRE,
        "questionnaire",
        "{q: q_eu, in: ['yes']}",
        "{q: q_euu, in: ['yes']}",
        "catalogue.unknown-name",
        "'q_eu'",
    ),
    (
        QUESTIONNAIRE,
        "questionnaire",
        "{pred: listed_area}",
        "{pred: listed_area, q: q_eu}",
        "configuration.invalid-value",
        "exactly one",
    ),
    (QUESTIONNAIRE, "questionnaire", "max: 31", "max: 30", "catalogue.inconsistent", "31"),
    (
        QUESTIONNAIRE,
        "questionnaire",
        "tier: critical",
        "tier: low",
        "catalogue.inconsistent",
        "Sort",
    ),
    (
        QUESTIONNAIRE,
        "questionnaire",
        "  q_eu: 'no'",
        "  q_ew: 'no'",
        "catalogue.unknown-name",
        "'q_eu'",
    ),
    (
        QUESTIONNAIRE,
        "questionnaire",
        "from: 2027-12-02",
        "from: 2027-13-02",
        "catalogue.inconsistent",
        "in force",
    ),
    (
        QUESTIONNAIRE,
        "questionnaire",
        "read_as: {q_annex1: 'yes'}",
        "read_as: {q_derogation: a}",
        "catalogue.inconsistent",
        "the order would decide",
    ),
    (
        QUESTIONNAIRE,
        "questionnaire",
        "  read_as: {q_annex1: 'yes'}\n",
        "",
        "configuration.invalid-value",
        "read_as",
    ),
    (
        QUESTIONNAIRE,
        "questionnaire",
        "asked_if: {q: q_eu, in: ['yes']}",
        "asked_if: {q: q_domain, in: [none]}",
        "catalogue.inconsistent",
        "above",
    ),
    (
        CONTROLS,
        "controls",
        "basis: R",
        "basis: X",
        "configuration.invalid-value",
        "R",
    ),
    (CONTROLS, "controls", "  - always", "  - alway", "catalogue.unknown-name", "'always'"),
    (
        CONTROLS,
        "controls",
        "id: inv.roles",
        "id: inv.registered",
        "catalogue.inconsistent",
        "",
    ),
    (CONTROLS, "controls", "id: gov.change", "id: gov.chance", "catalogue.unknown-name", ""),
    (
        CONTROLS,
        "controls",
        "  - inventory_record",
        "  - inventory_records",
        "catalogue.unknown-name",
        "'inventory_record'",
    ),
    (
        "regulations/nyc-ll144.yaml",
        "library",
        "automatable: full",
        "automatible: full",
        "configuration.unknown-key",
        "automatable",
    ),
    (
        "regulations/mitre-atlas.yaml",
        "library",
        "  - AML.TA0002",
        "  - AML.TA9999",
        "catalogue.unknown-name",
        "AML.TA",
    ),
]


@pytest.mark.parametrize(
    ("name", "kind", "old", "new", "code", "said"),
    BAD,
    ids=[f"{name}-{number}" for number, (name, *_) in enumerate(BAD)],
)
def test_what_does_not_fit_is_refused_with_its_place(
    name: str, kind: str, old: str, new: str, code: str, said: str
):
    """A misspelt key, a name that does not exist, parts that contradict each other."""
    error = refused(kind, edited(name, old, new))
    assert error.code == code
    assert said in f"{error.what} {error.remedy}"
    assert isinstance(error.where, Span)
    assert error.where.line > 1


def test_they_are_read_once():
    """A second look costs nothing."""
    assert load_catalogues() is shipped_catalogues.load_catalogues()
