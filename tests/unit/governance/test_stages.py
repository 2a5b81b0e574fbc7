"""A version moves forward through its stages."""

import pytest

from assay.governance.stages import Stage, WrongStage, check_promotion


def test_a_promotion_is_a_step_forward():
    """Stages between may be skipped."""
    check_promotion(Stage.DEVELOPMENT, Stage.PRODUCTION)
    check_promotion(Stage.STAGING, Stage.PRODUCTION)


@pytest.mark.parametrize("target", [Stage.DEVELOPMENT, Stage.STAGING])
def test_standing_still_or_going_back_is_refused(target):
    """A second promotion to the same stage is refused, and says which stages remain."""
    with pytest.raises(WrongStage) as refused:
        check_promotion(Stage.STAGING, target)
    assert refused.value.remedy == "Later stages: production."
