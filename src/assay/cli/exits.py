"""Exit codes: allowed, denied, held, misused and not evaluated are told apart."""

from __future__ import annotations

from typing import Final

from assay.errors import (
    AssayError,
    ConfigurationError,
    EnvironmentUnavailable,
    NotEvaluated,
    Refused,
    VerificationFailed,
)

OK: Final = 0
DENIED: Final = 1
USAGE: Final = 2
HELD: Final = 3
NOT_EVALUATED: Final = 4
ENVIRONMENT: Final = 5
INTERRUPTED: Final = 130

DECISIONS: Final = {"allow": OK, "deny": DENIED, "hold": HELD}

FAMILIES: Final[tuple[tuple[type[AssayError], int], ...]] = (
    (Refused, DENIED),
    (ConfigurationError, USAGE),
    (NotEvaluated, NOT_EVALUATED),
    (VerificationFailed, NOT_EVALUATED),
    (EnvironmentUnavailable, ENVIRONMENT),
)


def exit_code(error: AssayError) -> int:
    """The exit code of an error's family; a defect of ours is "not evaluated"."""
    codes = (code for family, code in FAMILIES if isinstance(error, family))
    return next(codes, NOT_EVALUATED)
