"""The errors at which a recorded decision asked for bounds, for deriving its figures alone."""

from __future__ import annotations

from decimal import Decimal

import pytest

from assay.adapters.plugins import find_checks
from assay.app.packs.rederiving import errors_of
from assay.evidence.canonical import Json
from assay.policy.policy import Direction
from assay.policy.recorded import RecordedPolicy, RecordedRule
from assay.stats.estimate import READING, Errors

CHECKS = find_checks([])


def asked(direction: Direction, judged: dict[str, Json], check: str = "performance.accuracy"):
    rule = RecordedRule(check=check, parameters={}, direction=direction)
    policy = RecordedPolicy(
        name="p@1",
        false_allow=0.05,
        false_deny=0.05,
        max_excluded=Decimal("0.01"),
        rules={"a": rule, "b": rule},
    )
    details: dict[str, Json] = {
        "tests": 2,
        "holm_error": "0.025",
        "requirements": [{"id": "b", "verdict": "fail"}, {"id": "a", **judged}],
    }
    return errors_of(CHECKS.get(check), rule, policy, details, requirement="a")


@pytest.mark.parametrize(
    ("direction", "judged", "errors"),
    [
        (Direction.AT_MOST, {"verdict": "pass"}, Errors(low=0.025, high=0.05)),
        (Direction.AT_LEAST, {"verdict": "pass"}, Errors(low=0.05, high=0.025)),
        (Direction.BETWEEN, {"verdict": "pass"}, Errors(low=0.05, high=0.05)),
        (Direction.BETWEEN, {"verdict": "insufficient"}, Errors(low=0.05, high=0.05)),
        (Direction.BETWEEN, {"verdict": "fail"}, Errors(low=0.0125, high=0.0125)),
        (
            Direction.BETWEEN,
            {"verdict": "waived", "waived": {"verdict": "fail"}},
            Errors(low=0.0125, high=0.0125),
        ),
    ],
)
def test_the_errors_are_those_of_the_verdict(
    direction: Direction, judged: dict[str, Json], errors: Errors
):
    """A range that is violated was shown to be at half of Holm's error, waived or not."""
    assert asked(direction, judged) == errors


def test_a_counted_figure_has_no_errors():
    """`equals` compares what is counted, which no error concerns."""
    assert asked(Direction.EQUALS, {"verdict": "pass"}, check="data.rows") == READING
