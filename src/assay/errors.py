"""The error family: every error says what, where, and what to do.

An entrance renders the fields; the family decides the exit code there. A subclass
fixes the stable `code`, which documentation and other programs may rely on.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Span:
    """A place in a text that a person wrote; line and column count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class AssayError(Exception):
    """The root of the family.

    Args:
        what: what is wrong, as one or two full sentences.
        where: the place, as a Span or a path; None when there is none.
        remedy: what the reader should do about it.
    """

    code: ClassVar[str] = "assay.error"

    def __init__(self, what: str, *, where: Span | str | None = None, remedy: str = "") -> None:
        self.what = what
        self.where = where
        self.remedy = remedy
        super().__init__(what)

    def __str__(self) -> str:
        place = f" ({self.where})" if self.where is not None else ""
        remedy = f" {self.remedy}" if self.remedy else ""
        return f"{self.what}{place}{remedy}"


class ConfigurationError(AssayError):
    """What a person wrote cannot be used as it is (exit 2)."""

    code = "configuration.invalid"


class Problems(ConfigurationError):
    """Several things are wrong, each an error of its own with a code, a place and a remedy.

    An entrance renders `problems` one by one; as text, this error lists them.

    Args:
        problems: the errors, in the order of their places; at least two.
        more: how many further ones are not listed.
    """

    code = "configuration.problems"

    def __init__(self, problems: Sequence[ConfigurationError], *, more: int = 0) -> None:
        self.problems = tuple(problems)
        self.more = more
        count = len(self.problems) + more
        listed = "".join(f"\n- {problem.code}: {problem}" for problem in self.problems)
        hidden = f"\n- and {more} more" if more else ""
        super().__init__(f"There are {count} problems:{listed}{hidden}")


class NotEvaluated(AssayError):
    """The data or the model could not be evaluated; no decision exists (exit 4)."""

    code = "evaluation.impossible"


class VerificationFailed(AssayError):
    """A record, signature, digest or proof is not what it claims to be (exit 4)."""

    code = "verification.failed"


class EnvironmentUnavailable(AssayError):
    """Something outside Assay is missing or out of reach (exit 5)."""

    code = "environment.unavailable"


class Refused(AssayError):
    """The rules do not allow this change of state (exit 1)."""

    code = "governance.refused"


class InvalidArgument(AssayError, ValueError):
    """A function was called with a value outside its documented range: a defect of the caller."""

    code = "argument.invalid"


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that `name` most resembles, or None if none is close.

    >>> nearest("fairness.selection_rate_diff", ["fairness.selection_rate_difference"])
    'fairness.selection_rate_difference'
    """
    names = sorted(known)
    folded = {candidate.casefold(): candidate for candidate in names}
    matches = difflib.get_close_matches(name.casefold(), folded, n=1, cutoff=0.6)
    return folded[matches[0]] if matches else None


def suggest(name: str, known: Iterable[str], *, otherwise: str) -> str:
    """A remedy for a misspelt name: the nearest known one, then where all are listed."""
    match = nearest(name, known)
    return f"Did you mean {match!r}? {otherwise}" if match else otherwise
