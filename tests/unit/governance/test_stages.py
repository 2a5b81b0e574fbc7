"""Stages: the shipped machine, its steps, and machines that cannot be used."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from assay.adapters.loaders.stages import UnusableStages, parse_stages, shipped_stages
from assay.app.ports import Written
from assay.governance.stages import (
    DEVELOPMENT,
    PRODUCTION,
    RETIRED,
    Needs,
    Stage,
    UnknownStage,
    WrongStage,
    defects,
)

STAGING, VALIDATION = Stage("staging"), Stage("validation")


def test_a_promotion_is_a_step_forward():
    """Stages between may be skipped."""
    machine = shipped_stages()
    assert machine.step(DEVELOPMENT, PRODUCTION).needs is Needs.ALLOW
    assert machine.step(STAGING, PRODUCTION).fresh == timedelta(days=30)
    assert machine.step(DEVELOPMENT, VALIDATION).needs is Needs.DECISION


def test_a_decision_grows_stale():
    """A decision is good for thirty days, to the instant."""
    step = shipped_stages().step(STAGING, PRODUCTION)
    made = datetime(2026, 3, 1, tzinfo=UTC)
    assert not step.stale(made, made + timedelta(days=30))
    assert step.stale(made, made + timedelta(days=30, microseconds=1))


@pytest.mark.parametrize(
    ("current", "target", "remedy"),
    [
        (STAGING, STAGING, "From staging a version moves to: production."),
        (STAGING, DEVELOPMENT, "From staging a version moves to: production."),
        (PRODUCTION, STAGING, "Retire it with `assay retire`, or leave it where it is."),
        (RETIRED, PRODUCTION, "Retire it with `assay retire`, or leave it where it is."),
        (STAGING, RETIRED, "From staging a version moves to: production."),
    ],
)
def test_where_no_step_leads_is_refused(current, target, remedy):
    """Standing still, going back, and leaving retirement are refused with what is possible."""
    with pytest.raises(WrongStage) as refused:
        shipped_stages().step(current, target)
    assert refused.value.remedy == remedy


def test_an_unknown_stage_is_named_with_its_nearest():
    """A slip of the pen is answered with the stage that was meant."""
    with pytest.raises(UnknownStage) as refused:
        shipped_stages().named("prodution")
    assert "production" in refused.value.remedy


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"stages": (DEVELOPMENT, PRODUCTION)}, "end with retired"),
        ({"stages": (DEVELOPMENT, STAGING, STAGING, RETIRED)}, "named twice"),
        ({"live": frozenset({Stage("prod")})}, "'prod', which is no stage"),
        ({"live": frozenset({VALIDATION})}, "does not need the gate to allow"),
        ({"steps": ()}, "nothing leads to production"),
    ],
)
def test_machines_that_cannot_be_used(changes, said):
    """Each defect is told in words."""
    assert any(said in defect for defect in defects(replace(shipped_stages(), **changes)))


OWN = """\
stages: bank
version: 2.0.0
order: [development, pilot, production, retired]
live: [pilot, production]
steps:
  - {to: pilot, from: [development]}
  - {to: production, from: [pilot], fresh: 36h}
emergency: {to: [], people: 3, follow_up: 2d}
retention: 2555d
decide_within: 5d
"""


def test_an_organisation_has_stages_of_its_own():
    """Another order, other names, and no emergency at all."""
    machine = parse_stages(Written(file="stages.yaml", source=OWN.encode()))
    assert machine.step(Stage("pilot"), PRODUCTION).fresh == timedelta(hours=36)
    assert machine.emergency.targets == frozenset()
    with pytest.raises(WrongStage):
        machine.step(DEVELOPMENT, PRODUCTION)


def test_a_machine_that_skips_the_gate_does_not_load():
    """A live stage is reached by an allowance alone; the file and line are named."""
    text = OWN.replace("from: [pilot], fresh: 36h", "from: [pilot], needs: decision")
    with pytest.raises(UnusableStages, match="production is live") as refused:
        parse_stages(Written(file="stages.yaml", source=text.encode()))
    assert str(refused.value.where).startswith("stages.yaml:5")
