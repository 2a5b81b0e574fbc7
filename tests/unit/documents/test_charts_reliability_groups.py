"""Chart 3 by group: one scale for all, the farthest off first, and nobody dropped in silence."""

from __future__ import annotations

import numpy as np
from tests.unit.documents.charting import drawn, score_table

from assay.documents.charts.reliability_groups import (
    GROUPS_MAX,
    GroupScores,
    reliability_groups_chart,
)


def group(name: str, *, off: float, rows: int = 300) -> GroupScores:
    """Scores that are too high by so much."""
    chance = np.random.default_rng(rows)
    truth = chance.uniform(0.1, 0.6, rows)
    labels = (chance.random(rows) < truth).astype(int)
    return GroupScores(
        name=name, table=score_table(np.round(truth + off, 4).tolist(), labels.tolist())
    )


def test_groups_are_drawn_on_one_scale_the_farthest_off_first():
    """Each with its rows, its mean gap and its own bins."""
    spec = reliability_groups_chart(
        [group("sex: f", off=0.0), group("sex: m", off=0.3)], title="t", claim="Fail."
    )
    panels = spec["concat"]
    assert [panel["title"]["text"] for panel in panels] == ["sex: m", "sex: f"]
    scales = {str(panel["encoding"]["x"]["scale"]) for panel in panels}
    assert len(scales) == 1
    assert len(drawn(spec, "dot")) == len(drawn(spec, "interval")) == 2 * 15
    assert "300 rows" in panels[0]["title"]["subtitle"]
    assert "sex: m" in spec["description"]


def test_groups_that_are_not_drawn_are_named():
    """Those without rows, and those beyond what one picture holds."""
    groups = [group(f"g: {at}", off=at / 100, rows=60) for at in range(GROUPS_MAX + 1)]
    empty = GroupScores(name="g: nobody", table=score_table([], []))
    spec = reliability_groups_chart([*groups, empty], title="t")
    assert len(spec["concat"]) == GROUPS_MAX
    said = " ".join(spec["title"]["subtitle"])
    assert "Not drawn:" in said
    assert "g: nobody" in said
    assert "g: nobody" in spec["description"]


def test_long_names_stay_as_wide_as_their_diagrams_while_they_are_told_apart():
    """Else they are as long as telling them apart takes."""
    long = "a name that is far too long to stand above a diagram"
    one = reliability_groups_chart([group(long, off=0.1)], title="t")
    assert len(one["concat"][0]["title"]["text"]) <= 28
    alike = [group(f"{long[:20]}{middle}{long[20:]}", off=0.1) for middle in ("-x-", "-y-")]
    both = reliability_groups_chart(alike, title="t")
    assert len({panel["title"]["text"] for panel in both["concat"]}) == 2
