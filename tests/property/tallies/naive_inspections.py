"""Inspecting one record at a time, in plain Python, sharing nothing with the engine's queries."""

from __future__ import annotations

import datetime
import math
import struct
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from assay.evidence.roles import ColumnRoles, Protected
from assay.stats.tallies.inspections import (
    AssociationCounts,
    Associations,
    ColumnCells,
    ColumnProfile,
    DuplicateCounts,
    Duplicates,
    Inspected,
    Inspection,
    LimitCounts,
    Limits,
    OverlapCounts,
    ProfileCounts,
    Profiles,
)

Record = Mapping[str, Any]
Level = str | None

BITS: Final = (64, 24, 22, 20, 18, 16, 14, 12, 8)
EPOCH: Final = datetime.datetime(1970, 1, 1)  # noqa: DTZ001 - instants are naive and UTC here


def inspect(
    spec: Inspection,
    records: Sequence[Record],
    roles: ColumnRoles,
    training: Sequence[Record] = (),
) -> Inspected:
    """The tally of an inspection."""
    if isinstance(spec, Profiles):
        names = spec.of or _columns(records)
        held = {name: [record[name] for record in records] for name in sorted(names)}
        return ProfileCounts(spec=spec, columns={n: profile(v) for n, v in held.items()})
    if isinstance(spec, Associations):
        return _associations(spec, records, roles)
    if isinstance(spec, Limits):
        return _limits(spec, records)
    if isinstance(spec, Duplicates):
        on = spec.on or _columns(records)
        different = {tuple(map(_same, (record[name] for name in on))) for record in records}
        return DuplicateCounts(
            on=spec.on, rows=len(records), repeated=len(records) - len(different)
        )
    columns = [roles.unit or "unit"] if spec.units else list(spec.on)
    apart = {roles.score, *roles.others.values()}
    shared = columns or [
        name for name in _columns(records) if name not in apart and name in _columns(training)
    ]
    kept = [r for r in records if not spec.units or _same(r[shared[0]]) is not None]
    known = {tuple(_same(record[name]) for name in shared) for record in training}
    found = sum(tuple(_same(record[name]) for name in shared) in known for record in kept)
    return OverlapCounts(
        spec=spec, compared=tuple(shared), rows=len(kept), shared=found if shared else 0
    )


def profile(values: Sequence[Any]) -> ColumnProfile:
    """What a column holds."""
    kinds = Counter(kind for value in values if (kind := _type(value)) is not None)
    numbers = [n for v in values if (n := _raw(v)) is not None and math.isfinite(n)]
    instants = [when for value in values if (when := _instant(value)) is not None]
    raws = [n for value in values if (n := _raw(value)) is not None]
    return ColumnProfile(
        types=dict(kinds),
        nan=sum(math.isnan(n) for n in raws),
        infinite=sum(math.isinf(n) for n in raws),
        numbers=(_decimal(min(numbers)), _decimal(max(numbers))) if numbers else None,
        dates=(_iso(min(instants)), _iso(max(instants))) if instants else None,
        cells=cells([(value, None) for value in values]),
    )


def cells(pairs: Iterable[tuple[Any, Level]]) -> ColumnCells:
    """Values by level, in the form that they have whatever their order."""
    missing: Counter[Level] = Counter()
    texts: dict[str, Counter[Level]] = {}
    points: dict[int, Counter[Level]] = {}
    for value, level in pairs:
        if (number := _number(value)) is not None:
            point = struct.unpack(">Q", struct.pack(">d", number + 0.0))[0]
            points.setdefault(point, Counter())[level] += 1
        elif (text := _text(value)) is not None:
            texts.setdefault(text, Counter())[level] += 1
        else:
            missing[level] += 1
    many = len(texts) > 200 or any(len(text) > 200 for text in texts)
    words: Counter[Level] = sum(texts.values(), Counter()) if many else Counter()
    bits = next(b for b in BITS if len({p >> (64 - b) for p in points}) <= 512)
    cut: dict[int, Counter[Level]] = {}
    for point, counter in points.items():
        cut.setdefault(point >> (64 - bits), Counter()).update(counter)
    return ColumnCells(
        missing=dict(missing),
        texts=None if many else {name: dict(texts[name]) for name in sorted(texts)},
        words=dict(words),
        bits=bits,
        numbers={point: dict(cut[point]) for point in sorted(cut, key=lambda p: _order(p, bits))},
    )


