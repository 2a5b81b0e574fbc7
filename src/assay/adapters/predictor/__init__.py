"""Predictions: a model's own command in a separate, bounded process, file in, file out.

The contract that a command keeps:

- It finds the evaluation rows in the file that `ASSAY_ROWS` names, without the label: Parquet
  (`.parquet`) where the data are Parquet, else comma-separated UTF-8 text (`.csv`).
- It writes to the path that `ASSAY_SCORES` names one score for each row, in the order of the
  rows, in a single numeric column called `score`; as CSV, or as Parquet, which is known by its
  first bytes. A missing score is left empty.
- In its arguments, `{rows}` and `{scores}` stand for the two paths.
- It runs in the repository's folder, without a shell, with exit status 0.

It inherits nothing of the environment but `PATH`; `HOME` and `TMPDIR` are empty folders that
are removed afterwards.
"""

from assay.adapters.predictor.limits import Limits
from assay.adapters.predictor.predictor import SubprocessPredictor

__all__ = ["Limits", "SubprocessPredictor"]
