"""Plain scalars by the core schema of YAML 1.2 (section 10.3.2), with exact numbers."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from assay.errors import ConfigurationError, Span

Plain = None | bool | int | Decimal | str | list["Plain"] | dict[str, "Plain"]
"""What a text holds: no floats, no dates, and only text as keys."""

DIGITS_MAX: Final = 34
"""Significant digits of a number, as in IEEE 754 decimal128."""
LENGTH_MAX: Final = 50
"""Characters of a number: its digits, a sign, a point and an exponent."""
EXPONENT_MAX: Final = 300
"""Within the range of a double, so that no number has to be printed with a million zeros."""

_NULL: Final = {"", "~", "null", "Null", "NULL"}
_BOOLEAN: Final = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER: Final = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FRACTION: Final = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NOT_FINITE: Final = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")


class UnusableNumber(ConfigurationError):
    """A number is not finite, or too long or too large to be kept exactly."""

    code = "yaml.number"


def resolve_plain(text: str, where: Span) -> Plain:
    """The value of a plain (unquoted) scalar by the core schema of YAML 1.2.

    Raises:
        UnusableNumber: it is a number, but not a finite one of DIGITS_MAX digits.
    """
    if text in _NULL:
        return None
    if text in _BOOLEAN:
        return _BOOLEAN[text]
    if _NOT_FINITE.fullmatch(text):
        raise UnusableNumber(
            f"{text} is not a finite number.", where=where, remedy="Write a number, or quote it."
        )
    integer = _INTEGER.fullmatch(text) is not None
    if not integer and not _FRACTION.fullmatch(text):
        return text
    number = _number(text) if len(text) <= LENGTH_MAX else None
    if number is None:
        raise UnusableNumber(
            f"{text[:LENGTH_MAX]} is not a number of at most {DIGITS_MAX} digits within "
            f"1e-{EXPONENT_MAX} and 1e{EXPONENT_MAX}.",
            where=where,
            remedy="Write a shorter number, or quote it if it is a name.",
        )
    return int(number) if integer else number


def _number(text: str) -> Decimal | None:
    number = Decimal(int(text, 0)) if text[:2] in {"0o", "0x"} else Decimal(text)
    digits = len(number.as_tuple().digits)
    within = digits <= DIGITS_MAX and abs(number.adjusted()) <= EXPONENT_MAX
    return number if within else None
