"""What the evaluation data hold, and whom."""

from assay.checks.data.composition import label_balance, representation
from assay.checks.data.counts import excluded_rows, missing_values, rows, smallest_group

__all__ = [
    "excluded_rows",
    "label_balance",
    "missing_values",
    "representation",
    "rows",
    "smallest_group",
]
