"""Stages: where a version stands between its making and its end."""

from __future__ import annotations

from enum import StrEnum

from assay.errors import Refused


class Stage(StrEnum):
    """The stages that a version passes through, in order."""

    DEVELOPMENT = "development"
    VALIDATION = "validation"
    STAGING = "staging"
    PRODUCTION = "production"


class WrongStage(Refused):
    """A version cannot move from where it stands to the stage named."""

    code = "stage.wrong"


def check_promotion(current: Stage, target: Stage) -> None:
    """Refuse a promotion that is not a step forward; stages between may be skipped.

    Raises:
        WrongStage: `target` does not come after `current`.
    """
    order = list(Stage)
    if order.index(target) <= order.index(current):
        later = [stage.value for stage in order[order.index(current) + 1 :]]
        raise WrongStage(
            f"The version already stands in {current}; {target} does not come after it.",
            remedy=f"Later stages: {', '.join(later)}." if later else "There is no later stage.",
        )
