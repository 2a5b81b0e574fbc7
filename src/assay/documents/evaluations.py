"""The figures of rows that a Python program holds, as text and in a notebook."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from assay.documents.group_order import ascending
from assay.documents.visible import visible
from assay.documents.wording import bound_figure, figure, units
from assay.evidence.measurement import (
    CheckFailed,
    Fact,
    Measurement,
    NotApplicable,
    NotCollected,
)
from assay.evidence.recipe import Recipe
from assay.evidence.tallies import TallySet
from assay.policy.document import measurement_document
from assay.stats.estimate import Estimate, GroupReading, Undefined
from assay.stats.tallies import RowCounts

SCHEMA: Final = "assay.evaluation/1"

HEADINGS: Final = ("check", "value", "at least", "at most", "n", "method, or why there is none")

STYLE: Final = (
    ".assay-evaluation table{border-collapse:collapse}"
    ".assay-evaluation th,.assay-evaluation td{text-align:left;padding:1px 8px;font-weight:normal}"
    ".assay-evaluation thead th{border-bottom:1px solid}"
    ".assay-evaluation caption{text-align:left}"
)

Line = tuple[str, str, str, str, str, str]
"""One figure in words, under HEADINGS."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Evaluation(Mapping[str, Measurement]):
    """What checks say of some rows: a mapping from a check's name to its measurement.

    Nothing is judged and nothing is recorded; figures carry the bounds that were asked for.

    Attributes:
        measurements: an Estimate, a Fact, or why there is neither, by the check's name.
        rows: rows read and left out, with the reasons.
        weight: the column of weights and what they are; empty where every row counts once.
        recipe: what was counted.
        tallies: the counts; whoever has them can derive every figure again.
    """

    measurements: Mapping[str, Measurement]
    rows: RowCounts
    weight: str
    recipe: Recipe
    tallies: TallySet

    def __getitem__(self, name: str) -> Measurement:
        return self.measurements[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.measurements)

    def __len__(self) -> int:
        return len(self.measurements)

    def __repr__(self) -> str:
        """The figures as a terminal shows them."""
        lines = [HEADINGS, *(_line(name, item) for name, item in self.items())]
        widths = [max(len(line[column]) for line in lines) for column in range(5)]
        table = ["  ".join([*map(str.ljust, line[:5], widths), line[5]]).rstrip() for line in lines]
        return "\n".join([_head(self), "", *table])

    def _repr_html_(self) -> str:
        """The figures in a notebook, each with its groups below where it has some."""
        heading = "".join(f'<th scope="col">{name}</th>' for name in HEADINGS)
        body = "".join(_row(name, item) for name, item in self.items())
        return (
            f'<div class="assay-evaluation"><style>{STYLE}</style><table>'
            f"<caption>{_escaped(_head(self))}</caption>"
            f"<thead><tr>{heading}</tr></thead><tbody>{body}</tbody></table></div>"
        )

    def to_json(self) -> str:
        """The figures as JSON, schema `assay.evaluation/1`; numbers as decimal strings."""
        document = {
            "schema": SCHEMA,
            "rows": {
                "read": self.rows.read,
                "used": self.rows.used,
                "excluded": dict(self.rows.excluded),
            },
            "weight": self.weight,
            "recipe": self.recipe.digest,
            "tallies": self.tallies.digest,
            "measurements": [
                {"check": name, **measurement_document(item)} for name, item in self.items()
            ],
        }
        return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _head(evaluation: Evaluation) -> str:
    rows = evaluation.rows
    reasons = ", ".join(f"{reason}: {count:,}" for reason, count in rows.excluded.items())
    left_out = f", {rows.read - rows.used:,} left out ({reasons})" if reasons else ""
    weighted = f", weighted by {evaluation.weight}" if evaluation.weight else ""
    return f"{rows.read:,} rows{left_out}{weighted}; nothing is judged"


def _line(name: str, measured: Measurement) -> Line:
    match measured:
        case Estimate():
            low = bound_figure(measured.low, up=False)
            high = bound_figure(measured.high, up=True)
            value = figure(measured.value)
            return name, value, low, high, units(measured.n), measured.method
        case Fact(value=value, detail=detail):
            shown = ("yes" if value else "no") if isinstance(value, bool) else figure(float(value))
            return name, shown, "", "", "", detail
        case Undefined(reason=reason):
            return name, "undefined", "", "", "", reason
        case NotApplicable(reason=reason) | NotCollected(reason=reason):
            return name, "none", "", "", "", reason
        case CheckFailed(reason=reason):
            return name, "error", "", "", "", reason


def _row(name: str, measured: Measurement) -> str:
    first, *cells, last = map(_escaped, _line(name, measured))
    plain = "".join(f"<td>{cell}</td>" for cell in cells)
    return f'<tr><th scope="row">{first}</th>{plain}<td>{last}{_groups(measured)}</td></tr>'


def _groups(measured: Measurement) -> str:
    if not isinstance(measured, Estimate | Undefined) or not measured.groups:
        return ""
    rows = "".join(map(_group, ascending(measured.groups)))
    return (
        f"<details><summary>{len(measured.groups)} groups</summary><table>{rows}</table></details>"
    )


def _group(reading: GroupReading) -> str:
    cells = [" ".join(filter(None, (reading.rate, reading.group))), f"n {units(reading.n)}"]
    if reading.value is not None and reading.low is not None and reading.high is not None:
        low, high = bound_figure(reading.low, up=False), bound_figure(reading.high, up=True)
        cells += [figure(reading.value), f"{low} to {high}"]
    cells += [reading.note] if reading.note else []
    return f"<tr>{''.join(f'<td>{_escaped(cell)}</td>' for cell in cells)}</tr>"


def _escaped(text: str) -> str:
    return html.escape(visible(text), quote=False)
