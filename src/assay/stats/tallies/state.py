"""Strict reading of tallies that others wrote: one spelling, bounded before work begins."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final, cast

import numpy as np
import numpy.typing as npt

from assay.errors import VerificationFailed

Json = None | bool | int | str | Sequence["Json"] | Mapping[str, "Json"]
"""A value without floats, as `assay.evidence.canonical` writes it."""

LARGEST_COUNT: Final = 2**53 - 1
"""Beyond it, JSON readers in other languages lose digits; no dataset has as many rows."""

COLUMNS_MAX: Final = 100
"""Columns of one slice."""

TEXT_MAX: Final = 200
"""Characters of a column's name or of a level."""


class MalformedTally(VerificationFailed):
    """Something that should be a tally in canonical form is not."""

    code = "tally.malformed"


def mapping(value: object, *, keys: Collection[str]) -> Mapping[str, Any]:
    """A mapping with exactly these keys."""
    if not isinstance(value, Mapping):
        raise MalformedTally(f"A tally has an object where {_shown(value)} stands.")
    found = cast(Mapping[str, Any], value)
    if set(found) != set(keys):
        raise MalformedTally(f"A tally's object has keys {_shown(sorted(map(str, found)))}.")
    return found


def sequence(value: object, *, longest: int) -> Sequence[Any]:
    """A list of at most `longest` items."""
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise MalformedTally(f"A tally has a list where {_shown(value)} stands.")
    items: Sequence[Any] = value
    if len(items) > longest:
        raise MalformedTally(f"A tally's list has {len(items):,} items, more than {longest:,}.")
    return items


def count(value: object) -> int:
    """A plain integer in [0, LARGEST_COUNT]; a boolean is none."""
    if type(value) is not int or not 0 <= value <= LARGEST_COUNT:
        raise MalformedTally(f"A tally has a count where {_shown(value)} stands.")
    return value


def text(value: object) -> str:
    """Text of at most TEXT_MAX characters."""
    if not isinstance(value, str) or len(value) > TEXT_MAX:
        raise MalformedTally(f"A tally has a short text where {_shown(value)} stands.")
    return value


def columns(value: object) -> tuple[str, ...]:
    """The columns of a slice: distinct names, in their declared order."""
    names = tuple(text(name) for name in sequence(value, longest=COLUMNS_MAX))
    if len(set(names)) != len(names):
        raise MalformedTally(f"A tally names a column twice: {_shown(names)}.")
    return names


def levels(value: object, *, by: Sequence[str]) -> tuple[str | None, ...]:
    """One level for each column of a slice; null where the column has no value."""
    items = sequence(value, longest=COLUMNS_MAX)
    if len(items) != len(by):
        raise MalformedTally(f"A tally has levels {_shown(items)} for columns {_shown(by)}.")
    return tuple(None if item is None else text(item) for item in items)


def counts_text(values: Sequence[int]) -> str:
    """Counts as decimals between single spaces: a hundred times smaller to parse than a list."""
    return " ".join(map(str, values))


def parse_counts(value: object, *, longest: int) -> npt.NDArray[np.int64]:
    """The counts that `counts_text` spells, at most `longest` of them."""
    # Seventeen characters hold the largest count and its space.
    if not isinstance(value, str) or len(value) > 17 * longest or not made_of(value, "0123456789 "):
        raise MalformedTally(f"A tally has counts where {_shown(value)} stands.")
    numbers = np.fromstring(value, dtype=np.int64, sep=" ")
    if len(numbers) > longest or numbers.max() > LARGEST_COUNT:
        raise MalformedTally(f"A tally has {len(numbers):,} counts, or one beyond 2^53 - 1.")
    # No other text of digits and spaces holds these numbers and is as short.
    if _length(numbers) != len(value) or value != value.strip():
        raise MalformedTally(f"A tally has counts in another spelling: {_shown(value)}.")
    return numbers


def made_of(value: str, characters: str) -> bool:
    """Whether a text is not empty and of these ASCII characters alone."""
    if not value or not value.isascii():
        return False
    return not value.encode().translate(None, characters.encode())


def _length(numbers: npt.NDArray[np.int64]) -> int:
    """How long `counts_text` of numbers is: their digits, and a space between any two."""
    digits, power, most = len(numbers), 10, int(numbers.max())
    while power <= most:
        digits += int(np.count_nonzero(numbers >= power))
        power *= 10
    return digits + len(numbers) - 1


def ascending(items: Sequence[Any]) -> None:
    """Refuse items that are not in strictly ascending order, so each stands once."""
    if any(not first < second for first, second in itertools.pairwise(items)):
        raise MalformedTally("A tally's entries are not in ascending order, each once.")


def _shown(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= 80 else f"{shown[:77]}..."
