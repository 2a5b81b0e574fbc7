"""What is found in a policy that its author cannot have meant."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from assay.errors import Span


class Severity(StrEnum):
    """Whether a policy cannot work as written, or merely says less than it seems to."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that a policy's author cannot have meant.

    Attributes:
        code: a stable name, "lint.…", or the code of the error for which the policy does
            not load.
        requirement: whose it is; None where it is the policy's as a whole.
    """

    code: str
    severity: Severity
    what: str
    remedy: str
    where: Span | None
    requirement: str | None = None