def _order(point: int, bits: int) -> tuple[float, float]:
    """By the number, and -0 before 0."""
    number: float = struct.unpack(">d", struct.pack(">Q", point << (64 - bits)))[0]
    return number, math.copysign(1.0, number)


def _associations(
    spec: Associations, records: Sequence[Record], roles: ColumnRoles
) -> AssociationCounts:
    target = spec.target or roles.label.column
    item = next((p for p in roles.protected if p.column == spec.target), None)
    apart = {target, roles.score, roles.unit, *roles.others.values()}
    names = spec.of or [name for name in _columns(records) if name not in apart]
    levels = [_level(record[target], item) for record in records]
    return AssociationCounts(
        spec=spec,
        columns={
            name: cells(zip([record[name] for record in records], levels, strict=True))
            for name in sorted(names)
        },
    )


def _level(value: Any, item: Protected | None) -> Level:
    number = _number(value)
    if item is not None and item.cuts:
        if number is None:
            return None
        cuts = [float(cut) for cut in item.cuts if isinstance(cut, Decimal)]
        return item.bands[sum(number > cut for cut in cuts)]
    if number is None or isinstance(value, str):
        return _text(value) if number is None else str(value)
    return str(value.isoformat() if isinstance(value, datetime.date) else int(number))


def _limits(spec: Limits, records: Sequence[Record]) -> LimitCounts:
    values = [record[spec.column] for record in records]
    numbers = [n for value in values if (n := _number(value)) is not None]
    return LimitCounts(
        spec=spec,
        rows=len(values),
        missing=sum(_number(v) is None and _text(v) is None for v in values),
        below=sum(spec.at_least is not None and n < float(spec.at_least) for n in numbers),
        above=sum(spec.at_most is not None and n > float(spec.at_most) for n in numbers),
        texts=sum(_number(v) is None and _text(v) is not None for v in values),
    )


def _columns(records: Sequence[Record]) -> list[str]:
    return list(records[0]) if records else []


def _raw(value: Any) -> float | None:
    """A plain number as a double, NaN included."""
    if value is None or isinstance(value, bool | datetime.date):
        return None
    try:
        number: float = float(value)
    except ValueError:
        return None
    return number


def _instant(value: Any) -> datetime.datetime | None:
    if isinstance(value, datetime.datetime):
        return value
    if isinstance(value, datetime.date):
        return datetime.datetime.combine(value, datetime.time())
    if isinstance(value, str) and len(value) >= 10 and value[4:5] == "-":
        try:
            return datetime.datetime.fromisoformat(value)
        except ValueError:
            return None
    return None


def _number(value: Any) -> float | None:
    raw, instant = _raw(value), _instant(value)
    if instant is not None:
        return (instant - EPOCH) / datetime.timedelta(days=1)
    return None if raw is None or math.isnan(raw) else raw


def _text(value: Any) -> str | None:
    if value is None or _raw(value) is not None or _instant(value) is not None:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)


def _type(value: Any) -> str | None:
    number, text, instant = _number(value), _text(value), _instant(value)
    if instant is not None:
        return "date" if instant.time() == datetime.time() else "timestamp"
    if number is not None:
        return "integer" if number.is_integer() else "number"
    if text is not None:
        return "boolean" if text.lower() in {"true", "false"} else "text"
    return None


def _same(value: Any) -> Any:
    """What is equal across types: 1, 1.0 and "1"; NaN is missing."""
    number, instant = _number(value), _instant(value)
    if instant is not None:
        return instant
    return _text(value) if number is None else number


def _decimal(number: float) -> str:
    plain = format(Decimal(repr(number + 0.0)), "f")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def _iso(instant: datetime.datetime) -> str:
    text = instant.isoformat(sep=" ")
    return text.removesuffix(" 00:00:00")
