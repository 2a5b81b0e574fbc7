"""The version in production: who it is, and what a comparison without its scores is called."""

from __future__ import annotations

from tests.unit.checks.rows import evidence_of

from assay.adapters.plugins import find_checks
from assay.app.judging.circumstances import Circumstances
from assay.app.judging.production import comparing, with_production
from assay.evidence.measurement import Fact, Measurement, NotApplicable, NotCollected
from assay.policy.judging import Measure
from assay.policy.policy import Policy, Requirement, RequirementId
from assay.stats.estimate import READING, Errors

CHANGE, CARD, GAIN = map(RequirementId, ("no-worse", "card", "gain"))


def measure(said: Measurement) -> Measure:
    def at(_: Errors) -> Measurement:
        return said

    return Measure(at=at, statistical=True)


def test_requirements_that_compare_are_found_by_what_their_checks_read():
    """Not by their names: a check of one's own may compare with production too."""
    policy = Policy(
        name="p",
        version="1",
        digest="0" * 64,
        requirements=(
            Requirement(id=CHANGE, check="performance.precision_change"),
            Requirement(id=CARD, check="documents.model_card"),
            Requirement(
                id=GAIN,
                check="performance.gain_over_baseline",
                parameters={"metric": "roc_auc", "over": "declared"},
            ),
        ),
    )
    roles = evidence_of([]).roles
    assert roles is not None
    assert comparing(policy, find_checks(), roles) == {CHANGE}


def test_what_does_not_apply_for_want_of_scores_is_missing():
    """Only where a comparison is asked for, and only where it found nothing to compare with."""
    nothing = NotApplicable(reason="Nothing is in production yet.")
    measures = {CHANGE: measure(nothing), CARD: measure(nothing), GAIN: measure(Fact(value=True))}
    found = with_production(measures, frozenset({CHANGE, GAIN}), name="4.1.3")
    missing = found[CHANGE].at(READING)
    assert isinstance(missing, NotCollected)
    assert "4.1.3" in missing.reason
    assert "data.evaluation.champion" in missing.remedy
    assert found[CARD].at(READING) == nothing
    assert found[GAIN].at(READING) == Fact(value=True)


def test_the_circumstance_is_written_only_where_it_holds():
    """Records of systems without such a comparison keep their bytes."""
    plain, known = Circumstances(), Circumstances(in_production="4.1.3")
    assert b"in_production" not in plain.to_bytes()
    assert Circumstances.from_bytes(known.to_bytes()) == known
    assert Circumstances.from_bytes(plain.to_bytes()) == plain
