"""Figures with bounds, against the peers' without: `python -m benchmarks.bounds`.

Rows are those of `benchmarks.engine` (label, score, two protected columns with ten
intersections; seed: the row number, hashed), in one Parquet file that everyone reads.

    AUC        with bounds, against scikit-learn's point value
    fairness   every group metric with bounds, against Fairlearn's bootstrap of four metrics
               with 1,000 resamples, scaled from a few (three minutes); left out where Fairlearn
               is not installed
    bounds     the time of the bounds alone, against rows: it does not grow

Bounds are timed on their first use, since the library remembers limits of the same counts.
"""

from __future__ import annotations

import argparse
import importlib.util
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Final

from benchmarks.__main__ import print_machine
from benchmarks.engine import RECIPE, Time, best, write_rows
from pyarrow import parquet

from assay.adapters.engine import DuckDbCollector
from assay.adapters.plugins import find_checks
from assay.checks.check import Check
from assay.checks.measure import measure, needs_of
from assay.evidence.inputs import Evidence, Need
from assay.evidence.measurement import Document, Measurement
from assay.evidence.recipe import recipe_for
from assay.stats.estimate import Errors, Estimate
from assay.stats.ranking import area_under_roc
from assay.stats.tallies import Scores

ROWS: Final = 1_000_000
RESAMPLES: Final = 1000
RESAMPLES_RUN: Final = 2
"""Resamples that are really drawn; the cost is linear in them."""

ERRORS: Final = Errors(low=0.05 / 40, high=0.05)
"""Those of a policy with forty requirements."""

BOUNDS_BAR: Final = 0.5
"""Seconds for the bounds of all group metrics, whatever the rows."""

CPU_BAR: Final = 5000
"""Times less CPU than Fairlearn's bootstrap."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fairness:
    """All group metrics of one dataset.

    Attributes:
        collecting, bounding: what each took.
        measured: the checks' measurements, by name.
    """

    collecting: Time
    bounding: Time
    measured: Mapping[str, Measurement]

    @property
    def cpu(self) -> float:
        """Seconds of all processors, reading included."""
        return self.collecting.cpu + self.bounding.cpu


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bounds", description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--repeat", type=int, default=5, help="runs of each AUC; the best counts")
    options = parser.parse_args()
    print_machine()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "rows.parquet")
        write_rows(path, 10_000)
        fairness(path)  # libraries are loaded here, not in what is timed
        print_fairness(path, options.rows, print_line(path, options.rows))
        print_area(path, options.repeat, options.rows)


def print_area(path: Path, repeat: int, rows: int) -> None:
    """AUC with bounds from the file, against a point value from the file and from memory."""
    from sklearn.metrics import roc_auc_score

    held = parquet.read_table(path, columns=["label", "score"])
    label, score = held["label"].to_numpy(), held["score"].to_numpy()

    def peer_reading() -> None:
        table = parquet.read_table(path, columns=["label", "score"])
        roc_auc_score(table["label"].to_numpy(), table["score"].to_numpy())

    ours, reading, alone = best(
        repeat, lambda: area(path), peer_reading, lambda: roc_auc_score(label, score)
    )
    print(f"\nAUC, {rows:,} rows, best of {repeat}\n")
    print(f"{'':<44}{'wall s':>9}{'CPU s':>9}")
    for name, spent in (
        ("assay, with bounds, reading included", ours),
        ("scikit-learn, point, reading included", reading),
        ("scikit-learn, point, from memory", alone),
    ):
        print(f"{name:<44}{spent.wall:>9.3f}{spent.cpu:>9.3f}")
    wall, cpu = ours.wall / reading.wall, ours.cpu / reading.cpu
    print(f"{'ratio, reading included':<44}{wall:>9.2f}{cpu:>9.2f}   (bar: 1)")
    print(f"{'ratio to scikit-learn from memory':<44}{ours.wall / alone.wall:>9.2f}", end="")
    print(f"{ours.cpu / alone.cpu:>9.2f}")


def print_fairness(path: Path, rows: int, ours: Fairness) -> None:
    """Every group metric with bounds, against Fairlearn's bootstrap of four."""
    estimates = sum(isinstance(item, Estimate) for item in ours.measured.values())
    count = f"{estimates} of {len(ours.measured)} metrics have bounds here"
    print(f"\nFairness, {rows:,} rows, 10 intersections, reading included; {count}\n")
    print(f"{'':<44}{'wall s':>9}{'CPU s':>9}")
    print(f"{'collecting':<44}{ours.collecting.wall:>9.3f}{ours.collecting.cpu:>9.3f}")
    print(f"{'bounds':<44}{ours.bounding.wall:>9.3f}{ours.bounding.cpu:>9.3f}", end="")
    print(f"   (bar: {BOUNDS_BAR} s wall)")
    if importlib.util.find_spec("fairlearn") is None:
        print("Fairlearn is not installed here, so its bootstrap was not run.")
        return
    peer = fairlearn_cpu(path)
    print(f"{f'Fairlearn, {RESAMPLES:,} resamples (scaled)':<44}{'':>9}{peer:>9.0f}")
    print(f"{'ratio':<44}{'':>9}{peer / ours.cpu:>9,.0f}   (bar: {CPU_BAR:,})")


