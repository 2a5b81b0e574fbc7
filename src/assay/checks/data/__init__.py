"""What the data hold, and whom; where they come from, and what they give away."""

from assay.checks.data.columns import constant_columns, ranges, schema, types
from assay.checks.data.composition import label_balance, representation, representation_gap
from assay.checks.data.counts import excluded_rows, missing_values, rows, smallest_group
from assay.checks.data.prediction import leakage, leakage_auc, proxies
from assay.checks.data.repeated import duplicate_rows, training_overlap, training_units
from assay.checks.data.wear import age, holdout_uses

__all__ = [
    "age",
    "constant_columns",
    "duplicate_rows",
    "excluded_rows",
    "holdout_uses",
    "label_balance",
    "leakage",
    "leakage_auc",
    "missing_values",
    "proxies",
    "ranges",
    "representation",
    "representation_gap",
    "rows",
    "schema",
    "smallest_group",
    "training_overlap",
    "training_units",
    "types",
]
