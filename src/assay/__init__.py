"""Assay: governance as code for machine learning.

This is the face for people who write Python: evaluate a frame, gate a version, verify a
workspace, and write checks of their own. `assay.stats` is usable alone. Names load when they
are first used, so that `import assay` costs nothing.

>>> import assay
>>> sorted(name for name in assay.__all__ if name.islower())
['check', 'evaluate', 'gate', 'stats', 'verify']
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from assay import stats
    from assay.bootstrap import evaluate, gate, verify
    from assay.checks.check import Columns, FileColumns, check
    from assay.evidence.inputs import Evidence
    from assay.evidence.measurement import Document, Fact, NotApplicable
    from assay.stats.estimate import Errors, Estimate, Undefined
    from assay.stats.tallies import Confusion, Rows, Scores
    from assay.stats.tallies.inspections import Associations, Profiles

_HOMES: Final = {
    "Associations": "assay.stats.tallies.inspections",
    "Columns": "assay.checks.check",
    "Confusion": "assay.stats.tallies",
    "Document": "assay.evidence.measurement",
    "Errors": "assay.stats.estimate",
    "Estimate": "assay.stats.estimate",
    "Evidence": "assay.evidence.inputs",
    "Fact": "assay.evidence.measurement",
    "FileColumns": "assay.checks.check",
    "NotApplicable": "assay.evidence.measurement",
    "Profiles": "assay.stats.tallies.inspections",
    "Rows": "assay.stats.tallies",
    "Scores": "assay.stats.tallies",
    "Undefined": "assay.stats.estimate",
    "check": "assay.checks.check",
    "evaluate": "assay.bootstrap",
    "gate": "assay.bootstrap",
    "verify": "assay.bootstrap",
}

__version__ = "0.1.0"

__all__ = [
    "Associations",
    "Columns",
    "Confusion",
    "Document",
    "Errors",
    "Estimate",
    "Evidence",
    "Fact",
    "FileColumns",
    "NotApplicable",
    "Profiles",
    "Rows",
    "Scores",
    "Undefined",
    "check",
    "evaluate",
    "gate",
    "stats",
    "verify",
]


def __getattr__(name: str) -> Any:
    if name == "stats":
        return importlib.import_module("assay.stats")
    if name not in _HOMES:
        raise AttributeError(f"module 'assay' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)