def print_line(path: Path, rows: int) -> Fairness:
    """The time of the bounds against rows; returns the last, and leaves its rows."""
    print("\nBounds of all group metrics against rows\n")
    print(f"{'rows':>12}{'bounds s':>10}{'collect s':>11}")
    for size in (rows // 100, rows // 10, rows):
        write_rows(path, size)
        found = fairness(path)
        print(f"{size:>12,}{found.bounding.wall:>10.3f}{found.collecting.wall:>11.3f}")
    return found


def area(path: Path) -> None:
    """Find the AUC with its bounds, from a file."""
    roles = replace(RECIPE.roles, protected=())
    tallies = DuckDbCollector().collect(path, recipe_for(roles, [])).tallies
    table = Evidence(roles=roles, tallies=tallies)[Scores()].table()
    area_under_roc(table, errors=ERRORS)


def fairness(path: Path) -> Fairness:
    """Every group metric with its bounds, from a file."""
    checks = group_checks()
    needs: list[Need] = [
        need for check in checks for need in needs_of(check, _parameters(check), RECIPE.roles)
    ]
    recipe = recipe_for(RECIPE.roles, [item for item in needs if not isinstance(item, Document)])
    started = _now()
    tallies = DuckDbCollector().collect(path, recipe).tallies
    collected = _now()
    evidence = Evidence(roles=RECIPE.roles, tallies=tallies)
    measured = {
        check.name: measure(
            check, evidence, _parameters(check), errors=ERRORS, max_excluded=Decimal(0)
        )
        for check in checks
    }
    return Fairness(
        collecting=_between(started, collected),
        bounding=_between(collected, _now()),
        measured=measured,
    )


def group_checks() -> list[Check]:
    """The fairness checks with bounds that need no further declaration."""
    return [
        check
        for name, check in find_checks().all().items()
        if name.startswith("fairness.")
        and check.statistical
        and not any(parameter.required for parameter in check.parameters.values())
    ]


def fairlearn_cpu(path: Path) -> float:
    """CPU seconds of 1,000 resamples of four metrics, reading included, scaled from a few."""
    from fairlearn.metrics import (
        MetricFrame,
        false_positive_rate,
        selection_rate,
        true_positive_rate,
    )
    from sklearn.metrics import accuracy_score

    started = time.process_time()
    frame = parquet.read_table(path).to_pandas()
    metrics = {
        "selection": selection_rate,
        "true positive": true_positive_rate,
        "false positive": false_positive_rate,
        "accuracy": accuracy_score,
    }
    read = time.process_time()
    for columns in (["sex"], ["race"], ["sex", "race"]):
        MetricFrame(
            metrics=metrics,
            y_true=frame["label"],
            y_pred=(frame["score"] < 0.35).astype(int),
            sensitive_features=frame[columns],
            n_boot=RESAMPLES_RUN,
            ci_quantiles=[0.025, 0.975],
            random_state=7,
        ).difference_ci(method="between_groups")
    scale = (RESAMPLES + 1) / (RESAMPLES_RUN + 1)
    return read - started + (time.process_time() - read) * scale


def _parameters(check: Check) -> dict[str, bool]:
    return {"intersections": True} if "intersections" in check.parameters else {}


def _now() -> Time:
    return Time(wall=time.perf_counter(), cpu=time.process_time())


def _between(start: Time, end: Time) -> Time:
    return Time(wall=end.wall - start.wall, cpu=end.cpu - start.cpu)


if __name__ == "__main__":
    main()
