"""What Assay itself writes down of an evaluation, where a check asks for it."""

from __future__ import annotations

from typing import Final

from assay.evidence.measurement import Document

EVALUATED_ON: Final = Document("evaluated_on")
"""`date`: the day of the evaluation, UTC, as ISO 8601 text."""

HOLDOUT_USE: Final = Document("holdout_use")
"""`use`: the place of the version among those judged on this evaluation set, from 1."""
